// Generated from the table of the admin client's operations, do not edit: make gen.

package dev.ottla.internal

import dev.ottla.KafkaException
import dev.ottla.admin.AclOperation
import dev.ottla.admin.AlterConfigOp
import dev.ottla.admin.ApiVersionRange
import dev.ottla.admin.ClusterDescription
import dev.ottla.admin.ClusterNode
import dev.ottla.admin.CommittedOffset
import dev.ottla.admin.ConfigChanges
import dev.ottla.admin.ConfigEntry
import dev.ottla.admin.ConfigResource
import dev.ottla.admin.ConfigResourceType
import dev.ottla.admin.ConfigSource
import dev.ottla.admin.ConfigSynonym
import dev.ottla.admin.CreatedTopic
import dev.ottla.admin.DeletedRecords
import dev.ottla.admin.FeatureDescription
import dev.ottla.admin.FencedProducer
import dev.ottla.admin.GroupDescription
import dev.ottla.admin.GroupListing
import dev.ottla.admin.GroupOffsetsQuery
import dev.ottla.admin.GroupType
import dev.ottla.admin.ListOffsetsResultInfo
import dev.ottla.admin.LogDirDescription
import dev.ottla.admin.MemberDescription
import dev.ottla.admin.MemberToRemove
import dev.ottla.admin.NewPartitions
import dev.ottla.admin.NewTopic
import dev.ottla.admin.OffsetQuery
import dev.ottla.admin.ProducerStateDescription
import dev.ottla.admin.RecordsToDelete
import dev.ottla.admin.ReplicaInfo
import dev.ottla.admin.TopicDescription
import dev.ottla.admin.TopicListing
import dev.ottla.admin.TopicPartitionInfo
import dev.ottla.admin.TransactionDescription
import dev.ottla.admin.TransactionListing

internal fun readApiVersionRange(json: Any?): ApiVersionRange = ApiVersionRange(
    (json.member("min") as Long).toShort(),
    (json.member("max") as Long).toShort(),
)

internal fun readClusterDescription(json: Any?): ClusterDescription = ClusterDescription(
    json.member("cluster_id") as String?,
    (json.member("controller") as Long?)?.toInt(),
    (json.member("nodes") as List<*>).map { readClusterNode(it) },
    json.member("authorized_operations")?.let { (it as List<*>).map { AclOperation.valueOf(it as String) } },
)

internal fun readClusterNode(json: Any?): ClusterNode = ClusterNode(
    (json.member("id") as Long).toInt(),
    json.member("host") as String,
    (json.member("port") as Long).toInt(),
    json.member("rack") as String?,
    json.member("is_fenced") as Boolean,
)

internal fun readCommittedOffset(json: Any?): CommittedOffset = CommittedOffset(
    json.member("topic") as String,
    (json.member("partition") as Long).toInt(),
    json.member("offset") as Long,
    (json.member("leader_epoch") as Long?)?.toInt(),
    json.member("metadata") as String,
)

internal fun readConfigEntry(json: Any?): ConfigEntry = ConfigEntry(
    json.member("name") as String,
    json.member("value") as String?,
    ConfigSource.valueOf(json.member("source") as String),
    json.member("is_read_only") as Boolean,
    json.member("is_sensitive") as Boolean,
    (json.member("synonyms") as List<*>).map { readConfigSynonym(it) },
    json.member("documentation") as String?,
)

internal fun readConfigResource(json: Any?): ConfigResource = ConfigResource(
    ConfigResourceType.valueOf(json.member("resource_type") as String),
    json.member("name") as String,
)

internal fun readConfigSynonym(json: Any?): ConfigSynonym = ConfigSynonym(
    json.member("name") as String,
    json.member("value") as String?,
    ConfigSource.valueOf(json.member("source") as String),
)

internal fun readCreatedTopic(json: Any?): CreatedTopic = CreatedTopic(
    json.member("id") as String?,
    (json.member("num_partitions") as Long?)?.toInt(),
    (json.member("replication_factor") as Long?)?.toShort(),
)

internal fun readDeletedRecords(json: Any?): DeletedRecords = DeletedRecords(
    json.member("low_watermark") as Long,
)

internal fun readFeatureDescription(json: Any?): FeatureDescription = FeatureDescription(
    texts(json.member("finalized")) { (it as Long).toShort() },
    texts(json.member("api_versions")) { readApiVersionRange(it) },
)

internal fun readFencedProducer(json: Any?): FencedProducer = FencedProducer(
    json.member("producer_id") as Long,
    (json.member("producer_epoch") as Long).toShort(),
)

internal fun readGroupDescription(json: Any?): GroupDescription = GroupDescription(
    json.member("group_id") as String,
    GroupType.valueOf(json.member("group_type") as String),
    json.member("state") as String,
    json.member("assignor") as String,
    (json.member("coordinator") as Long?)?.toInt(),
    (json.member("group_epoch") as Long?)?.toInt(),
    (json.member("assignment_epoch") as Long?)?.toInt(),
    (json.member("members") as List<*>).map { readMemberDescription(it) },
    json.member("authorized_operations")?.let { (it as List<*>).map { AclOperation.valueOf(it as String) } },
)

internal fun readGroupListing(json: Any?): GroupListing = GroupListing(
    json.member("group_id") as String,
    GroupType.valueOf(json.member("group_type") as String),
    json.member("protocol_type") as String,
    json.member("state") as String,
)

internal fun readListOffsetsResultInfo(json: Any?): ListOffsetsResultInfo = ListOffsetsResultInfo(
    json.member("offset") as Long?,
    json.member("timestamp_ms") as Long?,
    (json.member("leader_epoch") as Long?)?.toInt(),
)

internal fun readLogDirDescription(json: Any?): LogDirDescription = LogDirDescription(
    json.member("error")?.let { KafkaException.of(it) },
    json.member("total_bytes") as Long?,
    json.member("usable_bytes") as Long?,
    (json.member("replicas") as List<*>).map { readReplicaInfo(it) },
)

internal fun readMemberDescription(json: Any?): MemberDescription = MemberDescription(
    json.member("member_id") as String,
    json.member("group_instance_id") as String?,
    json.member("client_id") as String,
    json.member("host") as String,
    json.member("rack_id") as String?,
    (json.member("member_epoch") as Long?)?.toInt(),
    (json.member("assignment") as List<*>).map { partitionOf(it) },
    json.member("target_assignment")?.let { (it as List<*>).map { partitionOf(it) } },
)

internal fun readMemberToRemove(json: Any?): MemberToRemove = MemberToRemove(
    json.member("group_instance_id") as String?,
    json.member("member_id") as String?,
)

internal fun readProducerStateDescription(json: Any?): ProducerStateDescription = ProducerStateDescription(
    json.member("producer_id") as Long,
    (json.member("producer_epoch") as Long).toInt(),
    (json.member("last_sequence") as Long).toInt(),
    json.member("last_timestamp_ms") as Long,
    (json.member("coordinator_epoch") as Long?)?.toInt(),
    json.member("current_transaction_start_offset") as Long?,
)

internal fun readReplicaInfo(json: Any?): ReplicaInfo = ReplicaInfo(
    json.member("topic") as String,
    (json.member("partition") as Long).toInt(),
    json.member("size_bytes") as Long,
    json.member("offset_lag") as Long,
    json.member("is_future") as Boolean,
)

internal fun readTopicDescription(json: Any?): TopicDescription = TopicDescription(
    json.member("name") as String,
    json.member("id") as String?,
    json.member("is_internal") as Boolean,
    (json.member("partitions") as List<*>).map { readTopicPartitionInfo(it) },
    json.member("authorized_operations")?.let { (it as List<*>).map { AclOperation.valueOf(it as String) } },
)

internal fun readTopicListing(json: Any?): TopicListing = TopicListing(
    json.member("name") as String,
    json.member("id") as String?,
    json.member("is_internal") as Boolean,
)

internal fun readTopicPartitionInfo(json: Any?): TopicPartitionInfo = TopicPartitionInfo(
    (json.member("partition") as Long).toInt(),
    (json.member("leader") as Long?)?.toInt(),
    (json.member("leader_epoch") as Long?)?.toInt(),
    (json.member("replicas") as List<*>).map { (it as Long).toInt() },
    (json.member("isr") as List<*>).map { (it as Long).toInt() },
    (json.member("offline_replicas") as List<*>).map { (it as Long).toInt() },
    json.member("error")?.let { KafkaException.of(it) },
)

internal fun readTransactionDescription(json: Any?): TransactionDescription = TransactionDescription(
    (json.member("coordinator") as Long?)?.toInt(),
    json.member("state") as String,
    json.member("producer_id") as Long,
    (json.member("producer_epoch") as Long).toShort(),
    json.member("timeout") as Long,
    json.member("start_time_ms") as Long?,
    (json.member("partitions") as List<*>).map { partitionOf(it) },
)

internal fun readTransactionListing(json: Any?): TransactionListing = TransactionListing(
    json.member("transactional_id") as String,
    json.member("producer_id") as Long,
    json.member("state") as String,
)

internal fun jsonOf(value: AlterConfigOp): Map<String, Any?> = mapOf(
    "name" to value.name,
    "value" to value.value,
    "op" to value.op.name,
)

internal fun jsonOf(value: CommittedOffset): Map<String, Any?> = mapOf(
    "topic" to value.topic,
    "partition" to value.partition,
    "offset" to value.offset,
    "leader_epoch" to value.leaderEpoch,
    "metadata" to value.metadata,
)

internal fun jsonOf(value: ConfigChanges): Map<String, Any?> = mapOf(
    "resource" to jsonOf(value.resource),
    "ops" to value.ops.map { jsonOf(it) },
)

internal fun jsonOf(value: ConfigResource): Map<String, Any?> = mapOf(
    "resource_type" to value.resourceType.name,
    "name" to value.name,
)

internal fun jsonOf(value: GroupOffsetsQuery): Map<String, Any?> = mapOf(
    "group_id" to value.groupId,
    "partitions" to value.partitions?.map { jsonOf(it) },
)

internal fun jsonOf(value: MemberToRemove): Map<String, Any?> = mapOf(
    "group_instance_id" to value.groupInstanceId,
    "member_id" to value.memberId,
)

internal fun jsonOf(value: NewPartitions): Map<String, Any?> = mapOf(
    "topic" to value.topic,
    "total_count" to value.totalCount,
    "new_assignments" to value.newAssignments,
)

internal fun jsonOf(value: NewTopic): Map<String, Any?> = mapOf(
    "name" to value.name,
    "num_partitions" to value.numPartitions,
    "replication_factor" to value.replicationFactor,
    "replica_assignments" to value.replicaAssignments,
    "configs" to value.configs,
)

internal fun jsonOf(value: OffsetQuery): Map<String, Any?> = mapOf(
    "topic" to value.topic,
    "partition" to value.partition,
    "spec" to value.spec.name,
    "timestamp_ms" to value.timestampMs,
)

internal fun jsonOf(value: RecordsToDelete): Map<String, Any?> = mapOf(
    "topic" to value.topic,
    "partition" to value.partition,
    "before_offset" to value.beforeOffset,
)
