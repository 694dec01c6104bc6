"""Event loops and the native bridge each of them watches."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Generator
from typing import Any

from ._ottla import Bridge, Operation

_BRIDGES: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge] = weakref.WeakKeyDictionary()


def bridge_of(loop: asyncio.AbstractEventLoop) -> Bridge:
    """The loop's bridge, watched from its first use to the loop's end."""
    bridge = _BRIDGES.get(loop)
    if bridge is None:
        # What a closed loop still waited for would keep it, and its bridge's descriptor, for ever.
        for other in list(_BRIDGES):
            if other.is_closed():
                del _BRIDGES[other]
        bridge = Bridge()
        loop.add_reader(bridge.fileno(), bridge.drain)
        _BRIDGES[loop] = bridge
    return bridge


def current() -> tuple[asyncio.Future[Any], Bridge]:
    """A new future of the running loop, and its bridge."""
    loop = asyncio.get_running_loop()
    return loop.create_future(), bridge_of(loop)


def settled(value: Any) -> Generator[Any, None, Any]:
    """Awaiting what is known already: a generator is what the interpreter ends fastest."""
    return value
    yield


async def done(operation: Operation) -> Any:
    """Waits for an operation without holding the loop up. Cancelling gives up the waiting at once."""
    taken = operation.take()
    if taken is not None:
        return taken[0]
    future, bridge = current()
    operation.attach(bridge, future)
    try:
        return await future
    except asyncio.CancelledError:
        operation.cancel()
        raise
