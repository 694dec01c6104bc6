//! Coordinators: state machines over an internal topic.
