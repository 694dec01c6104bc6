"""Producer, consumer and admin client for asyncio. Nothing here holds the loop up, and no thread pool is used."""

from __future__ import annotations

import inspect
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

from . import _ottla
from ._admin import AsyncAdmin as Admin
from ._config import options
from ._consumer import ConsumerBase, Partition, by_partition, partitions_of
from ._exit import closed, watch
from ._loop import done
from ._ottla import Delivery, Record, Records
from ._sync import _IN_TURN, CLOSE_TIMEOUT, Headers, Octets
from ._types import OffsetAndMetadata, OffsetAndTimestamp, PartitionInfo, TopicPartition

__all__ = ["Admin", "Consumer", "Producer"]


class Producer:
    """Sends records to topics, in batches, in the background; for coroutines.

    ``config`` and keyword arguments are those of :class:`ottla.Producer`. ``async with`` delivers everything and closes.
    """

    def __init__(self, config: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._core = _ottla.Producer(options(config, more))
        self._watch = watch(self, self._core)

    def send(
        self,
        topic: str,
        value: Octets = None,
        key: Octets = None,
        *,
        partition: int | None = None,
        timestamp: int | None = None,
        headers: Headers = None,
    ) -> Delivery:
        """Hands a record over, in order, and returns at once; await what it returns for the record's offset.

        While the buffer is full, records wait their turn. Await deliveries, or :meth:`ready`, now and then: when ten thousand
        wait, the delivery of a further one fails with :class:`QueueFullError`.
        """
        return self._core.send(_IN_TURN, topic, value, key, partition, timestamp, headers)

    def send_many(self, topic: str, records: Iterable[Any]) -> list[Delivery]:
        """Sends many records to one topic: values, or ``(value, key)`` pairs, or dicts of :meth:`send`'s arguments."""
        return self._core.send_many(_IN_TURN, topic, records)

    async def ready(self) -> None:
        """Waits while records wait for room: the back-pressure of loops that do not await each delivery."""
        if self._core.waiting_in_turn():
            await self.flush()

    async def flush(self, timeout: float = math.inf) -> None:
        """Sends what is buffered and waits until every record sent before has its fate."""
        await done(self._core.flush(timeout))

    async def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Delivers what is buffered and ends, by ``timeout`` seconds; later calls do nothing."""
        if closed(self._watch, self._core):
            await done(self._core.close(timeout))

    async def partitions_for(self, topic: str) -> list[PartitionInfo]:
        """A topic's partitions, waiting for metadata up to ``max.block.ms``."""
        return [PartitionInfo(*found) for found in await done(self._core.partitions_for(topic))]

    def metrics(self) -> dict[str, int]:
        """What was counted so far."""
        return self._core.metrics()

    async def __aenter__(self) -> Producer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Consumer(ConsumerBase[Callable[[list[TopicPartition]], Awaitable[Any] | Any]]):
    """Reads records from topics, alone or as a member of a group; for coroutines.

    Heartbeats and rebalances go on while the loop is busy. Rebalance callbacks may be coroutines, which are awaited.
    """

    async def poll(self, timeout: float = 1.0, max_records: int | None = None) -> Records:
        """Records that are there or come within ``timeout`` seconds: at most ``max_records`` (``max.poll.records``).

        Cancelling it loses no record and no change of the assignment.
        """
        self._drop_held()
        # Held until they are returned: what a cancelled poll had found comes again.
        records: Records = await done(self._core.poll(timeout, max_records))
        await self._tell(records.rebalances)
        self._core.seen(len(records))
        return records

    async def __aiter__(self) -> AsyncIterator[Record]:
        """Record by record, waiting for as long as it takes. A commit covers exactly what was given out."""
        while True:
            self._drop_held()
            records: Records = await done(self._core.poll(math.inf, None))
            await self._tell(records.rebalances)
            self._held = held = self._core.iterate(records)
            # A seek, a pause or another poll ends the iteration of what is held.
            for record in held:
                yield record

    async def _tell(self, events: Iterable[tuple[str, list[tuple[str, int]]]]) -> None:
        for kind, partitions in events:
            # From here on: what this listener raises does not have it told again, but those behind it.
            self._core.told(1)
            listener = self._listeners.get(kind)
            if listener is not None:
                told = listener(partitions_of(partitions))
                if inspect.isawaitable(told):
                    await told

    async def commit(self, offsets: Mapping[Partition, int | OffsetAndMetadata] | None = None) -> None:
        """Commits ``offsets``, each the next to read, or the positions of everything given out."""
        self._note_seen()
        await done(self._core.commit(self._chosen(offsets)))

    async def committed(self, partitions: Iterable[Partition]) -> dict[TopicPartition, OffsetAndMetadata]:
        """The group's committed offsets of these partitions; those without one are left out."""
        found = await done(self._core.committed(list(partitions)))
        return by_partition(found, lambda offset: OffsetAndMetadata(*offset))

    async def beginning_offsets(self, partitions: Iterable[Partition]) -> dict[TopicPartition, int]:
        """The first offset of each partition."""
        return by_partition(await done(self._core.beginning_offsets(list(partitions))))

    async def end_offsets(self, partitions: Iterable[Partition]) -> dict[TopicPartition, int]:
        """The offset behind the last readable record of each partition."""
        return by_partition(await done(self._core.end_offsets(list(partitions))))

    async def offsets_for_times(self, times: Mapping[Partition, int]) -> dict[TopicPartition, OffsetAndTimestamp]:
        """The first offset at or after a time in milliseconds, by partition; those without are left out."""
        found = await done(self._core.offsets_for_times(dict(times)))
        return by_partition(found, lambda offset: OffsetAndTimestamp(*offset))

    async def unsubscribe(self) -> None:
        """Stops reading and leaves the group; ``on_revoked`` is called before."""
        self._drop_held()
        await self._tell(self._core.giving_up())
        await done(self._core.unsubscribe())

    async def close(self, timeout: float = CLOSE_TIMEOUT, *, remain: bool = False) -> None:
        """Commits (with ``enable.auto.commit``), leaves the group unless it shall ``remain``, and ends by ``timeout`` seconds."""
        self._drop_held()
        try:
            await self._tell(self._core.giving_up())
        finally:
            self._forget_listeners()
            await done(self._core.close(timeout, remain))

    async def __aenter__(self) -> Consumer:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
