//! Records and where they go.
