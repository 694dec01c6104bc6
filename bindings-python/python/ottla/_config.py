"""Options as the library takes them: Kafka's dotted names, values as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def options(config: Mapping[str, Any] | None, more: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A mapping of Kafka's names and keyword arguments, in which a dot is an underscore, as one list."""
    named = dict(config or {})
    for name, value in more.items():
        dotted = name.replace("_", ".")
        if dotted in named:
            from ._errors import ConfigError

            raise ConfigError(f"{dotted} is given twice: in the mapping, and as {name}", operation="read options")
        named[dotted] = value
    return [(name, text(value)) for name, value in named.items() if value is not None]


def text(value: Any) -> str:
    """True is `true`, a list is joined by commas; everything else is what `str` makes of it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(text(item) for item in value)
    return str(value)
