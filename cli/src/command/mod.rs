//! One file per verb: its flags and what it does.

pub(crate) mod broker;
pub(crate) mod dump_log;
