"""What both admin clients share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import _ottla
from ._config import options


class AdminBase:
    """The way to the library. ``config`` and keyword arguments are as for :class:`ottla.Producer`."""

    def __init__(self, config: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._core = _ottla.Admin(options(config, more))

    def _call(self, operation: str, arguments: Mapping[str, Any]) -> _ottla.Operation:
        return self._core.call(operation, json.dumps(arguments))

    @staticmethod
    def _answer(text: str) -> Any:
        return json.loads(text)
