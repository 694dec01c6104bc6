"""A Kafka broker for tests: in this process, in memory, on a free port, ready in milliseconds.

>>> from ottla.testing import TestBroker
>>> with TestBroker() as broker:
...     broker.create_topic("orders", partitions=3)
...     config = {"bootstrap.servers": broker.bootstrap}

Any Kafka client can talk to it, not only this one. Under pytest there are the fixtures ``ottla_broker`` (a broker for the test)
and ``ottla_broker_session`` (one for the whole run).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _ottla
from ._config import options, text
from ._loop import done

__all__ = ["TestBroker"]


class TestBroker:
    """A running broker. ``properties`` are Kafka's broker options (``{"num.partitions": 3}``), keyword arguments likewise.

    It is ready once made. Dropping it stops it in the background; ``with`` and ``async with`` stop it properly.
    """

    __test__ = False  # Not a test case, whatever its name begins with.

    def __init__(self, properties: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._core = _ottla.TestBroker(options(properties, more))

    @property
    def bootstrap(self) -> str:
        """What clients take as ``bootstrap.servers``."""
        return self._core.bootstrap()

    def create_topic(self, name: str, partitions: int = 1, configs: Mapping[str, Any] | None = None) -> None:
        """Creates a topic; it can be used when this returns."""
        self._core.create_topic(name, partitions, _configs(configs)).wait()

    async def create_topic_async(self, name: str, partitions: int = 1, configs: Mapping[str, Any] | None = None) -> None:
        """As :meth:`create_topic`, for coroutines."""
        await done(self._core.create_topic(name, partitions, _configs(configs)))

    def stop(self, timeout: float = 10.0) -> None:
        """Stops the broker, by ``timeout`` seconds. Later calls do nothing."""
        self._core.stop(timeout).wait()

    async def stop_async(self, timeout: float = 10.0) -> None:
        """As :meth:`stop`, for coroutines."""
        await done(self._core.stop(timeout))

    def __enter__(self) -> TestBroker:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> TestBroker:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop_async()


def _configs(configs: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return [(name, text(value)) for name, value in (configs or {}).items()]
