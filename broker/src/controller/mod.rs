//! The only writer of metadata.
