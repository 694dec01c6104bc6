"""One exception for each kind of error."""
# Generated from the tables in the code, do not edit: make gen.

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from ._errors_base import KafkaError

__all__ = [
    "KafkaError",
    "ConfigError",
    "InvalidArgumentError",
    "InvalidStateError",
    "UnsupportedError",
    "TimeoutError",
    "NotSentError",
    "OutcomeUnknownError",
    "NetworkError",
    "ProtocolError",
    "BrokerError",
    "AuthorizationError",
    "AuthenticationError",
    "FencedError",
    "TransactionAbortedError",
    "QueueFullError",
    "RecordTooLargeError",
    "UnknownTopicOrPartitionError",
    "OffsetOutOfRangeError",
    "LogTruncationError",
    "MaxPollExceededError",
    "CorruptError",
    "ClosedError",
    "ForkedError",
    "CancelledError",
    "InternalError",
]


class ConfigError(KafkaError, ValueError):
    """An option is unknown, malformed, out of range or contradicts another one. Change the configuration."""

    kind = "config"


class InvalidArgumentError(KafkaError, ValueError):
    """An argument of the call cannot be. Change the call."""

    kind = "invalid_argument"


class InvalidStateError(KafkaError):
    """The call is not allowed now: a commit without a group, a send outside a transaction."""

    kind = "invalid_state"


class UnsupportedError(KafkaError):
    """The other side, or this version of the library, lacks what was asked for."""

    kind = "unsupported"


class TimeoutError(KafkaError, builtins.TimeoutError):
    """The deadline passed; the error says which step was waiting on which broker."""

    kind = "timeout"


class NotSentError(KafkaError):
    """The deadline passed before the records were sent: they are in no log."""

    kind = "not_sent"


class OutcomeUnknownError(KafkaError):
    """What was asked for may have taken effect: it was sent, and no answer came that says otherwise."""

    kind = "outcome_unknown"


class NetworkError(KafkaError, ConnectionError):
    """A broker could not be reached, or the connection to it ended."""

    kind = "network"


class ProtocolError(KafkaError):
    """A peer sent bytes that are not what the protocol says."""

    kind = "protocol"


class BrokerError(KafkaError):
    """The broker answered with an error code."""

    kind = "broker"


class AuthorizationError(KafkaError, PermissionError):
    """The broker refuses this principal."""

    kind = "authorization"


class AuthenticationError(KafkaError, PermissionError):
    """The broker refuses these credentials."""

    kind = "authentication"


class FencedError(KafkaError):
    """Another client took over this transactional id or group instance id; this one must stop."""

    kind = "fenced"


class TransactionAbortedError(KafkaError):
    """The transaction can only be aborted."""

    kind = "transaction_aborted"


class QueueFullError(KafkaError):
    """A buffer that is bounded by configuration is full."""

    kind = "queue_full"


class RecordTooLargeError(KafkaError):
    """A record is larger than configuration or broker allow."""

    kind = "record_too_large"


class UnknownTopicOrPartitionError(KafkaError):
    """A topic or partition does not exist."""

    kind = "unknown_topic_or_partition"


class OffsetOutOfRangeError(KafkaError):
    """The position is outside the log, and no reset policy says what to do."""

    kind = "offset_out_of_range"


class LogTruncationError(KafkaError):
    """The log was truncated below the consumer's position: records already seen are gone."""

    kind = "log_truncation"


class MaxPollExceededError(KafkaError):
    """The application did not poll within `max.poll.interval.ms`."""

    kind = "max_poll_exceeded"


class CorruptError(KafkaError):
    """Stored bytes fail their checksum or cannot be decompressed."""

    kind = "corrupt"


class ClosedError(KafkaError):
    """The client, producer or consumer was closed."""

    kind = "closed"


class ForkedError(KafkaError):
    """The client was made before the process forked. Make a new one in the forked process."""

    kind = "forked"


class CancelledError(KafkaError):
    """The operation was given up by the caller."""

    kind = "cancelled"


class InternalError(KafkaError):
    """A defect of this library."""

    kind = "internal"


_BY_KIND: Mapping[str, type[KafkaError]] = {
    "config": ConfigError,
    "invalid_argument": InvalidArgumentError,
    "invalid_state": InvalidStateError,
    "unsupported": UnsupportedError,
    "timeout": TimeoutError,
    "not_sent": NotSentError,
    "outcome_unknown": OutcomeUnknownError,
    "network": NetworkError,
    "protocol": ProtocolError,
    "broker": BrokerError,
    "authorization": AuthorizationError,
    "authentication": AuthenticationError,
    "fenced": FencedError,
    "transaction_aborted": TransactionAbortedError,
    "queue_full": QueueFullError,
    "record_too_large": RecordTooLargeError,
    "unknown_topic_or_partition": UnknownTopicOrPartitionError,
    "offset_out_of_range": OffsetOutOfRangeError,
    "log_truncation": LogTruncationError,
    "max_poll_exceeded": MaxPollExceededError,
    "corrupt": CorruptError,
    "closed": ClosedError,
    "forked": ForkedError,
    "cancelled": CancelledError,
    "internal": InternalError,
}


def _make(*, kind: str, message: str, **facts: Any) -> KafkaError:
    """The exception the library's error is."""
    return _BY_KIND.get(kind, KafkaError)(message, **facts)
