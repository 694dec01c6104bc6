//! How a command ends when it does not end well: one message that names the cause, and the next step when there is one.

use std::fmt;
use std::io;

/// A command's failure.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Said by the command itself.
    Said(String),
    /// A file, a pipe, a terminal.
    Io(io::Error),
    /// Said by the client.
    Client(ottla::error::Error),
}

impl Failure {
    pub(crate) fn said(message: impl Into<String>) -> Self {
        Self::Said(message.into())
    }

    /// An error with all that caused it, none of it said twice.
    pub(crate) fn caused(error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let said = error.to_string();
            if !message.contains(&said) {
                message = format!("{message}: {said}");
            }
            cause = error.source();
        }
        Self::Said(message)
    }

    /// The same failure with a next step.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self::Said(format!("{self}; {hint}"))
    }

    /// The reader of a pipe has gone.
    pub(crate) fn broken_pipe() -> Self {
        Self::Io(io::ErrorKind::BrokenPipe.into())
    }

    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(message) => f.write_str(message),
            Self::Io(error) => write!(f, "{error}"),
            Self::Client(error) => write!(f, "{error}"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ottla::error::Error> for Failure {
    fn from(error: ottla::error::Error) -> Self {
        Self::Client(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        match error.io_error_kind() {
            Some(kind) => Self::Io(io::Error::new(kind, error)),
            None => Self::Said(format!("not the JSON that was expected: {error}")),
        }
    }
}
