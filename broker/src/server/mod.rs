//! Listeners and connections: frames in, frames out, in order.
