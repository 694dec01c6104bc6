"""Producers that nobody closed: what was sent is delivered all the same, or it is said how much was lost."""

from __future__ import annotations

import atexit
import math
import warnings
import weakref
from typing import Any

from ._errors import KafkaError
from ._ottla import Operation
from ._ottla import Producer as Core

#: How long the interpreter's end waits for records that nobody flushed, in seconds.
EXIT_TIMEOUT = 10.0

#: Producers that are in use.
_open: set[Core] = set()
#: Producers that were dropped without close and end in the background.
_closing: dict[Operation, Core] = {}


def watch(producer: object, core: Core) -> weakref.finalize[Any, Any]:
    """Sees to it that ``producer``'s records are delivered however it ends. Closing it calls :func:`closed`."""
    _open.add(core)
    finalizer = weakref.finalize(producer, _dropped, core)
    finalizer.atexit = False  # The interpreter's end is seen to below.
    return finalizer


def closed(finalizer: weakref.finalize[Any, Any], core: Core) -> bool:
    """Ends the watch; False if it had ended before."""
    _open.discard(core)
    return finalizer.detach() is not None


def _dropped(core: Core) -> None:
    _open.discard(core)
    for operation in list(_closing):
        if operation.finished():
            _closing.pop(operation, None)
    # No limit but the records' own: by `delivery.timeout.ms` each has its fate.
    _closing[core.close(math.inf)] = core


@atexit.register
def _deliver() -> None:
    ends = []
    for core in [*_open, *_closing.values()]:
        try:
            lost_before = _lost(core)
        except KafkaError:
            continue  # Inherited by a fork: its records are the parent's.
        ends.append((core, lost_before, core.close(EXIT_TIMEOUT)))
    for core, lost_before, closing in ends:
        try:
            closing.wait()
        except KafkaError as error:
            _warn(str(error))
        else:
            lost = _lost(core) - lost_before
            if lost:
                _warn(f"{lost} records failed or have no known outcome")


def _lost(core: Core) -> int:
    metrics = core.metrics()
    return metrics["records_failed"] + metrics["records_unknown"]


def _warn(what: str) -> None:
    message = f"ottla: records were lost at the interpreter's exit, since nobody flushed or closed their producer: {what}"
    warnings.warn(message, RuntimeWarning, stacklevel=3)
