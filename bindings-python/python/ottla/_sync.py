"""Producer and consumer for threads."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from . import _ottla
from ._config import options
from ._consumer import ConsumerBase, Partition, by_partition, partitions_of
from ._errors import KafkaError
from ._exit import closed, watch
from ._ottla import Delivery, Record, RecordMetadata, Records
from ._types import OffsetAndMetadata, OffsetAndTimestamp, PartitionInfo, TopicPartition

#: A key, a value or a header's value. Text is sent as UTF-8; None is Kafka's null.
Octets = bytes | str | bytearray | memoryview | None
#: Headers of a record: pairs whose keys may repeat, or a mapping.
Headers = Iterable[tuple[str, Octets]] | Mapping[str, Octets] | None
#: Told of a record's fate: its metadata, or its error.
OnDelivery = Callable[[RecordMetadata | None, KafkaError | None], Any]

#: How long closing may take unless the call says.
CLOSE_TIMEOUT = 30.0

_BLOCK, _FAIL, _IN_TURN = 0, 1, 2


class Producer:
    """Sends records to topics, in batches, in the background. May be shared by threads.

    ``config`` has Kafka's names (``{"bootstrap.servers": "localhost:9092", "linger.ms": 5}``); keyword arguments are as good, with
    underscores for dots (``linger_ms=5``). Raises :class:`ConfigError` for options that are unknown or malformed.
    Used as a context manager it delivers everything and closes.
    """

    def __init__(self, config: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._core = _ottla.Producer(options(config, more))
        self._callbacks: deque[tuple[Delivery, OnDelivery]] = deque()
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
        on_delivery: OnDelivery | None = None,
        block: bool = True,
    ) -> Delivery:
        """Puts a record into a batch and returns at once; the :class:`Delivery` tells what becomes of it.

        When the buffer (``buffer.memory``) is full it waits for room up to ``max.block.ms``, without the GIL, or raises
        :class:`QueueFullError` if ``block`` is False. ``timestamp`` is in milliseconds since the Unix epoch, now by default.
        ``on_delivery`` is called on this program's own threads: within :meth:`poll`, :meth:`flush` and :meth:`close`.
        """
        delivery = self._core.send(_BLOCK if block else _FAIL, topic, value, key, partition, timestamp, headers)
        if on_delivery is not None:
            self._callbacks.append((delivery, on_delivery))
        return delivery

    def send_many(self, topic: str, records: Iterable[Any], *, block: bool = True) -> list[Delivery]:
        """Sends many records to one topic: values, or ``(value, key)`` pairs, or dicts of :meth:`send`'s arguments."""
        return self._core.send_many(_BLOCK if block else _FAIL, topic, records)

    def poll(self, timeout: float = 0.0) -> int:
        """Calls the callbacks of records whose fate is known, waiting for the first of them up to ``timeout`` seconds.

        Returns how many were called. What a callback raises is raised here; the others are called by the next poll.
        """
        if timeout > 0 and self._callbacks and not self._callbacks[0][0].done():
            try:
                self._callbacks[0][0].result(timeout)
            except KafkaError:
                pass  # The callback is told, also of a delivery that failed.
        return self._call_back()

    def _call_back(self) -> int:
        called = 0
        while True:
            try:
                delivery, callback = self._callbacks.popleft()
            except IndexError:
                return called
            if not delivery.done():
                self._callbacks.appendleft((delivery, callback))
                return called
            called += 1
            error = delivery.exception()
            callback(None if error else delivery.result(), error)

    def flush(self, timeout: float = math.inf) -> None:
        """Sends what is buffered and waits until every record sent before has its fate, whatever that is.

        Raises :class:`TimeoutError` when some have none after ``timeout`` seconds; they go on.
        """
        self._core.flush(timeout).wait()
        self._call_back()

    def close(self, timeout: float = CLOSE_TIMEOUT) -> None:
        """Delivers what is buffered and ends, by ``timeout`` seconds; later calls do nothing.

        Raises :class:`TimeoutError` saying how many records had no fate by then.
        """
        if not closed(self._watch, self._core):
            return
        try:
            self._core.close(timeout).wait()
        finally:
            self._call_back()

    def partitions_for(self, topic: str) -> list[PartitionInfo]:
        """A topic's partitions, waiting for metadata up to ``max.block.ms``."""
        return [PartitionInfo(*found) for found in self._core.partitions_for(topic).wait()]

    def metrics(self) -> dict[str, int]:
        """What was counted so far: ``records_acknowledged``, ``records_failed``, ``batches``, ``bytes_sent`` and others."""
        return self._core.metrics()

    def __enter__(self) -> Producer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<ottla.Producer{'' if self._watch.alive else ' closed'}>"


class Consumer(ConsumerBase[Callable[[list[TopicPartition]], Any]]):
    """Reads records from topics, alone or as a member of a group.

    Iterating gives record by record and goes on for ever; :meth:`poll` gives what is there. One thread polls; the other
    methods may come from any. Used as a context manager it commits (with ``enable.auto.commit``), leaves its group and closes.
    """

    def poll(self, timeout: float = 1.0, max_records: int | None = None) -> Records:
        """Records that are there or come within ``timeout`` seconds: at most ``max_records`` (``max.poll.records``).

        Asking for more says that what was given before has been handled: that is what automatic commits commit. ``timeout`` may
        be ``math.inf``. What a rebalance callback raises is raised here, and no record is lost by that.
        """
        self._drop_held()
        records: Records = self._core.poll(timeout, max_records).wait()
        self._tell(records.rebalances)
        # Held until they are returned: what a poll had found that ended in an exception comes again.
        self._core.seen(len(records))
        return records

    def __iter__(self) -> Iterator[Record]:
        """Record by record, waiting for as long as it takes. A commit covers exactly what was given out."""
        while True:
            self._drop_held()
            records: Records = self._core.poll(math.inf, None).wait()
            self._tell(records.rebalances)
            self._held = held = self._core.iterate(records)
            # A seek, a pause or another poll ends the iteration of what is held.
            yield from held

    def _tell(self, events: Iterable[tuple[str, list[tuple[str, int]]]]) -> None:
        for kind, partitions in events:
            # From here on: what this listener raises does not have it told again, but those behind it.
            self._core.told(1)
            listener = self._listeners.get(kind)
            if listener is not None:
                listener(partitions_of(partitions))

    def commit(self, offsets: Mapping[Partition, int | OffsetAndMetadata] | None = None) -> None:
        """Commits ``offsets``, each the next to read, or the positions of everything given out; waits for it."""
        self._note_seen()
        self._core.commit(self._chosen(offsets)).wait()

    def committed(self, partitions: Iterable[Partition]) -> dict[TopicPartition, OffsetAndMetadata]:
        """The group's committed offsets of these partitions; those without one are left out."""
        found = self._core.committed(list(partitions)).wait()
        return by_partition(found, lambda offset: OffsetAndMetadata(*offset))

    def beginning_offsets(self, partitions: Iterable[Partition]) -> dict[TopicPartition, int]:
        """The first offset of each partition."""
        return by_partition(self._core.beginning_offsets(list(partitions)).wait())

    def end_offsets(self, partitions: Iterable[Partition]) -> dict[TopicPartition, int]:
        """The offset behind the last readable record of each partition."""
        return by_partition(self._core.end_offsets(list(partitions)).wait())

    def offsets_for_times(self, times: Mapping[Partition, int]) -> dict[TopicPartition, OffsetAndTimestamp]:
        """The first offset at or after a time in milliseconds, by partition; those without are left out."""
        found = self._core.offsets_for_times(dict(times)).wait()
        return by_partition(found, lambda offset: OffsetAndTimestamp(*offset))

    def unsubscribe(self) -> None:
        """Stops reading and leaves the group; ``on_revoked`` is called before."""
        self._drop_held()
        self._tell(self._core.giving_up())
        self._core.unsubscribe().wait()

    def close(self, timeout: float = CLOSE_TIMEOUT, *, remain: bool = False) -> None:
        """Commits (with ``enable.auto.commit``), leaves the group unless it shall ``remain``, and ends by ``timeout`` seconds.

        Raises the commit's error if that failed. Later calls do nothing.
        """
        self._drop_held()
        try:
            self._tell(self._core.giving_up())
        finally:
            self._forget_listeners()
            self._core.close(timeout, remain).wait()

    def __enter__(self) -> Consumer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
