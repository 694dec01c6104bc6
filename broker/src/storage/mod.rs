//! Disks: the one way the broker reaches files.
