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
    "AlterConfigOp",
    "AlterConfigOpType",
    "ApiVersionRange",
    "ClusterDescription",
    "ClusterNode",
    "CommittedOffset",
    "ConfigChanges",
    "ConfigEntry",
    "ConfigResource",
    "ConfigResourceType",
    "ConfigSource",
    "ConfigSynonym",
    "CreatedTopic",
    "DeletedRecords",
    "ElectionType",
    "FeatureDescription",
    "FencedProducer",
    "GroupDescription",
    "GroupListing",
    "GroupOffsetsQuery",
    "GroupType",
    "IsolationLevel",
    "ListOffsetsResultInfo",
    "LogDirDescription",
    "MemberDescription",
    "MemberToRemove",
    "NewPartitions",
    "NewTopic",
    "OffsetQuery",
    "OffsetSpec",
    "ProducerStateDescription",
    "RecordsToDelete",
    "ReplicaInfo",
    "TopicDescription",
    "TopicListing",
    "TopicPartitionInfo",
    "TransactionDescription",
    "TransactionListing",
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


class AlterConfigOpType(str, Enum):
    """What to do with an option."""

    #: Set it.
    SET = "SET"
    #: Back to its default.
    DELETE = "DELETE"
    #: Add to a list.
    APPEND = "APPEND"
    #: Take out of a list.
    SUBTRACT = "SUBTRACT"


class ConfigResourceType(str, Enum):
    """What a configuration belongs to."""

    #: A topic, by name.
    TOPIC = "TOPIC"
    #: A broker, by number; the empty name is all brokers' default.
    BROKER = "BROKER"
    #: Log levels of a broker, by number.
    BROKER_LOGGER = "BROKER_LOGGER"
    #: A client metrics subscription, by name.
    CLIENT_METRICS = "CLIENT_METRICS"
    #: A group, by id.
    GROUP = "GROUP"


class ConfigSource(str, Enum):
    """Where an option's value comes from."""

    #: Set on the topic.
    DYNAMIC_TOPIC_CONFIG = "DYNAMIC_TOPIC_CONFIG"
    #: Set on the broker while running.
    DYNAMIC_BROKER_CONFIG = "DYNAMIC_BROKER_CONFIG"
    #: Set for all brokers while running.
    DYNAMIC_DEFAULT_BROKER_CONFIG = "DYNAMIC_DEFAULT_BROKER_CONFIG"
    #: From the broker's properties file.
    STATIC_BROKER_CONFIG = "STATIC_BROKER_CONFIG"
    #: Kafka's default.
    DEFAULT_CONFIG = "DEFAULT_CONFIG"
    #: Log level set while running.
    DYNAMIC_BROKER_LOGGER_CONFIG = "DYNAMIC_BROKER_LOGGER_CONFIG"
    #: Set on the client metrics subscription.
    DYNAMIC_CLIENT_METRICS_CONFIG = "DYNAMIC_CLIENT_METRICS_CONFIG"
    #: Set on the group.
    DYNAMIC_GROUP_CONFIG = "DYNAMIC_GROUP_CONFIG"
    #: A source newer than this library, or not said.
    UNKNOWN = "UNKNOWN"


class ElectionType(str, Enum):
    """Which replica may become leader."""

    #: The first in the list of replicas, if it is in sync.
    PREFERRED = "PREFERRED"
    #: Any live one, even out of sync: records may be lost.
    UNCLEAN = "UNCLEAN"


class GroupType(str, Enum):
    """Which protocol a group is kept by."""

    #: Members assign.
    CLASSIC = "CLASSIC"
    #: The coordinator assigns (KIP-848).
    CONSUMER = "CONSUMER"
    #: Records are shared (KIP-932).
    SHARE = "SHARE"
    #: Kafka Streams (KIP-1071).
    STREAMS = "STREAMS"
    #: Newer than this library, or not said by the broker.
    UNKNOWN = "UNKNOWN"


class IsolationLevel(str, Enum):
    """Which records count."""

    #: All below the high watermark.
    READ_UNCOMMITTED = "READ_UNCOMMITTED"
    #: Those of committed transactions and of none.
    READ_COMMITTED = "READ_COMMITTED"


class OffsetSpec(str, Enum):
    """Which offset of a log."""

    #: The first one.
    EARLIEST = "EARLIEST"
    #: The one the next record gets (with `READ_COMMITTED`, the last stable one).
    LATEST = "LATEST"
    #: That of the record with the largest timestamp.
    MAX_TIMESTAMP = "MAX_TIMESTAMP"
    #: The first one at or after a time.
    FOR_TIMESTAMP = "FOR_TIMESTAMP"
    #: The first one still on the leader's disk, with tiered storage.
    EARLIEST_LOCAL = "EARLIEST_LOCAL"
    #: The last one in tiered storage.
    LATEST_TIERED = "LATEST_TIERED"


@dataclass(frozen=True)
class AlterConfigOp:
    """A change of one option."""

    #: The option.
    name: str
    #: The value to set, to add or to take out; none with `DELETE`.
    value: str | None = None
    #: What to do.
    op: AlterConfigOpType = AlterConfigOpType.SET

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> AlterConfigOp:
        return cls(
            name=json["name"],
            value=json["value"],
            op=AlterConfigOpType(json["op"]),
        )


@dataclass(frozen=True)
class ApiVersionRange:
    """Versions of an API."""

    #: The lowest.
    min: int
    #: The highest.
    max: int

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ApiVersionRange:
        return cls(
            min=json["min"],
            max=json["max"],
        )


@dataclass(frozen=True)
class ClusterDescription:
    """The cluster described."""

    #: Its id, where the broker says.
    cluster_id: str | None
    #: The controller; with KRaft some broker that forwards to it.
    controller: int | None
    #: Its brokers, by number.
    nodes: list[ClusterNode]
    #: What this principal may do with the cluster; nothing when the broker does not say.
    authorized_operations: list[AclOperation] | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ClusterDescription:
        return cls(
            cluster_id=json["cluster_id"],
            controller=json["controller"],
            nodes=[ClusterNode._of(item) for item in json["nodes"]],
            authorized_operations=None
            if json["authorized_operations"] is None
            else [AclOperation(item) for item in json["authorized_operations"]],
        )


@dataclass(frozen=True)
class ClusterNode:
    """A broker of the cluster."""

    #: Its number.
    id: int
    #: Name or literal address it advertises, an IPv6 one without brackets.
    host: str
    #: Port it advertises.
    port: int
    #: Its rack, if it has one.
    rack: str | None
    #: Registered but not serving; false where the broker does not say.
    is_fenced: bool

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ClusterNode:
        return cls(
            id=json["id"],
            host=json["host"],
            port=json["port"],
            rack=json["rack"],
            is_fenced=json["is_fenced"],
        )


@dataclass(frozen=True)
class CommittedOffset:
    """An offset that a group committed, or shall have."""

    #: The topic's name.
    topic: str
    #: The partition's number.
    partition: int
    #: The offset of the next record to read.
    offset: int
    #: Leader epoch of the last record read, where known.
    leader_epoch: int | None = None
    #: What the committer noted beside it.
    metadata: str = ""

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> CommittedOffset:
        return cls(
            topic=json["topic"],
            partition=json["partition"],
            offset=json["offset"],
            leader_epoch=json["leader_epoch"],
            metadata=json["metadata"],
        )


@dataclass(frozen=True)
class ConfigChanges:
    """Changes of one configuration."""

    #: Whose.
    resource: ConfigResource
    #: The changes; options not named here stay as they are.
    ops: Sequence[AlterConfigOp]

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ConfigChanges:
        return cls(
            resource=ConfigResource._of(json["resource"]),
            ops=[AlterConfigOp._of(item) for item in json["ops"]],
        )


@dataclass(frozen=True)
class ConfigEntry:
    """An option and its value."""

    #: Its name.
    name: str
    #: Its value; nothing when it is null or hidden.
    value: str | None
    #: Where the value comes from.
    source: ConfigSource
    #: Whether it cannot be altered.
    is_read_only: bool
    #: Whether its value is a secret, which brokers hide.
    is_sensitive: bool
    #: Values from other sources, the one that counts first; empty when not asked for.
    synonyms: list[ConfigSynonym]
    #: What it means; nothing when not asked for.
    documentation: str | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ConfigEntry:
        return cls(
            name=json["name"],
            value=json["value"],
            source=ConfigSource(json["source"]),
            is_read_only=json["is_read_only"],
            is_sensitive=json["is_sensitive"],
            synonyms=[ConfigSynonym._of(item) for item in json["synonyms"]],
            documentation=json["documentation"],
        )


@dataclass(frozen=True)
class ConfigResource:
    """What a configuration belongs to, by name."""

    #: Its sort.
    resource_type: ConfigResourceType
    #: Its name; a broker's is its number.
    name: str

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ConfigResource:
        return cls(
            resource_type=ConfigResourceType(json["resource_type"]),
            name=json["name"],
        )


@dataclass(frozen=True)
class ConfigSynonym:
    """A value an option has from a source."""

    #: Name of the option there.
    name: str
    #: Its value; nothing when it is null or hidden.
    value: str | None
    #: The source.
    source: ConfigSource

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ConfigSynonym:
        return cls(
            name=json["name"],
            value=json["value"],
            source=ConfigSource(json["source"]),
        )


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
class DeletedRecords:
    """A partition after its records were deleted."""

    #: The first offset that is left.
    low_watermark: int

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> DeletedRecords:
        return cls(
            low_watermark=json["low_watermark"],
        )


@dataclass(frozen=True)
class FeatureDescription:
    """Feature levels of the cluster and the versions the asked broker speaks."""

    #: Finalised levels, such as `metadata.version`, by name.
    finalized: dict[str, int]
    #: Versions of each API, by Kafka's name; by number where this library knows no name.
    api_versions: dict[str, ApiVersionRange]

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> FeatureDescription:
        return cls(
            finalized=json["finalized"],
            api_versions={name: ApiVersionRange._of(item) for name, item in json["api_versions"].items()},
        )


@dataclass(frozen=True)
class FencedProducer:
    """A producer fenced."""

    #: The transactional id's producer id.
    producer_id: int
    #: The epoch below which everything is refused now.
    producer_epoch: int

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> FencedProducer:
        return cls(
            producer_id=json["producer_id"],
            producer_epoch=json["producer_epoch"],
        )


@dataclass(frozen=True)
class GroupDescription:
    """A group described."""

    #: Its id.
    group_id: str
    #: Which protocol it is kept by.
    group_type: GroupType
    #: Kafka's name of its state, such as `Stable`.
    state: str
    #: The assignor in use.
    assignor: str
    #: The broker that coordinates it, where known.
    coordinator: int | None
    #: Epoch of the group, with the consumer protocol.
    group_epoch: int | None
    #: Epoch of its target assignment, with the consumer protocol.
    assignment_epoch: int | None
    #: Its members.
    members: list[MemberDescription]
    #: What this principal may do with it; nothing when the broker does not say.
    authorized_operations: list[AclOperation] | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> GroupDescription:
        return cls(
            group_id=json["group_id"],
            group_type=GroupType(json["group_type"]),
            state=json["state"],
            assignor=json["assignor"],
            coordinator=json["coordinator"],
            group_epoch=json["group_epoch"],
            assignment_epoch=json["assignment_epoch"],
            members=[MemberDescription._of(item) for item in json["members"]],
            authorized_operations=None
            if json["authorized_operations"] is None
            else [AclOperation(item) for item in json["authorized_operations"]],
        )


@dataclass(frozen=True)
class GroupListing:
    """A group in a list."""

    #: Its id.
    group_id: str
    #: Which protocol it is kept by.
    group_type: GroupType
    #: `consumer` for groups of consumers, else whatever its members call it.
    protocol_type: str
    #: Kafka's name of its state, such as `Stable`; empty from old brokers.
    state: str

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> GroupListing:
        return cls(
            group_id=json["group_id"],
            group_type=GroupType(json["group_type"]),
            protocol_type=json["protocol_type"],
            state=json["state"],
        )


@dataclass(frozen=True)
class GroupOffsetsQuery:
    """Whose committed offsets to list."""

    #: The group's id.
    group_id: str
    #: Of these partitions; if left out, of all the group has.
    partitions: Sequence[tuple[str, int]] | None = None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> GroupOffsetsQuery:
        return cls(
            group_id=json["group_id"],
            partitions=None
            if json["partitions"] is None
            else [TopicPartition(item["topic"], item["partition"]) for item in json["partitions"]],
        )


@dataclass(frozen=True)
class ListOffsetsResultInfo:
    """An offset found."""

    #: The offset; nothing when no record matches.
    offset: int | None
    #: Timestamp of its record, in ms since the Unix epoch; nothing where there is none.
    timestamp_ms: int | None
    #: Leader epoch of its record, where known.
    leader_epoch: int | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ListOffsetsResultInfo:
        return cls(
            offset=json["offset"],
            timestamp_ms=json["timestamp_ms"],
            leader_epoch=json["leader_epoch"],
        )


@dataclass(frozen=True)
class LogDirDescription:
    """A directory of a broker."""

    #: KAFKA_STORAGE_ERROR when the directory is offline; nothing when all is well.
    error: KafkaError | None
    #: Bytes of the file system; nothing where the broker does not say.
    total_bytes: int | None
    #: Bytes still free; nothing where the broker does not say.
    usable_bytes: int | None
    #: The replicas in it, by topic and partition.
    replicas: list[ReplicaInfo]

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> LogDirDescription:
        return cls(
            error=None if json["error"] is None else error_of(json["error"]),
            total_bytes=json["total_bytes"],
            usable_bytes=json["usable_bytes"],
            replicas=[ReplicaInfo._of(item) for item in json["replicas"]],
        )


@dataclass(frozen=True)
class MemberDescription:
    """A member of a group."""

    #: Its id.
    member_id: str
    #: Its `group.instance.id`, if it has one.
    group_instance_id: str | None
    #: Its `client.id`.
    client_id: str
    #: The address it came from.
    host: str
    #: Its rack, with the consumer protocol.
    rack_id: str | None
    #: Its epoch, with the consumer protocol.
    member_epoch: int | None
    #: The partitions it has.
    assignment: list[TopicPartition]
    #: The partitions it shall have, with the consumer protocol.
    target_assignment: list[TopicPartition] | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> MemberDescription:
        return cls(
            member_id=json["member_id"],
            group_instance_id=json["group_instance_id"],
            client_id=json["client_id"],
            host=json["host"],
            rack_id=json["rack_id"],
            member_epoch=json["member_epoch"],
            assignment=[TopicPartition(item["topic"], item["partition"]) for item in json["assignment"]],
            target_assignment=None
            if json["target_assignment"] is None
            else [TopicPartition(item["topic"], item["partition"]) for item in json["target_assignment"]],
        )


@dataclass(frozen=True)
class MemberToRemove:
    """A member to remove from a group: by one of its two names."""

    #: Its `group.instance.id`; then no member id.
    group_instance_id: str | None = None
    #: Its member id; then no `group.instance.id`.
    member_id: str | None = None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> MemberToRemove:
        return cls(
            group_instance_id=json["group_instance_id"],
            member_id=json["member_id"],
        )


@dataclass(frozen=True)
class NewPartitions:
    """How many partitions a topic shall have."""

    #: The topic's name.
    topic: str
    #: The number of its partitions altogether, above the present one.
    total_count: int
    #: Brokers chosen by hand: those of the first new partition, of the second and so on, the preferred leader first.
    #: If left out, the controller chooses.
    new_assignments: Sequence[Sequence[int]] | None = None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> NewPartitions:
        return cls(
            topic=json["topic"],
            total_count=json["total_count"],
            new_assignments=json["new_assignments"],
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
class OffsetQuery:
    """Which offset of a partition's log to look up."""

    #: The topic's name.
    topic: str
    #: The partition's number.
    partition: int
    #: Which offset.
    spec: OffsetSpec
    #: With `FOR_TIMESTAMP` the time, in ms since the Unix epoch; else nothing.
    timestamp_ms: int | None = None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> OffsetQuery:
        return cls(
            topic=json["topic"],
            partition=json["partition"],
            spec=OffsetSpec(json["spec"]),
            timestamp_ms=json["timestamp_ms"],
        )


@dataclass(frozen=True)
class ProducerStateDescription:
    """An idempotent or transactional producer, as a partition's leader knows it."""

    #: Its id.
    producer_id: int
    #: Its epoch.
    producer_epoch: int
    #: Sequence of its last record.
    last_sequence: int
    #: Timestamp of its last batch, in ms since the Unix epoch.
    last_timestamp_ms: int
    #: Epoch of the coordinator that wrote its last transaction marker; nothing without one.
    coordinator_epoch: int | None
    #: First offset of its open transaction; nothing without one.
    current_transaction_start_offset: int | None

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ProducerStateDescription:
        return cls(
            producer_id=json["producer_id"],
            producer_epoch=json["producer_epoch"],
            last_sequence=json["last_sequence"],
            last_timestamp_ms=json["last_timestamp_ms"],
            coordinator_epoch=json["coordinator_epoch"],
            current_transaction_start_offset=json["current_transaction_start_offset"],
        )


@dataclass(frozen=True)
class RecordsToDelete:
    """Which records of a partition to delete."""

    #: The topic's name.
    topic: str
    #: The partition's number.
    partition: int
    #: Records before this offset go; -1: all up to the high watermark.
    before_offset: int

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> RecordsToDelete:
        return cls(
            topic=json["topic"],
            partition=json["partition"],
            before_offset=json["before_offset"],
        )


@dataclass(frozen=True)
class ReplicaInfo:
    """A replica in a directory."""

    #: The topic's name.
    topic: str
    #: The partition's number.
    partition: int
    #: Size of its segments.
    size_bytes: int
    #: How many offsets it is behind: the high watermark for the present one, the present one for a future one.
    offset_lag: int
    #: Whether it is being moved here and will replace the present one.
    is_future: bool

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> ReplicaInfo:
        return cls(
            topic=json["topic"],
            partition=json["partition"],
            size_bytes=json["size_bytes"],
            offset_lag=json["offset_lag"],
            is_future=json["is_future"],
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
            authorized_operations=None
            if json["authorized_operations"] is None
            else [AclOperation(item) for item in json["authorized_operations"]],
        )


@dataclass(frozen=True)
class TopicListing:
    """A topic in a list."""

    #: Its name.
    name: str
    #: Its id; nothing from brokers that know none.
    id: str | None
    #: Whether it is one of Kafka's own.
    is_internal: bool

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> TopicListing:
        return cls(
            name=json["name"],
            id=json["id"],
            is_internal=json["is_internal"],
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


@dataclass(frozen=True)
class TransactionDescription:
    """A transactional id described."""

    #: The broker that coordinates it, where known.
    coordinator: int | None
    #: Kafka's name of the state, such as `Ongoing`.
    state: str
    #: The producer's id.
    producer_id: int
    #: The producer's epoch.
    producer_epoch: int
    #: The producer's `transaction.timeout.ms`.
    timeout: float
    #: When the open transaction began, in ms since the Unix epoch; nothing without one.
    start_time_ms: int | None
    #: The partitions in it.
    partitions: list[TopicPartition]

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> TransactionDescription:
        return cls(
            coordinator=json["coordinator"],
            state=json["state"],
            producer_id=json["producer_id"],
            producer_epoch=json["producer_epoch"],
            timeout=json["timeout"] / 1000,
            start_time_ms=json["start_time_ms"],
            partitions=[TopicPartition(item["topic"], item["partition"]) for item in json["partitions"]],
        )


@dataclass(frozen=True)
class TransactionListing:
    """A transactional id in a list."""

    #: The transactional id.
    transactional_id: str
    #: The producer's id.
    producer_id: int
    #: Kafka's name of the state, such as `Ongoing`.
    state: str

    @classmethod
    def _of(cls, json: Mapping[str, Any]) -> TransactionListing:
        return cls(
            transactional_id=json["transactional_id"],
            producer_id=json["producer_id"],
            state=json["state"],
        )
