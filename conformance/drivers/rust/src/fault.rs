//! Errors as the protocol tells them.

use ottla::{Error, ErrorCode, ErrorKind};
use serde_json::{Value, json};

/// What went wrong with a command.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The client's error.
    Client(Error),
    /// The driver's own: a name of the protocol and a text.
    Own(&'static str, String),
}

impl Fault {
    pub(crate) fn argument(text: String) -> Self {
        Self::Own("INVALID_ARGUMENT", text)
    }

    pub(crate) fn state(text: String) -> Self {
        Self::Own("ILLEGAL_STATE", text)
    }

    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Client(error) => json!({
                "code": code(error).map(|code| code.0),
                "name": name(error),
                "retriable": error.is_retriable(),
                "fatal": error.is_fatal(),
                "message": error.to_string(),
            }),
            Self::Own(name, text) => {
                json!({"code": null, "name": name, "retriable": false, "fatal": false, "message": text})
            }
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

/// The protocol's code, also where the client found out by itself.
fn code(error: &Error) -> Option<ErrorCode> {
    error.code().or(match error.kind() {
        ErrorKind::RecordTooLarge => Some(ErrorCode::MESSAGE_TOO_LARGE),
        ErrorKind::UnknownTopicOrPartition => Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        ErrorKind::OffsetOutOfRange => Some(ErrorCode::OFFSET_OUT_OF_RANGE),
        _ => None,
    })
}

fn name(error: &Error) -> &'static str {
    if let Some(code) = code(error) {
        return code.name();
    }
    match error.kind() {
        ErrorKind::Timeout | ErrorKind::NotSent | ErrorKind::OutcomeUnknown => "TIMEOUT",
        ErrorKind::Config | ErrorKind::InvalidArgument => "INVALID_ARGUMENT",
        ErrorKind::InvalidState | ErrorKind::Closed => "ILLEGAL_STATE",
        ErrorKind::Fenced => "FENCED",
        ErrorKind::Unsupported => "UNSUPPORTED",
        _ => "OTHER",
    }
}
