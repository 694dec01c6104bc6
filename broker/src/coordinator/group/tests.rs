//! Scripts for the machines of groups, with a clock moved by hand.
