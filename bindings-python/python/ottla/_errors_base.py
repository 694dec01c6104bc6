"""The root of all exceptions of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class KafkaError(Exception):
    """What went wrong, where, and what to do next. Its subclasses are the kinds: catch the one you can do something about."""

    #: The kind's name: ``unknown_topic_or_partition``.
    kind: str = "broker"
    #: Kafka's error code, where a broker answered with one.
    code: int | None
    #: Kafka's name for the code: ``NOT_LEADER_OR_FOLLOWER``.
    code_name: str | None
    #: What was being done.
    operation: str
    #: The facts around it: ``broker``, ``topic``, ``partition``, ``group``, ``offset`` and others, as texts.
    context: Mapping[str, str]
    #: What a person should do next.
    hint: str | None
    #: Whether the same call may succeed later without a change.
    retriable: bool
    #: Whether the client must be closed: no later call can succeed.
    fatal: bool
    #: Whether the open transaction can only be aborted.
    requires_abort: bool
    #: Whether the request may have taken effect although it failed here.
    outcome_unknown: bool
    #: Of a call about several items, all their results: values, and exceptions of those that failed.
    results: Mapping[Any, Any] | None

    def __init__(
        self,
        message: str = "",
        *,
        code: int | None = None,
        code_name: str | None = None,
        operation: str = "",
        context: Mapping[str, str] | None = None,
        hint: str | None = None,
        retriable: bool = False,
        fatal: bool = False,
        requires_abort: bool = False,
        outcome_unknown: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.code_name = code_name
        self.operation = operation
        self.context = dict(context or {})
        self.hint = hint
        self.retriable = retriable
        self.fatal = fatal
        self.requires_abort = requires_abort
        self.outcome_unknown = outcome_unknown
        self.results = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions travel between processes; keyword arguments need help for that.
        return (_rebuilt, (type(self), self.args, self.__dict__))


def _rebuilt(kind: type[KafkaError], args: tuple[Any, ...], facts: dict[str, Any]) -> KafkaError:
    error = kind(*args)
    error.__dict__.update(facts)
    return error
