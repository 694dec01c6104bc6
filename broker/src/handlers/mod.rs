//! One file per API, under the name of its schema.

pub(crate) mod api_versions;
pub(crate) mod authorized_operations;
pub(crate) mod metadata;
