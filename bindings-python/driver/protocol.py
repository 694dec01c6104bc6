"""Commands, answers, and errors as the protocol tells them."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from typing import Any

import ottla

#: What is left before the deadline when a client's own timeout should have fired, so that its error is the one told.
MARGIN = 0.05
#: Codes of what the client found out by itself.
CODES = {
    "record_too_large": (10, "MESSAGE_TOO_LARGE"),
    "unknown_topic_or_partition": (3, "UNKNOWN_TOPIC_OR_PARTITION"),
    "offset_out_of_range": (1, "OFFSET_OUT_OF_RANGE"),
}
NAMES = {
    "timeout": "TIMEOUT",
    "not_sent": "TIMEOUT",
    "outcome_unknown": "TIMEOUT",
    "config": "INVALID_ARGUMENT",
    "invalid_argument": "INVALID_ARGUMENT",
    "invalid_state": "ILLEGAL_STATE",
    "closed": "ILLEGAL_STATE",
    "fenced": "FENCED",
    "unsupported": "UNSUPPORTED",
}


class Fault(Exception):
    """The driver's own error: a name of the protocol and a text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


def show_error(error: BaseException) -> dict[str, Any]:
    if isinstance(error, ottla.KafkaError):
        code, name = (error.code, error.code_name) if error.code is not None else CODES.get(error.kind, (None, None))
        return {
            "code": code,
            "name": name or NAMES.get(error.kind, "OTHER"),
            "retriable": error.retriable,
            "fatal": error.fatal,
            "message": str(error),
        }
    name = error.name if isinstance(error, Fault) else "INVALID_ARGUMENT"
    return {"code": None, "name": name, "retriable": False, "fatal": False, "message": f"{type(error).__name__}: {error}"}


class Output:
    """Standard output, a line at a time."""

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def print(self, answer: dict[str, Any]) -> None:
        line = json.dumps(answer)
        with self._turn:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


class Command:
    """A command with the way back for its answer."""

    def __init__(self, fields: dict[str, Any], output: Output) -> None:
        self.fields = fields
        self.op: str = fields["op"]
        self._output = output
        self._due: float = time.monotonic() + fields["deadline_ms"] / 1000

    def patience(self) -> float:
        """How long a client call may take, in seconds."""
        return max(0.0, self._due - time.monotonic() - MARGIN)

    def succeed(self, result: dict[str, Any]) -> None:
        self._output.print({"id": self.fields["id"], "ok": result})

    def fail(self, error: BaseException) -> None:
        self._output.print({"id": self.fields["id"], "error": show_error(error)})

    def config(self, dropped: tuple[str, ...]) -> dict[str, Any]:
        """The options but those the protocol allows this client to drop."""
        return {name: value for name, value in self.fields.get("config", {}).items() if name not in dropped}

    def partitions(self, name: str) -> list[tuple[str, int]]:
        return [partition(item) for item in self.fields[name]]


def partition(item: dict[str, Any]) -> tuple[str, int]:
    return item["topic"], item["partition"]


def show_partition(of: tuple[str, int]) -> dict[str, Any]:
    return {"topic": of[0], "partition": of[1]}


def octets(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


def show_octets(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
