//! The metadata log beneath the controller.
