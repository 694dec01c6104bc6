//! What went wrong, where, and what to do next.
//!
//! One [`Error`] for the whole crate: its kind says what a caller can do about it, its context says which broker, topic,
//! partition or group was concerned, its hint names the next step for a person. Modules inside keep narrower errors.

use ottla_wire::ErrorCode;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The result of nearly everything here.
pub type Result<T> = std::result::Result<T, Error>;

/// Makes the enumeration and what is known of each kind, so that neither can be without the other.
macro_rules! error_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal,)+) => {
        /// What sort of failure it is, that is: what a caller can do about it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// Its name in programs and logs: `unknown_topic_or_partition`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }

            /// Its name as that of a class: `UnknownTopicOrPartition`.
            pub const fn class_name(self) -> &'static str {
                match self {
                    $(Self::$kind => stringify!($kind),)+
                }
            }

            /// What it means and what to do, in one line.
            pub const fn doc(self) -> &'static str {
                match self {
                    $(Self::$kind => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

error_kinds! {
    /// An option is unknown, malformed, out of range or contradicts another one. Change the configuration.
    Config = "config",
    /// An argument of the call cannot be. Change the call.
    InvalidArgument = "invalid_argument",
    /// The call is not allowed now: a commit without a group, a send outside a transaction.
    InvalidState = "invalid_state",
    /// The other side, or this version of the library, lacks what was asked for.
    Unsupported = "unsupported",
    /// The deadline passed; the error says which step was waiting on which broker.
    Timeout = "timeout",
    /// The deadline passed before the records were sent: they are in no log.
    NotSent = "not_sent",
    /// What was asked for may have taken effect: it was sent, and no answer came that says otherwise.
    OutcomeUnknown = "outcome_unknown",
    /// A broker could not be reached, or the connection to it ended.
    Network = "network",
    /// A peer sent bytes that are not what the protocol says.
    Protocol = "protocol",
    /// The broker answered with an error code.
    Broker = "broker",
    /// The broker refuses this principal.
    Authorization = "authorization",
    /// The broker refuses these credentials.
    Authentication = "authentication",
    /// Another client took over this transactional id or group instance id; this one must stop.
    Fenced = "fenced",
    /// The transaction can only be aborted.
    TransactionAborted = "transaction_aborted",
    /// A buffer that is bounded by configuration is full.
    QueueFull = "queue_full",
    /// A record is larger than configuration or broker allow.
    RecordTooLarge = "record_too_large",
    /// A topic or partition does not exist.
    UnknownTopicOrPartition = "unknown_topic_or_partition",
    /// The position is outside the log, and no reset policy says what to do.
    OffsetOutOfRange = "offset_out_of_range",
    /// The log was truncated below the consumer's position: records already seen are gone.
    LogTruncation = "log_truncation",
    /// The application did not poll within `max.poll.interval.ms`.
    MaxPollExceeded = "max_poll_exceeded",
    /// Stored bytes fail their checksum or cannot be decompressed.
    Corrupt = "corrupt",
    /// The client, producer or consumer was closed.
    Closed = "closed",
    /// The client was made before the process forked. Make a new one in the forked process.
    Forked = "forked",
    /// The operation was given up by the caller.
    Cancelled = "cancelled",
    /// A defect of this library.
    Internal = "internal",
}

/// What went wrong. Cheap to clone: one failure is often told to many waiters.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    code: Option<ErrorCode>,
    operation: Cow<'static, str>,
    message: Cow<'static, str>,
    context: Vec<(&'static str, String)>,
    hint: Option<Cow<'static, str>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    retriable: Option<bool>,
    requires_abort: bool,
    fatal: bool,
    outcome_unknown: bool,
}

impl Error {
    /// An error of `kind` met while doing `operation` (a verb phrase: `send records`, `fetch`, `create topics`).
    pub fn new(
        kind: ErrorKind,
        operation: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Arc::new(Inner {
            kind,
            code: None,
            operation: operation.into(),
            message: message.into(),
            context: Vec::new(),
            hint: None,
            source: None,
            retriable: None,
            requires_abort: false,
            fatal: kind == ErrorKind::Fenced,
            outcome_unknown: false,
        }))
    }

    /// The error a broker's `code` stands for.
    pub fn from_code(code: ErrorCode, operation: impl Into<Cow<'static, str>>) -> Self {
        Self::from_code_and_message(code, operation, None)
    }

    /// As [`Self::from_code`], with the text the broker sent along, where it did.
    pub fn from_code_and_message(
        code: ErrorCode,
        operation: impl Into<Cow<'static, str>>,
        broker_message: Option<&str>,
    ) -> Self {
        let message: Cow<'static, str> = match broker_message {
            Some(text) if !text.is_empty() => text.to_owned().into(),
            _ => code.message().to_owned().into(),
        };
        let mut error = Self::new(kind_of_code(code), operation, message);
        let inner = error.inner_mut();
        inner.code = Some(code);
        inner.fatal |= is_fatal_code(code);
        inner.requires_abort = code == ErrorCode::TRANSACTION_ABORTABLE;
        inner.hint = hint_of_code(code).map(Cow::Borrowed);
        error
    }

    /// A timeout of `operation`; `waiting_for` says which step was waiting on whom.
    pub fn timeout(
        operation: impl Into<Cow<'static, str>>,
        waiting_for: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(ErrorKind::Timeout, operation, waiting_for)
    }

    /// The client was closed while `operation` was waiting, or before.
    pub fn closed(operation: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Closed, operation, "the client is closed")
    }

    fn inner_mut(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// Sets the broker's error code.
    #[must_use]
    pub fn with_code(mut self, code: ErrorCode) -> Self {
        self.inner_mut().code = Some(code);
        self
    }

    /// Adds one fact: `broker`, `topic`, `partition`, `group`, `offset` … The first of a name stays.
    #[must_use]
    pub fn with_context(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        if !self.0.context.iter().any(|(known, _)| *known == name) {
            self.inner_mut().context.push((name, value.to_string()));
        }
        self
    }

    /// Says what a person should do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.inner_mut().hint = Some(hint.into());
        self
    }

    /// Keeps what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.inner_mut().source = Some(Arc::new(source));
        self
    }

    /// Replaces the operation, for a step that failed on behalf of a larger one.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.inner_mut().operation = operation.into();
        self
    }

    /// Replaces the kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.inner_mut().kind = kind;
        self
    }

    /// Overrides what the kind and code say about a retry.
    #[must_use]
    pub fn with_retriable(mut self, retriable: bool) -> Self {
        self.inner_mut().retriable = Some(retriable);
        self
    }

    /// The open transaction can now only be aborted.
    #[must_use]
    pub fn with_requires_abort(mut self) -> Self {
        self.inner_mut().requires_abort = true;
        self
    }

    /// The client cannot go on after this.
    #[must_use]
    pub fn with_fatal(mut self) -> Self {
        self.inner_mut().fatal = true;
        self
    }

    /// The request may have taken effect: it was sent and no answer came.
    #[must_use]
    pub fn with_outcome_unknown(mut self) -> Self {
        self.inner_mut().outcome_unknown = true;
        self
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The broker's error code, when there is one.
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.code
    }

    /// What was being done.
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What went wrong, without operation, context and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The facts around it, in the order they were added.
    pub fn context(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.context.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// What a person should do next.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Whether the same call may succeed later without a change.
    pub fn is_retriable(&self) -> bool {
        if let Some(retriable) = self.0.retriable {
            return retriable;
        }
        if self.0.fatal || self.0.requires_abort {
            return false;
        }
        match self.0.kind {
            ErrorKind::Timeout | ErrorKind::NotSent | ErrorKind::Network | ErrorKind::QueueFull => true,
            _ => self.0.code.is_some_and(|code| code.is_retriable()),
        }
    }

    /// Whether brokers have been tried for a while and none was ever reached, so that waiting on would only hide why.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        self.0.retriable == Some(false)
            && matches!(self.0.kind, ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Protocol)
    }

    /// Whether the open transaction can only be aborted; the producer stays usable afterwards.
    pub fn requires_abort(&self) -> bool {
        self.0.requires_abort
    }

    /// Whether the client must be closed: no later call can succeed.
    pub fn is_fatal(&self) -> bool {
        self.0.fatal
    }

    /// Whether the request may have taken effect although it failed here.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: ", inner.operation)?;
        if let Some(code) = inner.code {
            write!(f, "{} ({}): ", code.name(), code.0)?;
        }
        f.write_str(&inner.message)?;
        for (index, (name, value)) in inner.context.iter().enumerate() {
            f.write_str(if index == 0 { " [" } else { ", " })?;
            write!(f, "{name}={value}")?;
        }
        if !inner.context.is_empty() {
            f.write_str("]")?;
        }
        if let Some(source) = &inner.source {
            write!(f, ": {source}")?;
        }
        if inner.outcome_unknown {
            f.write_str(" (the request was sent and may have taken effect)")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &inner.kind);
        if let Some(code) = inner.code {
            debug.field("code", &format_args!("{}({})", code.name(), code.0));
        }
        debug.field("operation", &inner.operation).field("message", &inner.message);
        for (name, value) in &inner.context {
            debug.field(name, value);
        }
        if let Some(hint) = &inner.hint {
            debug.field("hint", hint);
        }
        if let Some(source) = &inner.source {
            debug.field("source", source);
        }
        debug
            .field("retriable", &self.is_retriable())
            .field("requires_abort", &inner.requires_abort)
            .field("fatal", &inner.fatal)
            .field("outcome_unknown", &inner.outcome_unknown)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as &(dyn std::error::Error + 'static))
    }
}

fn kind_of_code(code: ErrorCode) -> ErrorKind {
    match code {
        ErrorCode::TOPIC_AUTHORIZATION_FAILED
        | ErrorCode::GROUP_AUTHORIZATION_FAILED
        | ErrorCode::CLUSTER_AUTHORIZATION_FAILED
        | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        | ErrorCode::DELEGATION_TOKEN_AUTHORIZATION_FAILED => ErrorKind::Authorization,
        ErrorCode::SASL_AUTHENTICATION_FAILED
        | ErrorCode::UNSUPPORTED_SASL_MECHANISM
        | ErrorCode::ILLEGAL_SASL_STATE => ErrorKind::Authentication,
        ErrorCode::PRODUCER_FENCED | ErrorCode::INVALID_PRODUCER_EPOCH | ErrorCode::FENCED_INSTANCE_ID => {
            ErrorKind::Fenced
        }
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID => {
            ErrorKind::UnknownTopicOrPartition
        }
        ErrorCode::OFFSET_OUT_OF_RANGE => ErrorKind::OffsetOutOfRange,
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE => ErrorKind::RecordTooLarge,
        ErrorCode::UNSUPPORTED_VERSION
        | ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT
        | ErrorCode::UNSUPPORTED_COMPRESSION_TYPE => ErrorKind::Unsupported,
        ErrorCode::REQUEST_TIMED_OUT => ErrorKind::Timeout,
        ErrorCode::CORRUPT_MESSAGE => ErrorKind::Corrupt,
        ErrorCode::TRANSACTION_ABORTABLE => ErrorKind::TransactionAborted,
        _ => ErrorKind::Broker,
    }
}

/// Codes after which a client of this identity cannot go on.
fn is_fatal_code(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::PRODUCER_FENCED
            | ErrorCode::FENCED_INSTANCE_ID
            | ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            | ErrorCode::SASL_AUTHENTICATION_FAILED
            | ErrorCode::UNSUPPORTED_SASL_MECHANISM
    )
}

fn hint_of_code(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::UNKNOWN_TOPIC_OR_PARTITION => {
            "check the topic's spelling, or create it (the broker may have auto.create.topics.enable=false)"
        }
        ErrorCode::TOPIC_AUTHORIZATION_FAILED => "grant this principal access to the topic",
        ErrorCode::GROUP_AUTHORIZATION_FAILED => "grant this principal access to the group",
        ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED => {
            "grant this principal access to the transactional id"
        }
        ErrorCode::CLUSTER_AUTHORIZATION_FAILED => "grant this principal access to the cluster resource",
        ErrorCode::PRODUCER_FENCED => {
            "another producer uses the same transactional.id: give each running instance its own, and close this one"
        }
        ErrorCode::FENCED_INSTANCE_ID => {
            "another consumer uses the same group.instance.id: give each running instance its own, and close this one"
        }
        ErrorCode::MESSAGE_TOO_LARGE => {
            "raise max.message.bytes of the topic (or message.max.bytes of the broker), or send smaller records"
        }
        ErrorCode::UNSUPPORTED_COMPRESSION_TYPE => "choose another compression.type",
        ErrorCode::INVALID_REPLICATION_FACTOR => {
            "the replication factor must not exceed the number of brokers"
        }
        ErrorCode::NOT_ENOUGH_REPLICAS | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND => {
            "fewer replicas are in sync than min.insync.replicas asks for: look for a broker that is down"
        }
        ErrorCode::COORDINATOR_NOT_AVAILABLE => {
            "brokers keep coordination in internal topics: look whether __consumer_offsets (__transaction_state for \
             transactions) could be created and has leaders; offsets.topic.replication.factor must not exceed the number of brokers"
        }
        ErrorCode::LEADER_NOT_AVAILABLE => {
            "look for brokers that are down: a replica in sync must come back to lead"
        }
        ErrorCode::NON_EMPTY_GROUP => "stop the group's members first",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_operation_code_context_and_next_step() {
        let error = Error::from_code(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, "list offsets")
            .with_context("topic", "orders")
            .with_context("partition", 3);
        let text = error.to_string();
        assert!(text.starts_with("list offsets: UNKNOWN_TOPIC_OR_PARTITION (3): "), "{text}");
        assert!(text.contains("[topic=orders, partition=3]"), "{text}");
        assert!(text.contains("create it"), "{text}");
        assert!(error.is_retriable());
    }

    #[test]
    fn names_of_kinds_are_one_name_in_two_spellings() {
        for kind in ErrorKind::ALL {
            let snake: String = kind
                .class_name()
                .char_indices()
                .map(|(at, letter)| {
                    let between = if at > 0 && letter.is_ascii_uppercase() { "_" } else { "" };
                    format!("{between}{}", letter.to_ascii_lowercase())
                })
                .collect();
            assert_eq!(kind.name(), snake);
            assert!(kind.doc().ends_with('.') && !kind.doc().starts_with(' '), "{}", kind.doc());
        }
    }

    #[test]
    fn fenced_is_fatal_and_never_retriable() {
        let error = Error::from_code(ErrorCode::PRODUCER_FENCED, "send records");
        assert!(error.is_fatal());
        assert!(!error.is_retriable());
        assert!(!error.requires_abort());
    }

    #[test]
    fn unknown_codes_of_newer_brokers_are_kept() {
        let error = Error::from_code(ErrorCode(3_000), "fetch");
        assert_eq!(error.code(), Some(ErrorCode(3_000)));
        assert!(!error.is_retriable());
        assert!(error.to_string().contains("3000"), "{error}");
    }

    #[test]
    fn changing_a_clone_leaves_the_first_as_it_was() {
        let first = Error::new(ErrorKind::Network, "fetch", "connection reset");
        let second = first.clone().with_context("broker", 1);
        assert_eq!(first.context().count(), 0);
        assert_eq!(second.context().count(), 1);
    }
}
