//! What went wrong, where, and what to do next.
