// Generated from the table of the admin client's operations, do not edit: make gen.

package dev.ottla

import dev.ottla.admin.ClusterDescription
import dev.ottla.admin.CommittedOffset
import dev.ottla.admin.ConfigChanges
import dev.ottla.admin.ConfigEntry
import dev.ottla.admin.ConfigResource
import dev.ottla.admin.CreatedTopic
import dev.ottla.admin.DeletedRecords
import dev.ottla.admin.ElectionType
import dev.ottla.admin.FeatureDescription
import dev.ottla.admin.FencedProducer
import dev.ottla.admin.GroupDescription
import dev.ottla.admin.GroupListing
import dev.ottla.admin.GroupOffsetsQuery
import dev.ottla.admin.GroupType
import dev.ottla.admin.IsolationLevel
import dev.ottla.admin.ListOffsetsResultInfo
import dev.ottla.admin.LogDirDescription
import dev.ottla.admin.MemberToRemove
import dev.ottla.admin.NewPartitions
import dev.ottla.admin.NewTopic
import dev.ottla.admin.OffsetQuery
import dev.ottla.admin.ProducerStateDescription
import dev.ottla.admin.RecordsToDelete
import dev.ottla.admin.TopicDescription
import dev.ottla.admin.TopicListing
import dev.ottla.admin.TransactionDescription
import dev.ottla.admin.TransactionListing
import dev.ottla.internal.*
import kotlin.time.Duration

/** The operations of [Admin]. A call without `timeout` ends by `default.api.timeout.ms`. */
public abstract class AdminOperations internal constructor() {
    /** Does an operation: JSON in, JSON out. */
    internal abstract suspend fun call(operation: String, arguments: Map<String, Any?>): Any?

    /**
     * Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
     * INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts
     * beside assignments by hand, for a topic named twice.
     *
     * Source: CreateTopics (KIP-4, KIP-525)
     *
     * @param topics The topics to create, each once.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     * @param validateOnly Only check whether the topics could be created.
     */
    public suspend fun createTopics(
        topics: Collection<NewTopic>,
        timeout: Duration? = null,
        validateOnly: Boolean = false,
    ): Map<String, CreatedTopic> {
        val arguments = mapOf(
            "topics" to topics.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
            "validate_only" to validateOnly,
        )
        return outcomes((call("create_topics", arguments)), { key -> key as String }, { told -> readCreatedTopic(told) })
    }

    /**
     * Deletes topics and all their records.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
     * TOPIC_DELETION_DISABLED, TOPIC_AUTHORIZATION_FAILED.
     *
     * Source: DeleteTopics (KIP-4, KIP-516)
     *
     * @param topics Names of topics to delete.
     * @param topicIds Ids of topics to delete, as Kafka writes them.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun deleteTopics(
        topics: Collection<String> = emptyList(),
        topicIds: Collection<String> = emptyList(),
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "topics" to topics,
            "topic_ids" to topicIds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        outcomes(call("delete_topics", arguments), { key -> key as String }, {  })
    }

    /**
     * Lists topics, by name.
     *
     * Errors: Of the call: Timeout or Network when no broker answers. Topics that this principal may not
     * describe are left out.
     *
     * Source: Metadata (KIP-4, KIP-516)
     *
     * @param includeInternal Also Kafka's own.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun listTopics(
        includeInternal: Boolean = false,
        timeout: Duration? = null,
    ): Map<String, TopicListing> {
        val arguments = mapOf(
            "include_internal" to includeInternal,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return texts((call("list_topics", arguments))) { readTopicListing(it) }
    }

    /**
     * Describes topics: ids, partitions, leaders, replicas.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
     * TOPIC_AUTHORIZATION_FAILED.
     *
     * Source: Metadata (KIP-4, KIP-430, KIP-516)
     *
     * @param topics Names of topics to describe.
     * @param topicIds Ids of topics to describe, as Kafka writes them.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeTopics(
        topics: Collection<String> = emptyList(),
        topicIds: Collection<String> = emptyList(),
        timeout: Duration? = null,
    ): Map<String, TopicDescription> {
        val arguments = mapOf(
            "topics" to topics,
            "topic_ids" to topicIds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("describe_topics", arguments)), { key -> key as String }, { told -> readTopicDescription(told) })
    }

    /**
     * Raises the number of partitions of topics. Records with a key go to other partitions afterwards.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more,
     * INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of
     * the call: InvalidArgument for a topic named twice.
     *
     * Source: CreatePartitions (KIP-195)
     *
     * @param topics The topics, each once, and the number of partitions each shall have.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     * @param validateOnly Only check whether the partitions could be created.
     */
    public suspend fun createPartitions(
        topics: Collection<NewPartitions>,
        timeout: Duration? = null,
        validateOnly: Boolean = false,
    ) {
        val arguments = mapOf(
            "topics" to topics.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
            "validate_only" to validateOnly,
        )
        outcomes(call("create_partitions", arguments), { key -> key as String }, {  })
    }

    /**
     * Describes configurations of topics, brokers and groups: their options by name.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not,
     * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.
     *
     * Source: DescribeConfigs (KIP-133, KIP-226, KIP-569)
     *
     * @param resources Whose configurations.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     * @param includeSynonyms Also values from other sources.
     * @param includeDocumentation Also what each option means.
     */
    public suspend fun describeConfigs(
        resources: Collection<ConfigResource>,
        timeout: Duration? = null,
        includeSynonyms: Boolean = false,
        includeDocumentation: Boolean = false,
    ): Map<ConfigResource, Map<String, ConfigEntry>> {
        val arguments = mapOf(
            "resources" to resources.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
            "include_synonyms" to includeSynonyms,
            "include_documentation" to includeDocumentation,
        )
        return outcomes((call("describe_configs", arguments)), { key -> readConfigResource(key) }, { told -> texts(told) { readConfigEntry(it) } })
    }

    /**
     * Changes the named options and leaves the others as they are. Of each resource all changes are made, or
     * none.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION,
     * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call:
     * InvalidArgument for a resource named twice, for DELETE with a value, for anything else without one.
     *
     * Source: IncrementalAlterConfigs (KIP-339)
     *
     * @param changes The configurations, each once, and their changes.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     * @param validateOnly Only check whether the changes would be accepted.
     */
    public suspend fun incrementalAlterConfigs(
        changes: Collection<ConfigChanges>,
        timeout: Duration? = null,
        validateOnly: Boolean = false,
    ) {
        val arguments = mapOf(
            "changes" to changes.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
            "validate_only" to validateOnly,
        )
        outcomes(call("incremental_alter_configs", arguments), { key -> readConfigResource(key) }, {  })
    }

    /**
     * Deletes the records before an offset in each partition.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for
     * a topic that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of
     * the call: InvalidArgument for a partition named twice.
     *
     * Source: DeleteRecords (KIP-107)
     *
     * @param records The partitions, each once, and the offsets to delete before.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun deleteRecords(
        records: Collection<RecordsToDelete>,
        timeout: Duration? = null,
    ): Map<TopicPartition, DeletedRecords> {
        val arguments = mapOf(
            "records" to records.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("delete_records", arguments)), { key -> partitionOf(key) }, { told -> readDeletedRecords(told) })
    }

    /**
     * Looks up offsets of logs, asked at the partitions' leaders.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED,
     * Unsupported where the broker is older than the spec. Of the call: InvalidArgument for a partition named
     * twice, for FOR_TIMESTAMP without a time, for any other with one.
     *
     * Source: ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734, KIP-1005)
     *
     * @param queries The partitions, each once, and which offset of each.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     * @param isolationLevel Which records count.
     */
    public suspend fun listOffsets(
        queries: Collection<OffsetQuery>,
        timeout: Duration? = null,
        isolationLevel: IsolationLevel = IsolationLevel.READ_UNCOMMITTED,
    ): Map<TopicPartition, ListOffsetsResultInfo> {
        val arguments = mapOf(
            "queries" to queries.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
            "isolation_level" to isolationLevel.name,
        )
        return outcomes((call("list_offsets", arguments)), { key -> partitionOf(key) }, { told -> readListOffsetsResultInfo(told) })
    }

    /**
     * Lists the offsets groups committed. A partition without a commit is left out.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with
     * require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group
     * named twice.
     *
     * Source: OffsetFetch (KIP-88, KIP-447, KIP-709)
     *
     * @param groups The groups, each once.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     * @param requireStable Wait for offsets that open transactions commit to be decided, instead of giving
     * those before.
     */
    public suspend fun listConsumerGroupOffsets(
        groups: Collection<GroupOffsetsQuery>,
        timeout: Duration? = null,
        requireStable: Boolean = false,
    ): Map<String, List<CommittedOffset>> {
        val arguments = mapOf(
            "groups" to groups.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
            "require_stable" to requireStable,
        )
        return outcomes((call("list_consumer_group_offsets", arguments)), { key -> key as String }, { told -> (told as List<*>).map { readCommittedOffset(it) } })
    }

    /**
     * Sets the offsets of a group without members.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION,
     * OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of
     * the call: InvalidArgument for a partition named twice.
     *
     * Source: OffsetCommit (KIP-396)
     *
     * @param groupId The group's id.
     * @param offsets The offsets it shall have, each partition once.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun alterConsumerGroupOffsets(
        groupId: String,
        offsets: Collection<CommittedOffset>,
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "group_id" to groupId,
            "offsets" to offsets.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
        )
        outcomes(call("alter_consumer_group_offsets", arguments), { key -> partitionOf(key) }, {  })
    }

    /**
     * Deletes committed offsets of topics the group's members do not subscribe to.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION,
     * TOPIC_AUTHORIZATION_FAILED. Of the call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID,
     * GROUP_AUTHORIZATION_FAILED.
     *
     * Source: OffsetDelete (KIP-496)
     *
     * @param groupId The group's id.
     * @param partitions The partitions whose offsets go.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun deleteConsumerGroupOffsets(
        groupId: String,
        partitions: Collection<TopicPartition>,
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "group_id" to groupId,
            "partitions" to partitions.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
        )
        outcomes(call("delete_consumer_group_offsets", arguments), { key -> partitionOf(key) }, {  })
    }

    /**
     * Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes
     * would mislead.
     *
     * Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for
     * types at brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not
     * describe are left out.
     *
     * Source: ListGroups (KIP-518, KIP-848)
     *
     * @param states Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.
     * @param types Only groups of these types; if left out, of all.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun listGroups(
        states: Collection<String> = emptyList(),
        types: Collection<GroupType> = emptyList(),
        timeout: Duration? = null,
    ): Map<String, GroupListing> {
        val arguments = mapOf(
            "states" to states,
            "types" to types.map { it.name },
            "timeout" to timeout?.wholeMilliseconds,
        )
        return texts((call("list_groups", arguments))) { readGroupListing(it) }
    }

    /**
     * Describes consumer groups of either protocol, asked at their coordinators.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`),
     * GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE.
     *
     * Source: ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043)
     *
     * @param groupIds Ids of the groups.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeConsumerGroups(
        groupIds: Collection<String>,
        timeout: Duration? = null,
    ): Map<String, GroupDescription> {
        val arguments = mapOf(
            "group_ids" to groupIds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("describe_consumer_groups", arguments)), { key -> key as String }, { told -> readGroupDescription(told) })
    }

    /**
     * Deletes groups without members, and with them their offsets.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED,
     * COORDINATOR_NOT_AVAILABLE.
     *
     * Source: DeleteGroups (KIP-229)
     *
     * @param groupIds Ids of the groups.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun deleteConsumerGroups(
        groupIds: Collection<String>,
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "group_ids" to groupIds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        outcomes(call("delete_consumer_groups", arguments), { key -> key as String }, {  })
    }

    /**
     * Removes members from a group, so that it rebalances without them at once.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND,
     * INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none.
     *
     * Source: LeaveGroup (KIP-345, KIP-571, KIP-800)
     *
     * @param groupId The group's id.
     * @param members The members to remove.
     * @param reason Why, for the broker's log.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun removeMembersFromConsumerGroup(
        groupId: String,
        members: Collection<MemberToRemove>,
        reason: String? = null,
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "group_id" to groupId,
            "members" to members.map { jsonOf(it) },
            "reason" to reason,
            "timeout" to timeout?.wholeMilliseconds,
        )
        outcomes(call("remove_members_from_consumer_group", arguments), { key -> readMemberToRemove(key) }, {  })
    }

    /**
     * Describes the cluster as some broker sees it now.
     *
     * Errors: Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED.
     *
     * Source: DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073)
     *
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeCluster(
        timeout: Duration? = null,
    ): ClusterDescription {
        val arguments = mapOf(
            "timeout" to timeout?.wholeMilliseconds,
        )
        return readClusterDescription((call("describe_cluster", arguments)))
    }

    /**
     * Describes finalised features of the cluster, and the API versions of a broker.
     *
     * Errors: Of the call: Timeout or Network when the broker does not answer.
     *
     * Source: ApiVersions (KIP-35, KIP-584)
     *
     * @param broker The broker to ask; if left out, any.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeFeatures(
        broker: Int? = null,
        timeout: Duration? = null,
    ): FeatureDescription {
        val arguments = mapOf(
            "broker" to broker,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return readFeatureDescription((call("describe_features", arguments)))
    }

    /**
     * Elects leaders of partitions. A partition that was named and needed no election is no error.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE,
     * UNKNOWN_TOPIC_OR_PARTITION. Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at
     * brokers before 2.4.
     *
     * Source: ElectLeaders (KIP-183, KIP-460)
     *
     * @param electionType Which replica may become leader.
     * @param partitions The partitions; if left out, all that need an election, and those that needed none are
     * not told of.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun electLeaders(
        electionType: ElectionType,
        partitions: Collection<TopicPartition>? = null,
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "election_type" to electionType.name,
            "partitions" to partitions?.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
        )
        outcomes(call("elect_leaders", arguments), { key -> partitionOf(key) }, {  })
    }

    /**
     * Describes the log directories of brokers, by path.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a
     * directory: KAFKA_STORAGE_ERROR.
     *
     * Source: DescribeLogDirs (KIP-113, KIP-827)
     *
     * @param brokers The brokers' numbers.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeLogDirs(
        brokers: Collection<Int>,
        timeout: Duration? = null,
    ): Map<Int, Map<String, LogDirDescription>> {
        val arguments = mapOf(
            "brokers" to brokers,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("describe_log_dirs", arguments)), { key -> (key as Long).toInt() }, { told -> texts(told) { readLogDirDescription(it) } })
    }

    /**
     * Describes the producers that are active on partitions, asked at their leaders.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED.
     *
     * Source: DescribeProducers (KIP-664)
     *
     * @param partitions The partitions.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeProducers(
        partitions: Collection<TopicPartition>,
        timeout: Duration? = null,
    ): Map<TopicPartition, List<ProducerStateDescription>> {
        val arguments = mapOf(
            "partitions" to partitions.map { jsonOf(it) },
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("describe_producers", arguments)), { key -> partitionOf(key) }, { told -> (told as List<*>).map { readProducerStateDescription(it) } })
    }

    /**
     * Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list
     * with holes would mislead.
     *
     * Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before
     * 3.8. Transactional ids that this principal may not describe are left out.
     *
     * Source: ListTransactions (KIP-664, KIP-994)
     *
     * @param states Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.
     * @param producerIds Only those of these producer ids; if left out, of all.
     * @param runningLongerThan Only those whose transaction is open for longer than this.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun listTransactions(
        states: Collection<String> = emptyList(),
        producerIds: Collection<Long> = emptyList(),
        runningLongerThan: Duration? = null,
        timeout: Duration? = null,
    ): Map<String, TransactionListing> {
        val arguments = mapOf(
            "states" to states,
            "producer_ids" to producerIds,
            "running_longer_than" to runningLongerThan?.wholeMilliseconds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return texts((call("list_transactions", arguments))) { readTransactionListing(it) }
    }

    /**
     * Describes transactional ids, asked at their coordinators.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
     * COORDINATOR_NOT_AVAILABLE.
     *
     * Source: DescribeTransactions (KIP-664)
     *
     * @param transactionalIds The transactional ids.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun describeTransactions(
        transactionalIds: Collection<String>,
        timeout: Duration? = null,
    ): Map<String, TransactionDescription> {
        val arguments = mapOf(
            "transactional_ids" to transactionalIds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("describe_transactions", arguments)), { key -> key as String }, { told -> readTransactionDescription(told) })
    }

    /**
     * Fences the producers of transactional ids: their open transactions abort, and they cannot go on.
     *
     * Throws what the first item failed with that did; its [KafkaException.results] tell of all.
     *
     * Errors: Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE,
     * CONCURRENT_TRANSACTIONS when the old transaction does not end in time.
     *
     * Source: InitProducerId (KIP-691)
     *
     * @param transactionalIds The transactional ids.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun fenceProducers(
        transactionalIds: Collection<String>,
        timeout: Duration? = null,
    ): Map<String, FencedProducer> {
        val arguments = mapOf(
            "transactional_ids" to transactionalIds,
            "timeout" to timeout?.wholeMilliseconds,
        )
        return outcomes((call("fence_producers", arguments)), { key -> key as String }, { told -> readFencedProducer(told) })
    }

    /**
     * Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not
     * asked: only for transactions it no longer knows.
     *
     * Errors: Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
     * CLUSTER_AUTHORIZATION_FAILED.
     *
     * Source: WriteTxnMarkers (KIP-664)
     *
     * @param partition The partition.
     * @param producerId The producer's id.
     * @param producerEpoch The producer's epoch.
     * @param coordinatorEpoch Epoch of the coordinator that wrote the producer's last transaction marker;
     * nothing without one.
     * @param timeout How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    public suspend fun abortTransaction(
        partition: TopicPartition,
        producerId: Long,
        producerEpoch: Short,
        coordinatorEpoch: Int? = null,
        timeout: Duration? = null,
    ) {
        val arguments = mapOf(
            "partition" to jsonOf(partition),
            "producer_id" to producerId,
            "producer_epoch" to producerEpoch,
            "coordinator_epoch" to coordinatorEpoch,
            "timeout" to timeout?.wholeMilliseconds,
        )
        call("abort_transaction", arguments)
    }
}
