//! One file per verb: its flags and what it does.

pub(crate) mod broker;
pub(crate) mod configs;
pub(crate) mod conformance;
pub(crate) mod consume;
pub(crate) mod dump_log;
pub(crate) mod groups;
pub(crate) mod perf;
pub(crate) mod produce;
pub(crate) mod topics;
