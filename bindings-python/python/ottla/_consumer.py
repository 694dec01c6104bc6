"""What both consumers share: everything that does not wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from . import _ottla
from ._config import options
from ._ottla import RecordIterator
from ._types import GroupMetadata, OffsetAndMetadata, TopicPartition

Partition = tuple[str, int]
Listener = TypeVar("Listener", bound=Callable[[list[TopicPartition]], Any])


class ConsumerBase(Generic[Listener]):
    """Subscriptions, positions and what is paused."""

    def __init__(self, config: Mapping[str, Any] | None = None, **more: Any) -> None:
        self._core = _ottla.Consumer(options(config, more))
        self._listeners: dict[str, Listener | None] = {}
        self._held: RecordIterator | None = None

    def subscribe(
        self,
        topics: str | Iterable[str],
        *,
        on_assigned: Listener | None = None,
        on_revoked: Listener | None = None,
        on_lost: Listener | None = None,
    ) -> None:
        """Reads these topics as a member of the group; polling joins it.

        The callbacks are given the partitions, and run where the consumer is polled. What ``on_revoked`` is told of stays this
        consumer's until it returns: a commit in it counts. What ``on_lost`` is told of has other owners already.
        """
        self._drop_held()
        self._listen(on_assigned, on_revoked, on_lost)
        self._core.subscribe([topics] if isinstance(topics, str) else list(topics))

    def subscribe_pattern(
        self,
        pattern: str,
        *,
        on_assigned: Listener | None = None,
        on_revoked: Listener | None = None,
        on_lost: Listener | None = None,
    ) -> None:
        """Reads every topic whose whole name matches, as they come and go (the syntax is that of Rust's ``regex``)."""
        self._drop_held()
        self._listen(on_assigned, on_revoked, on_lost)
        self._core.subscribe_pattern(pattern)

    def _listen(self, assigned: Listener | None, revoked: Listener | None, lost: Listener | None) -> None:
        self._listeners = {"assigned": assigned, "revoked": revoked, "lost": lost}

    def _forget_listeners(self) -> None:
        """Callbacks mention their consumer as a rule: without them it is freed when its user drops it, not by the collector."""
        self._listeners = {}

    def assign(self, partitions: Iterable[Partition]) -> None:
        """Reads exactly these partitions, outside the group's rebalancing."""
        self._drop_held()
        self._core.assign(list(partitions))

    def assignment(self) -> list[TopicPartition]:
        """The partitions being read."""
        return [TopicPartition(*partition) for partition in self._core.assignment()]

    def subscription(self) -> list[str]:
        """The subscribed topics; of a pattern, those that match as far as known."""
        return self._core.subscription()

    def paused(self) -> list[TopicPartition]:
        """The partitions that are paused."""
        return [TopicPartition(*partition) for partition in self._core.paused()]

    def seek(self, partition: Partition, offset: int | OffsetAndMetadata) -> None:
        """Goes on at this offset."""
        self._drop_held()
        to = offset if isinstance(offset, OffsetAndMetadata) else OffsetAndMetadata(offset)
        self._core.seek(partition, to.offset, to.leader_epoch)

    def seek_to_beginning(self, partitions: Iterable[Partition] = ()) -> None:
        """Goes on at the beginning of these partitions, of all assigned ones when none is named."""
        self._drop_held()
        self._core.seek_to_beginning(list(partitions))

    def seek_to_end(self, partitions: Iterable[Partition] = ()) -> None:
        """Goes on at the end of these partitions, of all assigned ones when none is named."""
        self._drop_held()
        self._core.seek_to_end(list(partitions))

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Hands out nothing of these partitions until :meth:`resume`."""
        self._drop_held()
        self._core.pause(list(partitions))

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Ends a :meth:`pause`."""
        self._core.resume(list(partitions))

    def position(self, partition: Partition) -> int | None:
        """The next offset to hand out; None while it is not known yet, or the partition is not assigned."""
        self._note_seen()
        return self._core.position(partition)

    def lag(self, partition: Partition) -> int | None:
        """How many offsets lie between the position and the end as of the last fetch; None before that."""
        self._note_seen()
        return self._core.lag(partition)

    def group_metadata(self) -> GroupMetadata | None:
        """Who this consumer is in its group; None without one."""
        found = self._core.group_metadata()
        return None if found is None else GroupMetadata(*found)

    def wakeup(self) -> None:
        """Makes a poll under way, or else the next one, return at once and empty. For another thread."""
        self._core.wakeup()

    def _note_seen(self) -> None:
        """Tells the library how many records of the iteration under way were given out."""
        if self._held is not None:
            self._core.seen(self._held.yielded)

    def _drop_held(self) -> None:
        """What the iteration under way has left is not to be given out any more: the library gives it again if it counts."""
        held, self._held = self._held, None
        if held is not None:
            self._core.seen(held.yielded)
            held.stop()

    @staticmethod
    def _chosen(
        offsets: Mapping[Partition, int | OffsetAndMetadata] | None,
    ) -> dict[Partition, tuple[int, str, int | None]] | None:
        if offsets is None:
            return None
        return {
            partition: offset if isinstance(offset, OffsetAndMetadata) else OffsetAndMetadata(offset)
            for partition, offset in offsets.items()
        }


def partitions_of(partitions: Iterable[Partition]) -> list[TopicPartition]:
    """As named tuples."""
    return [TopicPartition(*partition) for partition in partitions]


def by_partition(found: Mapping[Partition, Any], make: Callable[[Any], Any] = lambda value: value) -> dict[Any, Any]:
    """With named tuples as keys."""
    return {TopicPartition(*partition): make(value) for partition, value in found.items()}
