//! What the client knows of the cluster.
