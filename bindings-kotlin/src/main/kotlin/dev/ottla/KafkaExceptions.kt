// Generated from the client's error kinds, do not edit: make gen.

package dev.ottla

/** What sort of failure it is, that is: what a caller can do about it. */
public enum class ErrorKind {
    /** An option is unknown, malformed, out of range or contradicts another one. Change the configuration. */
    CONFIG,

    /** An argument of the call cannot be. Change the call. */
    INVALID_ARGUMENT,

    /** The call is not allowed now: a commit without a group, a send outside a transaction. */
    INVALID_STATE,

    /** The other side, or this version of the library, lacks what was asked for. */
    UNSUPPORTED,

    /** The deadline passed; the error says which step was waiting on which broker. */
    TIMEOUT,

    /** The deadline passed before the records were sent: they are in no log. */
    NOT_SENT,

    /** What was asked for may have taken effect: it was sent, and no answer came that says otherwise. */
    OUTCOME_UNKNOWN,

    /** A broker could not be reached, or the connection to it ended. */
    NETWORK,

    /** A peer sent bytes that are not what the protocol says. */
    PROTOCOL,

    /** The broker answered with an error code. */
    BROKER,

    /** The broker refuses this principal. */
    AUTHORIZATION,

    /** The broker refuses these credentials. */
    AUTHENTICATION,

    /** Another client took over this transactional id or group instance id; this one must stop. */
    FENCED,

    /** The transaction can only be aborted. */
    TRANSACTION_ABORTED,

    /** A buffer that is bounded by configuration is full. */
    QUEUE_FULL,

    /** A record is larger than configuration or broker allow. */
    RECORD_TOO_LARGE,

    /** A topic or partition does not exist. */
    UNKNOWN_TOPIC_OR_PARTITION,

    /** The position is outside the log, and no reset policy says what to do. */
    OFFSET_OUT_OF_RANGE,

    /** The log was truncated below the consumer's position: records already seen are gone. */
    LOG_TRUNCATION,

    /** The application did not poll within `max.poll.interval.ms`. */
    MAX_POLL_EXCEEDED,

    /** Stored bytes fail their checksum or cannot be decompressed. */
    CORRUPT,

    /** The client, producer or consumer was closed. */
    CLOSED,

    /** The client was made before the process forked. Make a new one in the forked process. */
    FORKED,

    /** The operation was given up by the caller. */
    CANCELLED,

    /** A defect of this library. */
    INTERNAL,
}

/** An option is unknown, malformed, out of range or contradicts another one. Change the configuration. */
public class ConfigException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** An argument of the call cannot be. Change the call. */
public class InvalidArgumentException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The call is not allowed now: a commit without a group, a send outside a transaction. */
public class InvalidStateException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The other side, or this version of the library, lacks what was asked for. */
public class UnsupportedException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The deadline passed; the error says which step was waiting on which broker. */
public class TimeoutException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The deadline passed before the records were sent: they are in no log. */
public class NotSentException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** What was asked for may have taken effect: it was sent, and no answer came that says otherwise. */
public class OutcomeUnknownException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** A broker could not be reached, or the connection to it ended. */
public class NetworkException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** A peer sent bytes that are not what the protocol says. */
public class ProtocolException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The broker answered with an error code. */
public class BrokerException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The broker refuses this principal. */
public class AuthorizationException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The broker refuses these credentials. */
public class AuthenticationException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** Another client took over this transactional id or group instance id; this one must stop. */
public class FencedException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The transaction can only be aborted. */
public class TransactionAbortedException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** A buffer that is bounded by configuration is full. */
public class QueueFullException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** A record is larger than configuration or broker allow. */
public class RecordTooLargeException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** A topic or partition does not exist. */
public class UnknownTopicOrPartitionException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The position is outside the log, and no reset policy says what to do. */
public class OffsetOutOfRangeException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The log was truncated below the consumer's position: records already seen are gone. */
public class LogTruncationException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The application did not poll within `max.poll.interval.ms`. */
public class MaxPollExceededException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** Stored bytes fail their checksum or cannot be decompressed. */
public class CorruptException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The client, producer or consumer was closed. */
public class ClosedException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The client was made before the process forked. Make a new one in the forked process. */
public class ForkedException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The operation was given up by the caller. */
public class CancelledException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** A defect of this library. */
public class InternalException internal constructor(detail: ErrorDetail) : KafkaException(detail)

/** The exception of the class that belongs to the error's kind. */
internal fun exceptionOf(detail: ErrorDetail): KafkaException = when (detail.kind) {
    ErrorKind.CONFIG -> ConfigException(detail)
    ErrorKind.INVALID_ARGUMENT -> InvalidArgumentException(detail)
    ErrorKind.INVALID_STATE -> InvalidStateException(detail)
    ErrorKind.UNSUPPORTED -> UnsupportedException(detail)
    ErrorKind.TIMEOUT -> TimeoutException(detail)
    ErrorKind.NOT_SENT -> NotSentException(detail)
    ErrorKind.OUTCOME_UNKNOWN -> OutcomeUnknownException(detail)
    ErrorKind.NETWORK -> NetworkException(detail)
    ErrorKind.PROTOCOL -> ProtocolException(detail)
    ErrorKind.BROKER -> BrokerException(detail)
    ErrorKind.AUTHORIZATION -> AuthorizationException(detail)
    ErrorKind.AUTHENTICATION -> AuthenticationException(detail)
    ErrorKind.FENCED -> FencedException(detail)
    ErrorKind.TRANSACTION_ABORTED -> TransactionAbortedException(detail)
    ErrorKind.QUEUE_FULL -> QueueFullException(detail)
    ErrorKind.RECORD_TOO_LARGE -> RecordTooLargeException(detail)
    ErrorKind.UNKNOWN_TOPIC_OR_PARTITION -> UnknownTopicOrPartitionException(detail)
    ErrorKind.OFFSET_OUT_OF_RANGE -> OffsetOutOfRangeException(detail)
    ErrorKind.LOG_TRUNCATION -> LogTruncationException(detail)
    ErrorKind.MAX_POLL_EXCEEDED -> MaxPollExceededException(detail)
    ErrorKind.CORRUPT -> CorruptException(detail)
    ErrorKind.CLOSED -> ClosedException(detail)
    ErrorKind.FORKED -> ForkedException(detail)
    ErrorKind.CANCELLED -> CancelledException(detail)
    ErrorKind.INTERNAL -> InternalException(detail)
}
