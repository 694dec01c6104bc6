//! What an error code in a Produce response means for the batch. The only place that decides about a retry.

use ottla_wire::ErrorCode;

/// What to do with a batch after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// In the log at the offset given.
    Appended,
    /// In the log already; the broker no longer knows the offset.
    Duplicate,
    /// Too large as a whole; its halves may pass.
    Split,
    /// Try again. `may_be_appended` when the answer does not exclude that the records are in the log.
    Retry { may_be_appended: bool },
    /// The broker knows another last sequence: either an earlier batch is still missing or this producer's numbers are void.
    OutOfSequence,
    /// Definitely not in the log, and it never will be.
    Refused,
    /// Not to be tried again, but perhaps in the log.
    Unknown,
}

/// Reads `code`, for a batch that was sent with `acks`.
pub(crate) fn verdict(code: ErrorCode, acks: i16) -> Verdict {
    // With acks=all a leader appends first and answers when the others have it. If it loses the partition in between, it
    // answers with an error although the records are in its log, and perhaps in the next leader's.
    let waits_for_replicas = acks == -1;
    match code {
        ErrorCode::NONE => Verdict::Appended,
        ErrorCode::DUPLICATE_SEQUENCE_NUMBER => Verdict::Duplicate,
        ErrorCode::MESSAGE_TOO_LARGE | ErrorCode::RECORD_LIST_TOO_LARGE => Verdict::Split,
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER | ErrorCode::UNKNOWN_PRODUCER_ID => Verdict::OutOfSequence,
        ErrorCode::NOT_LEADER_OR_FOLLOWER
        | ErrorCode::UNKNOWN_TOPIC_OR_PARTITION
        | ErrorCode::UNKNOWN_TOPIC_ID => Verdict::Retry { may_be_appended: waits_for_replicas },
        // Said after the append, or by a disk that may have taken part of it.
        ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
        | ErrorCode::REQUEST_TIMED_OUT
        | ErrorCode::KAFKA_STORAGE_ERROR
        | ErrorCode::NETWORK_EXCEPTION => Verdict::Retry { may_be_appended: true },
        // Said before the append.
        ErrorCode::NOT_ENOUGH_REPLICAS
        | ErrorCode::CORRUPT_MESSAGE
        | ErrorCode::LEADER_NOT_AVAILABLE
        | ErrorCode::FENCED_LEADER_EPOCH
        | ErrorCode::UNKNOWN_LEADER_EPOCH
        | ErrorCode::THROTTLING_QUOTA_EXCEEDED => Verdict::Retry { may_be_appended: false },
        ErrorCode::INVALID_RECORD
        | ErrorCode::INVALID_TIMESTAMP
        | ErrorCode::INVALID_REQUIRED_ACKS
        | ErrorCode::INVALID_TOPIC_EXCEPTION
        | ErrorCode::INVALID_REQUEST
        | ErrorCode::INVALID_PRODUCER_EPOCH
        | ErrorCode::INVALID_TXN_STATE
        | ErrorCode::POLICY_VIOLATION
        | ErrorCode::TOPIC_AUTHORIZATION_FAILED
        | ErrorCode::CLUSTER_AUTHORIZATION_FAILED
        | ErrorCode::UNSUPPORTED_COMPRESSION_TYPE
        | ErrorCode::UNSUPPORTED_FOR_MESSAGE_FORMAT
        | ErrorCode::UNSUPPORTED_VERSION => Verdict::Refused,
        // Nothing is known of when these were said.
        code if code.is_retriable() => Verdict::Retry { may_be_appended: true },
        _ => Verdict::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_leader_says_nothing_about_the_log_with_acks_all() {
        let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
        assert_eq!(verdict(code, -1), Verdict::Retry { may_be_appended: true });
        assert_eq!(verdict(code, 1), Verdict::Retry { may_be_appended: false });
    }

    #[test]
    fn codes_kafka_calls_retriable_are_never_final() {
        for code in ErrorCode::all().filter(|code| code.is_retriable()) {
            assert!(!matches!(verdict(code, -1), Verdict::Refused | Verdict::Unknown), "{code:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_never_called_refused() {
        assert_eq!(verdict(ErrorCode::UNKNOWN_SERVER_ERROR, -1), Verdict::Unknown);
        assert_eq!(verdict(ErrorCode(999), -1), Verdict::Unknown);
    }
}
