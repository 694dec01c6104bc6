//! The immutable picture of the cluster and how it is published.
