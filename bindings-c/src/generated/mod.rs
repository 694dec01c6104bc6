//! What `make gen` writes from the tables in the code.

mod codes;
mod status;

pub use codes::*;
pub use status::*;
