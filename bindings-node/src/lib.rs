//! The native part of the npm package `ottla`: Ottla's facade behind functions of Node-API.
//!
//! It is the package's own: users see the JavaScript of `lib/`, which is this library's only caller. Records cross in blocks
//! (`ottla::packed`), everything else as JSON; whatever waits has a number that JavaScript gave it, and its outcome is taken
//! from the environment's [`hub::Hub`]. No thread here calls JavaScript, and JavaScript's thread never waits here.

mod admin;
mod consumer;
mod environment;
mod handle;
mod hub;
mod js;
mod json;
mod logging;
mod module;
mod producer;
mod testing;
mod thrown;
mod wake;
