// Generated from the table of the admin client's operations, do not edit: make gen.

package dev.ottla.admin

import dev.ottla.KafkaException
import dev.ottla.TopicPartition

/** What a principal may do (Kafka's ACL operations). */
public enum class AclOperation {
    /** Read records, offsets or group members. */
    READ,

    /** Write records. */
    WRITE,

    /** Create. */
    CREATE,

    /** Delete. */
    DELETE,

    /** Alter. */
    ALTER,

    /** Describe. */
    DESCRIBE,

    /** Act as a broker of the cluster. */
    CLUSTER_ACTION,

    /** Read configurations. */
    DESCRIBE_CONFIGS,

    /** Change configurations. */
    ALTER_CONFIGS,

    /** Write as an idempotent producer. */
    IDEMPOTENT_WRITE,

    /** Create delegation tokens for others. */
    CREATE_TOKENS,

    /** Describe delegation tokens of others. */
    DESCRIBE_TOKENS,

    /** Take part in transactions of two phases. */
    TWO_PHASE_COMMIT,
}

/** What to do with an option. */
public enum class AlterConfigOpType {
    /** Set it. */
    SET,

    /** Back to its default. */
    DELETE,

    /** Add to a list. */
    APPEND,

    /** Take out of a list. */
    SUBTRACT,
}

/** What a configuration belongs to. */
public enum class ConfigResourceType {
    /** A topic, by name. */
    TOPIC,

    /** A broker, by number; the empty name is all brokers' default. */
    BROKER,

    /** Log levels of a broker, by number. */
    BROKER_LOGGER,

    /** A client metrics subscription, by name. */
    CLIENT_METRICS,

    /** A group, by id. */
    GROUP,
}

/** Where an option's value comes from. */
public enum class ConfigSource {
    /** Set on the topic. */
    DYNAMIC_TOPIC_CONFIG,

    /** Set on the broker while running. */
    DYNAMIC_BROKER_CONFIG,

    /** Set for all brokers while running. */
    DYNAMIC_DEFAULT_BROKER_CONFIG,

    /** From the broker's properties file. */
    STATIC_BROKER_CONFIG,

    /** Kafka's default. */
    DEFAULT_CONFIG,

    /** Log level set while running. */
    DYNAMIC_BROKER_LOGGER_CONFIG,

    /** Set on the client metrics subscription. */
    DYNAMIC_CLIENT_METRICS_CONFIG,

    /** Set on the group. */
    DYNAMIC_GROUP_CONFIG,

    /** A source newer than this library, or not said. */
    UNKNOWN,
}

/** Which replica may become leader. */
public enum class ElectionType {
    /** The first in the list of replicas, if it is in sync. */
    PREFERRED,

    /** Any live one, even out of sync: records may be lost. */
    UNCLEAN,
}

/** Which protocol a group is kept by. */
public enum class GroupType {
    /** Members assign. */
    CLASSIC,

    /** The coordinator assigns (KIP-848). */
    CONSUMER,

    /** Records are shared (KIP-932). */
    SHARE,

    /** Kafka Streams (KIP-1071). */
    STREAMS,

    /** Newer than this library, or not said by the broker. */
    UNKNOWN,
}

/** Which records count. */
public enum class IsolationLevel {
    /** All below the high watermark. */
    READ_UNCOMMITTED,

    /** Those of committed transactions and of none. */
    READ_COMMITTED,
}

/** Which offset of a log. */
public enum class OffsetSpec {
    /** The first one. */
    EARLIEST,

    /** The one the next record gets (with `READ_COMMITTED`, the last stable one). */
    LATEST,

    /** That of the record with the largest timestamp. */
    MAX_TIMESTAMP,

    /** The first one at or after a time. */
    FOR_TIMESTAMP,

    /** The first one still on the leader's disk, with tiered storage. */
    EARLIEST_LOCAL,

    /** The last one in tiered storage. */
    LATEST_TIERED,
}

/** A change of one option. */
public data class AlterConfigOp @JvmOverloads constructor(
    /** The option. */
    val name: String,
    /** The value to set, to add or to take out; none with `DELETE`. */
    val value: String? = null,
    /** What to do. */
    val op: AlterConfigOpType = AlterConfigOpType.SET,
)

/** Versions of an API. */
public data class ApiVersionRange(
    /** The lowest. */
    val min: Short,
    /** The highest. */
    val max: Short,
)

/** The cluster described. */
public data class ClusterDescription(
    /** Its id, where the broker says. */
    val clusterId: String?,
    /** The controller; with KRaft some broker that forwards to it. */
    val controller: Int?,
    /** Its brokers, by number. */
    val nodes: List<ClusterNode>,
    /** What this principal may do with the cluster; nothing when the broker does not say. */
    val authorizedOperations: List<AclOperation>?,
)

/** A broker of the cluster. */
public data class ClusterNode(
    /** Its number. */
    val id: Int,
    /** Name or literal address it advertises, an IPv6 one without brackets. */
    val host: String,
    /** Port it advertises. */
    val port: Int,
    /** Its rack, if it has one. */
    val rack: String?,
    /** Registered but not serving; false where the broker does not say. */
    val isFenced: Boolean,
)

/** An offset that a group committed, or shall have. */
public data class CommittedOffset @JvmOverloads constructor(
    /** The topic's name. */
    val topic: String,
    /** The partition's number. */
    val partition: Int,
    /** The offset of the next record to read. */
    val offset: Long,
    /** Leader epoch of the last record read, where known. */
    val leaderEpoch: Int? = null,
    /** What the committer noted beside it. */
    val metadata: String = "",
)

/** Changes of one configuration. */
public data class ConfigChanges(
    /** Whose. */
    val resource: ConfigResource,
    /** The changes; options not named here stay as they are. */
    val ops: List<AlterConfigOp>,
)

/** An option and its value. */
public data class ConfigEntry(
    /** Its name. */
    val name: String,
    /** Its value; nothing when it is null or hidden. */
    val value: String?,
    /** Where the value comes from. */
    val source: ConfigSource,
    /** Whether it cannot be altered. */
    val isReadOnly: Boolean,
    /** Whether its value is a secret, which brokers hide. */
    val isSensitive: Boolean,
    /** Values from other sources, the one that counts first; empty when not asked for. */
    val synonyms: List<ConfigSynonym>,
    /** What it means; nothing when not asked for. */
    val documentation: String?,
)

/** What a configuration belongs to, by name. */
public data class ConfigResource(
    /** Its sort. */
    val resourceType: ConfigResourceType,
    /** Its name; a broker's is its number. */
    val name: String,
)

/** A value an option has from a source. */
public data class ConfigSynonym(
    /** Name of the option there. */
    val name: String,
    /** Its value; nothing when it is null or hidden. */
    val value: String?,
    /** The source. */
    val source: ConfigSource,
)

/** A topic as it was created. */
public data class CreatedTopic(
    /** Its id; nothing from brokers that know none, and when only validated. */
    val id: String?,
    /** Its partitions, where the broker says. */
    val numPartitions: Int?,
    /** Its replicas, where the broker says. */
    val replicationFactor: Short?,
)

/** A partition after its records were deleted. */
public data class DeletedRecords(
    /** The first offset that is left. */
    val lowWatermark: Long,
)

/** Feature levels of the cluster and the versions the asked broker speaks. */
public data class FeatureDescription(
    /** Finalised levels, such as `metadata.version`, by name. */
    val finalized: Map<String, Short>,
    /** Versions of each API, by Kafka's name; by number where this library knows no name. */
    val apiVersions: Map<String, ApiVersionRange>,
)

/** A producer fenced. */
public data class FencedProducer(
    /** The transactional id's producer id. */
    val producerId: Long,
    /** The epoch below which everything is refused now. */
    val producerEpoch: Short,
)

/** A group described. */
public data class GroupDescription(
    /** Its id. */
    val groupId: String,
    /** Which protocol it is kept by. */
    val groupType: GroupType,
    /** Kafka's name of its state, such as `Stable`. */
    val state: String,
    /** The assignor in use. */
    val assignor: String,
    /** The broker that coordinates it, where known. */
    val coordinator: Int?,
    /** Epoch of the group, with the consumer protocol. */
    val groupEpoch: Int?,
    /** Epoch of its target assignment, with the consumer protocol. */
    val assignmentEpoch: Int?,
    /** Its members. */
    val members: List<MemberDescription>,
    /** What this principal may do with it; nothing when the broker does not say. */
    val authorizedOperations: List<AclOperation>?,
)

/** A group in a list. */
public data class GroupListing(
    /** Its id. */
    val groupId: String,
    /** Which protocol it is kept by. */
    val groupType: GroupType,
    /** `consumer` for groups of consumers, else whatever its members call it. */
    val protocolType: String,
    /** Kafka's name of its state, such as `Stable`; empty from old brokers. */
    val state: String,
)

/** Whose committed offsets to list. */
public data class GroupOffsetsQuery @JvmOverloads constructor(
    /** The group's id. */
    val groupId: String,
    /** Of these partitions; if left out, of all the group has. */
    val partitions: List<TopicPartition>? = null,
)

/** An offset found. */
public data class ListOffsetsResultInfo(
    /** The offset; nothing when no record matches. */
    val offset: Long?,
    /** Timestamp of its record, in ms since the Unix epoch; nothing where there is none. */
    val timestampMs: Long?,
    /** Leader epoch of its record, where known. */
    val leaderEpoch: Int?,
)

/** A directory of a broker. */
public data class LogDirDescription(
    /** KAFKA_STORAGE_ERROR when the directory is offline; nothing when all is well. */
    val error: KafkaException?,
    /** Bytes of the file system; nothing where the broker does not say. */
    val totalBytes: Long?,
    /** Bytes still free; nothing where the broker does not say. */
    val usableBytes: Long?,
    /** The replicas in it, by topic and partition. */
    val replicas: List<ReplicaInfo>,
)

/** A member of a group. */
public data class MemberDescription(
    /** Its id. */
    val memberId: String,
    /** Its `group.instance.id`, if it has one. */
    val groupInstanceId: String?,
    /** Its `client.id`. */
    val clientId: String,
    /** The address it came from. */
    val host: String,
    /** Its rack, with the consumer protocol. */
    val rackId: String?,
    /** Its epoch, with the consumer protocol. */
    val memberEpoch: Int?,
    /** The partitions it has. */
    val assignment: List<TopicPartition>,
    /** The partitions it shall have, with the consumer protocol. */
    val targetAssignment: List<TopicPartition>?,
)

/** A member to remove from a group: by one of its two names. */
public data class MemberToRemove @JvmOverloads constructor(
    /** Its `group.instance.id`; then no member id. */
    val groupInstanceId: String? = null,
    /** Its member id; then no `group.instance.id`. */
    val memberId: String? = null,
)

/** How many partitions a topic shall have. */
public data class NewPartitions @JvmOverloads constructor(
    /** The topic's name. */
    val topic: String,
    /** The number of its partitions altogether, above the present one. */
    val totalCount: Int,
    /**
     * Brokers chosen by hand: those of the first new partition, of the second and so on, the preferred leader
     * first. If left out, the controller chooses.
     */
    val newAssignments: List<List<Int>>? = null,
)

/** A topic to create. */
public data class NewTopic @JvmOverloads constructor(
    /** Its name. */
    val name: String,
    /** How many partitions; if left out, the broker's `num.partitions`. */
    val numPartitions: Int? = null,
    /** How many replicas of each; if left out, the broker's `default.replication.factor`. */
    val replicationFactor: Short? = null,
    /**
     * Brokers chosen by hand: those of partition 0, of partition 1 and so on, the preferred leader first. Then
     * the two counts must be left out.
     */
    val replicaAssignments: List<List<Int>>? = null,
    /** Topic options, such as `cleanup.policy`. */
    val configs: Map<String, String> = emptyMap(),
)

/** Which offset of a partition's log to look up. */
public data class OffsetQuery @JvmOverloads constructor(
    /** The topic's name. */
    val topic: String,
    /** The partition's number. */
    val partition: Int,
    /** Which offset. */
    val spec: OffsetSpec,
    /** With `FOR_TIMESTAMP` the time, in ms since the Unix epoch; else nothing. */
    val timestampMs: Long? = null,
)

/** An idempotent or transactional producer, as a partition's leader knows it. */
public data class ProducerStateDescription(
    /** Its id. */
    val producerId: Long,
    /** Its epoch. */
    val producerEpoch: Int,
    /** Sequence of its last record. */
    val lastSequence: Int,
    /** Timestamp of its last batch, in ms since the Unix epoch. */
    val lastTimestampMs: Long,
    /** Epoch of the coordinator that wrote its last transaction marker; nothing without one. */
    val coordinatorEpoch: Int?,
    /** First offset of its open transaction; nothing without one. */
    val currentTransactionStartOffset: Long?,
)

/** Which records of a partition to delete. */
public data class RecordsToDelete(
    /** The topic's name. */
    val topic: String,
    /** The partition's number. */
    val partition: Int,
    /** Records before this offset go; -1: all up to the high watermark. */
    val beforeOffset: Long,
)

/** A replica in a directory. */
public data class ReplicaInfo(
    /** The topic's name. */
    val topic: String,
    /** The partition's number. */
    val partition: Int,
    /** Size of its segments. */
    val sizeBytes: Long,
    /** How many offsets it is behind: the high watermark for the present one, the present one for a future one. */
    val offsetLag: Long,
    /** Whether it is being moved here and will replace the present one. */
    val isFuture: Boolean,
)

/** A topic described. */
public data class TopicDescription(
    /** Its name. */
    val name: String,
    /** Its id; nothing from brokers that know none. */
    val id: String?,
    /** Whether it is one of Kafka's own. */
    val isInternal: Boolean,
    /** Its partitions, by number. */
    val partitions: List<TopicPartitionInfo>,
    /** What this principal may do with it; nothing when the broker does not say. */
    val authorizedOperations: List<AclOperation>?,
)

/** A topic in a list. */
public data class TopicListing(
    /** Its name. */
    val name: String,
    /** Its id; nothing from brokers that know none. */
    val id: String?,
    /** Whether it is one of Kafka's own. */
    val isInternal: Boolean,
)

/** A partition and where its replicas are. */
public data class TopicPartitionInfo(
    /** Its number. */
    val partition: Int,
    /** The broker that leads it; nothing while there is none. */
    val leader: Int?,
    /** The leader's epoch, where the broker knows epochs. */
    val leaderEpoch: Int?,
    /** Brokers of all replicas, the preferred leader first. */
    val replicas: List<Int>,
    /** Brokers of replicas in sync. */
    val isr: List<Int>,
    /** Brokers of replicas that are down. */
    val offlineReplicas: List<Int>,
    /** Why there is no leader; nothing when all is well. */
    val error: KafkaException?,
)

/** A transactional id described. */
public data class TransactionDescription(
    /** The broker that coordinates it, where known. */
    val coordinator: Int?,
    /** Kafka's name of the state, such as `Ongoing`. */
    val state: String,
    /** The producer's id. */
    val producerId: Long,
    /** The producer's epoch. */
    val producerEpoch: Short,
    /** The producer's `transaction.timeout.ms`. */
    val timeoutMs: Long,
    /** When the open transaction began, in ms since the Unix epoch; nothing without one. */
    val startTimeMs: Long?,
    /** The partitions in it. */
    val partitions: List<TopicPartition>,
)

/** A transactional id in a list. */
public data class TransactionListing(
    /** The transactional id. */
    val transactionalId: String,
    /** The producer's id. */
    val producerId: Long,
    /** Kafka's name of the state, such as `Ongoing`. */
    val state: String,
)
