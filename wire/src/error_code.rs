//! Kafka's error codes: number, name, meaning, and what a client does about each.
//!
//! Generated from `tables/errors.tsv`. Whether *an operation* is retried is decided by the client, which
//! knows what the operation was; the table only says what Kafka says about the code.

use std::fmt;

/// An error code as it stands in a response. `0` is success, `-1` an unexpected server error.
///
/// Codes newer than this table keep their number: they are not retriable and named `UNKNOWN_ERROR_CODE`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ErrorCode(pub i16);

struct Entry {
    name: &'static str,
    message: &'static str,
    retriable: bool,
    refreshes_metadata: bool,
    client_action: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/error_code_table.rs"));

impl ErrorCode {
    fn entry(self) -> Option<&'static Entry> {
        // The table is dense from -1.
        usize::try_from(i32::from(self.0) + 1).ok().and_then(|index| TABLE.get(index))
    }

    /// Every code of the table, in order.
    pub fn all() -> impl Iterator<Item = ErrorCode> {
        (-1_i16..).take(TABLE.len()).map(ErrorCode)
    }

    /// The code with Kafka's name `name`, as in `NOT_COORDINATOR`.
    pub fn from_name(name: &str) -> Option<ErrorCode> {
        ErrorCode::all().find(|code| code.name() == name)
    }

    /// True for `0`, success.
    pub fn is_ok(self) -> bool {
        self == ErrorCode::NONE
    }

    /// True for anything but success.
    pub fn is_err(self) -> bool {
        !self.is_ok()
    }

    /// `Ok` for success, else this code as the error.
    pub fn ok(self) -> Result<(), ErrorCode> {
        if self.is_ok() { Ok(()) } else { Err(self) }
    }

    /// True when the table has this code.
    pub fn is_known(self) -> bool {
        self.entry().is_some()
    }

    /// Kafka's name of the code, as in `NOT_LEADER_OR_FOLLOWER`.
    pub fn name(self) -> &'static str {
        self.entry().map_or("UNKNOWN_ERROR_CODE", |entry| entry.name)
    }

    /// What the code means, in a few words.
    pub fn message(self) -> &'static str {
        self.entry().map_or("the peer sent an error code this version does not know", |entry| entry.message)
    }

    /// Whether Kafka calls the error retriable.
    pub fn is_retriable(self) -> bool {
        self.entry().is_some_and(|entry| entry.retriable)
    }

    /// Whether the error says that the client's metadata is out of date.
    pub fn refreshes_metadata(self) -> bool {
        self.entry().is_some_and(|entry| entry.refreshes_metadata)
    }

    /// What a client does about it.
    pub fn client_action(self) -> &'static str {
        self.entry().map_or("surface to the application", |entry| entry.client_action)
    }
}

impl From<i16> for ErrorCode {
    fn from(code: i16) -> Self {
        ErrorCode(code)
    }
}

impl From<ErrorCode> for i16 {
    fn from(code: ErrorCode) -> Self {
        code.0
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.name(), self.0, self.message())
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.name(), self.0)
    }
}

impl std::error::Error for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_every_code_of_kafka_4_4() {
        assert_eq!(ErrorCode::all().count(), 138);
        assert_eq!(ErrorCode::UNKNOWN_SERVER_ERROR.0, -1);
        assert_eq!(ErrorCode::CONTROLLER_ID_NOT_REGISTERED.0, 136);
        assert_eq!(ErrorCode::all().last(), Some(ErrorCode::CONTROLLER_ID_NOT_REGISTERED));
    }

    #[test]
    fn a_code_knows_its_name_and_what_to_do() {
        let code = ErrorCode(6);
        assert_eq!(code, ErrorCode::NOT_LEADER_OR_FOLLOWER);
        assert_eq!(code.name(), "NOT_LEADER_OR_FOLLOWER");
        assert!(code.is_retriable() && code.refreshes_metadata() && code.is_err());
        assert_eq!(ErrorCode::from_name("NOT_LEADER_OR_FOLLOWER"), Some(code));
        assert!(!ErrorCode::TOPIC_AUTHORIZATION_FAILED.is_retriable());
    }

    #[test]
    fn an_unknown_code_keeps_its_number() {
        let code = ErrorCode(999);
        assert!(!code.is_known() && !code.is_retriable() && code.is_err());
        assert_eq!(code.name(), "UNKNOWN_ERROR_CODE");
        assert_eq!(format!("{code:?}"), "UNKNOWN_ERROR_CODE(999)");
        assert!(!ErrorCode(i16::MIN).is_known());
    }

    #[test]
    fn messages_are_lower_case_phrases() {
        for code in ErrorCode::all() {
            assert!(!code.message().is_empty() && !code.message().ends_with('.'), "{code:?}");
        }
    }
}
