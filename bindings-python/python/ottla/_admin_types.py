"""Types that the admin client takes and gives."""
# Generated from the tables in the code, do not edit: make gen.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ._errors import KafkaError
from ._json import error_of, results_of
from ._types import TopicPartition

__all__ = [
    "AclOperation",
    "CreatedTopic",
    "NewTopic",
    "TopicDescription",
    "TopicPartitionInfo",
]


class AclOperation(str, Enum):
    """What a principal may do (Kafka's ACL operations)."""

    #: Read records, offsets or group members.
    READ = "READ"
    #: Write records.
    WRITE = "WRITE"
    #: Create.
    CREATE = "CREATE"
    #: Delete.
    DELETE = "DELETE"
    #: Alter.
    ALTER = "ALTER"
    #: Describe.
    DESCRIBE = "DESCRIBE"
    #: Act as a broker of the cluster.
    CLUSTER_ACTION = "CLUSTER_ACTION"
    #: Read configurations.
    DESCRIBE_CONFIGS = "DESCRIBE_CONFIGS"
    #: Change configurations.
    ALTER_CONFIGS = "ALTER_CONFIGS"
    #: Write as an idempotent producer.
    IDEMPOTENT_WRITE = "IDEMPOTENT_WRITE"
    #: Create delegation tokens for others.
    CREATE_TOKENS = "CREATE_TOKENS"
    #: Describe delegation tokens of others.
    DESCRIBE_TOKENS = "DESCRIBE_TOKENS"
    #: Take part in transactions of two phases.
    TWO_PHASE_COMMIT = "TWO_PHASE_COMMIT"


@dataclass(frozen=True)
class CreatedTopic:
    """A topic as it was created."""

    #: Its id; nothing from brokers that know none, and when only validated.
    id: str | None
    #: Its partitions, where the broker says.
    num_partitions: int | None
    #: Its replicas, where the broker says.
    replication_factor: int | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> CreatedTopic:
        return cls(
            id=json["id"],
            num_partitions=json["num_partitions"],
            replication_factor=json["replication_factor"],
        )


@dataclass(frozen=True)
class NewTopic:
    """A topic to create."""

    #: Its name.
    name: str
    #: How many partitions; if left out, the broker's `num.partitions`.
    num_partitions: int | None = None
    #: How many replicas of each; if left out, the broker's `default.replication.factor`.
    replication_factor: int | None = None
    #: Brokers chosen by hand: those of partition 0, of partition 1 and so on, the preferred leader first. Then the
    #: two counts must be left out.
    replica_assignments: Sequence[Sequence[int]] | None = None
    #: Topic options, such as `cleanup.policy`.
    configs: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> NewTopic:
        return cls(
            name=json["name"],
            num_partitions=json["num_partitions"],
            replication_factor=json["replication_factor"],
            replica_assignments=json["replica_assignments"],
            configs=json["configs"],
        )


@dataclass(frozen=True)
class TopicDescription:
    """A topic described."""

    #: Its name.
    name: str
    #: Its id; nothing from brokers that know none.
    id: str | None
    #: Whether it is one of Kafka's own.
    is_internal: bool
    #: Its partitions, by number.
    partitions: list[TopicPartitionInfo]
    #: What this principal may do with it; nothing when the broker does not say.
    authorized_operations: list[AclOperation] | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> TopicDescription:
        return cls(
            name=json["name"],
            id=json["id"],
            is_internal=json["is_internal"],
            partitions=[TopicPartitionInfo._of(item) for item in json["partitions"]],
            authorized_operations=None if json["authorized_operations"] is None else [AclOperation(item) for item in json["authorized_operations"]],
        )


@dataclass(frozen=True)
class TopicPartitionInfo:
    """A partition and where its replicas are."""

    #: Its number.
    partition: int
    #: The broker that leads it; nothing while there is none.
    leader: int | None
    #: The leader's epoch, where the broker knows epochs.
    leader_epoch: int | None
    #: Brokers of all replicas, the preferred leader first.
    replicas: list[int]
    #: Brokers of replicas in sync.
    isr: list[int]
    #: Brokers of replicas that are down.
    offline_replicas: list[int]
    #: Why there is no leader; nothing when all is well.
    error: KafkaError | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> TopicPartitionInfo:
        return cls(
            partition=json["partition"],
            leader=json["leader"],
            leader_epoch=json["leader_epoch"],
            replicas=json["replicas"],
            isr=json["isr"],
            offline_replicas=json["offline_replicas"],
            error=None if json["error"] is None else error_of(json["error"]),
        )
