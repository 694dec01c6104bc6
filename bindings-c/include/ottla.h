/*
 * Ottla: a Kafka client for C and C++. ottla.hpp is the same for C++17.
 *
 * Generated from bindings-c/src, do not edit: make gen.
 *
 * Ownership. What comes back through a `T **` is the caller's and is freed with the function named there; everything else
 * that a function returns is borrowed and lives as long as the comment says. Arguments are borrowed for the length of the
 * call. Every ..._free() accepts NULL.
 *
 * Errors. Calls return an ottla_status_t. Through the last argument, where it is not NULL, they give an ottla_error_t that
 * says more: NULL on success, else the caller's to free. A NULL or malformed argument is OTTLA_INVALID_ARGUMENT.
 *
 * Waiting. Every call that may wait takes a timeout in milliseconds and returns by it; 0 never waits.
 *
 * Threads. Handles may be used from any thread; freeing one ends its use. The library calls back only from within calls
 * that say so, on the calling thread. In a child made by fork(), calls of inherited clients return OTTLA_FORKED; make new
 * ones there.
 */

#ifndef OTTLA_H
#define OTTLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A length that stands for "up to the NUL". */
#define OTTLA_NUL_TERMINATED SIZE_MAX


/**
 * There is no such offset.
 */
#define OTTLA_NO_OFFSET -1



/**
 * What a call returns: OTTLA_OK, or what sort of failure it was, that is: what a caller can do about it. Later versions may
 * return values that are not here yet.
 */
typedef enum {
  /**
   * It did what it says.
   */
  OTTLA_OK = 0,
  /**
   * An option is unknown, malformed, out of range or contradicts another one. Change the configuration.
   */
  OTTLA_CONFIG_ERROR = 1,
  /**
   * An argument of the call cannot be. Change the call.
   */
  OTTLA_INVALID_ARGUMENT = 2,
  /**
   * The call is not allowed now: a commit without a group, a send outside a transaction.
   */
  OTTLA_INVALID_STATE = 3,
  /**
   * The other side, or this version of the library, lacks what was asked for.
   */
  OTTLA_UNSUPPORTED = 4,
  /**
   * The deadline passed; the error says which step was waiting on which broker.
   */
  OTTLA_TIMEOUT = 5,
  /**
   * The deadline passed before the records were sent: they are in no log.
   */
  OTTLA_NOT_SENT = 6,
  /**
   * What was asked for may have taken effect: it was sent, and no answer came that says otherwise.
   */
  OTTLA_OUTCOME_UNKNOWN = 7,
  /**
   * A broker could not be reached, or the connection to it ended.
   */
  OTTLA_NETWORK_ERROR = 8,
  /**
   * A peer sent bytes that are not what the protocol says.
   */
  OTTLA_PROTOCOL_ERROR = 9,
  /**
   * The broker answered with an error code.
   */
  OTTLA_BROKER_ERROR = 10,
  /**
   * The broker refuses this principal.
   */
  OTTLA_AUTHORIZATION = 11,
  /**
   * The broker refuses these credentials.
   */
  OTTLA_AUTHENTICATION = 12,
  /**
   * Another client took over this transactional id or group instance id; this one must stop.
   */
  OTTLA_FENCED = 13,
  /**
   * The transaction can only be aborted.
   */
  OTTLA_TRANSACTION_ABORTED = 14,
  /**
   * A buffer that is bounded by configuration is full.
   */
  OTTLA_QUEUE_FULL = 15,
  /**
   * A record is larger than configuration or broker allow.
   */
  OTTLA_RECORD_TOO_LARGE = 16,
  /**
   * A topic or partition does not exist.
   */
  OTTLA_UNKNOWN_TOPIC_OR_PARTITION = 17,
  /**
   * The position is outside the log, and no reset policy says what to do.
   */
  OTTLA_OFFSET_OUT_OF_RANGE = 18,
  /**
   * The log was truncated below the consumer's position: records already seen are gone.
   */
  OTTLA_LOG_TRUNCATION = 19,
  /**
   * The application did not poll within `max.poll.interval.ms`.
   */
  OTTLA_MAX_POLL_EXCEEDED = 20,
  /**
   * Stored bytes fail their checksum or cannot be decompressed.
   */
  OTTLA_CORRUPT = 21,
  /**
   * The client, producer or consumer was closed.
   */
  OTTLA_CLOSED = 22,
  /**
   * The client was made before the process forked. Make a new one in the forked process.
   */
  OTTLA_FORKED = 23,
  /**
   * The operation was given up by the caller.
   */
  OTTLA_CANCELLED = 24,
  /**
   * A defect of this library.
   */
  OTTLA_INTERNAL_ERROR = 25,
} ottla_status_t;

/**
 * What happened to partitions.
 */
typedef enum {
  /**
   * They came in addition; none when a rebalance brought nothing new.
   */
  OTTLA_ASSIGNED = 0,
  /**
   * They are given up with the next poll: finish and commit what was read of them now.
   */
  OTTLA_REVOKED = 1,
  /**
   * They were taken away without asking: others may read them already, and commits for them fail.
   */
  OTTLA_LOST = 2,
} ottla_rebalance_type_t;

/**
 * Who set a record's timestamp.
 */
typedef enum {
  /**
   * The producer.
   */
  OTTLA_CREATE_TIME = 0,
  /**
   * The broker, when it appended the record.
   */
  OTTLA_LOG_APPEND_TIME = 1,
} ottla_timestamp_type_t;

/**
 * How much is logged; each level has what the ones before have.
 */
typedef enum {
  /**
   * Nothing.
   */
  OTTLA_LOG_OFF = 0,
  /**
   * What failed for good.
   */
  OTTLA_LOG_ERROR = 1,
  /**
   * What may need attention.
   */
  OTTLA_LOG_WARN = 2,
  /**
   * What happens to clients: connections, groups, topics.
   */
  OTTLA_LOG_INFO = 3,
  /**
   * Decisions.
   */
  OTTLA_LOG_DEBUG = 4,
  /**
   * Every request.
   */
  OTTLA_LOG_TRACE = 5,
} ottla_log_level_t;

/**
 * What a principal may do (Kafka's ACL operations).
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_ACL_OPERATION_NONE = 0,
  /**
   * Read records, offsets or group members.
   */
  OTTLA_ACL_OPERATION_READ = 1,
  /**
   * Write records.
   */
  OTTLA_ACL_OPERATION_WRITE = 2,
  /**
   * Create.
   */
  OTTLA_ACL_OPERATION_CREATE = 3,
  /**
   * Delete.
   */
  OTTLA_ACL_OPERATION_DELETE = 4,
  /**
   * Alter.
   */
  OTTLA_ACL_OPERATION_ALTER = 5,
  /**
   * Describe.
   */
  OTTLA_ACL_OPERATION_DESCRIBE = 6,
  /**
   * Act as a broker of the cluster.
   */
  OTTLA_ACL_OPERATION_CLUSTER_ACTION = 7,
  /**
   * Read configurations.
   */
  OTTLA_ACL_OPERATION_DESCRIBE_CONFIGS = 8,
  /**
   * Change configurations.
   */
  OTTLA_ACL_OPERATION_ALTER_CONFIGS = 9,
  /**
   * Write as an idempotent producer.
   */
  OTTLA_ACL_OPERATION_IDEMPOTENT_WRITE = 10,
  /**
   * Create delegation tokens for others.
   */
  OTTLA_ACL_OPERATION_CREATE_TOKENS = 11,
  /**
   * Describe delegation tokens of others.
   */
  OTTLA_ACL_OPERATION_DESCRIBE_TOKENS = 12,
  /**
   * Take part in transactions of two phases.
   */
  OTTLA_ACL_OPERATION_TWO_PHASE_COMMIT = 13,
} ottla_acl_operation_t;

/**
 * What to do with an option.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_ALTER_CONFIG_OP_TYPE_NONE = 0,
  /**
   * Set it.
   */
  OTTLA_ALTER_CONFIG_OP_TYPE_SET = 1,
  /**
   * Back to its default.
   */
  OTTLA_ALTER_CONFIG_OP_TYPE_DELETE = 2,
  /**
   * Add to a list.
   */
  OTTLA_ALTER_CONFIG_OP_TYPE_APPEND = 3,
  /**
   * Take out of a list.
   */
  OTTLA_ALTER_CONFIG_OP_TYPE_SUBTRACT = 4,
} ottla_alter_config_op_type_t;

/**
 * What a configuration belongs to.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_CONFIG_RESOURCE_TYPE_NONE = 0,
  /**
   * A topic, by name.
   */
  OTTLA_CONFIG_RESOURCE_TYPE_TOPIC = 1,
  /**
   * A broker, by number; the empty name is all brokers' default.
   */
  OTTLA_CONFIG_RESOURCE_TYPE_BROKER = 2,
  /**
   * Log levels of a broker, by number.
   */
  OTTLA_CONFIG_RESOURCE_TYPE_BROKER_LOGGER = 3,
  /**
   * A client metrics subscription, by name.
   */
  OTTLA_CONFIG_RESOURCE_TYPE_CLIENT_METRICS = 4,
  /**
   * A group, by id.
   */
  OTTLA_CONFIG_RESOURCE_TYPE_GROUP = 5,
} ottla_config_resource_type_t;

/**
 * Where an option's value comes from.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_CONFIG_SOURCE_NONE = 0,
  /**
   * Set on the topic.
   */
  OTTLA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG = 1,
  /**
   * Set on the broker while running.
   */
  OTTLA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG = 2,
  /**
   * Set for all brokers while running.
   */
  OTTLA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG = 3,
  /**
   * From the broker's properties file.
   */
  OTTLA_CONFIG_SOURCE_STATIC_BROKER_CONFIG = 4,
  /**
   * Kafka's default.
   */
  OTTLA_CONFIG_SOURCE_DEFAULT_CONFIG = 5,
  /**
   * Log level set while running.
   */
  OTTLA_CONFIG_SOURCE_DYNAMIC_BROKER_LOGGER_CONFIG = 6,
  /**
   * Set on the client metrics subscription.
   */
  OTTLA_CONFIG_SOURCE_DYNAMIC_CLIENT_METRICS_CONFIG = 7,
  /**
   * Set on the group.
   */
  OTTLA_CONFIG_SOURCE_DYNAMIC_GROUP_CONFIG = 8,
  /**
   * A source newer than this library, or not said.
   */
  OTTLA_CONFIG_SOURCE_UNKNOWN = 9,
} ottla_config_source_t;

/**
 * Which replica may become leader.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_ELECTION_TYPE_NONE = 0,
  /**
   * The first in the list of replicas, if it is in sync.
   */
  OTTLA_ELECTION_TYPE_PREFERRED = 1,
  /**
   * Any live one, even out of sync: records may be lost.
   */
  OTTLA_ELECTION_TYPE_UNCLEAN = 2,
} ottla_election_type_t;

/**
 * Which protocol a group is kept by.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_GROUP_TYPE_NONE = 0,
  /**
   * Members assign.
   */
  OTTLA_GROUP_TYPE_CLASSIC = 1,
  /**
   * The coordinator assigns (KIP-848).
   */
  OTTLA_GROUP_TYPE_CONSUMER = 2,
  /**
   * Records are shared (KIP-932).
   */
  OTTLA_GROUP_TYPE_SHARE = 3,
  /**
   * Kafka Streams (KIP-1071).
   */
  OTTLA_GROUP_TYPE_STREAMS = 4,
  /**
   * Newer than this library, or not said by the broker.
   */
  OTTLA_GROUP_TYPE_UNKNOWN = 5,
} ottla_group_type_t;

/**
 * Which records count.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_ISOLATION_LEVEL_NONE = 0,
  /**
   * All below the high watermark.
   */
  OTTLA_ISOLATION_LEVEL_READ_UNCOMMITTED = 1,
  /**
   * Those of committed transactions and of none.
   */
  OTTLA_ISOLATION_LEVEL_READ_COMMITTED = 2,
} ottla_isolation_level_t;

/**
 * Which offset of a log.
 */
typedef enum {
  /**
   * None of them, or one that this version does not know.
   */
  OTTLA_OFFSET_SPEC_NONE = 0,
  /**
   * The first one.
   */
  OTTLA_OFFSET_SPEC_EARLIEST = 1,
  /**
   * The one the next record gets (with `READ_COMMITTED`, the last stable one).
   */
  OTTLA_OFFSET_SPEC_LATEST = 2,
  /**
   * That of the record with the largest timestamp.
   */
  OTTLA_OFFSET_SPEC_MAX_TIMESTAMP = 3,
  /**
   * The first one at or after a time.
   */
  OTTLA_OFFSET_SPEC_FOR_TIMESTAMP = 4,
  /**
   * The first one still on the leader's disk, with tiered storage.
   */
  OTTLA_OFFSET_SPEC_EARLIEST_LOCAL = 5,
  /**
   * The last one in tiered storage.
   */
  OTTLA_OFFSET_SPEC_LATEST_TIERED = 6,
} ottla_offset_spec_t;

/**
 * Kafka's error codes, as brokers send them. Brokers may send newer ones.
 */
typedef enum {
  /**
   * unexpected server error.
   */
  OTTLA_CODE_UNKNOWN_SERVER_ERROR = -1,
  /**
   * no error.
   */
  OTTLA_CODE_NONE = 0,
  /**
   * the requested offset is outside the range of offsets the partition holds.
   */
  OTTLA_CODE_OFFSET_OUT_OF_RANGE = 1,
  /**
   * a record batch is corrupt: its checksum, size or format is wrong.
   */
  OTTLA_CODE_CORRUPT_MESSAGE = 2,
  /**
   * the broker does not host this topic or partition.
   */
  OTTLA_CODE_UNKNOWN_TOPIC_OR_PARTITION = 3,
  /**
   * the requested fetch size is invalid.
   */
  OTTLA_CODE_INVALID_FETCH_SIZE = 4,
  /**
   * the partition has no leader at the moment.
   */
  OTTLA_CODE_LEADER_NOT_AVAILABLE = 5,
  /**
   * the broker is not the leader of the partition, or not a replica of it.
   */
  OTTLA_CODE_NOT_LEADER_OR_FOLLOWER = 6,
  /**
   * the request did not complete in time.
   */
  OTTLA_CODE_REQUEST_TIMED_OUT = 7,
  /**
   * the broker is not available.
   */
  OTTLA_CODE_BROKER_NOT_AVAILABLE = 8,
  /**
   * the replica is not available on the broker.
   */
  OTTLA_CODE_REPLICA_NOT_AVAILABLE = 9,
  /**
   * the record batch is larger than the broker or topic accepts.
   */
  OTTLA_CODE_MESSAGE_TOO_LARGE = 10,
  /**
   * the controller epoch is older than the current one.
   */
  OTTLA_CODE_STALE_CONTROLLER_EPOCH = 11,
  /**
   * the metadata stored with the offset is too large.
   */
  OTTLA_CODE_OFFSET_METADATA_TOO_LARGE = 12,
  /**
   * the connection was lost before a response arrived.
   */
  OTTLA_CODE_NETWORK_EXCEPTION = 13,
  /**
   * the coordinator is still loading its state.
   */
  OTTLA_CODE_COORDINATOR_LOAD_IN_PROGRESS = 14,
  /**
   * the coordinator is not available.
   */
  OTTLA_CODE_COORDINATOR_NOT_AVAILABLE = 15,
  /**
   * the broker is not the coordinator of this group or transactional id.
   */
  OTTLA_CODE_NOT_COORDINATOR = 16,
  /**
   * the topic name is invalid or the operation is not allowed on this topic.
   */
  OTTLA_CODE_INVALID_TOPIC_EXCEPTION = 17,
  /**
   * the record batches exceed the segment size of the log.
   */
  OTTLA_CODE_RECORD_LIST_TOO_LARGE = 18,
  /**
   * fewer replicas are in sync than min.insync.replicas asks for.
   */
  OTTLA_CODE_NOT_ENOUGH_REPLICAS = 19,
  /**
   * the records were written, but fewer replicas were in sync than min.insync.replicas asks for.
   */
  OTTLA_CODE_NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20,
  /**
   * the acks value is invalid.
   */
  OTTLA_CODE_INVALID_REQUIRED_ACKS = 21,
  /**
   * the generation id is not the current one of the group.
   */
  OTTLA_CODE_ILLEGAL_GENERATION = 22,
  /**
   * the member's protocol type or protocols do not fit the group.
   */
  OTTLA_CODE_INCONSISTENT_GROUP_PROTOCOL = 23,
  /**
   * the group id is invalid.
   */
  OTTLA_CODE_INVALID_GROUP_ID = 24,
  /**
   * the coordinator does not know this member.
   */
  OTTLA_CODE_UNKNOWN_MEMBER_ID = 25,
  /**
   * the session timeout is outside the range the broker allows.
   */
  OTTLA_CODE_INVALID_SESSION_TIMEOUT = 26,
  /**
   * the group is rebalancing.
   */
  OTTLA_CODE_REBALANCE_IN_PROGRESS = 27,
  /**
   * the offset commit is too large.
   */
  OTTLA_CODE_INVALID_COMMIT_OFFSET_SIZE = 28,
  /**
   * not authorized for the topic.
   */
  OTTLA_CODE_TOPIC_AUTHORIZATION_FAILED = 29,
  /**
   * not authorized for the group.
   */
  OTTLA_CODE_GROUP_AUTHORIZATION_FAILED = 30,
  /**
   * not authorized for the cluster.
   */
  OTTLA_CODE_CLUSTER_AUTHORIZATION_FAILED = 31,
  /**
   * the record timestamp is outside the range the topic allows.
   */
  OTTLA_CODE_INVALID_TIMESTAMP = 32,
  /**
   * the broker does not enable this SASL mechanism.
   */
  OTTLA_CODE_UNSUPPORTED_SASL_MECHANISM = 33,
  /**
   * the request is not valid in the present SASL state.
   */
  OTTLA_CODE_ILLEGAL_SASL_STATE = 34,
  /**
   * the broker does not support this version of the API.
   */
  OTTLA_CODE_UNSUPPORTED_VERSION = 35,
  /**
   * the topic already exists.
   */
  OTTLA_CODE_TOPIC_ALREADY_EXISTS = 36,
  /**
   * the number of partitions is invalid.
   */
  OTTLA_CODE_INVALID_PARTITIONS = 37,
  /**
   * the replication factor is below 1 or above the number of brokers.
   */
  OTTLA_CODE_INVALID_REPLICATION_FACTOR = 38,
  /**
   * the replica assignment is invalid.
   */
  OTTLA_CODE_INVALID_REPLICA_ASSIGNMENT = 39,
  /**
   * the configuration is invalid.
   */
  OTTLA_CODE_INVALID_CONFIG = 40,
  /**
   * the broker is not the controller.
   */
  OTTLA_CODE_NOT_CONTROLLER = 41,
  /**
   * the request is malformed or breaks a rule of the protocol.
   */
  OTTLA_CODE_INVALID_REQUEST = 42,
  /**
   * the message format of the topic does not support the request.
   */
  OTTLA_CODE_UNSUPPORTED_FOR_MESSAGE_FORMAT = 43,
  /**
   * the request breaks a policy of the cluster.
   */
  OTTLA_CODE_POLICY_VIOLATION = 44,
  /**
   * the sequence number is not the one that follows the last appended batch.
   */
  OTTLA_CODE_OUT_OF_ORDER_SEQUENCE_NUMBER = 45,
  /**
   * the batch with this sequence number was already appended.
   */
  OTTLA_CODE_DUPLICATE_SEQUENCE_NUMBER = 46,
  /**
   * the producer epoch is older than the current one.
   */
  OTTLA_CODE_INVALID_PRODUCER_EPOCH = 47,
  /**
   * the operation is not allowed in the present state of the transaction.
   */
  OTTLA_CODE_INVALID_TXN_STATE = 48,
  /**
   * the producer id does not belong to this transactional id.
   */
  OTTLA_CODE_INVALID_PRODUCER_ID_MAPPING = 49,
  /**
   * the transaction timeout is larger than transaction.max.timeout.ms.
   */
  OTTLA_CODE_INVALID_TRANSACTION_TIMEOUT = 50,
  /**
   * another operation on the transaction is still in progress.
   */
  OTTLA_CODE_CONCURRENT_TRANSACTIONS = 51,
  /**
   * the transaction coordinator that sent the marker has been replaced.
   */
  OTTLA_CODE_TRANSACTION_COORDINATOR_FENCED = 52,
  /**
   * not authorized for the transactional id.
   */
  OTTLA_CODE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53,
  /**
   * security features are disabled.
   */
  OTTLA_CODE_SECURITY_DISABLED = 54,
  /**
   * the operation was not attempted, because an earlier one in the request failed.
   */
  OTTLA_CODE_OPERATION_NOT_ATTEMPTED = 55,
  /**
   * the log directory of the partition failed.
   */
  OTTLA_CODE_KAFKA_STORAGE_ERROR = 56,
  /**
   * the log directory does not exist on the broker.
   */
  OTTLA_CODE_LOG_DIR_NOT_FOUND = 57,
  /**
   * SASL authentication failed.
   */
  OTTLA_CODE_SASL_AUTHENTICATION_FAILED = 58,
  /**
   * the broker holds no state for this producer id.
   */
  OTTLA_CODE_UNKNOWN_PRODUCER_ID = 59,
  /**
   * the partition is already being reassigned.
   */
  OTTLA_CODE_REASSIGNMENT_IN_PROGRESS = 60,
  /**
   * delegation tokens are not enabled.
   */
  OTTLA_CODE_DELEGATION_TOKEN_AUTH_DISABLED = 61,
  /**
   * the delegation token does not exist.
   */
  OTTLA_CODE_DELEGATION_TOKEN_NOT_FOUND = 62,
  /**
   * the principal does not own the delegation token.
   */
  OTTLA_CODE_DELEGATION_TOKEN_OWNER_MISMATCH = 63,
  /**
   * delegation tokens cannot be managed over this connection.
   */
  OTTLA_CODE_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64,
  /**
   * not authorized for the delegation token.
   */
  OTTLA_CODE_DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65,
  /**
   * the delegation token has expired.
   */
  OTTLA_CODE_DELEGATION_TOKEN_EXPIRED = 66,
  /**
   * the principal type is not supported.
   */
  OTTLA_CODE_INVALID_PRINCIPAL_TYPE = 67,
  /**
   * the group still has members.
   */
  OTTLA_CODE_NON_EMPTY_GROUP = 68,
  /**
   * the group does not exist.
   */
  OTTLA_CODE_GROUP_ID_NOT_FOUND = 69,
  /**
   * the fetch session does not exist.
   */
  OTTLA_CODE_FETCH_SESSION_ID_NOT_FOUND = 70,
  /**
   * the fetch session epoch is not the expected one.
   */
  OTTLA_CODE_INVALID_FETCH_SESSION_EPOCH = 71,
  /**
   * the leader has no endpoint on the listener of the request.
   */
  OTTLA_CODE_LISTENER_NOT_FOUND = 72,
  /**
   * topic deletion is disabled.
   */
  OTTLA_CODE_TOPIC_DELETION_DISABLED = 73,
  /**
   * the leader epoch of the request is older than the current one.
   */
  OTTLA_CODE_FENCED_LEADER_EPOCH = 74,
  /**
   * the leader epoch of the request is newer than the broker's.
   */
  OTTLA_CODE_UNKNOWN_LEADER_EPOCH = 75,
  /**
   * the compression type is not supported by this version of the API.
   */
  OTTLA_CODE_UNSUPPORTED_COMPRESSION_TYPE = 76,
  /**
   * the broker epoch is not the current one.
   */
  OTTLA_CODE_STALE_BROKER_EPOCH = 77,
  /**
   * the leader cannot serve the offset until its high watermark catches up.
   */
  OTTLA_CODE_OFFSET_NOT_AVAILABLE = 78,
  /**
   * a member id is required: join again with the one returned.
   */
  OTTLA_CODE_MEMBER_ID_REQUIRED = 79,
  /**
   * the preferred leader is not available.
   */
  OTTLA_CODE_PREFERRED_LEADER_NOT_AVAILABLE = 80,
  /**
   * the group has reached its maximum size.
   */
  OTTLA_CODE_GROUP_MAX_SIZE_REACHED = 81,
  /**
   * another member took over this group instance id.
   */
  OTTLA_CODE_FENCED_INSTANCE_ID = 82,
  /**
   * no eligible leader is available.
   */
  OTTLA_CODE_ELIGIBLE_LEADERS_NOT_AVAILABLE = 83,
  /**
   * the partition already has the wanted leader.
   */
  OTTLA_CODE_ELECTION_NOT_NEEDED = 84,
  /**
   * no reassignment of the partition is in progress.
   */
  OTTLA_CODE_NO_REASSIGNMENT_IN_PROGRESS = 85,
  /**
   * the group is subscribed to the topic.
   */
  OTTLA_CODE_GROUP_SUBSCRIBED_TO_TOPIC = 86,
  /**
   * a record breaks a rule of the topic or broker.
   */
  OTTLA_CODE_INVALID_RECORD = 87,
  /**
   * offsets of a pending transaction are not yet decided.
   */
  OTTLA_CODE_UNSTABLE_OFFSET_COMMIT = 88,
  /**
   * the throttling quota is exceeded.
   */
  OTTLA_CODE_THROTTLING_QUOTA_EXCEEDED = 89,
  /**
   * a newer producer with the same transactional id took over.
   */
  OTTLA_CODE_PRODUCER_FENCED = 90,
  /**
   * the resource does not exist.
   */
  OTTLA_CODE_RESOURCE_NOT_FOUND = 91,
  /**
   * the resource appears more than once in the request.
   */
  OTTLA_CODE_DUPLICATE_RESOURCE = 92,
  /**
   * the credential does not meet the requirements.
   */
  OTTLA_CODE_UNACCEPTABLE_CREDENTIAL = 93,
  /**
   * the sets of voters differ.
   */
  OTTLA_CODE_INCONSISTENT_VOTER_SET = 94,
  /**
   * the feature version is invalid.
   */
  OTTLA_CODE_INVALID_UPDATE_VERSION = 95,
  /**
   * the features could not be updated.
   */
  OTTLA_CODE_FEATURE_UPDATE_FAILED = 96,
  /**
   * the forwarded principal could not be read.
   */
  OTTLA_CODE_PRINCIPAL_DESERIALIZATION_FAILURE = 97,
  /**
   * the snapshot does not exist.
   */
  OTTLA_CODE_SNAPSHOT_NOT_FOUND = 98,
  /**
   * the position is outside the snapshot.
   */
  OTTLA_CODE_POSITION_OUT_OF_RANGE = 99,
  /**
   * the broker does not know this topic id.
   */
  OTTLA_CODE_UNKNOWN_TOPIC_ID = 100,
  /**
   * a broker with this id is already registered.
   */
  OTTLA_CODE_DUPLICATE_BROKER_REGISTRATION = 101,
  /**
   * no broker with this id is registered.
   */
  OTTLA_CODE_BROKER_ID_NOT_REGISTERED = 102,
  /**
   * the topic id differs from the one in the log.
   */
  OTTLA_CODE_INCONSISTENT_TOPIC_ID = 103,
  /**
   * the cluster id is not the one of this cluster.
   */
  OTTLA_CODE_INCONSISTENT_CLUSTER_ID = 104,
  /**
   * the transactional id does not exist.
   */
  OTTLA_CODE_TRANSACTIONAL_ID_NOT_FOUND = 105,
  /**
   * the fetch session mixes topic ids and topic names.
   */
  OTTLA_CODE_FETCH_SESSION_TOPIC_ID_ERROR = 106,
  /**
   * the replica may not join the in-sync replicas.
   */
  OTTLA_CODE_INELIGIBLE_REPLICA = 107,
  /**
   * a new leader was elected.
   */
  OTTLA_CODE_NEW_LEADER_ELECTED = 108,
  /**
   * the offset has moved to tiered storage.
   */
  OTTLA_CODE_OFFSET_MOVED_TO_TIERED_STORAGE = 109,
  /**
   * the member epoch is not the current one; the member was fenced.
   */
  OTTLA_CODE_FENCED_MEMBER_EPOCH = 110,
  /**
   * another member still uses the group instance id.
   */
  OTTLA_CODE_UNRELEASED_INSTANCE_ID = 111,
  /**
   * the coordinator does not support the assignor.
   */
  OTTLA_CODE_UNSUPPORTED_ASSIGNOR = 112,
  /**
   * the member epoch is older than the current one.
   */
  OTTLA_CODE_STALE_MEMBER_EPOCH = 113,
  /**
   * the request went to the wrong kind of endpoint.
   */
  OTTLA_CODE_MISMATCHED_ENDPOINT_TYPE = 114,
  /**
   * the endpoint type is not supported.
   */
  OTTLA_CODE_UNSUPPORTED_ENDPOINT_TYPE = 115,
  /**
   * the controller id is not known.
   */
  OTTLA_CODE_UNKNOWN_CONTROLLER_ID = 116,
  /**
   * the client's telemetry subscription is out of date.
   */
  OTTLA_CODE_UNKNOWN_SUBSCRIPTION_ID = 117,
  /**
   * the telemetry payload is too large.
   */
  OTTLA_CODE_TELEMETRY_TOO_LARGE = 118,
  /**
   * the broker registration is invalid.
   */
  OTTLA_CODE_INVALID_REGISTRATION = 119,
  /**
   * the transaction has to be aborted; the producer stays usable.
   */
  OTTLA_CODE_TRANSACTION_ABORTABLE = 120,
  /**
   * the record is not in the state the operation needs.
   */
  OTTLA_CODE_INVALID_RECORD_STATE = 121,
  /**
   * the share session does not exist.
   */
  OTTLA_CODE_SHARE_SESSION_NOT_FOUND = 122,
  /**
   * the share session epoch is not the expected one.
   */
  OTTLA_CODE_INVALID_SHARE_SESSION_EPOCH = 123,
  /**
   * the share state epoch is older than the current one.
   */
  OTTLA_CODE_FENCED_STATE_EPOCH = 124,
  /**
   * the voter key does not match the receiving replica.
   */
  OTTLA_CODE_INVALID_VOTER_KEY = 125,
  /**
   * the voter is already part of the set.
   */
  OTTLA_CODE_DUPLICATE_VOTER = 126,
  /**
   * the voter is not part of the set.
   */
  OTTLA_CODE_VOTER_NOT_FOUND = 127,
  /**
   * the regular expression is invalid.
   */
  OTTLA_CODE_INVALID_REGULAR_EXPRESSION = 128,
  /**
   * the client has to bootstrap again.
   */
  OTTLA_CODE_REBOOTSTRAP_REQUIRED = 129,
  /**
   * the topology is invalid.
   */
  OTTLA_CODE_STREAMS_INVALID_TOPOLOGY = 130,
  /**
   * the topology epoch is invalid.
   */
  OTTLA_CODE_STREAMS_INVALID_TOPOLOGY_EPOCH = 131,
  /**
   * the topology epoch of the member is older than the current one.
   */
  OTTLA_CODE_STREAMS_TOPOLOGY_FENCED = 132,
  /**
   * the broker has reached its limit of share sessions.
   */
  OTTLA_CODE_SHARE_SESSION_LIMIT_REACHED = 133,
  /**
   * the group could not be deleted.
   */
  OTTLA_CODE_GROUP_DELETION_FAILED = 134,
  /**
   * the topology description could not be stored.
   */
  OTTLA_CODE_STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED = 135,
  /**
   * no controller with this id is registered.
   */
  OTTLA_CODE_CONTROLLER_ID_NOT_REGISTERED = 136,
} ottla_code_t;

/**
 * Administers a cluster. Made by ottla_admin_new(), owned by the caller: free it with ottla_admin_free(). Thread-safe but
 * for that.
 */
typedef struct ottla_admin_t ottla_admin_t;

/**
 * Options by Kafka's names, as "bootstrap.servers". A client copies them when it is made, so one may serve many clients;
 * names and values are checked then. Owned by the caller: free it with ottla_config_free(). Thread-safe.
 */
typedef struct ottla_config_t ottla_config_t;

/**
 * Reads records from topics, alone or as a member of a group. Made by ottla_consumer_new(), owned by the caller: free it
 * with ottla_consumer_free(). Every function but that one may be called from any thread at any time; but only one thread
 * at a time may poll.
 */
typedef struct ottla_consumer_t ottla_consumer_t;

/**
 * What becomes of one record. Made by ottla_producer_send_tracked(), owned by the caller: free it with
 * ottla_delivery_free(), at any time; the record goes on. Thread-safe but for that.
 */
typedef struct ottla_delivery_t ottla_delivery_t;

/**
 * What went wrong. Owned by whoever was given it through an `ottla_error_t **`: free it with ottla_error_free(). Its
 * texts live as long as it does. All its functions may be called from any thread and accept NULL, which is no error.
 */
typedef struct ottla_error_t ottla_error_t;

/**
 * Who a consumer is in its group, owned by the caller: free it with ottla_group_metadata_free().
 */
typedef struct ottla_group_metadata_t ottla_group_metadata_t;

/**
 * Offsets by partition, owned by the caller: free them with ottla_offsets_free(); what they point to lives as long. Never
 * changes, so threads may share it.
 */
typedef struct ottla_offsets_t ottla_offsets_t;

/**
 * What is known of a topic's partitions, owned by the caller: free it with ottla_partition_infos_free().
 */
typedef struct ottla_partition_infos_t ottla_partition_infos_t;

/**
 * A list of partitions, owned by the caller: free it with ottla_partitions_free(); what it points to lives as long. Never
 * changes, so threads may share it.
 */
typedef struct ottla_partitions_t ottla_partitions_t;

/**
 * Sends records, in batches, in the background. Made by ottla_producer_new(), owned by the caller: free it with
 * ottla_producer_free(). Every function but that one may be called from any thread at any time.
 */
typedef struct ottla_producer_t ottla_producer_t;

/**
 * What one poll returned. Owned by the caller: free it with ottla_records_free(). Never changes, so threads may share it;
 * it may outlive its consumer.
 */
typedef struct ottla_records_t ottla_records_t;

/**
 * What became of tagged records, as ottla_producer_poll_reports() gives it. Owned by the caller: free it with
 * ottla_reports_free(); what it points to lives as long. Never changes, so threads may share it.
 */
typedef struct ottla_reports_t ottla_reports_t;

/**
 * A Kafka broker in this process, for tests: in memory, on a free port of 127.0.0.1, ready in milliseconds. Owned by the
 * caller: free it with ottla_test_broker_free(). Thread-safe but for that.
 */
typedef struct ottla_test_broker_t ottla_test_broker_t;

/**
 * Texts, owned by the caller: free them with ottla_texts_free().
 */
typedef struct ottla_texts_t ottla_texts_t;

/**
 * A partition of a topic.
 */
typedef struct {
  /**
   * The topic, NUL-terminated.
   */
  const char *topic;
  /**
   * The partition's number, from 0.
   */
  int32_t partition;
} ottla_topic_partition_t;

/**
 * A change of the assignment.
 */
typedef struct {
  /**
   * What happened.
   */
  ottla_rebalance_type_t event_type;
  /**
   * To which partitions.
   */
  const ottla_topic_partition_t *partitions;
  /**
   * How many.
   */
  size_t partition_count;
} ottla_rebalance_event_t;

/**
 * Told of a change of the assignment, on the thread that called ottla_consumer_poll(), ottla_consumer_next(),
 * ottla_consumer_unsubscribe() or ottla_consumer_close(), within that call. It may use the consumer (commit, seek), except
 * to poll, close or free it. ottla_consumer_wakeup() within it makes that call return as soon as the callback has: then
 * ottla_consumer_next() gives no record, the next call does. `event` is valid until it returns. Must not throw or jump out.
 * Never runs on two threads at once.
 */
typedef void (*ottla_rebalance_callback_t)(ottla_consumer_t *consumer,
                                           const ottla_rebalance_event_t *event,
                                           void *user_data);

/**
 * A header of a record. Keys may repeat within a record. In records to send, lengths may be OTTLA_NUL_TERMINATED; in
 * consumed ones, texts are not terminated: use the lengths.
 */
typedef struct {
  /**
   * The key, UTF-8.
   */
  const char *key;
  /**
   * Its length in bytes.
   */
  size_t key_len;
  /**
   * The value; NULL is Kafka's null, which differs from empty.
   */
  const void *value;
  /**
   * Its length in bytes; 0 for NULL.
   */
  size_t value_len;
} ottla_header_t;

/**
 * A consumed record. Everything it points to lives as long as the records it is of.
 */
typedef struct {
  /**
   * The topic, NUL-terminated.
   */
  const char *topic;
  /**
   * The key; NULL is null, which differs from empty. Not NUL-terminated.
   */
  const void *key;
  /**
   * The key's length in bytes.
   */
  size_t key_len;
  /**
   * The value; NULL is null, a tombstone in a compacted topic. Not NUL-terminated.
   */
  const void *value;
  /**
   * The value's length in bytes.
   */
  size_t value_len;
  /**
   * `header_count` headers, in order; keys may repeat.
   */
  const ottla_header_t *headers;
  /**
   * How many headers.
   */
  size_t header_count;
  /**
   * Offset in the partition. Gaps are normal: compaction, transactions.
   */
  int64_t offset;
  /**
   * Milliseconds since the Unix epoch.
   */
  int64_t timestamp_ms;
  /**
   * Who set the timestamp.
   */
  ottla_timestamp_type_t timestamp_type;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * Epoch of the leader that appended the record; -1 where it is not known.
   */
  int32_t leader_epoch;
} ottla_record_t;

/**
 * An offset of a partition. In arguments, all that is zero besides topic, partition and offset means "none".
 */
typedef struct {
  /**
   * The topic, NUL-terminated.
   */
  const char *topic;
  /**
   * The offset: of committed ones, the next to read. In results OTTLA_NO_OFFSET when there is none.
   */
  int64_t offset;
  /**
   * The application's own text with a committed offset; NULL for none.
   */
  const char *metadata;
  /**
   * In answers about times: the timestamp of the record there, in milliseconds; else -1. In arguments ignored.
   */
  int64_t timestamp_ms;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * Epoch of the leader that wrote the record before the offset, with `has_leader_epoch`; lets truncation be noticed.
   */
  int32_t leader_epoch;
  /**
   * Whether `leader_epoch` counts.
   */
  bool has_leader_epoch;
} ottla_offset_t;

/**
 * A time of a partition, for ottla_consumer_offsets_for_times().
 */
typedef struct {
  /**
   * The topic, NUL-terminated.
   */
  const char *topic;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * Milliseconds since the Unix epoch.
   */
  int64_t timestamp_ms;
} ottla_partition_time_t;

/**
 * Where a record was appended.
 */
typedef struct {
  /**
   * The topic; lives as long as the delivery.
   */
  const char *topic;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * The record's offset; -1 when the broker was not asked (acks=0) or did not say.
   */
  int64_t offset;
  /**
   * The record's timestamp in milliseconds: the producer's, or the broker's on a topic of log-append time.
   */
  int64_t timestamp_ms;
} ottla_record_metadata_t;

/**
 * A value or none.
 */
typedef struct {
  /**
   * Whether there is one.
   */
  bool is_set;
  /**
   * The value, with `is_set`; else 0.
   */
  int32_t value;
} ottla_optional_int32_t;

/**
 * A value or none.
 */
typedef struct {
  /**
   * Whether there is one.
   */
  bool is_set;
  /**
   * The value, with `is_set`; else 0.
   */
  int16_t value;
} ottla_optional_int16_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const int32_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_int32_list_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_int32_list_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_int32_list_list_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  const char *value;
} ottla_text_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_text_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_text_map_t;

/**
 * A topic to create.
 */
typedef struct {
  /**
   * Its name.
   */
  const char *name;
  /**
   * How many partitions; if left out, the broker's `num.partitions`.
   */
  ottla_optional_int32_t num_partitions;
  /**
   * How many replicas of each; if left out, the broker's `default.replication.factor`.
   */
  ottla_optional_int16_t replication_factor;
  /**
   * Brokers chosen by hand: those of partition 0, of partition 1 and so on, the preferred leader first. Then the
   * two counts must be left out. `items` NULL: none.
   */
  ottla_int32_list_list_t replica_assignments;
  /**
   * Topic options, such as `cleanup.policy`.
   */
  ottla_text_map_t configs;
} ottla_new_topic_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_new_topic_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_new_topic_list_t;

/**
 * What ottla_admin_create_topics() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The topics to create, each once.
   */
  ottla_new_topic_list_t topics;
  /**
   * Only check whether the topics could be created.
   */
  bool validate_only;
} ottla_create_topics_arguments_t;

/**
 * A topic as it was created.
 */
typedef struct {
  /**
   * Its id; nothing from brokers that know none, and when only validated. NULL: none.
   */
  const char *id;
  /**
   * Its partitions, where the broker says.
   */
  ottla_optional_int32_t num_partitions;
  /**
   * Its replicas, where the broker says.
   */
  ottla_optional_int16_t replication_factor;
} ottla_created_topic_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_created_topic_t value;
} ottla_created_topic_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_created_topic_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_created_topic_by_text_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const char *const *items;
  /**
   * How many.
   */
  size_t count;
} ottla_text_list_t;

/**
 * What ottla_admin_delete_topics() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Names of topics to delete.
   */
  ottla_text_list_t topics;
  /**
   * Ids of topics to delete, as Kafka writes them.
   */
  ottla_text_list_t topic_ids;
} ottla_delete_topics_arguments_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
} ottla_done_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_done_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_done_by_text_t;

/**
 * What ottla_admin_list_topics() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Also Kafka's own.
   */
  bool include_internal;
} ottla_list_topics_arguments_t;

/**
 * A topic in a list.
 */
typedef struct {
  /**
   * Its name.
   */
  const char *name;
  /**
   * Its id; nothing from brokers that know none. NULL: none.
   */
  const char *id;
  /**
   * Whether it is one of Kafka's own.
   */
  bool is_internal;
} ottla_topic_listing_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  ottla_topic_listing_t value;
} ottla_topic_listing_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_topic_listing_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_topic_listing_map_t;

/**
 * What ottla_admin_describe_topics() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Names of topics to describe.
   */
  ottla_text_list_t topics;
  /**
   * Ids of topics to describe, as Kafka writes them.
   */
  ottla_text_list_t topic_ids;
} ottla_describe_topics_arguments_t;

/**
 * A partition and where its replicas are.
 */
typedef struct {
  /**
   * Its number.
   */
  int32_t partition;
  /**
   * The broker that leads it; nothing while there is none.
   */
  ottla_optional_int32_t leader;
  /**
   * The leader's epoch, where the broker knows epochs.
   */
  ottla_optional_int32_t leader_epoch;
  /**
   * Brokers of all replicas, the preferred leader first.
   */
  ottla_int32_list_t replicas;
  /**
   * Brokers of replicas in sync.
   */
  ottla_int32_list_t isr;
  /**
   * Brokers of replicas that are down.
   */
  ottla_int32_list_t offline_replicas;
  /**
   * Why there is no leader; nothing when all is well. NULL: none.
   */
  const ottla_error_t *error;
} ottla_topic_partition_info_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_topic_partition_info_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_topic_partition_info_list_t;

/**
 * A topic described.
 */
typedef struct {
  /**
   * Its name.
   */
  const char *name;
  /**
   * Its id; nothing from brokers that know none. NULL: none.
   */
  const char *id;
  /**
   * Whether it is one of Kafka's own.
   */
  bool is_internal;
  /**
   * Its partitions, by number.
   */
  ottla_topic_partition_info_list_t partitions;
  /**
   * What this principal may do with it; nothing when the broker does not say. `items` NULL: none.
   */
  ottla_int32_list_t authorized_operations;
} ottla_topic_description_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_topic_description_t value;
} ottla_topic_description_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_topic_description_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_topic_description_by_text_t;

/**
 * How many partitions a topic shall have.
 */
typedef struct {
  /**
   * The topic's name.
   */
  const char *topic;
  /**
   * The number of its partitions altogether, above the present one.
   */
  int32_t total_count;
  /**
   * Brokers chosen by hand: those of the first new partition, of the second and so on, the preferred leader first.
   * If left out, the controller chooses. `items` NULL: none.
   */
  ottla_int32_list_list_t new_assignments;
} ottla_new_partitions_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_new_partitions_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_new_partitions_list_t;

/**
 * What ottla_admin_create_partitions() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The topics, each once, and the number of partitions each shall have.
   */
  ottla_new_partitions_list_t topics;
  /**
   * Only check whether the partitions could be created.
   */
  bool validate_only;
} ottla_create_partitions_arguments_t;

/**
 * What a configuration belongs to, by name.
 */
typedef struct {
  /**
   * Its sort. One of ottla_config_resource_type_t.
   */
  int32_t resource_type;
  /**
   * Its name; a broker's is its number.
   */
  const char *name;
} ottla_config_resource_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_config_resource_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_config_resource_list_t;

/**
 * What ottla_admin_describe_configs() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Whose configurations.
   */
  ottla_config_resource_list_t resources;
  /**
   * Also values from other sources.
   */
  bool include_synonyms;
  /**
   * Also what each option means.
   */
  bool include_documentation;
} ottla_describe_configs_arguments_t;

/**
 * A value an option has from a source.
 */
typedef struct {
  /**
   * Name of the option there.
   */
  const char *name;
  /**
   * Its value; nothing when it is null or hidden. NULL: none.
   */
  const char *value;
  /**
   * The source. One of ottla_config_source_t.
   */
  int32_t source;
} ottla_config_synonym_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_config_synonym_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_config_synonym_list_t;

/**
 * An option and its value.
 */
typedef struct {
  /**
   * Its name.
   */
  const char *name;
  /**
   * Its value; nothing when it is null or hidden. NULL: none.
   */
  const char *value;
  /**
   * Where the value comes from. One of ottla_config_source_t.
   */
  int32_t source;
  /**
   * Whether it cannot be altered.
   */
  bool is_read_only;
  /**
   * Whether its value is a secret, which brokers hide.
   */
  bool is_sensitive;
  /**
   * Values from other sources, the one that counts first; empty when not asked for.
   */
  ottla_config_synonym_list_t synonyms;
  /**
   * What it means; nothing when not asked for. NULL: none.
   */
  const char *documentation;
} ottla_config_entry_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  ottla_config_entry_t value;
} ottla_config_entry_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_config_entry_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_config_entry_map_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_config_resource_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_config_entry_map_t value;
} ottla_config_entry_map_by_config_resource_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_config_entry_map_by_config_resource_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_config_entry_map_by_config_resource_t;

/**
 * A change of one option.
 */
typedef struct {
  /**
   * The option.
   */
  const char *name;
  /**
   * The value to set, to add or to take out; none with `DELETE`. NULL: none.
   */
  const char *value;
  /**
   * What to do. One of ottla_alter_config_op_type_t; 0: OTTLA_ALTER_CONFIG_OP_TYPE_SET.
   */
  int32_t op;
} ottla_alter_config_op_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_alter_config_op_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_alter_config_op_list_t;

/**
 * Changes of one configuration.
 */
typedef struct {
  /**
   * Whose.
   */
  ottla_config_resource_t resource;
  /**
   * The changes; options not named here stay as they are.
   */
  ottla_alter_config_op_list_t ops;
} ottla_config_changes_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_config_changes_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_config_changes_list_t;

/**
 * What ottla_admin_incremental_alter_configs() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The configurations, each once, and their changes.
   */
  ottla_config_changes_list_t changes;
  /**
   * Only check whether the changes would be accepted.
   */
  bool validate_only;
} ottla_incremental_alter_configs_arguments_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_config_resource_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
} ottla_done_by_config_resource_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_done_by_config_resource_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_done_by_config_resource_t;

/**
 * Which records of a partition to delete.
 */
typedef struct {
  /**
   * The topic's name.
   */
  const char *topic;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * Records before this offset go; -1: all up to the high watermark.
   */
  int64_t before_offset;
} ottla_records_to_delete_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_records_to_delete_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_records_to_delete_list_t;

/**
 * What ottla_admin_delete_records() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The partitions, each once, and the offsets to delete before.
   */
  ottla_records_to_delete_list_t records;
} ottla_delete_records_arguments_t;

/**
 * A partition after its records were deleted.
 */
typedef struct {
  /**
   * The first offset that is left.
   */
  int64_t low_watermark;
} ottla_deleted_records_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_topic_partition_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_deleted_records_t value;
} ottla_deleted_records_by_topic_partition_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_deleted_records_by_topic_partition_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_deleted_records_by_topic_partition_t;

/**
 * A value or none.
 */
typedef struct {
  /**
   * Whether there is one.
   */
  bool is_set;
  /**
   * The value, with `is_set`; else 0.
   */
  int64_t value;
} ottla_optional_int64_t;

/**
 * Which offset of a partition's log to look up.
 */
typedef struct {
  /**
   * The topic's name.
   */
  const char *topic;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * Which offset. One of ottla_offset_spec_t.
   */
  int32_t spec;
  /**
   * With `FOR_TIMESTAMP` the time, in ms since the Unix epoch; else nothing.
   */
  ottla_optional_int64_t timestamp_ms;
} ottla_offset_query_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_offset_query_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_offset_query_list_t;

/**
 * What ottla_admin_list_offsets() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The partitions, each once, and which offset of each.
   */
  ottla_offset_query_list_t queries;
  /**
   * Which records count. One of ottla_isolation_level_t; 0: OTTLA_ISOLATION_LEVEL_READ_UNCOMMITTED.
   */
  int32_t isolation_level;
} ottla_list_offsets_arguments_t;

/**
 * An offset found.
 */
typedef struct {
  /**
   * The offset; nothing when no record matches.
   */
  ottla_optional_int64_t offset;
  /**
   * Timestamp of its record, in ms since the Unix epoch; nothing where there is none.
   */
  ottla_optional_int64_t timestamp_ms;
  /**
   * Leader epoch of its record, where known.
   */
  ottla_optional_int32_t leader_epoch;
} ottla_list_offsets_result_info_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_topic_partition_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_list_offsets_result_info_t value;
} ottla_list_offsets_result_info_by_topic_partition_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_list_offsets_result_info_by_topic_partition_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_list_offsets_result_info_by_topic_partition_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_topic_partition_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_topic_partition_list_t;

/**
 * Whose committed offsets to list.
 */
typedef struct {
  /**
   * The group's id.
   */
  const char *group_id;
  /**
   * Of these partitions; if left out, of all the group has. `items` NULL: none.
   */
  ottla_topic_partition_list_t partitions;
} ottla_group_offsets_query_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_group_offsets_query_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_group_offsets_query_list_t;

/**
 * What ottla_admin_list_consumer_group_offsets() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The groups, each once.
   */
  ottla_group_offsets_query_list_t groups;
  /**
   * Wait for offsets that open transactions commit to be decided, instead of giving those before.
   */
  bool require_stable;
} ottla_list_consumer_group_offsets_arguments_t;

/**
 * An offset that a group committed, or shall have.
 */
typedef struct {
  /**
   * The topic's name.
   */
  const char *topic;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * The offset of the next record to read.
   */
  int64_t offset;
  /**
   * Leader epoch of the last record read, where known.
   */
  ottla_optional_int32_t leader_epoch;
  /**
   * What the committer noted beside it.
   */
  const char *metadata;
} ottla_committed_offset_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_committed_offset_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_committed_offset_list_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_committed_offset_list_t value;
} ottla_committed_offset_list_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_committed_offset_list_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_committed_offset_list_by_text_t;

/**
 * What ottla_admin_alter_consumer_group_offsets() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The group's id.
   */
  const char *group_id;
  /**
   * The offsets it shall have, each partition once.
   */
  ottla_committed_offset_list_t offsets;
} ottla_alter_consumer_group_offsets_arguments_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_topic_partition_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
} ottla_done_by_topic_partition_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_done_by_topic_partition_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_done_by_topic_partition_t;

/**
 * What ottla_admin_delete_consumer_group_offsets() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The group's id.
   */
  const char *group_id;
  /**
   * The partitions whose offsets go.
   */
  ottla_topic_partition_list_t partitions;
} ottla_delete_consumer_group_offsets_arguments_t;

/**
 * What ottla_admin_list_groups() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.
   */
  ottla_text_list_t states;
  /**
   * Only groups of these types; if left out, of all.
   */
  ottla_int32_list_t types;
} ottla_list_groups_arguments_t;

/**
 * A group in a list.
 */
typedef struct {
  /**
   * Its id.
   */
  const char *group_id;
  /**
   * Which protocol it is kept by. One of ottla_group_type_t.
   */
  int32_t group_type;
  /**
   * `consumer` for groups of consumers, else whatever its members call it.
   */
  const char *protocol_type;
  /**
   * Kafka's name of its state, such as `Stable`; empty from old brokers.
   */
  const char *state;
} ottla_group_listing_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  ottla_group_listing_t value;
} ottla_group_listing_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_group_listing_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_group_listing_map_t;

/**
 * What ottla_admin_describe_consumer_groups() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Ids of the groups.
   */
  ottla_text_list_t group_ids;
} ottla_describe_consumer_groups_arguments_t;

/**
 * A member of a group.
 */
typedef struct {
  /**
   * Its id.
   */
  const char *member_id;
  /**
   * Its `group.instance.id`, if it has one. NULL: none.
   */
  const char *group_instance_id;
  /**
   * Its `client.id`.
   */
  const char *client_id;
  /**
   * The address it came from.
   */
  const char *host;
  /**
   * Its rack, with the consumer protocol. NULL: none.
   */
  const char *rack_id;
  /**
   * Its epoch, with the consumer protocol.
   */
  ottla_optional_int32_t member_epoch;
  /**
   * The partitions it has.
   */
  ottla_topic_partition_list_t assignment;
  /**
   * The partitions it shall have, with the consumer protocol. `items` NULL: none.
   */
  ottla_topic_partition_list_t target_assignment;
} ottla_member_description_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_member_description_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_member_description_list_t;

/**
 * A group described.
 */
typedef struct {
  /**
   * Its id.
   */
  const char *group_id;
  /**
   * Which protocol it is kept by. One of ottla_group_type_t.
   */
  int32_t group_type;
  /**
   * Kafka's name of its state, such as `Stable`.
   */
  const char *state;
  /**
   * The assignor in use.
   */
  const char *assignor;
  /**
   * The broker that coordinates it, where known.
   */
  ottla_optional_int32_t coordinator;
  /**
   * Epoch of the group, with the consumer protocol.
   */
  ottla_optional_int32_t group_epoch;
  /**
   * Epoch of its target assignment, with the consumer protocol.
   */
  ottla_optional_int32_t assignment_epoch;
  /**
   * Its members.
   */
  ottla_member_description_list_t members;
  /**
   * What this principal may do with it; nothing when the broker does not say. `items` NULL: none.
   */
  ottla_int32_list_t authorized_operations;
} ottla_group_description_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_group_description_t value;
} ottla_group_description_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_group_description_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_group_description_by_text_t;

/**
 * What ottla_admin_delete_consumer_groups() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Ids of the groups.
   */
  ottla_text_list_t group_ids;
} ottla_delete_consumer_groups_arguments_t;

/**
 * A member to remove from a group: by one of its two names.
 */
typedef struct {
  /**
   * Its `group.instance.id`; then no member id. NULL: none.
   */
  const char *group_instance_id;
  /**
   * Its member id; then no `group.instance.id`. NULL: none.
   */
  const char *member_id;
} ottla_member_to_remove_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_member_to_remove_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_member_to_remove_list_t;

/**
 * What ottla_admin_remove_members_from_consumer_group() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The group's id.
   */
  const char *group_id;
  /**
   * The members to remove.
   */
  ottla_member_to_remove_list_t members;
  /**
   * Why, for the broker's log. NULL: none.
   */
  const char *reason;
} ottla_remove_members_from_consumer_group_arguments_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_member_to_remove_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
} ottla_done_by_member_to_remove_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_done_by_member_to_remove_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_done_by_member_to_remove_t;

/**
 * A broker of the cluster.
 */
typedef struct {
  /**
   * Its number.
   */
  int32_t id;
  /**
   * Name or literal address it advertises, an IPv6 one without brackets.
   */
  const char *host;
  /**
   * Port it advertises.
   */
  int32_t port;
  /**
   * Its rack, if it has one. NULL: none.
   */
  const char *rack;
  /**
   * Registered but not serving; false where the broker does not say.
   */
  bool is_fenced;
} ottla_cluster_node_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_cluster_node_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_cluster_node_list_t;

/**
 * The cluster described.
 */
typedef struct {
  /**
   * Its id, where the broker says. NULL: none.
   */
  const char *cluster_id;
  /**
   * The controller; with KRaft some broker that forwards to it.
   */
  ottla_optional_int32_t controller;
  /**
   * Its brokers, by number.
   */
  ottla_cluster_node_list_t nodes;
  /**
   * What this principal may do with the cluster; nothing when the broker does not say. `items` NULL: none.
   */
  ottla_int32_list_t authorized_operations;
} ottla_cluster_description_t;

/**
 * What ottla_admin_describe_features() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The broker to ask; if left out, any.
   */
  ottla_optional_int32_t broker;
} ottla_describe_features_arguments_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  int16_t value;
} ottla_int16_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_int16_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_int16_map_t;

/**
 * Versions of an API.
 */
typedef struct {
  /**
   * The lowest.
   */
  int16_t min;
  /**
   * The highest.
   */
  int16_t max;
} ottla_api_version_range_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  ottla_api_version_range_t value;
} ottla_api_version_range_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_api_version_range_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_api_version_range_map_t;

/**
 * Feature levels of the cluster and the versions the asked broker speaks.
 */
typedef struct {
  /**
   * Finalised levels, such as `metadata.version`, by name.
   */
  ottla_int16_map_t finalized;
  /**
   * Versions of each API, by Kafka's name; by number where this library knows no name.
   */
  ottla_api_version_range_map_t api_versions;
} ottla_feature_description_t;

/**
 * What ottla_admin_elect_leaders() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Which replica may become leader. One of ottla_election_type_t.
   */
  int32_t election_type;
  /**
   * The partitions; if left out, all that need an election, and those that needed none are not told of. `items`
   * NULL: none.
   */
  ottla_topic_partition_list_t partitions;
} ottla_elect_leaders_arguments_t;

/**
 * What ottla_admin_describe_log_dirs() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The brokers' numbers.
   */
  ottla_int32_list_t brokers;
} ottla_describe_log_dirs_arguments_t;

/**
 * A replica in a directory.
 */
typedef struct {
  /**
   * The topic's name.
   */
  const char *topic;
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * Size of its segments.
   */
  int64_t size_bytes;
  /**
   * How many offsets it is behind: the high watermark for the present one, the present one for a future one.
   */
  int64_t offset_lag;
  /**
   * Whether it is being moved here and will replace the present one.
   */
  bool is_future;
} ottla_replica_info_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_replica_info_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_replica_info_list_t;

/**
 * A directory of a broker.
 */
typedef struct {
  /**
   * KAFKA_STORAGE_ERROR when the directory is offline; nothing when all is well. NULL: none.
   */
  const ottla_error_t *error;
  /**
   * Bytes of the file system; nothing where the broker does not say.
   */
  ottla_optional_int64_t total_bytes;
  /**
   * Bytes still free; nothing where the broker does not say.
   */
  ottla_optional_int64_t usable_bytes;
  /**
   * The replicas in it, by topic and partition.
   */
  ottla_replica_info_list_t replicas;
} ottla_log_dir_description_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  ottla_log_dir_description_t value;
} ottla_log_dir_description_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_log_dir_description_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_log_dir_description_map_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  int32_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_log_dir_description_map_t value;
} ottla_log_dir_description_map_by_int32_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_log_dir_description_map_by_int32_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_log_dir_description_map_by_int32_t;

/**
 * What ottla_admin_describe_producers() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The partitions.
   */
  ottla_topic_partition_list_t partitions;
} ottla_describe_producers_arguments_t;

/**
 * An idempotent or transactional producer, as a partition's leader knows it.
 */
typedef struct {
  /**
   * Its id.
   */
  int64_t producer_id;
  /**
   * Its epoch.
   */
  int32_t producer_epoch;
  /**
   * Sequence of its last record.
   */
  int32_t last_sequence;
  /**
   * Timestamp of its last batch, in ms since the Unix epoch.
   */
  int64_t last_timestamp_ms;
  /**
   * Epoch of the coordinator that wrote its last transaction marker; nothing without one.
   */
  ottla_optional_int32_t coordinator_epoch;
  /**
   * First offset of its open transaction; nothing without one.
   */
  ottla_optional_int64_t current_transaction_start_offset;
} ottla_producer_state_description_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_producer_state_description_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_producer_state_description_list_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  ottla_topic_partition_t key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_producer_state_description_list_t value;
} ottla_producer_state_description_list_by_topic_partition_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_producer_state_description_list_by_topic_partition_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_producer_state_description_list_by_topic_partition_t;

/**
 * Any number of these.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const int64_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_int64_list_t;

/**
 * What ottla_admin_list_transactions() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.
   */
  ottla_text_list_t states;
  /**
   * Only those of these producer ids; if left out, of all.
   */
  ottla_int64_list_t producer_ids;
  /**
   * Only those whose transaction is open for longer than this. In milliseconds.
   */
  ottla_optional_int64_t running_longer_than_ms;
} ottla_list_transactions_arguments_t;

/**
 * A transactional id in a list.
 */
typedef struct {
  /**
   * The transactional id.
   */
  const char *transactional_id;
  /**
   * The producer's id.
   */
  int64_t producer_id;
  /**
   * Kafka's name of the state, such as `Ongoing`.
   */
  const char *state;
} ottla_transaction_listing_t;

/**
 * One of a map.
 */
typedef struct {
  /**
   * The name.
   */
  const char *key;
  /**
   * What it names.
   */
  ottla_transaction_listing_t value;
} ottla_transaction_listing_map_entry_t;

/**
 * These by name.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_transaction_listing_map_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_transaction_listing_map_t;

/**
 * What ottla_admin_describe_transactions() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The transactional ids.
   */
  ottla_text_list_t transactional_ids;
} ottla_describe_transactions_arguments_t;

/**
 * A transactional id described.
 */
typedef struct {
  /**
   * The broker that coordinates it, where known.
   */
  ottla_optional_int32_t coordinator;
  /**
   * Kafka's name of the state, such as `Ongoing`.
   */
  const char *state;
  /**
   * The producer's id.
   */
  int64_t producer_id;
  /**
   * The producer's epoch.
   */
  int16_t producer_epoch;
  /**
   * The producer's `transaction.timeout.ms`. In milliseconds.
   */
  int64_t timeout_ms;
  /**
   * When the open transaction began, in ms since the Unix epoch; nothing without one.
   */
  ottla_optional_int64_t start_time_ms;
  /**
   * The partitions in it.
   */
  ottla_topic_partition_list_t partitions;
} ottla_transaction_description_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_transaction_description_t value;
} ottla_transaction_description_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_transaction_description_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_transaction_description_by_text_t;

/**
 * What ottla_admin_fence_producers() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The transactional ids.
   */
  ottla_text_list_t transactional_ids;
} ottla_fence_producers_arguments_t;

/**
 * A producer fenced.
 */
typedef struct {
  /**
   * The transactional id's producer id.
   */
  int64_t producer_id;
  /**
   * The epoch below which everything is refused now.
   */
  int16_t producer_epoch;
} ottla_fenced_producer_t;

/**
 * What became of one item.
 */
typedef struct {
  /**
   * Which item.
   */
  const char *key;
  /**
   * Why it failed; NULL when it did not.
   */
  const ottla_error_t *error;
  /**
   * What it gave; all zero when it failed.
   */
  ottla_fenced_producer_t value;
} ottla_fenced_producer_by_text_entry_t;

/**
 * What became of each item.
 */
typedef struct {
  /**
   * `count` of them.
   */
  const ottla_fenced_producer_by_text_entry_t *items;
  /**
   * How many.
   */
  size_t count;
} ottla_fenced_producer_by_text_t;

/**
 * What ottla_admin_abort_transaction() takes. All zero but what must be given is a valid one.
 */
typedef struct {
  /**
   * The partition.
   */
  ottla_topic_partition_t partition;
  /**
   * The producer's id.
   */
  int64_t producer_id;
  /**
   * The producer's epoch.
   */
  int16_t producer_epoch;
  /**
   * Epoch of the coordinator that wrote the producer's last transaction marker; nothing without one.
   */
  ottla_optional_int32_t coordinator_epoch;
} ottla_abort_transaction_arguments_t;

/**
 * Given a line, within ottla_poll_logs(). `target` is the part of the library, as "ottla::consumer"; both texts are valid
 * until the callback returns. Must not throw or jump out.
 */
typedef void (*ottla_log_callback_t)(ottla_log_level_t level,
                                     const char *target,
                                     const char *message,
                                     void *user_data);

/**
 * What is known of a partition.
 */
typedef struct {
  /**
   * The partition's number.
   */
  int32_t partition;
  /**
   * The leading broker; -1 while there is none.
   */
  int32_t leader;
  /**
   * The leader's epoch; -1 where the broker knows none.
   */
  int32_t leader_epoch;
  /**
   * Why there is no leader, OTTLA_CODE_NONE when all is well.
   */
  int32_t code;
  /**
   * All replicas, the preferred leader first.
   */
  const int32_t *replicas;
  /**
   * How many replicas.
   */
  size_t replica_count;
  /**
   * Replicas in sync.
   */
  const int32_t *isr;
  /**
   * How many replicas in sync.
   */
  size_t isr_count;
  /**
   * Replicas that are down.
   */
  const int32_t *offline_replicas;
  /**
   * How many replicas are down.
   */
  size_t offline_replica_count;
} ottla_partition_info_t;

/**
 * A record to send. All zero but `topic` is a valid one: no key, no value, the partition by the partitioner, the time of
 * sending. Everything is borrowed for the length of the call. Lengths may be OTTLA_NUL_TERMINATED.
 */
typedef struct {
  /**
   * The topic, NUL-terminated.
   */
  const char *topic;
  /**
   * The key; NULL is null. Records of one key keep their order.
   */
  const void *key;
  /**
   * Its length in bytes.
   */
  size_t key_len;
  /**
   * The value; NULL is null, a tombstone in a compacted topic.
   */
  const void *value;
  /**
   * Its length in bytes.
   */
  size_t value_len;
  /**
   * `header_count` headers.
   */
  const ottla_header_t *headers;
  /**
   * How many headers.
   */
  size_t header_count;
  /**
   * Whether `timestamp_ms` counts; else it is the time of sending.
   */
  bool has_timestamp;
  /**
   * Whether `partition` counts; else the partitioner chooses.
   */
  bool has_partition;
  /**
   * The partition, with `has_partition`; else 0.
   */
  int32_t partition;
  /**
   * Milliseconds since the Unix epoch, with `has_timestamp`; else 0.
   */
  int64_t timestamp_ms;
  /**
   * Not 0: what becomes of the record is told under this tag by ottla_producer_poll_reports(), which then must be
   * called; consecutive tags are told together and cost least. A pointer fits: (uint64_t)(uintptr_t)p. 0: failures are
   * told by the next ottla_producer_flush() or ottla_producer_close().
   */
  uint64_t tag;
  /**
   * 0, for what is to come.
   */
  uint64_t reserved[2];
} ottla_producer_record_t;

/**
 * Records with consecutive tags and one fate: those with the tags `first_tag` to `first_tag + count - 1`.
 */
typedef struct {
  /**
   * NULL: the records are in the log. Else why they failed; they are not in the log unless
   * ottla_error_is_outcome_unknown().
   */
  const ottla_error_t *error;
  /**
   * The topic.
   */
  const char *topic;
  /**
   * Tag of the first record; the others have the next ones.
   */
  uint64_t first_tag;
  /**
   * How many records.
   */
  uint64_t count;
  /**
   * Offset of the first record, the others have the next ones; -1 when the broker was not asked (acks=0) or when they
   * failed.
   */
  int64_t first_offset;
  /**
   * The timestamp of all, where the topic has message.timestamp.type=LogAppendTime; else -1.
   */
  int64_t log_append_time_ms;
  /**
   * The partition; -1 when the record never came into one.
   */
  int32_t partition;
} ottla_report_t;

/**
 * Told of a fate, within ottla_producer_serve_reports(). `report` is valid until the callback returns. Must not throw
 * or jump out.
 */
typedef void (*ottla_report_callback_t)(const ottla_report_t *report, void *user_data);

/**
 * What a producer counted so far.
 */
typedef struct {
  /**
   * Records the brokers acknowledged.
   */
  uint64_t records_acknowledged;
  /**
   * Records told as failed: they are in no log.
   */
  uint64_t records_failed;
  /**
   * Records told as of unknown outcome.
   */
  uint64_t records_unknown;
  /**
   * Produce requests sent.
   */
  uint64_t requests;
  /**
   * Batches sent, retries included.
   */
  uint64_t batches;
  /**
   * Bytes of batches sent, after compression, retries included.
   */
  uint64_t bytes_sent;
  /**
   * Batches sent again.
   */
  uint64_t retries;
  /**
   * Batches split because a broker found them too large.
   */
  uint64_t splits;
  /**
   * Times the producer's epoch was raised.
   */
  uint64_t epoch_bumps;
  /**
   * Batches that have no fate yet.
   */
  uint64_t batches_incomplete;
  /**
   * "buffer.memory", in bytes.
   */
  uint64_t buffer_total_bytes;
  /**
   * What of it is free.
   */
  uint64_t buffer_available_bytes;
  /**
   * Callers that wait for memory.
   */
  uint64_t waiting_count;
} ottla_producer_metrics_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library, as `0.1.0`. Lives for ever.
 */
const char *ottla_version(void);

/**
 * Makes an admin client; `config` is copied. It connects in the background. `*admin` is owned by the caller.
 */
ottla_status_t ottla_admin_new(const ottla_config_t *config, ottla_admin_t **admin, ottla_error_t **error);

/**
 * Closes all connections, by `timeout_ms`; calls under way end with OTTLA_CLOSED. Does not free.
 */
ottla_status_t ottla_admin_close(ottla_admin_t *admin, int64_t timeout_ms, ottla_error_t **error);

/**
 * Frees the handle, at once, closing connections. No other call of it may be under way. NULL is accepted.
 */
void ottla_admin_free(ottla_admin_t *admin);

/**
 * Frees what an admin call gave through `result`, with everything it points to. NULL is accepted; anything else must be
 * such a pointer.
 */
void ottla_admin_result_free(const void *result);

/**
 * An empty set of options, owned by the caller.
 */
ottla_config_t *ottla_config_new(void);

/**
 * A set of options from names and values in turn, ended by two NULLs; see the macro OTTLA_CONFIG(). Texts are copied. What
 * is wrong with them is told when a client is made of it. Owned by the caller.
 */
ottla_config_t *ottla_config_of(const char *const *names_and_values);

/**
 * Sets an option; a later value of the same name counts. Texts are copied.
 */
ottla_status_t ottla_config_set(ottla_config_t *config,
                                const char *name,
                                const char *value,
                                ottla_error_t **error);

/**
 * A copy, owned by the caller. NULL for NULL.
 */
ottla_config_t *ottla_config_copy(const ottla_config_t *config);

/**
 * Frees a set of options. NULL is accepted.
 */
void ottla_config_free(ottla_config_t *config);

/**
 * Makes a consumer. It connects in the background.
 *
 * `config` is copied. `*consumer` is owned by the caller; NULL on failure. Errors: OTTLA_CONFIG_ERROR for an option that
 * is unknown, malformed, or not a consumer's.
 */
ottla_status_t ottla_consumer_new(const ottla_config_t *config,
                                  ottla_consumer_t **consumer,
                                  ottla_error_t **error);

/**
 * Sets who is told of changes of the assignment; NULL for nobody, which is so at first. Without a callback they are values
 * in what ottla_consumer_poll() returns. Set it before polling.
 */
ottla_status_t ottla_consumer_on_rebalance(ottla_consumer_t *consumer,
                                           ottla_rebalance_callback_t callback,
                                           void *user_data,
                                           ottla_error_t **error);

/**
 * Records that are there, or come within `timeout_ms`: at most `max_records`, "max.poll.records" for 0. Asking for more says
 * that what was given before has been handled: that is what background commits commit.
 *
 * `*records` is owned by the caller: free it with ottla_records_free(). It is empty when nothing came in time, which is no
 * error. Changes of the assignment are told here, see ottla_consumer_on_rebalance() and ottla_records_event(); a revocation
 * waits for the next poll.
 *
 * Errors: OTTLA_INVALID_STATE when nothing is subscribed or another thread polls; OTTLA_MAX_POLL_EXCEEDED when the poll
 * before was too long ago (this one joined the group again); OTTLA_OFFSET_OUT_OF_RANGE and OTTLA_LOG_TRUNCATION without a
 * reset policy; OTTLA_CORRUPT for bytes that cannot be read (seek past them to go on); OTTLA_AUTHORIZATION; OTTLA_FENCED.
 */
ottla_status_t ottla_consumer_poll(ottla_consumer_t *consumer,
                                   int64_t timeout_ms,
                                   size_t max_records,
                                   ottla_records_t **records,
                                   ottla_error_t **error);

/**
 * The next record, or NULL in `*record` when none came within `timeout_ms`. What it points to is valid until the next call
 * with this consumer. Records count as handed out one by one: a commit without offsets covers exactly those returned. For
 * one thread at a time; to learn of changes of the assignment, set a callback. Errors: as ottla_consumer_poll().
 */
ottla_status_t ottla_consumer_next(ottla_consumer_t *consumer,
                                   int64_t timeout_ms,
                                   const ottla_record_t **record,
                                   ottla_error_t **error);

/**
 * Makes an ottla_consumer_poll() or ottla_consumer_next() under way, or else the next one, return at once and empty. For a
 * thread that wants the polling one back. Not to be called in a signal handler. In the rebalance callback: see there.
 */
ottla_status_t ottla_consumer_wakeup(ottla_consumer_t *consumer,
                                     ottla_error_t **error);

/**
 * A descriptor that is readable while records, changes of the assignment or an error wait: give it to epoll, poll or
 * libuv. When it is readable, call ottla_consumer_poll() with a timeout of 0 until it returns nothing: that last call makes
 * it unreadable and lets the library fetch on. `max_records` of that call is how many come together at most the next time.
 * Owned by the consumer: do not read, write or close it. The same one at each call.
 */
ottla_status_t ottla_consumer_event_fd(ottla_consumer_t *consumer,
                                       int *fd,
                                       ottla_error_t **error);

/**
 * Commits (with "enable.auto.commit"), tells the callback what is given up, leaves the group, disconnects; returns by
 * `timeout_ms`, not counting the callback it runs. A poll under way in another thread ends; while that one runs the callback,
 * this waits for it, and by `timeout_ms` closes without telling what is given up. Does not free.
 *
 * Errors: OTTLA_INVALID_STATE within the callback; OTTLA_TIMEOUT; the commit's. It is closed but for the first of them.
 */
ottla_status_t ottla_consumer_close(ottla_consumer_t *consumer,
                                    int64_t timeout_ms,
                                    ottla_error_t **error);

/**
 * Frees the handle, at once. Without ottla_consumer_close() before, it leaves its group in the background and commits
 * nothing. No other call of this consumer may be under way. Records outlive it. NULL is accepted.
 */
void ottla_consumer_free(ottla_consumer_t *consumer);

/**
 * Reads these topics as a member of the group, instead of what was subscribed before. Polling joins the group. Texts are
 * copied.
 */
ottla_status_t ottla_consumer_subscribe(ottla_consumer_t *consumer,
                                        const char *const *topics,
                                        size_t topic_count,
                                        ottla_error_t **error);

/**
 * Reads every topic whose whole name matches, as they come and go. The pattern is one of Rust's crate "regex".
 */
ottla_status_t ottla_consumer_subscribe_pattern(ottla_consumer_t *consumer,
                                                const char *pattern,
                                                ottla_error_t **error);

/**
 * Stops reading, after the callback was told what is given up, and leaves the group, waiting for that up to `timeout_ms`,
 * not counting the callback; it goes on when that is over. Nothing is committed. Errors: OTTLA_INVALID_STATE within the
 * callback; OTTLA_TIMEOUT.
 */
ottla_status_t ottla_consumer_unsubscribe(ottla_consumer_t *consumer,
                                          int64_t timeout_ms,
                                          ottla_error_t **error);

/**
 * Reads exactly these partitions, outside the group's rebalancing; none stops reading. With a group, reading starts at its
 * committed offsets.
 */
ottla_status_t ottla_consumer_assign(ottla_consumer_t *consumer,
                                     const ottla_topic_partition_t *partitions,
                                     size_t partition_count,
                                     ottla_error_t **error);

/**
 * The partitions being read. `*partitions` is owned by the caller: ottla_partitions_free().
 */
ottla_status_t ottla_consumer_assignment(ottla_consumer_t *consumer,
                                         ottla_partitions_t **partitions,
                                         ottla_error_t **error);

/**
 * The partitions that are paused. `*partitions` is owned by the caller: ottla_partitions_free().
 */
ottla_status_t ottla_consumer_paused(ottla_consumer_t *consumer,
                                     ottla_partitions_t **partitions,
                                     ottla_error_t **error);

/**
 * The subscribed topics; of a pattern, those that match as far as known. `*topics` is owned by the caller:
 * ottla_texts_free().
 */
ottla_status_t ottla_consumer_subscription(ottla_consumer_t *consumer,
                                           ottla_texts_t **topics,
                                           ottla_error_t **error);

/**
 * Commits offsets, each the next to read, and waits for the coordinator's answer up to `timeout_ms`; the commit goes on
 * when that is over. `offsets` NULL with a count of 0 commits the positions of everything handed out.
 *
 * Errors: OTTLA_BROKER_ERROR with OTTLA_CODE_REBALANCE_IN_PROGRESS or OTTLA_CODE_ILLEGAL_GENERATION when the group has gone
 * on without this consumer; OTTLA_INVALID_STATE without a group; OTTLA_TIMEOUT.
 */
ottla_status_t ottla_consumer_commit(ottla_consumer_t *consumer,
                                     const ottla_offset_t *offsets,
                                     size_t offset_count,
                                     int64_t timeout_ms,
                                     ottla_error_t **error);

/**
 * Goes on at `offset` of its partition with the next poll; the metadata is ignored.
 */
ottla_status_t ottla_consumer_seek(ottla_consumer_t *consumer,
                                   const ottla_offset_t *offset,
                                   ottla_error_t **error);

/**
 * Goes on at the beginning of these partitions; of all that are assigned for NULL with a count of 0.
 */
ottla_status_t ottla_consumer_seek_to_beginning(ottla_consumer_t *consumer,
                                                const ottla_topic_partition_t *partitions,
                                                size_t partition_count,
                                                ottla_error_t **error);

/**
 * Goes on at the end of these partitions; of all that are assigned for NULL with a count of 0.
 */
ottla_status_t ottla_consumer_seek_to_end(ottla_consumer_t *consumer,
                                          const ottla_topic_partition_t *partitions,
                                          size_t partition_count,
                                          ottla_error_t **error);

/**
 * Hands out nothing of these partitions until ottla_consumer_resume(); survives rebalances that keep them.
 */
ottla_status_t ottla_consumer_pause(ottla_consumer_t *consumer,
                                    const ottla_topic_partition_t *partitions,
                                    size_t partition_count,
                                    ottla_error_t **error);

/**
 * Ends an ottla_consumer_pause().
 */
ottla_status_t ottla_consumer_resume(ottla_consumer_t *consumer,
                                     const ottla_topic_partition_t *partitions,
                                     size_t partition_count,
                                     ottla_error_t **error);

/**
 * The next offset to hand out; OTTLA_NO_OFFSET while it is not known, or the partition is not assigned.
 */
ottla_status_t ottla_consumer_position(ottla_consumer_t *consumer,
                                       const char *topic,
                                       int32_t partition,
                                       int64_t *position,
                                       ottla_error_t **error);

/**
 * How many offsets lie between the position and the end as of the last fetch; -1 before that.
 */
ottla_status_t ottla_consumer_lag(ottla_consumer_t *consumer,
                                  const char *topic,
                                  int32_t partition,
                                  int64_t *lag,
                                  ottla_error_t **error);

/**
 * The group's committed offsets: an entry for each partition, in the same order, with OTTLA_NO_OFFSET where there is none.
 * `*offsets` is owned by the caller: ottla_offsets_free().
 */
ottla_status_t ottla_consumer_committed(ottla_consumer_t *consumer,
                                        const ottla_topic_partition_t *partitions,
                                        size_t partition_count,
                                        int64_t timeout_ms,
                                        ottla_offsets_t **offsets,
                                        ottla_error_t **error);

/**
 * The first offsets of partitions: an entry for each, in the same order. `*offsets` is owned by the caller.
 */
ottla_status_t ottla_consumer_beginning_offsets(ottla_consumer_t *consumer,
                                                const ottla_topic_partition_t *partitions,
                                                size_t partition_count,
                                                int64_t timeout_ms,
                                                ottla_offsets_t **offsets,
                                                ottla_error_t **error);

/**
 * The offsets the next records will get; with isolation.level=read_committed the last stable ones: an entry for each
 * partition, in the same order. `*offsets` is owned by the caller.
 */
ottla_status_t ottla_consumer_end_offsets(ottla_consumer_t *consumer,
                                          const ottla_topic_partition_t *partitions,
                                          size_t partition_count,
                                          int64_t timeout_ms,
                                          ottla_offsets_t **offsets,
                                          ottla_error_t **error);

/**
 * For each partition, in the same order, the first offset whose record is no older than a time, with that record's
 * timestamp; OTTLA_NO_OFFSET where there is none. `*offsets` is owned by the caller.
 */
ottla_status_t ottla_consumer_offsets_for_times(ottla_consumer_t *consumer,
                                                const ottla_partition_time_t *times,
                                                size_t time_count,
                                                int64_t timeout_ms,
                                                ottla_offsets_t **offsets,
                                                ottla_error_t **error);

/**
 * Who this consumer is in its group. `*metadata` is owned by the caller. Errors: OTTLA_INVALID_ARGUMENT without a group.
 */
ottla_status_t ottla_consumer_group_metadata(ottla_consumer_t *consumer,
                                             ottla_group_metadata_t **metadata,
                                             ottla_error_t **error);

/**
 * "group.id". NULL for NULL.
 */
const char *ottla_group_metadata_group_id(const ottla_group_metadata_t *metadata);

/**
 * The generation; -1 outside one.
 */
int32_t ottla_group_metadata_generation_id(const ottla_group_metadata_t *metadata);

/**
 * The member id; empty before the first join. NULL for NULL.
 */
const char *ottla_group_metadata_member_id(const ottla_group_metadata_t *metadata);

/**
 * "group.instance.id"; NULL when it is not set.
 */
const char *ottla_group_metadata_group_instance_id(const ottla_group_metadata_t *metadata);

/**
 * Frees it. NULL is accepted.
 */
void ottla_group_metadata_free(ottla_group_metadata_t *metadata);

/**
 * Waits up to `timeout_ms` until the record's fate is known and fills in where it is; 0 only looks. May be called again,
 * also when it is known.
 *
 * Errors: OTTLA_TIMEOUT without a fate in time; else the record's: it is not in the log, unless
 * ottla_error_is_outcome_unknown().
 */
ottla_status_t ottla_delivery_wait(ottla_delivery_t *delivery,
                                   int64_t timeout_ms,
                                   ottla_record_metadata_t *metadata,
                                   ottla_error_t **error);

/**
 * Whether the record's fate is known: ottla_delivery_wait() does not wait then.
 */
bool ottla_delivery_is_done(ottla_delivery_t *delivery);

/**
 * Frees the handle; the record goes on. NULL is accepted.
 */
void ottla_delivery_free(ottla_delivery_t *delivery);

/**
 * Frees an error. NULL is accepted.
 */
void ottla_error_free(ottla_error_t *error);

/**
 * What sort of failure it is, that is: what a caller can do about it. OTTLA_OK for NULL.
 */
ottla_status_t ottla_error_status(const ottla_error_t *error);

/**
 * The broker's error code, one of ottla_code_t or a newer one; OTTLA_CODE_NONE (0) when no broker sent one.
 */
int32_t ottla_error_code(const ottla_error_t *error);

/**
 * All of it in one line: operation, code, message, context, hint. "no error" for NULL.
 */
const char *ottla_error_text(const ottla_error_t *error);

/**
 * What went wrong, without operation, context and hint. NULL for NULL.
 */
const char *ottla_error_message(const ottla_error_t *error);

/**
 * What was being done, as "send records". NULL for NULL.
 */
const char *ottla_error_operation(const ottla_error_t *error);

/**
 * What a person should do next; NULL when the library has no advice.
 */
const char *ottla_error_hint(const ottla_error_t *error);

/**
 * How many facts the error carries: broker, topic, partition, group, offset …
 */
size_t ottla_error_context_count(const ottla_error_t *error);

/**
 * The name of a fact; NULL behind the last one.
 */
const char *ottla_error_context_name(const ottla_error_t *error, size_t index);

/**
 * The value of a fact; NULL behind the last one.
 */
const char *ottla_error_context_value(const ottla_error_t *error, size_t index);

/**
 * The value of the fact called `name`; NULL when there is none.
 */
const char *ottla_error_context(const ottla_error_t *error, const char *name);

/**
 * Whether the same call may succeed later without a change.
 */
bool ottla_error_is_retriable(const ottla_error_t *error);

/**
 * Whether the client must be closed: no later call of it can succeed.
 */
bool ottla_error_is_fatal(const ottla_error_t *error);

/**
 * Whether the open transaction can only be aborted; the producer stays usable afterwards.
 */
bool ottla_error_requires_abort(const ottla_error_t *error);

/**
 * Whether what was asked for may have taken effect although it failed here.
 */
bool ottla_error_is_outcome_unknown(const ottla_error_t *error);

/**
 * Kafka's name of an error code, as "NOT_LEADER_OR_FOLLOWER". Lives for ever.
 */
const char *ottla_code_name(int32_t code);

/**
 * Whether Kafka calls the code retriable: the same request may succeed later.
 */
bool ottla_code_is_retriable(int32_t code);

/**
 * Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.
 *
 * Errors: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR,
 * INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts beside assignments by hand, for a topic
 * named twice. Sends CreateTopics (KIP-4, KIP-525). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_create_topics(ottla_admin_t *admin,
                                         const ottla_create_topics_arguments_t *arguments,
                                         int64_t timeout_ms,
                                         const ottla_created_topic_by_text_t **result,
                                         ottla_error_t **error);

/**
 * Deletes topics and all their records.
 *
 * Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED,
 * TOPIC_AUTHORIZATION_FAILED. Sends DeleteTopics (KIP-4, KIP-516). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_delete_topics(ottla_admin_t *admin,
                                         const ottla_delete_topics_arguments_t *arguments,
                                         int64_t timeout_ms,
                                         const ottla_done_by_text_t **result,
                                         ottla_error_t **error);

/**
 * Lists topics, by name.
 *
 * Errors: Of the call: Timeout or Network when no broker answers. Topics that this principal may not describe are
 * left out. Sends Metadata (KIP-4, KIP-516). `*result` is the caller's: free it with ottla_admin_result_free(); NULL
 * on failure.
 */
ottla_status_t ottla_admin_list_topics(ottla_admin_t *admin,
                                       const ottla_list_topics_arguments_t *arguments,
                                       int64_t timeout_ms,
                                       const ottla_topic_listing_map_t **result,
                                       ottla_error_t **error);

/**
 * Describes topics: ids, partitions, leaders, replicas.
 *
 * Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED.
 * Sends Metadata (KIP-4, KIP-430, KIP-516). `*result` is the caller's: free it with ottla_admin_result_free(). When
 * items failed, the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the
 * whole call failed.
 */
ottla_status_t ottla_admin_describe_topics(ottla_admin_t *admin,
                                           const ottla_describe_topics_arguments_t *arguments,
                                           int64_t timeout_ms,
                                           const ottla_topic_description_by_text_t **result,
                                           ottla_error_t **error);

/**
 * Raises the number of partitions of topics. Records with a key go to other partitions afterwards.
 *
 * Errors: Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more,
 * INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of the call:
 * InvalidArgument for a topic named twice. Sends CreatePartitions (KIP-195). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_create_partitions(ottla_admin_t *admin,
                                             const ottla_create_partitions_arguments_t *arguments,
                                             int64_t timeout_ms,
                                             const ottla_done_by_text_t **result,
                                             ottla_error_t **error);

/**
 * Describes configurations of topics, brokers and groups: their options by name.
 *
 * Errors: Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not,
 * TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Sends DescribeConfigs
 * (KIP-133, KIP-226, KIP-569). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed,
 * the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call
 * failed.
 */
ottla_status_t ottla_admin_describe_configs(ottla_admin_t *admin,
                                            const ottla_describe_configs_arguments_t *arguments,
                                            int64_t timeout_ms,
                                            const ottla_config_entry_map_by_config_resource_t **result,
                                            ottla_error_t **error);

/**
 * Changes the named options and leaves the others as they are. Of each resource all changes are made, or none.
 *
 * Errors: Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED,
 * CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call: InvalidArgument for a resource named twice,
 * for DELETE with a value, for anything else without one. Sends IncrementalAlterConfigs (KIP-339). `*result` is the
 * caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, and `*result`
 * tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_incremental_alter_configs(ottla_admin_t *admin,
                                                     const ottla_incremental_alter_configs_arguments_t *arguments,
                                                     int64_t timeout_ms,
                                                     const ottla_done_by_config_resource_t **result,
                                                     ottla_error_t **error);

/**
 * Deletes the records before an offset in each partition.
 *
 * Errors: Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for a topic
 * that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the call:
 * InvalidArgument for a partition named twice. Sends DeleteRecords (KIP-107). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_delete_records(ottla_admin_t *admin,
                                          const ottla_delete_records_arguments_t *arguments,
                                          int64_t timeout_ms,
                                          const ottla_deleted_records_by_topic_partition_t **result,
                                          ottla_error_t **error);

/**
 * Looks up offsets of logs, asked at the partitions' leaders.
 *
 * Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED, Unsupported
 * where the broker is older than the spec. Of the call: InvalidArgument for a partition named twice, for
 * FOR_TIMESTAMP without a time, for any other with one. Sends ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734,
 * KIP-1005). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first failure
 * is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_list_offsets(ottla_admin_t *admin,
                                        const ottla_list_offsets_arguments_t *arguments,
                                        int64_t timeout_ms,
                                        const ottla_list_offsets_result_info_by_topic_partition_t **result,
                                        ottla_error_t **error);

/**
 * Lists the offsets groups committed. A partition without a commit is left out.
 *
 * Errors: Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with
 * require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group named twice.
 * Sends OffsetFetch (KIP-88, KIP-447, KIP-709). `*result` is the caller's: free it with ottla_admin_result_free().
 * When items failed, the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when
 * the whole call failed.
 */
ottla_status_t ottla_admin_list_consumer_group_offsets(ottla_admin_t *admin,
                                                       const ottla_list_consumer_group_offsets_arguments_t *arguments,
                                                       int64_t timeout_ms,
                                                       const ottla_committed_offset_list_by_text_t **result,
                                                       ottla_error_t **error);

/**
 * Sets the offsets of a group without members.
 *
 * Errors: Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION,
 * OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of the call:
 * InvalidArgument for a partition named twice. Sends OffsetCommit (KIP-396). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_alter_consumer_group_offsets(ottla_admin_t *admin,
                                                        const ottla_alter_consumer_group_offsets_arguments_t *arguments,
                                                        int64_t timeout_ms,
                                                        const ottla_done_by_topic_partition_t **result,
                                                        ottla_error_t **error);

/**
 * Deletes committed offsets of topics the group's members do not subscribe to.
 *
 * Errors: Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the
 * call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED. Sends OffsetDelete
 * (KIP-496). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first failure
 * is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_delete_consumer_group_offsets(ottla_admin_t *admin,
                                                         const ottla_delete_consumer_group_offsets_arguments_t *arguments,
                                                         int64_t timeout_ms,
                                                         const ottla_done_by_topic_partition_t **result,
                                                         ottla_error_t **error);

/**
 * Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes would
 * mislead.
 *
 * Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for types at
 * brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not describe are left out.
 * Sends ListGroups (KIP-518, KIP-848). `*result` is the caller's: free it with ottla_admin_result_free(); NULL on
 * failure.
 */
ottla_status_t ottla_admin_list_groups(ottla_admin_t *admin,
                                       const ottla_list_groups_arguments_t *arguments,
                                       int64_t timeout_ms,
                                       const ottla_group_listing_map_t **result,
                                       ottla_error_t **error);

/**
 * Describes consumer groups of either protocol, asked at their coordinators.
 *
 * Errors: Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`), GROUP_AUTHORIZATION_FAILED,
 * COORDINATOR_NOT_AVAILABLE. Sends ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043). `*result` is
 * the caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, and
 * `*result` tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_describe_consumer_groups(ottla_admin_t *admin,
                                                    const ottla_describe_consumer_groups_arguments_t *arguments,
                                                    int64_t timeout_ms,
                                                    const ottla_group_description_by_text_t **result,
                                                    ottla_error_t **error);

/**
 * Deletes groups without members, and with them their offsets.
 *
 * Errors: Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED,
 * COORDINATOR_NOT_AVAILABLE. Sends DeleteGroups (KIP-229). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_delete_consumer_groups(ottla_admin_t *admin,
                                                  const ottla_delete_consumer_groups_arguments_t *arguments,
                                                  int64_t timeout_ms,
                                                  const ottla_done_by_text_t **result,
                                                  ottla_error_t **error);

/**
 * Removes members from a group, so that it rebalances without them at once.
 *
 * Errors: Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND, INVALID_GROUP_ID,
 * GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none. Sends LeaveGroup (KIP-345,
 * KIP-571, KIP-800). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first
 * failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_remove_members_from_consumer_group(ottla_admin_t *admin,
                                                              const ottla_remove_members_from_consumer_group_arguments_t *arguments,
                                                              int64_t timeout_ms,
                                                              const ottla_done_by_member_to_remove_t **result,
                                                              ottla_error_t **error);

/**
 * Describes the cluster as some broker sees it now.
 *
 * Errors: Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED. Sends
 * DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073). `*result` is the caller's: free it
 * with ottla_admin_result_free(); NULL on failure.
 */
ottla_status_t ottla_admin_describe_cluster(ottla_admin_t *admin,
                                            int64_t timeout_ms,
                                            const ottla_cluster_description_t **result,
                                            ottla_error_t **error);

/**
 * Describes finalised features of the cluster, and the API versions of a broker.
 *
 * Errors: Of the call: Timeout or Network when the broker does not answer. Sends ApiVersions (KIP-35, KIP-584).
 * `*result` is the caller's: free it with ottla_admin_result_free(); NULL on failure.
 */
ottla_status_t ottla_admin_describe_features(ottla_admin_t *admin,
                                             const ottla_describe_features_arguments_t *arguments,
                                             int64_t timeout_ms,
                                             const ottla_feature_description_t **result,
                                             ottla_error_t **error);

/**
 * Elects leaders of partitions. A partition that was named and needed no election is no error.
 *
 * Errors: Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION.
 * Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at brokers before 2.4. Sends ElectLeaders
 * (KIP-183, KIP-460). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first
 * failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_elect_leaders(ottla_admin_t *admin,
                                         const ottla_elect_leaders_arguments_t *arguments,
                                         int64_t timeout_ms,
                                         const ottla_done_by_topic_partition_t **result,
                                         ottla_error_t **error);

/**
 * Describes the log directories of brokers, by path.
 *
 * Errors: Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a directory:
 * KAFKA_STORAGE_ERROR. Sends DescribeLogDirs (KIP-113, KIP-827). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_describe_log_dirs(ottla_admin_t *admin,
                                             const ottla_describe_log_dirs_arguments_t *arguments,
                                             int64_t timeout_ms,
                                             const ottla_log_dir_description_map_by_int32_t **result,
                                             ottla_error_t **error);

/**
 * Describes the producers that are active on partitions, asked at their leaders.
 *
 * Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED. Sends
 * DescribeProducers (KIP-664). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed,
 * the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call
 * failed.
 */
ottla_status_t ottla_admin_describe_producers(ottla_admin_t *admin,
                                              const ottla_describe_producers_arguments_t *arguments,
                                              int64_t timeout_ms,
                                              const ottla_producer_state_description_list_by_topic_partition_t **result,
                                              ottla_error_t **error);

/**
 * Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list with holes
 * would mislead.
 *
 * Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before 3.8.
 * Transactional ids that this principal may not describe are left out. Sends ListTransactions (KIP-664, KIP-994).
 * `*result` is the caller's: free it with ottla_admin_result_free(); NULL on failure.
 */
ottla_status_t ottla_admin_list_transactions(ottla_admin_t *admin,
                                             const ottla_list_transactions_arguments_t *arguments,
                                             int64_t timeout_ms,
                                             const ottla_transaction_listing_map_t **result,
                                             ottla_error_t **error);

/**
 * Describes transactional ids, asked at their coordinators.
 *
 * Errors: Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
 * COORDINATOR_NOT_AVAILABLE. Sends DescribeTransactions (KIP-664). `*result` is the caller's: free it with
 * ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
 * then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_describe_transactions(ottla_admin_t *admin,
                                                 const ottla_describe_transactions_arguments_t *arguments,
                                                 int64_t timeout_ms,
                                                 const ottla_transaction_description_by_text_t **result,
                                                 ottla_error_t **error);

/**
 * Fences the producers of transactional ids: their open transactions abort, and they cannot go on.
 *
 * Errors: Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE,
 * CONCURRENT_TRANSACTIONS when the old transaction does not end in time. Sends InitProducerId (KIP-691). `*result` is
 * the caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, and
 * `*result` tells of all: free it then, too. It is NULL when the whole call failed.
 */
ottla_status_t ottla_admin_fence_producers(ottla_admin_t *admin,
                                           const ottla_fence_producers_arguments_t *arguments,
                                           int64_t timeout_ms,
                                           const ottla_fenced_producer_by_text_t **result,
                                           ottla_error_t **error);

/**
 * Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not asked: only
 * for transactions it no longer knows.
 *
 * Errors: Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
 * CLUSTER_AUTHORIZATION_FAILED. Sends WriteTxnMarkers (KIP-664).
 */
ottla_status_t ottla_admin_abort_transaction(ottla_admin_t *admin,
                                             const ottla_abort_transaction_arguments_t *arguments,
                                             int64_t timeout_ms,
                                             ottla_error_t **error);

/**
 * The name of a status, as "queue_full"; "ok" for OTTLA_OK. Lives for ever.
 */
const char *ottla_status_name(int32_t status);

/**
 * Logs this much from here on, for the whole process; one of ottla_log_level_t, at first OTTLA_LOG_OFF. Lines wait, up to
 * 1024 of them, until ottla_poll_logs() takes them; nothing is written anywhere.
 */
ottla_status_t ottla_set_log_level(int32_t level,
                                   ottla_error_t **error);

/**
 * Gives the lines that wait, or come within `timeout_ms`, to `callback`, on this thread. `*dropped`, where it is not NULL,
 * is how many lines were lost since the last call because nobody took them.
 */
ottla_status_t ottla_poll_logs(int64_t timeout_ms,
                               ottla_log_callback_t callback,
                               void *user_data,
                               uint64_t *dropped,
                               ottla_error_t **error);

/**
 * A descriptor that is readable while log lines wait. Owned by the library: do not read, write or close it.
 */
ottla_status_t ottla_log_event_fd(int *fd, ottla_error_t **error);

/**
 * The name of a log level, as "info"; lives for ever.
 */
const char *ottla_log_level_name(int32_t level);

/**
 * How many offsets; 0 for NULL.
 */
size_t ottla_offsets_count(const ottla_offsets_t *offsets);

/**
 * An offset of the list, valid until the list is freed; NULL behind the last one.
 */
const ottla_offset_t *ottla_offsets_get(const ottla_offsets_t *offsets, size_t index);

/**
 * Frees a list of offsets. NULL is accepted.
 */
void ottla_offsets_free(ottla_offsets_t *offsets);

/**
 * How many partitions; 0 for NULL.
 */
size_t ottla_partitions_count(const ottla_partitions_t *partitions);

/**
 * A partition of the list, valid until the list is freed; NULL behind the last one.
 */
const ottla_topic_partition_t *ottla_partitions_get(const ottla_partitions_t *partitions, size_t index);

/**
 * Frees a list of partitions. NULL is accepted.
 */
void ottla_partitions_free(ottla_partitions_t *partitions);

/**
 * How many texts; 0 for NULL.
 */
size_t ottla_texts_count(const ottla_texts_t *texts);

/**
 * A text of the list, valid until the list is freed; NULL behind the last one.
 */
const char *ottla_texts_get(const ottla_texts_t *texts, size_t index);

/**
 * Frees a list of texts. NULL is accepted.
 */
void ottla_texts_free(ottla_texts_t *texts);

/**
 * How many partitions; 0 for NULL.
 */
size_t ottla_partition_infos_count(const ottla_partition_infos_t *infos);

/**
 * A partition of the list, valid until the list is freed; NULL behind the last one.
 */
const ottla_partition_info_t *ottla_partition_infos_get(const ottla_partition_infos_t *infos, size_t index);

/**
 * Frees the list. NULL is accepted.
 */
void ottla_partition_infos_free(ottla_partition_infos_t *infos);

/**
 * Makes a producer. It connects in the background: what is wrong with the addresses is told by the first send.
 *
 * `config` is copied. `*producer` is owned by the caller; NULL on failure. Errors: OTTLA_CONFIG_ERROR for an option that
 * is unknown, malformed, or not a producer's.
 */
ottla_status_t ottla_producer_new(const ottla_config_t *config,
                                  ottla_producer_t **producer,
                                  ottla_error_t **error);

/**
 * Hands a record over, copied straight into a batch. Waits up to `timeout_ms` (and no longer than "max.block.ms") while
 * the topic's partitions are not known or "buffer.memory" is used up; 0 never waits.
 *
 * OTTLA_OK says that the record was taken, not that it arrived: for that see `tag`. Anything else says that it was not
 * and will not be sent: OTTLA_QUEUE_FULL when there was no room in time, OTTLA_TIMEOUT when the topic's partitions were not
 * known in time (both may be tried again), OTTLA_RECORD_TOO_LARGE, OTTLA_UNKNOWN_TOPIC_OR_PARTITION, OTTLA_CLOSED.
 */
ottla_status_t ottla_producer_send(ottla_producer_t *producer,
                                   const ottla_producer_record_t *record,
                                   int64_t timeout_ms,
                                   ottla_error_t **error);

/**
 * Hands `count` records over in order, as ottla_producer_send() does each, all by one deadline. Stops at the first that is
 * not taken, with its error. `*sent`, where it is not NULL, is how many were taken.
 */
ottla_status_t ottla_producer_send_many(ottla_producer_t *producer,
                                        const ottla_producer_record_t *records,
                                        size_t count,
                                        int64_t timeout_ms,
                                        size_t *sent,
                                        ottla_error_t **error);

/**
 * As ottla_producer_send(), and gives a handle that what becomes of this one record is read from. Costs an allocation;
 * tags are the way for many. The record's own `tag` must be 0. `*delivery` is owned by the caller.
 */
ottla_status_t ottla_producer_send_tracked(ottla_producer_t *producer,
                                           const ottla_producer_record_t *record,
                                           int64_t timeout_ms,
                                           ottla_delivery_t **delivery,
                                           ottla_error_t **error);

/**
 * What became of tagged records since the last call: waits up to `timeout_ms` until there is something. `*reports` is owned
 * by the caller: free it with ottla_reports_free(). It has no entry when nothing came in time, which is no error.
 */
ottla_status_t ottla_producer_poll_reports(ottla_producer_t *producer,
                                           int64_t timeout_ms,
                                           ottla_reports_t **reports,
                                           ottla_error_t **error);

/**
 * As ottla_producer_poll_reports(), but calls `callback` for each entry, on this thread, before it returns. The callback
 * may use the producer, also close it and free it. `*served`, where it is not NULL, is how many entries there were.
 */
ottla_status_t ottla_producer_serve_reports(ottla_producer_t *producer,
                                            int64_t timeout_ms,
                                            ottla_report_callback_t callback,
                                            void *user_data,
                                            size_t *served,
                                            ottla_error_t **error);

/**
 * A descriptor that is readable while reports wait: give it to epoll, poll or libuv, and call
 * ottla_producer_poll_reports() or ottla_producer_serve_reports() with a timeout of 0 when it is. Owned by the producer: do
 * not read, write or close it. The same one at each call.
 */
ottla_status_t ottla_producer_event_fd(ottla_producer_t *producer,
                                       int *fd,
                                       ottla_error_t **error);

/**
 * Sends what is buffered without lingering and waits until every record sent before has its fate.
 *
 * Errors: OTTLA_TIMEOUT when some have none after `timeout_ms` (they go on; call again); else the first failure among the
 * records without a tag since the last flush, so that none is lost unheard.
 */
ottla_status_t ottla_producer_flush(ottla_producer_t *producer,
                                    int64_t timeout_ms,
                                    ottla_error_t **error);

/**
 * Takes no more records, delivers what is buffered, ends; returns by `timeout_ms`. What had no fate by then is told as
 * failed where it was never sent and as unknown where it was. Reports can still be polled afterwards. Does not free.
 *
 * Errors: OTTLA_TIMEOUT saying how many records were given up; else as ottla_producer_flush().
 */
ottla_status_t ottla_producer_close(ottla_producer_t *producer,
                                    int64_t timeout_ms,
                                    ottla_error_t **error);

/**
 * Frees the handle, at once. Without ottla_producer_close() before, what was sent is still delivered in the background,
 * for up to "delivery.timeout.ms", while the process lives. No other call of this producer may be under way, except the
 * one whose callback this is called from. NULL is accepted.
 */
void ottla_producer_free(ottla_producer_t *producer);

/**
 * A topic's partitions and their leaders. `*partitions` is owned by the caller: ottla_partition_infos_free().
 */
ottla_status_t ottla_producer_partitions_for(ottla_producer_t *producer,
                                             const char *topic,
                                             int64_t timeout_ms,
                                             ottla_partition_infos_t **partitions,
                                             ottla_error_t **error);

/**
 * Fills in what was counted so far. `size` is sizeof(ottla_producer_metrics_t): later versions count more.
 */
ottla_status_t ottla_producer_metrics(const ottla_producer_t *producer,
                                      ottla_producer_metrics_t *metrics,
                                      size_t size,
                                      ottla_error_t **error);

/**
 * How many records; 0 for NULL.
 */
size_t ottla_records_count(const ottla_records_t *records);

/**
 * A record, valid until `records` is freed; NULL behind the last one. Records of one partition are in log order.
 */
const ottla_record_t *ottla_records_get(const ottla_records_t *records,
                                        size_t index);

/**
 * How many changes of the assignment this poll tells; 0 for NULL. Those a callback was told of are here, too.
 */
size_t ottla_records_event_count(const ottla_records_t *records);

/**
 * A change of the assignment, in order, valid until `records` is freed; NULL behind the last one.
 */
const ottla_rebalance_event_t *ottla_records_event(const ottla_records_t *records, size_t index);

/**
 * Frees records. NULL is accepted.
 */
void ottla_records_free(ottla_records_t *records);

/**
 * How many entries; each stands for one or more records. 0 for NULL.
 */
size_t ottla_reports_count(const ottla_reports_t *reports);

/**
 * An entry, valid until `reports` is freed; NULL behind the last one.
 */
const ottla_report_t *ottla_reports_get(const ottla_reports_t *reports, size_t index);

/**
 * Frees reports. NULL is accepted.
 */
void ottla_reports_free(ottla_reports_t *reports);

/**
 * Starts a broker. `properties` are the broker's own options, by Kafka's names; NULL for those that suit a test. `*broker`
 * is owned by the caller.
 */
ottla_status_t ottla_test_broker_start(const ottla_config_t *properties,
                                       int64_t timeout_ms,
                                       ottla_test_broker_t **broker,
                                       ottla_error_t **error);

/**
 * Its "host:port", for a client's "bootstrap.servers"; lives as long as the broker's handle. NULL for NULL.
 */
const char *ottla_test_broker_bootstrap(const ottla_test_broker_t *broker);

/**
 * Creates a topic and returns when it can be used. `configs` are the topic's options; NULL for none.
 */
ottla_status_t ottla_test_broker_create_topic(ottla_test_broker_t *broker,
                                              const char *name,
                                              int32_t partitions,
                                              const ottla_config_t *configs,
                                              int64_t timeout_ms,
                                              ottla_error_t **error);

/**
 * Stops the broker, by `timeout_ms`; its records are gone. Does not free.
 */
ottla_status_t ottla_test_broker_stop(ottla_test_broker_t *broker, int64_t timeout_ms, ottla_error_t **error);

/**
 * Frees the handle, at once; a broker that was not stopped stops in the background. NULL is accepted.
 */
void ottla_test_broker_free(ottla_test_broker_t *broker);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* OTTLA_H */

/* Option names: typing one wrong is an error of the compiler's. */

/** For producer. Which replicas must have a record before it counts as sent: all in sync (all), the leader (1), none (0). Default: "all". */
#define OTTLA_OPTION_ACKS "acks"

/** For consumer. Whether subscribing to a missing topic may create it, where the broker allows that. Default: "true". */
#define OTTLA_OPTION_ALLOW_AUTO_CREATE_TOPICS "allow.auto.create.topics"

/** For consumer. Pause between background commits. Default: "5000". */
#define OTTLA_OPTION_AUTO_COMMIT_INTERVAL_MS "auto.commit.interval.ms"

/** For consumer. Where to start without a committed offset: latest, earliest, none (an error), by_duration:PnDTnHnMnS. Default: "latest". */
#define OTTLA_OPTION_AUTO_OFFSET_RESET "auto.offset.reset"

/** For producer. Size at which a partition's open batch is sent without waiting for linger.ms. Default: "16384". */
#define OTTLA_OPTION_BATCH_SIZE "batch.size"

/** For producer, consumer, admin. How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the first attempt. Default: "0". */
#define OTTLA_OPTION_BOOTSTRAP_RESOLVE_TIMEOUT_MS "bootstrap.resolve.timeout.ms"

/** For producer, consumer, admin. Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice. Must be set. */
#define OTTLA_OPTION_BOOTSTRAP_SERVERS "bootstrap.servers"

/** For producer, consumer, admin. Which IP addresses of a broker are used. Default: "any". */
#define OTTLA_OPTION_BROKER_ADDRESS_FAMILY "broker.address.family"

/** For producer. Bound of all bytes waiting to be sent; at the bound sends wait up to max.block.ms. Default: "33554432". */
#define OTTLA_OPTION_BUFFER_MEMORY "buffer.memory"

/** For consumer. Whether the checksum of each batch is verified. Default: "true". */
#define OTTLA_OPTION_CHECK_CRCS "check.crcs"

/** For producer, consumer, admin. Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or ottla-admin. Default: "". */
#define OTTLA_OPTION_CLIENT_ID "client.id"

/** For producer, consumer. The rack or zone this client runs in, for fetching from the closest replica. Default: "". */
#define OTTLA_OPTION_CLIENT_RACK "client.rack"

/** For producer. Level of gzip, 1 to 9; -1 is the codec's default. Default: "-1". */
#define OTTLA_OPTION_COMPRESSION_GZIP_LEVEL "compression.gzip.level"

/** For producer. Level of whichever codec compression.type names; -1 takes the codec's own option. Default: "-1". */
#define OTTLA_OPTION_COMPRESSION_LEVEL "compression.level"

/** For producer. Level of lz4, 1 to 17. Default: "9". */
#define OTTLA_OPTION_COMPRESSION_LZ4_LEVEL "compression.lz4.level"

/** For producer. Codec of record batches. Default: "none". */
#define OTTLA_OPTION_COMPRESSION_TYPE "compression.type"

/** For producer. Level of zstd, -131072 to 22. Default: "3". */
#define OTTLA_OPTION_COMPRESSION_ZSTD_LEVEL "compression.zstd.level"

/** For producer, consumer, admin. Close a connection that carried nothing for this long; -1 keeps it. Default: "540000" (producer), "540000" (consumer), "300000" (admin). */
#define OTTLA_OPTION_CONNECTIONS_MAX_IDLE_MS "connections.max.idle.ms"

/** For consumer, admin. How long a call without a deadline of its own may take, retries included. Default: "60000". */
#define OTTLA_OPTION_DEFAULT_API_TIMEOUT_MS "default.api.timeout.ms"

/** For producer. Time from send to the final report, retries included. Records of a producer that has never reached any broker fail after 5 s already, with the cause. Default: "120000". */
#define OTTLA_OPTION_DELIVERY_TIMEOUT_MS "delivery.timeout.ms"

/** For consumer. Whether positions handed out are committed in the background. Default: "true". */
#define OTTLA_OPTION_ENABLE_AUTO_COMMIT "enable.auto.commit"

/** For producer. Whether retries are recognised by the broker, so that none doubles or reorders a record. Default: "true". */
#define OTTLA_OPTION_ENABLE_IDEMPOTENCE "enable.idempotence"

/** For consumer. Whether a pattern subscription leaves out Kafka's own topics. Default: "true". */
#define OTTLA_OPTION_EXCLUDE_INTERNAL_TOPICS "exclude.internal.topics"

/** For consumer. How much one fetch answer may carry; a single larger batch still comes. Default: "52428800". */
#define OTTLA_OPTION_FETCH_MAX_BYTES "fetch.max.bytes"

/** For consumer. How long a broker holds back its answer while there is less than fetch.min.bytes. Default: "500". */
#define OTTLA_OPTION_FETCH_MAX_WAIT_MS "fetch.max.wait.ms"

/** For consumer. A broker holds back its answer until it has this much, or fetch.max.wait.ms passed. Default: "1". */
#define OTTLA_OPTION_FETCH_MIN_BYTES "fetch.min.bytes"

/** For consumer. The consumer group; needed to subscribe and to commit. Not set by default. */
#define OTTLA_OPTION_GROUP_ID "group.id"

/** For consumer. Identity of a static member: a restart within the session timeout causes no rebalance. Not set by default. */
#define OTTLA_OPTION_GROUP_INSTANCE_ID "group.instance.id"

/** For consumer. Rebalance protocol: members assign (classic) or the coordinator does (consumer, KIP-848). Default: "classic". */
#define OTTLA_OPTION_GROUP_PROTOCOL "group.protocol"

/** For consumer. Name of the coordinator's assignor with group.protocol=consumer. Not set by default. */
#define OTTLA_OPTION_GROUP_REMOTE_ASSIGNOR "group.remote.assignor"

/** For consumer. Pause between heartbeats; below a third of session.timeout.ms. Default: "3000". */
#define OTTLA_OPTION_HEARTBEAT_INTERVAL_MS "heartbeat.interval.ms"

/** For consumer. Whether records of open and aborted transactions are handed out. Default: "read_uncommitted". */
#define OTTLA_OPTION_ISOLATION_LEVEL "isolation.level"

/** For producer. How long an open batch waits for more records. Default: "5". */
#define OTTLA_OPTION_LINGER_MS "linger.ms"

/** For producer. How long a send may wait for metadata or buffer space. Default: "60000". */
#define OTTLA_OPTION_MAX_BLOCK_MS "max.block.ms"

/** For producer. How many produce requests to one broker may await their answers; at most 5 with idempotence. Default: "5". */
#define OTTLA_OPTION_MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION "max.in.flight.requests.per.connection"

/** For consumer. How much of one partition a fetch answer may carry; a single larger batch still comes. Default: "1048576". */
#define OTTLA_OPTION_MAX_PARTITION_FETCH_BYTES "max.partition.fetch.bytes"

/** For consumer. An application that does not poll for this long leaves its group. Default: "300000". */
#define OTTLA_OPTION_MAX_POLL_INTERVAL_MS "max.poll.interval.ms"

/** For consumer. How many records one poll hands out at most. Default: "500". */
#define OTTLA_OPTION_MAX_POLL_RECORDS "max.poll.records"

/** For producer. Largest request sent, and with it the largest record. Default: "1048576". */
#define OTTLA_OPTION_MAX_REQUEST_SIZE "max.request.size"

/** For producer, consumer, admin. Refresh the view of the cluster at least this often. Default: "300000". */
#define OTTLA_OPTION_METADATA_MAX_AGE_MS "metadata.max.age.ms"

/** For producer. Forget the metadata of a topic nothing was sent to for this long. Default: "300000". */
#define OTTLA_OPTION_METADATA_MAX_IDLE_MS "metadata.max.idle.ms"

/** For producer, consumer, admin. Start again from bootstrap.servers when metadata could not be refreshed for this long. Default: "300000". */
#define OTTLA_OPTION_METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS "metadata.recovery.rebootstrap.trigger.ms"

/** For producer, consumer, admin. What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying. Default: "rebootstrap". */
#define OTTLA_OPTION_METADATA_RECOVERY_STRATEGY "metadata.recovery.strategy"

/** For consumer. Assignors with group.protocol=classic in order of preference: range, roundrobin, sticky, cooperative-sticky. Default: "range,cooperative-sticky". */
#define OTTLA_OPTION_PARTITION_ASSIGNMENT_STRATEGY "partition.assignment.strategy"

/** For producer. How a record without a partition finds one: default is the Java client's (murmur2 of the key, sticky and adaptive without), consistent_* use CRC-32 as librdkafka does. Default: "default". */
#define OTTLA_OPTION_PARTITIONER "partitioner"

/** For producer. Whether records without a key favour brokers that answer faster. Default: "true". */
#define OTTLA_OPTION_PARTITIONER_ADAPTIVE_PARTITIONING_ENABLE "partitioner.adaptive.partitioning.enable"

/** For producer. Records without a key avoid a partition whose broker took nothing for this long; 0 never. Default: "0". */
#define OTTLA_OPTION_PARTITIONER_AVAILABILITY_TIMEOUT_MS "partitioner.availability.timeout.ms"

/** For producer. Whether records with a key are placed as if they had none. Default: "false". */
#define OTTLA_OPTION_PARTITIONER_IGNORE_KEYS "partitioner.ignore.keys"

/** For consumer. Bound of fetched data waiting to be polled, in KiB. Default: "65536". */
#define OTTLA_OPTION_QUEUED_MAX_MESSAGES_KBYTES "queued.max.messages.kbytes"

/** For producer, consumer, admin. Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A Kafka consumer's default is 65536. Default: "32768" (producer), "-1" (consumer), "65536" (admin). */
#define OTTLA_OPTION_RECEIVE_BUFFER_BYTES "receive.buffer.bytes"

/** For producer, consumer, admin. Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512. Default: "100000000". */
#define OTTLA_OPTION_RECEIVE_MESSAGE_MAX_BYTES "receive.message.max.bytes"

/** For producer, consumer, admin. Longest pause before connecting again to a broker. Default: "1000". */
#define OTTLA_OPTION_RECONNECT_BACKOFF_MAX_MS "reconnect.backoff.max.ms"

/** For producer, consumer, admin. First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter. Default: "50". */
#define OTTLA_OPTION_RECONNECT_BACKOFF_MS "reconnect.backoff.ms"

/** For producer, consumer, admin. How long an answer to one request may take before the connection is closed and the request retried. Default: "30000". */
#define OTTLA_OPTION_REQUEST_TIMEOUT_MS "request.timeout.ms"

/** For producer, admin. How often a failed request is tried again; delivery.timeout.ms or the call's deadline end it first. Default: "2147483647". */
#define OTTLA_OPTION_RETRIES "retries"

/** For producer, consumer, admin. Longest pause before a failed request is tried again. Default: "1000". */
#define OTTLA_OPTION_RETRY_BACKOFF_MAX_MS "retry.backoff.max.ms"

/** For producer, consumer, admin. First pause before a failed request is tried again; grows twofold with 20 % jitter. Default: "100". */
#define OTTLA_OPTION_RETRY_BACKOFF_MS "retry.backoff.ms"

/** For producer, consumer, admin. Size of the socket's send buffer; -1 or 0 leaves the system's. Default: "131072". */
#define OTTLA_OPTION_SEND_BUFFER_BYTES "send.buffer.bytes"

/** For consumer. A member whose heartbeats stay away for this long is removed from its group. Default: "45000". */
#define OTTLA_OPTION_SESSION_TIMEOUT_MS "session.timeout.ms"

/** For producer, consumer, admin. How long opening one connection may take at most. Default: "30000". */
#define OTTLA_OPTION_SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS "socket.connection.setup.timeout.max.ms"

/** For producer, consumer, admin. How long opening one connection may take at first; grows twofold with each failure in a row. Default: "10000". */
#define OTTLA_OPTION_SOCKET_CONNECTION_SETUP_TIMEOUT_MS "socket.connection.setup.timeout.ms"

/** A set of options from names and values in turn: OTTLA_CONFIG("bootstrap.servers", servers, "acks", "all"). See
 * ottla_config_of(). */
#ifndef __cplusplus
#define OTTLA_CONFIG(...) ottla_config_of((const char *const[]){__VA_ARGS__, NULL, NULL})
#endif
