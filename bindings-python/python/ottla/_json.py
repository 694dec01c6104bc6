"""Between the admin client's types and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from ._errors import KafkaError, _make
from ._types import TopicPartition


#: Three weeks and more: as good as no limit.
_LONGEST_MS = 2**31 - 1


def plain(value: Any) -> Any:
    """A value as JSON has it. A ``(topic, partition)`` tuple is a partition."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, TopicPartition) or _is_partition(value):
        return {"topic": value[0], "partition": value[1]}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Iterable):
        return [plain(item) for item in value]
    return str(value)


def _is_partition(value: Any) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and isinstance(value[0], str)
        and isinstance(value[1], int)
        and not isinstance(value[1], (bool, Enum))
    )


def milliseconds(seconds: float | None) -> int | None:
    """A span of time as the library takes it: whole milliseconds, at most what its counters hold."""
    return None if seconds is None else round(min(seconds * 1000, _LONGEST_MS))


def error_of(json: Mapping[str, Any]) -> KafkaError:
    """An error that is a value."""
    facts = dict(json)
    facts["message"] = facts.pop("text")
    return _make(**facts)


def results_of(
    json: Iterable[Mapping[str, Any]], key_of: Callable[[Any], Any], value_of: Callable[[Any], Any]
) -> dict[Any, Any]:
    """Values by key. Raises the first error, which has all results."""
    results: dict[Any, Any] = {}
    failed: KafkaError | None = None
    for item in json:
        if "error" in item:
            error = error_of(item["error"])
            results[key_of(item["key"])] = error
            failed = failed or error
        else:
            results[key_of(item["key"])] = value_of(item["value"])
    if failed is not None:
        failed.results = results
        raise failed
    return results
