//! One connection to one broker.
