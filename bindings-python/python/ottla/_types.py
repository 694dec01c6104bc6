"""Small values that consumers give and take."""

from __future__ import annotations

from typing import NamedTuple


class TopicPartition(NamedTuple):
    """A partition of a topic. A plain ``(topic, partition)`` tuple is as good."""

    #: The topic's name.
    topic: str
    #: The partition's number, from 0.
    partition: int


class OffsetAndMetadata(NamedTuple):
    """A committed offset: the next to read, not the last one read."""

    #: The next offset to read.
    offset: int
    #: Text of the application's own.
    metadata: str = ""
    #: Epoch of the leader that wrote the record before it: lets a truncated log be noticed (KIP-320).
    leader_epoch: int | None = None


class OffsetAndTimestamp(NamedTuple):
    """The first offset at or after a time."""

    #: The offset.
    offset: int
    #: That record's timestamp in milliseconds since the Unix epoch.
    timestamp: int


class PartitionInfo(NamedTuple):
    """A partition as the cluster has it."""

    #: The partition's number.
    partition: int
    #: The leader's broker id; None while there is none.
    leader: int | None
    #: Broker ids of all replicas.
    replicas: list[int]
    #: Broker ids of the replicas in sync.
    isr: list[int]


class GroupMetadata(NamedTuple):
    """Who a consumer is in its group."""

    #: The group.
    group_id: str
    #: The generation of its membership.
    generation_id: int
    #: Its member id.
    member_id: str
    #: Its ``group.instance.id``, of a static member.
    group_instance_id: str | None
