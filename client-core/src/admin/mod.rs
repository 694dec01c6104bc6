//! Administration of a cluster.
