//! What `make gen` writes from the tables in the code.

mod admin;
mod codes;
mod status;

pub use admin::*;
pub use codes::*;
pub use status::*;
