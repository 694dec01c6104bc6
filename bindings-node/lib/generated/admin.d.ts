// Generated from the table of the admin client's operations, do not edit: `make gen`.

import { KafkaError } from '../errors';
import { CallOptions, ItemResult } from '../common';

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

/** The operations of the admin client. */
export interface AdminOperations {
  /**
   * Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.
   *
   * Errors: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS,
   * INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts beside
   * assignments by hand.
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
}
