//! What a call returns: one value for each kind of error of the client.
//!
//! Generated from the client's error kinds, do not edit: `make gen`.

use ottla::ErrorKind;
use std::ffi::c_char;

/// What a call returns: OTTLA_OK, or what sort of failure it was, that is: what a caller can do about it. Later versions may
/// return values that are not here yet.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_status_t {
    /// It did what it says.
    OTTLA_OK = 0,
    /// An option is unknown, malformed, out of range or contradicts another one. Change the configuration.
    OTTLA_CONFIG_ERROR = 1,
    /// An argument of the call cannot be. Change the call.
    OTTLA_INVALID_ARGUMENT = 2,
    /// The call is not allowed now: a commit without a group, a send outside a transaction.
    OTTLA_INVALID_STATE = 3,
    /// The other side, or this version of the library, lacks what was asked for.
    OTTLA_UNSUPPORTED = 4,
    /// The deadline passed; the error says which step was waiting on which broker.
    OTTLA_TIMEOUT = 5,
    /// The deadline passed before the records were sent: they are in no log.
    OTTLA_NOT_SENT = 6,
    /// What was asked for may have taken effect: it was sent, and no answer came that says otherwise.
    OTTLA_OUTCOME_UNKNOWN = 7,
    /// A broker could not be reached, or the connection to it ended.
    OTTLA_NETWORK_ERROR = 8,
    /// A peer sent bytes that are not what the protocol says.
    OTTLA_PROTOCOL_ERROR = 9,
    /// The broker answered with an error code.
    OTTLA_BROKER_ERROR = 10,
    /// The broker refuses this principal.
    OTTLA_AUTHORIZATION = 11,
    /// The broker refuses these credentials.
    OTTLA_AUTHENTICATION = 12,
    /// Another client took over this transactional id or group instance id; this one must stop.
    OTTLA_FENCED = 13,
    /// The transaction can only be aborted.
    OTTLA_TRANSACTION_ABORTED = 14,
    /// A buffer that is bounded by configuration is full.
    OTTLA_QUEUE_FULL = 15,
    /// A record is larger than configuration or broker allow.
    OTTLA_RECORD_TOO_LARGE = 16,
    /// A topic or partition does not exist.
    OTTLA_UNKNOWN_TOPIC_OR_PARTITION = 17,
    /// The position is outside the log, and no reset policy says what to do.
    OTTLA_OFFSET_OUT_OF_RANGE = 18,
    /// The log was truncated below the consumer's position: records already seen are gone.
    OTTLA_LOG_TRUNCATION = 19,
    /// The application did not poll within `max.poll.interval.ms`.
    OTTLA_MAX_POLL_EXCEEDED = 20,
    /// Stored bytes fail their checksum or cannot be decompressed.
    OTTLA_CORRUPT = 21,
    /// The client, producer or consumer was closed.
    OTTLA_CLOSED = 22,
    /// The client was made before the process forked. Make a new one in the forked process.
    OTTLA_FORKED = 23,
    /// The operation was given up by the caller.
    OTTLA_CANCELLED = 24,
    /// A defect of this library.
    OTTLA_INTERNAL_ERROR = 25,
}

pub(crate) fn status_of(kind: ErrorKind) -> ottla_status_t {
    match kind {
        ErrorKind::Config => ottla_status_t::OTTLA_CONFIG_ERROR,
        ErrorKind::InvalidArgument => ottla_status_t::OTTLA_INVALID_ARGUMENT,
        ErrorKind::InvalidState => ottla_status_t::OTTLA_INVALID_STATE,
        ErrorKind::Unsupported => ottla_status_t::OTTLA_UNSUPPORTED,
        ErrorKind::Timeout => ottla_status_t::OTTLA_TIMEOUT,
        ErrorKind::NotSent => ottla_status_t::OTTLA_NOT_SENT,
        ErrorKind::OutcomeUnknown => ottla_status_t::OTTLA_OUTCOME_UNKNOWN,
        ErrorKind::Network => ottla_status_t::OTTLA_NETWORK_ERROR,
        ErrorKind::Protocol => ottla_status_t::OTTLA_PROTOCOL_ERROR,
        ErrorKind::Broker => ottla_status_t::OTTLA_BROKER_ERROR,
        ErrorKind::Authorization => ottla_status_t::OTTLA_AUTHORIZATION,
        ErrorKind::Authentication => ottla_status_t::OTTLA_AUTHENTICATION,
        ErrorKind::Fenced => ottla_status_t::OTTLA_FENCED,
        ErrorKind::TransactionAborted => ottla_status_t::OTTLA_TRANSACTION_ABORTED,
        ErrorKind::QueueFull => ottla_status_t::OTTLA_QUEUE_FULL,
        ErrorKind::RecordTooLarge => ottla_status_t::OTTLA_RECORD_TOO_LARGE,
        ErrorKind::UnknownTopicOrPartition => ottla_status_t::OTTLA_UNKNOWN_TOPIC_OR_PARTITION,
        ErrorKind::OffsetOutOfRange => ottla_status_t::OTTLA_OFFSET_OUT_OF_RANGE,
        ErrorKind::LogTruncation => ottla_status_t::OTTLA_LOG_TRUNCATION,
        ErrorKind::MaxPollExceeded => ottla_status_t::OTTLA_MAX_POLL_EXCEEDED,
        ErrorKind::Corrupt => ottla_status_t::OTTLA_CORRUPT,
        ErrorKind::Closed => ottla_status_t::OTTLA_CLOSED,
        ErrorKind::Forked => ottla_status_t::OTTLA_FORKED,
        ErrorKind::Cancelled => ottla_status_t::OTTLA_CANCELLED,
        ErrorKind::Internal => ottla_status_t::OTTLA_INTERNAL_ERROR,
        _ => ottla_status_t::OTTLA_INTERNAL_ERROR,
    }
}

/// The name of a status, as "queue_full"; "ok" for OTTLA_OK. Lives for ever.
#[unsafe(no_mangle)]
pub extern "C" fn ottla_status_name(status: i32) -> *const c_char {
    let name = match status {
        0 => c"ok",
        1 => c"config",
        2 => c"invalid_argument",
        3 => c"invalid_state",
        4 => c"unsupported",
        5 => c"timeout",
        6 => c"not_sent",
        7 => c"outcome_unknown",
        8 => c"network",
        9 => c"protocol",
        10 => c"broker",
        11 => c"authorization",
        12 => c"authentication",
        13 => c"fenced",
        14 => c"transaction_aborted",
        15 => c"queue_full",
        16 => c"record_too_large",
        17 => c"unknown_topic_or_partition",
        18 => c"offset_out_of_range",
        19 => c"log_truncation",
        20 => c"max_poll_exceeded",
        21 => c"corrupt",
        22 => c"closed",
        23 => c"forked",
        24 => c"cancelled",
        25 => c"internal",
        _ => c"unknown",
    };
    name.as_ptr()
}
