//! Judges any Kafka broker and any Kafka client.
//!
//! Cases are data (`cases/`): each is a claim about behaviour with its level and source. The runner starts or reaches a
//! broker ([`kafka`], targets), tells client programs what to do through the driver protocol (`PROTOCOL.md`), talks raw
//! frames itself, and compares what happened with what the case expects. It links nothing of the clients and brokers it
//! judges but the wire format.

pub mod assets;
mod base64;
mod bytes_form;
pub mod case;
pub mod cli;
mod connection;
mod driver;
mod error;
mod execute;
mod expect;
pub mod kafka;
mod pool;
mod probe;
pub mod process;
pub mod report;
mod run;
pub mod select;
pub mod setup;
mod target;
mod translate;
mod vars;

pub use error::Error;
pub use execute::Failure;
pub use pool::DRIVERS;
pub use report::{Report, Skip, Verdict};
pub use run::{MIXED, Options, WIRE, run};
