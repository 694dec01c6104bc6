// Generated from the client's error kinds, do not edit: `make gen`.

'use strict';

exports.KINDS = [
  { kind: 'config', className: 'ConfigError' },
  { kind: 'invalid_argument', className: 'InvalidArgumentError' },
  { kind: 'invalid_state', className: 'InvalidStateError' },
  { kind: 'unsupported', className: 'UnsupportedError' },
  { kind: 'timeout', className: 'TimeoutError' },
  { kind: 'not_sent', className: 'NotSentError' },
  { kind: 'outcome_unknown', className: 'OutcomeUnknownError' },
  { kind: 'network', className: 'NetworkError' },
  { kind: 'protocol', className: 'ProtocolError' },
  { kind: 'broker', className: 'BrokerError' },
  { kind: 'authorization', className: 'AuthorizationError' },
  { kind: 'authentication', className: 'AuthenticationError' },
  { kind: 'fenced', className: 'FencedError' },
  { kind: 'transaction_aborted', className: 'TransactionAbortedError' },
  { kind: 'queue_full', className: 'QueueFullError' },
  { kind: 'record_too_large', className: 'RecordTooLargeError' },
  { kind: 'unknown_topic_or_partition', className: 'UnknownTopicOrPartitionError' },
  { kind: 'offset_out_of_range', className: 'OffsetOutOfRangeError' },
  { kind: 'log_truncation', className: 'LogTruncationError' },
  { kind: 'max_poll_exceeded', className: 'MaxPollExceededError' },
  { kind: 'corrupt', className: 'CorruptError' },
  { kind: 'closed', className: 'ClosedError' },
  { kind: 'forked', className: 'ForkedError' },
  { kind: 'cancelled', className: 'CancelledError' },
  { kind: 'internal', className: 'InternalError' },
];
