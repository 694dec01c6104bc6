"""The library's log lines, given to Python's ``logging``. Nothing is logged, and no thread runs, until it is asked for."""

from __future__ import annotations

import atexit
import logging
import os
import threading

from ._ottla import set_log_level as _set
from ._ottla import take_logs, wait_logs

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG, 5: 5}
_started = threading.Lock()
_turn = threading.Lock()
_thread: threading.Thread | None = None


def _restart_in_child() -> None:
    """A forked child has the level of its parent, and none of its threads."""
    global _started, _thread, _turn
    _started, _turn = threading.Lock(), threading.Lock()
    if _thread is not None:
        _thread = None
        _start()


os.register_at_fork(after_in_child=_restart_in_child)


def set_log_level(level: int | str) -> None:
    """Logs this much to the loggers below ``ottla`` from here on: a level of ``logging``, or its name; "OFF" for nothing.

    The loggers are named after the parts of the library: ``ottla.producer``, ``ottla.consumer``, ``ottla.connection``…
    """
    number = _number(level)
    native = next((native for native, wanted in sorted(_LEVELS.items(), reverse=True) if wanted >= number), 0)
    _set(native)
    if native:
        _start()


def _number(level: int | str) -> int:
    if isinstance(level, int):
        return level
    if level.upper() == "OFF":
        return logging.CRITICAL + 1
    number = logging.getLevelName(level.upper())
    if not isinstance(number, int):
        raise ValueError(f"no log level {level!r}: there are DEBUG, INFO, WARNING, ERROR, OFF")
    return number


def _start() -> None:
    global _thread
    with _started:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_pass_on, name="ottla-logging", daemon=True)
            _thread.start()


def _pass_on() -> None:
    while True:
        if wait_logs(60.0):
            _emit()


def _emit(patience: float = -1) -> None:
    # One at a time: at the interpreter's exit, what the thread is about to log is waited for.
    if not _turn.acquire(timeout=patience):
        return
    try:
        lines, dropped = take_logs()
        for level, target, message in lines:
            logging.getLogger(target.replace("::", ".")).log(_LEVELS.get(level, logging.DEBUG), "%s", message)
        if dropped:
            logging.getLogger("ottla").warning("%d log lines were dropped: they came faster than they were taken", dropped)
    finally:
        _turn.release()


# A handler that hangs does not keep the program.
atexit.register(_emit, patience=5.0)
