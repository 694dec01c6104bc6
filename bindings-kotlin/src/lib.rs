//! The native half of the Kotlin and Java binding: what `dev.ottla.internal.Native` declares, over JNI.
//!
//! Owns handles, a queue of events, and the JSON of control calls. Knows nothing of Kafka, and never calls into the JVM
//! from a thread of its own: what is done waits in the queue until a thread of the JVM fetches it.
#![allow(unsafe_code)] // The boundary itself; each block says why it may.

mod admin;
mod boundary;
mod consumer;
mod entries;
mod events;
mod logging;
mod operations;
mod producer;
mod registry;
mod testing;
mod values;
