// Generated from the table of the admin client's operations, do not edit: `make gen`.

import { KafkaError } from '../errors';
import { CallOptions, ItemResult, TopicPartition } from '../common';

/**
 * What a principal may do (Kafka's ACL operations).
 *
 * - `READ`: Read records, offsets or group members.
 *
 * - `WRITE`: Write records.
 *
 * - `CREATE`: Create.
 *
 * - `DELETE`: Delete.
 *
 * - `ALTER`: Alter.
 *
 * - `DESCRIBE`: Describe.
 *
 * - `CLUSTER_ACTION`: Act as a broker of the cluster.
 *
 * - `DESCRIBE_CONFIGS`: Read configurations.
 *
 * - `ALTER_CONFIGS`: Change configurations.
 *
 * - `IDEMPOTENT_WRITE`: Write as an idempotent producer.
 *
 * - `CREATE_TOKENS`: Create delegation tokens for others.
 *
 * - `DESCRIBE_TOKENS`: Describe delegation tokens of others.
 *
 * - `TWO_PHASE_COMMIT`: Take part in transactions of two phases.
 */
export type AclOperation = 'READ' | 'WRITE' | 'CREATE' | 'DELETE' | 'ALTER' | 'DESCRIBE' | 'CLUSTER_ACTION' | 'DESCRIBE_CONFIGS' | 'ALTER_CONFIGS' | 'IDEMPOTENT_WRITE' | 'CREATE_TOKENS' | 'DESCRIBE_TOKENS' | 'TWO_PHASE_COMMIT';

/**
 * What to do with an option.
 *
 * - `SET`: Set it.
 *
 * - `DELETE`: Back to its default.
 *
 * - `APPEND`: Add to a list.
 *
 * - `SUBTRACT`: Take out of a list.
 */
export type AlterConfigOpType = 'SET' | 'DELETE' | 'APPEND' | 'SUBTRACT';

/**
 * What a configuration belongs to.
 *
 * - `TOPIC`: A topic, by name.
 *
 * - `BROKER`: A broker, by number; the empty name is all brokers' default.
 *
 * - `BROKER_LOGGER`: Log levels of a broker, by number.
 *
 * - `CLIENT_METRICS`: A client metrics subscription, by name.
 *
 * - `GROUP`: A group, by id.
 */
export type ConfigResourceType = 'TOPIC' | 'BROKER' | 'BROKER_LOGGER' | 'CLIENT_METRICS' | 'GROUP';

/**
 * Where an option's value comes from.
 *
 * - `DYNAMIC_TOPIC_CONFIG`: Set on the topic.
 *
 * - `DYNAMIC_BROKER_CONFIG`: Set on the broker while running.
 *
 * - `DYNAMIC_DEFAULT_BROKER_CONFIG`: Set for all brokers while running.
 *
 * - `STATIC_BROKER_CONFIG`: From the broker's properties file.
 *
 * - `DEFAULT_CONFIG`: Kafka's default.
 *
 * - `DYNAMIC_BROKER_LOGGER_CONFIG`: Log level set while running.
 *
 * - `DYNAMIC_CLIENT_METRICS_CONFIG`: Set on the client metrics subscription.
 *
 * - `DYNAMIC_GROUP_CONFIG`: Set on the group.
 *
 * - `UNKNOWN`: A source newer than this library, or not said.
 */
export type ConfigSource = 'DYNAMIC_TOPIC_CONFIG' | 'DYNAMIC_BROKER_CONFIG' | 'DYNAMIC_DEFAULT_BROKER_CONFIG' | 'STATIC_BROKER_CONFIG' | 'DEFAULT_CONFIG' | 'DYNAMIC_BROKER_LOGGER_CONFIG' | 'DYNAMIC_CLIENT_METRICS_CONFIG' | 'DYNAMIC_GROUP_CONFIG' | 'UNKNOWN';

/**
 * Which replica may become leader.
 *
 * - `PREFERRED`: The first in the list of replicas, if it is in sync.
 *
 * - `UNCLEAN`: Any live one, even out of sync: records may be lost.
 */
export type ElectionType = 'PREFERRED' | 'UNCLEAN';

/**
 * Which protocol a group is kept by.
 *
 * - `CLASSIC`: Members assign.
 *
 * - `CONSUMER`: The coordinator assigns (KIP-848).
 *
 * - `SHARE`: Records are shared (KIP-932).
 *
 * - `STREAMS`: Kafka Streams (KIP-1071).
 *
 * - `UNKNOWN`: Newer than this library, or not said by the broker.
 */
export type GroupType = 'CLASSIC' | 'CONSUMER' | 'SHARE' | 'STREAMS' | 'UNKNOWN';

/**
 * Which records count.
 *
 * - `READ_UNCOMMITTED`: All below the high watermark.
 *
 * - `READ_COMMITTED`: Those of committed transactions and of none.
 */
export type IsolationLevel = 'READ_UNCOMMITTED' | 'READ_COMMITTED';

/**
 * Which offset of a log.
 *
 * - `EARLIEST`: The first one.
 *
 * - `LATEST`: The one the next record gets (with `READ_COMMITTED`, the last stable one).
 *
 * - `MAX_TIMESTAMP`: That of the record with the largest timestamp.
 *
 * - `FOR_TIMESTAMP`: The first one at or after a time.
 *
 * - `EARLIEST_LOCAL`: The first one still on the leader's disk, with tiered storage.
 *
 * - `LATEST_TIERED`: The last one in tiered storage.
 */
export type OffsetSpec = 'EARLIEST' | 'LATEST' | 'MAX_TIMESTAMP' | 'FOR_TIMESTAMP' | 'EARLIEST_LOCAL' | 'LATEST_TIERED';

/**
 * A change of one option.
 */
export interface AlterConfigOp {
  /**
   * The option.
   */
  name: string;
  /**
   * The value to set, to add or to take out; none with `DELETE`.
   */
  value?: string | null;
  /**
   * What to do.
   *
   * Default: `"SET"`.
   */
  op?: AlterConfigOpType;
}

/**
 * Versions of an API.
 */
export interface ApiVersionRange {
  /**
   * The lowest.
   */
  min: number;
  /**
   * The highest.
   */
  max: number;
}

/**
 * The cluster described.
 */
export interface ClusterDescription {
  /**
   * Its id, where the broker says.
   */
  clusterId: string | null;
  /**
   * The controller; with KRaft some broker that forwards to it.
   */
  controller: number | null;
  /**
   * Its brokers, by number.
   */
  nodes: Array<ClusterNode>;
  /**
   * What this principal may do with the cluster; nothing when the broker does not say.
   */
  authorizedOperations: Array<AclOperation> | null;
}

/**
 * A broker of the cluster.
 */
export interface ClusterNode {
  /**
   * Its number.
   */
  id: number;
  /**
   * Name or literal address it advertises, an IPv6 one without brackets.
   */
  host: string;
  /**
   * Port it advertises.
   */
  port: number;
  /**
   * Its rack, if it has one.
   */
  rack: string | null;
  /**
   * Registered but not serving; false where the broker does not say.
   */
  isFenced: boolean;
}

/**
 * An offset that a group committed, or shall have.
 */
export interface CommittedOffset {
  /**
   * The topic's name.
   */
  topic: string;
  /**
   * The partition's number.
   */
  partition: number;
  /**
   * The offset of the next record to read.
   */
  offset: number;
  /**
   * Leader epoch of the last record read, where known.
   */
  leaderEpoch: number | null;
  /**
   * What the committer noted beside it.
   */
  metadata: string;
}

/**
 * An offset that a group committed, or shall have.
 */
export interface CommittedOffsetInit {
  /**
   * The topic's name.
   */
  topic: string;
  /**
   * The partition's number.
   */
  partition: number;
  /**
   * The offset of the next record to read.
   */
  offset: number | bigint;
  /**
   * Leader epoch of the last record read, where known.
   */
  leaderEpoch?: number | null;
  /**
   * What the committer noted beside it.
   *
   * Default: `""`.
   */
  metadata?: string;
}

/**
 * Changes of one configuration.
 */
export interface ConfigChanges {
  /**
   * Whose.
   */
  resource: ConfigResource;
  /**
   * The changes; options not named here stay as they are.
   */
  ops: Iterable<AlterConfigOp>;
}

/**
 * An option and its value.
 */
export interface ConfigEntry {
  /**
   * Its name.
   */
  name: string;
  /**
   * Its value; nothing when it is null or hidden.
   */
  value: string | null;
  /**
   * Where the value comes from.
   */
  source: ConfigSource;
  /**
   * Whether it cannot be altered.
   */
  isReadOnly: boolean;
  /**
   * Whether its value is a secret, which brokers hide.
   */
  isSensitive: boolean;
  /**
   * Values from other sources, the one that counts first; empty when not asked for.
   */
  synonyms: Array<ConfigSynonym>;
  /**
   * What it means; nothing when not asked for.
   */
  documentation: string | null;
}

/**
 * What a configuration belongs to, by name.
 */
export interface ConfigResource {
  /**
   * Its sort.
   */
  resourceType: ConfigResourceType;
  /**
   * Its name; a broker's is its number.
   */
  name: string;
}

/**
 * A value an option has from a source.
 */
export interface ConfigSynonym {
  /**
   * Name of the option there.
   */
  name: string;
  /**
   * Its value; nothing when it is null or hidden.
   */
  value: string | null;
  /**
   * The source.
   */
  source: ConfigSource;
}

/**
 * A topic as it was created.
 */
export interface CreatedTopic {
  /**
   * Its id; nothing from brokers that know none, and when only validated.
   */
  id: string | null;
  /**
   * Its partitions, where the broker says.
   */
  numPartitions: number | null;
  /**
   * Its replicas, where the broker says.
   */
  replicationFactor: number | null;
}

/**
 * A partition after its records were deleted.
 */
export interface DeletedRecords {
  /**
   * The first offset that is left.
   */
  lowWatermark: number;
}

/**
 * Feature levels of the cluster and the versions the asked broker speaks.
 */
export interface FeatureDescription {
  /**
   * Finalised levels, such as `metadata.version`, by name.
   */
  finalized: Record<string, number>;
  /**
   * Versions of each API, by Kafka's name; by number where this library knows no name.
   */
  apiVersions: Record<string, ApiVersionRange>;
}

/**
 * A producer fenced.
 */
export interface FencedProducer {
  /**
   * The transactional id's producer id.
   */
  producerId: number;
  /**
   * The epoch below which everything is refused now.
   */
  producerEpoch: number;
}

/**
 * A group described.
 */
export interface GroupDescription {
  /**
   * Its id.
   */
  groupId: string;
  /**
   * Which protocol it is kept by.
   */
  groupType: GroupType;
  /**
   * Kafka's name of its state, such as `Stable`.
   */
  state: string;
  /**
   * The assignor in use.
   */
  assignor: string;
  /**
   * The broker that coordinates it, where known.
   */
  coordinator: number | null;
  /**
   * Epoch of the group, with the consumer protocol.
   */
  groupEpoch: number | null;
  /**
   * Epoch of its target assignment, with the consumer protocol.
   */
  assignmentEpoch: number | null;
  /**
   * Its members.
   */
  members: Array<MemberDescription>;
  /**
   * What this principal may do with it; nothing when the broker does not say.
   */
  authorizedOperations: Array<AclOperation> | null;
}

/**
 * A group in a list.
 */
export interface GroupListing {
  /**
   * Its id.
   */
  groupId: string;
  /**
   * Which protocol it is kept by.
   */
  groupType: GroupType;
  /**
   * `consumer` for groups of consumers, else whatever its members call it.
   */
  protocolType: string;
  /**
   * Kafka's name of its state, such as `Stable`; empty from old brokers.
   */
  state: string;
}

/**
 * Whose committed offsets to list.
 */
export interface GroupOffsetsQuery {
  /**
   * The group's id.
   */
  groupId: string;
  /**
   * Of these partitions; if left out, of all the group has.
   */
  partitions?: Iterable<TopicPartition> | null;
}

/**
 * An offset found.
 */
export interface ListOffsetsResultInfo {
  /**
   * The offset; nothing when no record matches.
   */
  offset: number | null;
  /**
   * Timestamp of its record, in ms since the Unix epoch; nothing where there is none.
   */
  timestampMs: number | null;
  /**
   * Leader epoch of its record, where known.
   */
  leaderEpoch: number | null;
}

/**
 * A directory of a broker.
 */
export interface LogDirDescription {
  /**
   * KAFKA_STORAGE_ERROR when the directory is offline; nothing when all is well.
   */
  error: KafkaError | null;
  /**
   * Bytes of the file system; nothing where the broker does not say.
   */
  totalBytes: number | null;
  /**
   * Bytes still free; nothing where the broker does not say.
   */
  usableBytes: number | null;
  /**
   * The replicas in it, by topic and partition.
   */
  replicas: Array<ReplicaInfo>;
}

/**
 * A member of a group.
 */
export interface MemberDescription {
  /**
   * Its id.
   */
  memberId: string;
  /**
   * Its `group.instance.id`, if it has one.
   */
  groupInstanceId: string | null;
  /**
   * Its `client.id`.
   */
  clientId: string;
  /**
   * The address it came from.
   */
  host: string;
  /**
   * Its rack, with the consumer protocol.
   */
  rackId: string | null;
  /**
   * Its epoch, with the consumer protocol.
   */
  memberEpoch: number | null;
  /**
   * The partitions it has.
   */
  assignment: Array<TopicPartition>;
  /**
   * The partitions it shall have, with the consumer protocol.
   */
  targetAssignment: Array<TopicPartition> | null;
}

/**
 * A member to remove from a group: by one of its two names.
 */
export interface MemberToRemove {
  /**
   * Its `group.instance.id`; then no member id.
   */
  groupInstanceId: string | null;
  /**
   * Its member id; then no `group.instance.id`.
   */
  memberId: string | null;
}

/**
 * A member to remove from a group: by one of its two names.
 */
export interface MemberToRemoveInit {
  /**
   * Its `group.instance.id`; then no member id.
   */
  groupInstanceId?: string | null;
  /**
   * Its member id; then no `group.instance.id`.
   */
  memberId?: string | null;
}

/**
 * How many partitions a topic shall have.
 */
export interface NewPartitions {
  /**
   * The topic's name.
   */
  topic: string;
  /**
   * The number of its partitions altogether, above the present one.
   */
  totalCount: number;
  /**
   * Brokers chosen by hand: those of the first new partition, of the second and so on, the preferred leader
   * first. If left out, the controller chooses.
   */
  newAssignments?: Iterable<Iterable<number>> | null;
}

/**
 * A topic to create.
 */
export interface NewTopic {
  /**
   * Its name.
   */
  name: string;
  /**
   * How many partitions; if left out, the broker's `num.partitions`.
   */
  numPartitions?: number | null;
  /**
   * How many replicas of each; if left out, the broker's `default.replication.factor`.
   */
  replicationFactor?: number | null;
  /**
   * Brokers chosen by hand: those of partition 0, of partition 1 and so on, the preferred leader first. Then the
   * two counts must be left out.
   */
  replicaAssignments?: Iterable<Iterable<number>> | null;
  /**
   * Topic options, such as `cleanup.policy`.
   *
   * Default: `{}`.
   */
  configs?: Record<string, string>;
}

/**
 * Which offset of a partition's log to look up.
 */
export interface OffsetQuery {
  /**
   * The topic's name.
   */
  topic: string;
  /**
   * The partition's number.
   */
  partition: number;
  /**
   * Which offset.
   */
  spec: OffsetSpec;
  /**
   * With `FOR_TIMESTAMP` the time, in ms since the Unix epoch; else nothing.
   */
  timestampMs?: number | bigint | null;
}

/**
 * An idempotent or transactional producer, as a partition's leader knows it.
 */
export interface ProducerStateDescription {
  /**
   * Its id.
   */
  producerId: number;
  /**
   * Its epoch.
   */
  producerEpoch: number;
  /**
   * Sequence of its last record.
   */
  lastSequence: number;
  /**
   * Timestamp of its last batch, in ms since the Unix epoch.
   */
  lastTimestampMs: number;
  /**
   * Epoch of the coordinator that wrote its last transaction marker; nothing without one.
   */
  coordinatorEpoch: number | null;
  /**
   * First offset of its open transaction; nothing without one.
   */
  currentTransactionStartOffset: number | null;
}

/**
 * Which records of a partition to delete.
 */
export interface RecordsToDelete {
  /**
   * The topic's name.
   */
  topic: string;
  /**
   * The partition's number.
   */
  partition: number;
  /**
   * Records before this offset go; -1: all up to the high watermark.
   */
  beforeOffset: number | bigint;
}

/**
 * A replica in a directory.
 */
export interface ReplicaInfo {
  /**
   * The topic's name.
   */
  topic: string;
  /**
   * The partition's number.
   */
  partition: number;
  /**
   * Size of its segments.
   */
  sizeBytes: number;
  /**
   * How many offsets it is behind: the high watermark for the present one, the present one for a future one.
   */
  offsetLag: number;
  /**
   * Whether it is being moved here and will replace the present one.
   */
  isFuture: boolean;
}

/**
 * A topic described.
 */
export interface TopicDescription {
  /**
   * Its name.
   */
  name: string;
  /**
   * Its id; nothing from brokers that know none.
   */
  id: string | null;
  /**
   * Whether it is one of Kafka's own.
   */
  isInternal: boolean;
  /**
   * Its partitions, by number.
   */
  partitions: Array<TopicPartitionInfo>;
  /**
   * What this principal may do with it; nothing when the broker does not say.
   */
  authorizedOperations: Array<AclOperation> | null;
}

/**
 * A topic in a list.
 */
export interface TopicListing {
  /**
   * Its name.
   */
  name: string;
  /**
   * Its id; nothing from brokers that know none.
   */
  id: string | null;
  /**
   * Whether it is one of Kafka's own.
   */
  isInternal: boolean;
}

/**
 * A partition and where its replicas are.
 */
export interface TopicPartitionInfo {
  /**
   * Its number.
   */
  partition: number;
  /**
   * The broker that leads it; nothing while there is none.
   */
  leader: number | null;
  /**
   * The leader's epoch, where the broker knows epochs.
   */
  leaderEpoch: number | null;
  /**
   * Brokers of all replicas, the preferred leader first.
   */
  replicas: Array<number>;
  /**
   * Brokers of replicas in sync.
   */
  isr: Array<number>;
  /**
   * Brokers of replicas that are down.
   */
  offlineReplicas: Array<number>;
  /**
   * Why there is no leader; nothing when all is well.
   */
  error: KafkaError | null;
}

/**
 * A transactional id described.
 */
export interface TransactionDescription {
  /**
   * The broker that coordinates it, where known.
   */
  coordinator: number | null;
  /**
   * Kafka's name of the state, such as `Ongoing`.
   */
  state: string;
  /**
   * The producer's id.
   */
  producerId: number;
  /**
   * The producer's epoch.
   */
  producerEpoch: number;
  /**
   * The producer's `transaction.timeout.ms`.
   */
  timeoutMs: number;
  /**
   * When the open transaction began, in ms since the Unix epoch; nothing without one.
   */
  startTimeMs: number | null;
  /**
   * The partitions in it.
   */
  partitions: Array<TopicPartition>;
}

/**
 * A transactional id in a list.
 */
export interface TransactionListing {
  /**
   * The transactional id.
   */
  transactionalId: string;
  /**
   * The producer's id.
   */
  producerId: number;
  /**
   * Kafka's name of the state, such as `Ongoing`.
   */
  state: string;
}

/** The operations of the admin client. */
export interface AdminOperations {
  /**
   * Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.
   *
   * Errors: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
   * INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts beside
   * assignments by hand, for a topic named twice.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: CreateTopics (KIP-4, KIP-525)
   */
  createTopics(topics: Iterable<NewTopic>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
    /**
     * Only check whether the topics could be created.
     *
     * Default: `false`.
     */
    validateOnly?: boolean;
  }): Promise<Array<ItemResult<string, CreatedTopic>>>;
  /**
   * Deletes topics and all their records.
   *
   * Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED,
   * TOPIC_AUTHORIZATION_FAILED.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DeleteTopics (KIP-4, KIP-516)
   */
  deleteTopics(options?: CallOptions & {
    /**
     * Names of topics to delete.
     *
     * Default: `[]`.
     */
    topics?: Iterable<string>;
    /**
     * Ids of topics to delete, as Kafka writes them.
     *
     * Default: `[]`.
     */
    topicIds?: Iterable<string>;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<string, void>>>;
  /**
   * Lists topics, by name.
   *
   * Errors: Of the call: Timeout or Network when no broker answers. Topics that this principal may not describe
   * are left out.
   *
   * Source: Metadata (KIP-4, KIP-516)
   */
  listTopics(options?: CallOptions & {
    /**
     * Also Kafka's own.
     *
     * Default: `false`.
     */
    includeInternal?: boolean;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Record<string, TopicListing>>;
  /**
   * Describes topics: ids, partitions, leaders, replicas.
   *
   * Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
   * TOPIC_AUTHORIZATION_FAILED.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: Metadata (KIP-4, KIP-430, KIP-516)
   */
  describeTopics(options?: CallOptions & {
    /**
     * Names of topics to describe.
     *
     * Default: `[]`.
     */
    topics?: Iterable<string>;
    /**
     * Ids of topics to describe, as Kafka writes them.
     *
     * Default: `[]`.
     */
    topicIds?: Iterable<string>;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<string, TopicDescription>>>;
  /**
   * Raises the number of partitions of topics. Records with a key go to other partitions afterwards.
   *
   * Errors: Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more,
   * INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of the
   * call: InvalidArgument for a topic named twice.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: CreatePartitions (KIP-195)
   */
  createPartitions(topics: Iterable<NewPartitions>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
    /**
     * Only check whether the partitions could be created.
     *
     * Default: `false`.
     */
    validateOnly?: boolean;
  }): Promise<Array<ItemResult<string, void>>>;
  /**
   * Describes configurations of topics, brokers and groups: their options by name.
   *
   * Errors: Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not,
   * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DescribeConfigs (KIP-133, KIP-226, KIP-569)
   */
  describeConfigs(resources: Iterable<ConfigResource>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
    /**
     * Also values from other sources.
     *
     * Default: `false`.
     */
    includeSynonyms?: boolean;
    /**
     * Also what each option means.
     *
     * Default: `false`.
     */
    includeDocumentation?: boolean;
  }): Promise<Array<ItemResult<ConfigResource, Record<string, ConfigEntry>>>>;
  /**
   * Changes the named options and leaves the others as they are. Of each resource all changes are made, or none.
   *
   * Errors: Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION,
   * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call:
   * InvalidArgument for a resource named twice, for DELETE with a value, for anything else without one.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: IncrementalAlterConfigs (KIP-339)
   */
  incrementalAlterConfigs(changes: Iterable<ConfigChanges>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
    /**
     * Only check whether the changes would be accepted.
     *
     * Default: `false`.
     */
    validateOnly?: boolean;
  }): Promise<Array<ItemResult<ConfigResource, void>>>;
  /**
   * Deletes the records before an offset in each partition.
   *
   * Errors: Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for a
   * topic that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the
   * call: InvalidArgument for a partition named twice.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DeleteRecords (KIP-107)
   */
  deleteRecords(records: Iterable<RecordsToDelete>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<TopicPartition, DeletedRecords>>>;
  /**
   * Looks up offsets of logs, asked at the partitions' leaders.
   *
   * Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED,
   * Unsupported where the broker is older than the spec. Of the call: InvalidArgument for a partition named
   * twice, for FOR_TIMESTAMP without a time, for any other with one.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734, KIP-1005)
   */
  listOffsets(queries: Iterable<OffsetQuery>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
    /**
     * Which records count.
     *
     * Default: `"READ_UNCOMMITTED"`.
     */
    isolationLevel?: IsolationLevel;
  }): Promise<Array<ItemResult<TopicPartition, ListOffsetsResultInfo>>>;
  /**
   * Lists the offsets groups committed. A partition without a commit is left out.
   *
   * Errors: Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with
   * require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group named
   * twice.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: OffsetFetch (KIP-88, KIP-447, KIP-709)
   */
  listConsumerGroupOffsets(groups: Iterable<GroupOffsetsQuery>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
    /**
     * Wait for offsets that open transactions commit to be decided, instead of giving those before.
     *
     * Default: `false`.
     */
    requireStable?: boolean;
  }): Promise<Array<ItemResult<string, Array<CommittedOffset>>>>;
  /**
   * Sets the offsets of a group without members.
   *
   * Errors: Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION,
   * OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of the
   * call: InvalidArgument for a partition named twice.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: OffsetCommit (KIP-396)
   */
  alterConsumerGroupOffsets(groupId: string, offsets: Iterable<CommittedOffsetInit>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<TopicPartition, void>>>;
  /**
   * Deletes committed offsets of topics the group's members do not subscribe to.
   *
   * Errors: Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of
   * the call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: OffsetDelete (KIP-496)
   */
  deleteConsumerGroupOffsets(groupId: string, partitions: Iterable<TopicPartition>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<TopicPartition, void>>>;
  /**
   * Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes would
   * mislead.
   *
   * Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for types at
   * brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not describe are
   * left out.
   *
   * Source: ListGroups (KIP-518, KIP-848)
   */
  listGroups(options?: CallOptions & {
    /**
     * Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.
     *
     * Default: `[]`.
     */
    states?: Iterable<string>;
    /**
     * Only groups of these types; if left out, of all.
     *
     * Default: `[]`.
     */
    types?: Iterable<GroupType>;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Record<string, GroupListing>>;
  /**
   * Describes consumer groups of either protocol, asked at their coordinators.
   *
   * Errors: Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`), GROUP_AUTHORIZATION_FAILED,
   * COORDINATOR_NOT_AVAILABLE.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043)
   */
  describeConsumerGroups(groupIds: Iterable<string>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<string, GroupDescription>>>;
  /**
   * Deletes groups without members, and with them their offsets.
   *
   * Errors: Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED,
   * COORDINATOR_NOT_AVAILABLE.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DeleteGroups (KIP-229)
   */
  deleteConsumerGroups(groupIds: Iterable<string>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<string, void>>>;
  /**
   * Removes members from a group, so that it rebalances without them at once.
   *
   * Errors: Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND, INVALID_GROUP_ID,
   * GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: LeaveGroup (KIP-345, KIP-571, KIP-800)
   */
  removeMembersFromConsumerGroup(groupId: string, members: Iterable<MemberToRemoveInit>, options?: CallOptions & {
    /**
     * Why, for the broker's log.
     */
    reason?: string | null;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<MemberToRemove, void>>>;
  /**
   * Describes the cluster as some broker sees it now.
   *
   * Errors: Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED.
   *
   * Source: DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073)
   */
  describeCluster(options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<ClusterDescription>;
  /**
   * Describes finalised features of the cluster, and the API versions of a broker.
   *
   * Errors: Of the call: Timeout or Network when the broker does not answer.
   *
   * Source: ApiVersions (KIP-35, KIP-584)
   */
  describeFeatures(options?: CallOptions & {
    /**
     * The broker to ask; if left out, any.
     */
    broker?: number | null;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<FeatureDescription>;
  /**
   * Elects leaders of partitions. A partition that was named and needed no election is no error.
   *
   * Errors: Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE,
   * UNKNOWN_TOPIC_OR_PARTITION. Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at brokers
   * before 2.4.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: ElectLeaders (KIP-183, KIP-460)
   */
  electLeaders(electionType: ElectionType, options?: CallOptions & {
    /**
     * The partitions; if left out, all that need an election, and those that needed none are not told of.
     */
    partitions?: Iterable<TopicPartition> | null;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<TopicPartition, void>>>;
  /**
   * Describes the log directories of brokers, by path.
   *
   * Errors: Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a directory:
   * KAFKA_STORAGE_ERROR.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DescribeLogDirs (KIP-113, KIP-827)
   */
  describeLogDirs(brokers: Iterable<number>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<number, Record<string, LogDirDescription>>>>;
  /**
   * Describes the producers that are active on partitions, asked at their leaders.
   *
   * Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DescribeProducers (KIP-664)
   */
  describeProducers(partitions: Iterable<TopicPartition>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<TopicPartition, Array<ProducerStateDescription>>>>;
  /**
   * Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list with
   * holes would mislead.
   *
   * Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before 3.8.
   * Transactional ids that this principal may not describe are left out.
   *
   * Source: ListTransactions (KIP-664, KIP-994)
   */
  listTransactions(options?: CallOptions & {
    /**
     * Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.
     *
     * Default: `[]`.
     */
    states?: Iterable<string>;
    /**
     * Only those of these producer ids; if left out, of all.
     *
     * Default: `[]`.
     */
    producerIds?: Iterable<number | bigint>;
    /**
     * Only those whose transaction is open for longer than this.
     */
    runningLongerThanMs?: number | null;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Record<string, TransactionListing>>;
  /**
   * Describes transactional ids, asked at their coordinators.
   *
   * Errors: Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
   * COORDINATOR_NOT_AVAILABLE.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: DescribeTransactions (KIP-664)
   */
  describeTransactions(transactionalIds: Iterable<string>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<string, TransactionDescription>>>;
  /**
   * Fences the producers of transactional ids: their open transactions abort, and they cannot go on.
   *
   * Errors: Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE,
   * CONCURRENT_TRANSACTIONS when the old transaction does not end in time.
   *
   * Rejects with the first failed item's error, which has all of them as `results`.
   *
   * Source: InitProducerId (KIP-691)
   */
  fenceProducers(transactionalIds: Iterable<string>, options?: CallOptions & {
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<Array<ItemResult<string, FencedProducer>>>;
  /**
   * Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not
   * asked: only for transactions it no longer knows.
   *
   * Errors: Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
   * CLUSTER_AUTHORIZATION_FAILED.
   *
   * Source: WriteTxnMarkers (KIP-664)
   */
  abortTransaction(partition: TopicPartition, producerId: number | bigint, producerEpoch: number, options?: CallOptions & {
    /**
     * Epoch of the coordinator that wrote the producer's last transaction marker; nothing without one.
     */
    coordinatorEpoch?: number | null;
    /**
     * How long the call may take, retries included; if left out, `default.api.timeout.ms`.
     */
    timeoutMs?: number | null;
  }): Promise<void>;
}
