// Generated from the client's error kinds, do not edit: `make gen`.

import { KafkaError } from '../errors';

/**
 * What sort of failure it is, that is: what a caller can do about it.
 */
export type ErrorKind =
  | 'config'
  | 'invalid_argument'
  | 'invalid_state'
  | 'unsupported'
  | 'timeout'
  | 'not_sent'
  | 'outcome_unknown'
  | 'network'
  | 'protocol'
  | 'broker'
  | 'authorization'
  | 'authentication'
  | 'fenced'
  | 'transaction_aborted'
  | 'queue_full'
  | 'record_too_large'
  | 'unknown_topic_or_partition'
  | 'offset_out_of_range'
  | 'log_truncation'
  | 'max_poll_exceeded'
  | 'corrupt'
  | 'closed'
  | 'forked'
  | 'cancelled'
  | 'internal';

/**
 * An option is unknown, malformed, out of range or contradicts another one. Change the configuration.
 */
export class ConfigError extends KafkaError {
  readonly kind: 'config';
}

/**
 * An argument of the call cannot be. Change the call.
 */
export class InvalidArgumentError extends KafkaError {
  readonly kind: 'invalid_argument';
}

/**
 * The call is not allowed now: a commit without a group, a send outside a transaction.
 */
export class InvalidStateError extends KafkaError {
  readonly kind: 'invalid_state';
}

/**
 * The other side, or this version of the library, lacks what was asked for.
 */
export class UnsupportedError extends KafkaError {
  readonly kind: 'unsupported';
}

/**
 * The deadline passed; the error says which step was waiting on which broker.
 */
export class TimeoutError extends KafkaError {
  readonly kind: 'timeout';
}

/**
 * The deadline passed before the records were sent: they are in no log.
 */
export class NotSentError extends KafkaError {
  readonly kind: 'not_sent';
}

/**
 * What was asked for may have taken effect: it was sent, and no answer came that says otherwise.
 */
export class OutcomeUnknownError extends KafkaError {
  readonly kind: 'outcome_unknown';
}

/**
 * A broker could not be reached, or the connection to it ended.
 */
export class NetworkError extends KafkaError {
  readonly kind: 'network';
}

/**
 * A peer sent bytes that are not what the protocol says.
 */
export class ProtocolError extends KafkaError {
  readonly kind: 'protocol';
}

/**
 * The broker answered with an error code.
 */
export class BrokerError extends KafkaError {
  readonly kind: 'broker';
}

/**
 * The broker refuses this principal.
 */
export class AuthorizationError extends KafkaError {
  readonly kind: 'authorization';
}

/**
 * The broker refuses these credentials.
 */
export class AuthenticationError extends KafkaError {
  readonly kind: 'authentication';
}

/**
 * Another client took over this transactional id or group instance id; this one must stop.
 */
export class FencedError extends KafkaError {
  readonly kind: 'fenced';
}

/**
 * The transaction can only be aborted.
 */
export class TransactionAbortedError extends KafkaError {
  readonly kind: 'transaction_aborted';
}

/**
 * A buffer that is bounded by configuration is full.
 */
export class QueueFullError extends KafkaError {
  readonly kind: 'queue_full';
}

/**
 * A record is larger than configuration or broker allow.
 */
export class RecordTooLargeError extends KafkaError {
  readonly kind: 'record_too_large';
}

/**
 * A topic or partition does not exist.
 */
export class UnknownTopicOrPartitionError extends KafkaError {
  readonly kind: 'unknown_topic_or_partition';
}

/**
 * The position is outside the log, and no reset policy says what to do.
 */
export class OffsetOutOfRangeError extends KafkaError {
  readonly kind: 'offset_out_of_range';
}

/**
 * The log was truncated below the consumer's position: records already seen are gone.
 */
export class LogTruncationError extends KafkaError {
  readonly kind: 'log_truncation';
}

/**
 * The application did not poll within `max.poll.interval.ms`.
 */
export class MaxPollExceededError extends KafkaError {
  readonly kind: 'max_poll_exceeded';
}

/**
 * Stored bytes fail their checksum or cannot be decompressed.
 */
export class CorruptError extends KafkaError {
  readonly kind: 'corrupt';
}

/**
 * The client, producer or consumer was closed.
 */
export class ClosedError extends KafkaError {
  readonly kind: 'closed';
}

/**
 * The client was made before the process forked. Make a new one in the forked process.
 */
export class ForkedError extends KafkaError {
  readonly kind: 'forked';
}

/**
 * The operation was given up by the caller.
 */
export class CancelledError extends KafkaError {
  readonly kind: 'cancelled';
}

/**
 * A defect of this library.
 */
export class InternalError extends KafkaError {
  readonly kind: 'internal';
}
