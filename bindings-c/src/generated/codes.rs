//! Kafka's error codes.
//!
//! Generated from the wire's table of errors, do not edit: `make gen`.

use std::ffi::c_char;

/// Kafka's error codes, as brokers send them. Brokers may send newer ones.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_code_t {
    /// unexpected server error.
    OTTLA_CODE_UNKNOWN_SERVER_ERROR = -1,
    /// no error.
    OTTLA_CODE_NONE = 0,
    /// the requested offset is outside the range of offsets the partition holds.
    OTTLA_CODE_OFFSET_OUT_OF_RANGE = 1,
    /// a record batch is corrupt: its checksum, size or format is wrong.
    OTTLA_CODE_CORRUPT_MESSAGE = 2,
    /// the broker does not host this topic or partition.
    OTTLA_CODE_UNKNOWN_TOPIC_OR_PARTITION = 3,
    /// the requested fetch size is invalid.
    OTTLA_CODE_INVALID_FETCH_SIZE = 4,
    /// the partition has no leader at the moment.
    OTTLA_CODE_LEADER_NOT_AVAILABLE = 5,
    /// the broker is not the leader of the partition, or not a replica of it.
    OTTLA_CODE_NOT_LEADER_OR_FOLLOWER = 6,
    /// the request did not complete in time.
    OTTLA_CODE_REQUEST_TIMED_OUT = 7,
    /// the broker is not available.
    OTTLA_CODE_BROKER_NOT_AVAILABLE = 8,
    /// the replica is not available on the broker.
    OTTLA_CODE_REPLICA_NOT_AVAILABLE = 9,
    /// the record batch is larger than the broker or topic accepts.
    OTTLA_CODE_MESSAGE_TOO_LARGE = 10,
    /// the controller epoch is older than the current one.
    OTTLA_CODE_STALE_CONTROLLER_EPOCH = 11,
    /// the metadata stored with the offset is too large.
    OTTLA_CODE_OFFSET_METADATA_TOO_LARGE = 12,
    /// the connection was lost before a response arrived.
    OTTLA_CODE_NETWORK_EXCEPTION = 13,
    /// the coordinator is still loading its state.
    OTTLA_CODE_COORDINATOR_LOAD_IN_PROGRESS = 14,
    /// the coordinator is not available.
    OTTLA_CODE_COORDINATOR_NOT_AVAILABLE = 15,
    /// the broker is not the coordinator of this group or transactional id.
    OTTLA_CODE_NOT_COORDINATOR = 16,
    /// the topic name is invalid or the operation is not allowed on this topic.
    OTTLA_CODE_INVALID_TOPIC_EXCEPTION = 17,
    /// the record batches exceed the segment size of the log.
    OTTLA_CODE_RECORD_LIST_TOO_LARGE = 18,
    /// fewer replicas are in sync than min.insync.replicas asks for.
    OTTLA_CODE_NOT_ENOUGH_REPLICAS = 19,
    /// the records were written, but fewer replicas were in sync than min.insync.replicas asks for.
    OTTLA_CODE_NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20,
    /// the acks value is invalid.
    OTTLA_CODE_INVALID_REQUIRED_ACKS = 21,
    /// the generation id is not the current one of the group.
    OTTLA_CODE_ILLEGAL_GENERATION = 22,
    /// the member's protocol type or protocols do not fit the group.
    OTTLA_CODE_INCONSISTENT_GROUP_PROTOCOL = 23,
    /// the group id is invalid.
    OTTLA_CODE_INVALID_GROUP_ID = 24,
    /// the coordinator does not know this member.
    OTTLA_CODE_UNKNOWN_MEMBER_ID = 25,
    /// the session timeout is outside the range the broker allows.
    OTTLA_CODE_INVALID_SESSION_TIMEOUT = 26,
    /// the group is rebalancing.
    OTTLA_CODE_REBALANCE_IN_PROGRESS = 27,
    /// the offset commit is too large.
    OTTLA_CODE_INVALID_COMMIT_OFFSET_SIZE = 28,
    /// not authorized for the topic.
    OTTLA_CODE_TOPIC_AUTHORIZATION_FAILED = 29,
    /// not authorized for the group.
    OTTLA_CODE_GROUP_AUTHORIZATION_FAILED = 30,
    /// not authorized for the cluster.
    OTTLA_CODE_CLUSTER_AUTHORIZATION_FAILED = 31,
    /// the record timestamp is outside the range the topic allows.
    OTTLA_CODE_INVALID_TIMESTAMP = 32,
    /// the broker does not enable this SASL mechanism.
    OTTLA_CODE_UNSUPPORTED_SASL_MECHANISM = 33,
    /// the request is not valid in the present SASL state.
    OTTLA_CODE_ILLEGAL_SASL_STATE = 34,
    /// the broker does not support this version of the API.
    OTTLA_CODE_UNSUPPORTED_VERSION = 35,
    /// the topic already exists.
    OTTLA_CODE_TOPIC_ALREADY_EXISTS = 36,
    /// the number of partitions is invalid.
    OTTLA_CODE_INVALID_PARTITIONS = 37,
    /// the replication factor is below 1 or above the number of brokers.
    OTTLA_CODE_INVALID_REPLICATION_FACTOR = 38,
    /// the replica assignment is invalid.
    OTTLA_CODE_INVALID_REPLICA_ASSIGNMENT = 39,
    /// the configuration is invalid.
    OTTLA_CODE_INVALID_CONFIG = 40,
    /// the broker is not the controller.
    OTTLA_CODE_NOT_CONTROLLER = 41,
    /// the request is malformed or breaks a rule of the protocol.
    OTTLA_CODE_INVALID_REQUEST = 42,
    /// the message format of the topic does not support the request.
    OTTLA_CODE_UNSUPPORTED_FOR_MESSAGE_FORMAT = 43,
    /// the request breaks a policy of the cluster.
    OTTLA_CODE_POLICY_VIOLATION = 44,
    /// the sequence number is not the one that follows the last appended batch.
    OTTLA_CODE_OUT_OF_ORDER_SEQUENCE_NUMBER = 45,
    /// the batch with this sequence number was already appended.
    OTTLA_CODE_DUPLICATE_SEQUENCE_NUMBER = 46,
    /// the producer epoch is older than the current one.
    OTTLA_CODE_INVALID_PRODUCER_EPOCH = 47,
    /// the operation is not allowed in the present state of the transaction.
    OTTLA_CODE_INVALID_TXN_STATE = 48,
    /// the producer id does not belong to this transactional id.
    OTTLA_CODE_INVALID_PRODUCER_ID_MAPPING = 49,
    /// the transaction timeout is larger than transaction.max.timeout.ms.
    OTTLA_CODE_INVALID_TRANSACTION_TIMEOUT = 50,
    /// another operation on the transaction is still in progress.
    OTTLA_CODE_CONCURRENT_TRANSACTIONS = 51,
    /// the transaction coordinator that sent the marker has been replaced.
    OTTLA_CODE_TRANSACTION_COORDINATOR_FENCED = 52,
    /// not authorized for the transactional id.
    OTTLA_CODE_TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53,
    /// security features are disabled.
    OTTLA_CODE_SECURITY_DISABLED = 54,
    /// the operation was not attempted, because an earlier one in the request failed.
    OTTLA_CODE_OPERATION_NOT_ATTEMPTED = 55,
    /// the log directory of the partition failed.
    OTTLA_CODE_KAFKA_STORAGE_ERROR = 56,
    /// the log directory does not exist on the broker.
    OTTLA_CODE_LOG_DIR_NOT_FOUND = 57,
    /// SASL authentication failed.
    OTTLA_CODE_SASL_AUTHENTICATION_FAILED = 58,
    /// the broker holds no state for this producer id.
    OTTLA_CODE_UNKNOWN_PRODUCER_ID = 59,
    /// the partition is already being reassigned.
    OTTLA_CODE_REASSIGNMENT_IN_PROGRESS = 60,
    /// delegation tokens are not enabled.
    OTTLA_CODE_DELEGATION_TOKEN_AUTH_DISABLED = 61,
    /// the delegation token does not exist.
    OTTLA_CODE_DELEGATION_TOKEN_NOT_FOUND = 62,
    /// the principal does not own the delegation token.
    OTTLA_CODE_DELEGATION_TOKEN_OWNER_MISMATCH = 63,
    /// delegation tokens cannot be managed over this connection.
    OTTLA_CODE_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED = 64,
    /// not authorized for the delegation token.
    OTTLA_CODE_DELEGATION_TOKEN_AUTHORIZATION_FAILED = 65,
    /// the delegation token has expired.
    OTTLA_CODE_DELEGATION_TOKEN_EXPIRED = 66,
    /// the principal type is not supported.
    OTTLA_CODE_INVALID_PRINCIPAL_TYPE = 67,
    /// the group still has members.
    OTTLA_CODE_NON_EMPTY_GROUP = 68,
    /// the group does not exist.
    OTTLA_CODE_GROUP_ID_NOT_FOUND = 69,
    /// the fetch session does not exist.
    OTTLA_CODE_FETCH_SESSION_ID_NOT_FOUND = 70,
    /// the fetch session epoch is not the expected one.
    OTTLA_CODE_INVALID_FETCH_SESSION_EPOCH = 71,
    /// the leader has no endpoint on the listener of the request.
    OTTLA_CODE_LISTENER_NOT_FOUND = 72,
    /// topic deletion is disabled.
    OTTLA_CODE_TOPIC_DELETION_DISABLED = 73,
    /// the leader epoch of the request is older than the current one.
    OTTLA_CODE_FENCED_LEADER_EPOCH = 74,
    /// the leader epoch of the request is newer than the broker's.
    OTTLA_CODE_UNKNOWN_LEADER_EPOCH = 75,
    /// the compression type is not supported by this version of the API.
    OTTLA_CODE_UNSUPPORTED_COMPRESSION_TYPE = 76,
    /// the broker epoch is not the current one.
    OTTLA_CODE_STALE_BROKER_EPOCH = 77,
    /// the leader cannot serve the offset until its high watermark catches up.
    OTTLA_CODE_OFFSET_NOT_AVAILABLE = 78,
    /// a member id is required: join again with the one returned.
    OTTLA_CODE_MEMBER_ID_REQUIRED = 79,
    /// the preferred leader is not available.
    OTTLA_CODE_PREFERRED_LEADER_NOT_AVAILABLE = 80,
    /// the group has reached its maximum size.
    OTTLA_CODE_GROUP_MAX_SIZE_REACHED = 81,
    /// another member took over this group instance id.
    OTTLA_CODE_FENCED_INSTANCE_ID = 82,
    /// no eligible leader is available.
    OTTLA_CODE_ELIGIBLE_LEADERS_NOT_AVAILABLE = 83,
    /// the partition already has the wanted leader.
    OTTLA_CODE_ELECTION_NOT_NEEDED = 84,
    /// no reassignment of the partition is in progress.
    OTTLA_CODE_NO_REASSIGNMENT_IN_PROGRESS = 85,
    /// the group is subscribed to the topic.
    OTTLA_CODE_GROUP_SUBSCRIBED_TO_TOPIC = 86,
    /// a record breaks a rule of the topic or broker.
    OTTLA_CODE_INVALID_RECORD = 87,
    /// offsets of a pending transaction are not yet decided.
    OTTLA_CODE_UNSTABLE_OFFSET_COMMIT = 88,
    /// the throttling quota is exceeded.
    OTTLA_CODE_THROTTLING_QUOTA_EXCEEDED = 89,
    /// a newer producer with the same transactional id took over.
    OTTLA_CODE_PRODUCER_FENCED = 90,
    /// the resource does not exist.
    OTTLA_CODE_RESOURCE_NOT_FOUND = 91,
    /// the resource appears more than once in the request.
    OTTLA_CODE_DUPLICATE_RESOURCE = 92,
    /// the credential does not meet the requirements.
    OTTLA_CODE_UNACCEPTABLE_CREDENTIAL = 93,
    /// the sets of voters differ.
    OTTLA_CODE_INCONSISTENT_VOTER_SET = 94,
    /// the feature version is invalid.
    OTTLA_CODE_INVALID_UPDATE_VERSION = 95,
    /// the features could not be updated.
    OTTLA_CODE_FEATURE_UPDATE_FAILED = 96,
    /// the forwarded principal could not be read.
    OTTLA_CODE_PRINCIPAL_DESERIALIZATION_FAILURE = 97,
    /// the snapshot does not exist.
    OTTLA_CODE_SNAPSHOT_NOT_FOUND = 98,
    /// the position is outside the snapshot.
    OTTLA_CODE_POSITION_OUT_OF_RANGE = 99,
    /// the broker does not know this topic id.
    OTTLA_CODE_UNKNOWN_TOPIC_ID = 100,
    /// a broker with this id is already registered.
    OTTLA_CODE_DUPLICATE_BROKER_REGISTRATION = 101,
    /// no broker with this id is registered.
    OTTLA_CODE_BROKER_ID_NOT_REGISTERED = 102,
    /// the topic id differs from the one in the log.
    OTTLA_CODE_INCONSISTENT_TOPIC_ID = 103,
    /// the cluster id is not the one of this cluster.
    OTTLA_CODE_INCONSISTENT_CLUSTER_ID = 104,
    /// the transactional id does not exist.
    OTTLA_CODE_TRANSACTIONAL_ID_NOT_FOUND = 105,
    /// the fetch session mixes topic ids and topic names.
    OTTLA_CODE_FETCH_SESSION_TOPIC_ID_ERROR = 106,
    /// the replica may not join the in-sync replicas.
    OTTLA_CODE_INELIGIBLE_REPLICA = 107,
    /// a new leader was elected.
    OTTLA_CODE_NEW_LEADER_ELECTED = 108,
    /// the offset has moved to tiered storage.
    OTTLA_CODE_OFFSET_MOVED_TO_TIERED_STORAGE = 109,
    /// the member epoch is not the current one; the member was fenced.
    OTTLA_CODE_FENCED_MEMBER_EPOCH = 110,
    /// another member still uses the group instance id.
    OTTLA_CODE_UNRELEASED_INSTANCE_ID = 111,
    /// the coordinator does not support the assignor.
    OTTLA_CODE_UNSUPPORTED_ASSIGNOR = 112,
    /// the member epoch is older than the current one.
    OTTLA_CODE_STALE_MEMBER_EPOCH = 113,
    /// the request went to the wrong kind of endpoint.
    OTTLA_CODE_MISMATCHED_ENDPOINT_TYPE = 114,
    /// the endpoint type is not supported.
    OTTLA_CODE_UNSUPPORTED_ENDPOINT_TYPE = 115,
    /// the controller id is not known.
    OTTLA_CODE_UNKNOWN_CONTROLLER_ID = 116,
    /// the client's telemetry subscription is out of date.
    OTTLA_CODE_UNKNOWN_SUBSCRIPTION_ID = 117,
    /// the telemetry payload is too large.
    OTTLA_CODE_TELEMETRY_TOO_LARGE = 118,
    /// the broker registration is invalid.
    OTTLA_CODE_INVALID_REGISTRATION = 119,
    /// the transaction has to be aborted; the producer stays usable.
    OTTLA_CODE_TRANSACTION_ABORTABLE = 120,
    /// the record is not in the state the operation needs.
    OTTLA_CODE_INVALID_RECORD_STATE = 121,
    /// the share session does not exist.
    OTTLA_CODE_SHARE_SESSION_NOT_FOUND = 122,
    /// the share session epoch is not the expected one.
    OTTLA_CODE_INVALID_SHARE_SESSION_EPOCH = 123,
    /// the share state epoch is older than the current one.
    OTTLA_CODE_FENCED_STATE_EPOCH = 124,
    /// the voter key does not match the receiving replica.
    OTTLA_CODE_INVALID_VOTER_KEY = 125,
    /// the voter is already part of the set.
    OTTLA_CODE_DUPLICATE_VOTER = 126,
    /// the voter is not part of the set.
    OTTLA_CODE_VOTER_NOT_FOUND = 127,
    /// the regular expression is invalid.
    OTTLA_CODE_INVALID_REGULAR_EXPRESSION = 128,
    /// the client has to bootstrap again.
    OTTLA_CODE_REBOOTSTRAP_REQUIRED = 129,
    /// the topology is invalid.
    OTTLA_CODE_STREAMS_INVALID_TOPOLOGY = 130,
    /// the topology epoch is invalid.
    OTTLA_CODE_STREAMS_INVALID_TOPOLOGY_EPOCH = 131,
    /// the topology epoch of the member is older than the current one.
    OTTLA_CODE_STREAMS_TOPOLOGY_FENCED = 132,
    /// the broker has reached its limit of share sessions.
    OTTLA_CODE_SHARE_SESSION_LIMIT_REACHED = 133,
    /// the group could not be deleted.
    OTTLA_CODE_GROUP_DELETION_FAILED = 134,
    /// the topology description could not be stored.
    OTTLA_CODE_STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED = 135,
    /// no controller with this id is registered.
    OTTLA_CODE_CONTROLLER_ID_NOT_REGISTERED = 136,
}

pub(crate) fn code_name(code: i32) -> *const c_char {
    let name = match code {
        -1 => c"UNKNOWN_SERVER_ERROR",
        0 => c"NONE",
        1 => c"OFFSET_OUT_OF_RANGE",
        2 => c"CORRUPT_MESSAGE",
        3 => c"UNKNOWN_TOPIC_OR_PARTITION",
        4 => c"INVALID_FETCH_SIZE",
        5 => c"LEADER_NOT_AVAILABLE",
        6 => c"NOT_LEADER_OR_FOLLOWER",
        7 => c"REQUEST_TIMED_OUT",
        8 => c"BROKER_NOT_AVAILABLE",
        9 => c"REPLICA_NOT_AVAILABLE",
        10 => c"MESSAGE_TOO_LARGE",
        11 => c"STALE_CONTROLLER_EPOCH",
        12 => c"OFFSET_METADATA_TOO_LARGE",
        13 => c"NETWORK_EXCEPTION",
        14 => c"COORDINATOR_LOAD_IN_PROGRESS",
        15 => c"COORDINATOR_NOT_AVAILABLE",
        16 => c"NOT_COORDINATOR",
        17 => c"INVALID_TOPIC_EXCEPTION",
        18 => c"RECORD_LIST_TOO_LARGE",
        19 => c"NOT_ENOUGH_REPLICAS",
        20 => c"NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        21 => c"INVALID_REQUIRED_ACKS",
        22 => c"ILLEGAL_GENERATION",
        23 => c"INCONSISTENT_GROUP_PROTOCOL",
        24 => c"INVALID_GROUP_ID",
        25 => c"UNKNOWN_MEMBER_ID",
        26 => c"INVALID_SESSION_TIMEOUT",
        27 => c"REBALANCE_IN_PROGRESS",
        28 => c"INVALID_COMMIT_OFFSET_SIZE",
        29 => c"TOPIC_AUTHORIZATION_FAILED",
        30 => c"GROUP_AUTHORIZATION_FAILED",
        31 => c"CLUSTER_AUTHORIZATION_FAILED",
        32 => c"INVALID_TIMESTAMP",
        33 => c"UNSUPPORTED_SASL_MECHANISM",
        34 => c"ILLEGAL_SASL_STATE",
        35 => c"UNSUPPORTED_VERSION",
        36 => c"TOPIC_ALREADY_EXISTS",
        37 => c"INVALID_PARTITIONS",
        38 => c"INVALID_REPLICATION_FACTOR",
        39 => c"INVALID_REPLICA_ASSIGNMENT",
        40 => c"INVALID_CONFIG",
        41 => c"NOT_CONTROLLER",
        42 => c"INVALID_REQUEST",
        43 => c"UNSUPPORTED_FOR_MESSAGE_FORMAT",
        44 => c"POLICY_VIOLATION",
        45 => c"OUT_OF_ORDER_SEQUENCE_NUMBER",
        46 => c"DUPLICATE_SEQUENCE_NUMBER",
        47 => c"INVALID_PRODUCER_EPOCH",
        48 => c"INVALID_TXN_STATE",
        49 => c"INVALID_PRODUCER_ID_MAPPING",
        50 => c"INVALID_TRANSACTION_TIMEOUT",
        51 => c"CONCURRENT_TRANSACTIONS",
        52 => c"TRANSACTION_COORDINATOR_FENCED",
        53 => c"TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
        54 => c"SECURITY_DISABLED",
        55 => c"OPERATION_NOT_ATTEMPTED",
        56 => c"KAFKA_STORAGE_ERROR",
        57 => c"LOG_DIR_NOT_FOUND",
        58 => c"SASL_AUTHENTICATION_FAILED",
        59 => c"UNKNOWN_PRODUCER_ID",
        60 => c"REASSIGNMENT_IN_PROGRESS",
        61 => c"DELEGATION_TOKEN_AUTH_DISABLED",
        62 => c"DELEGATION_TOKEN_NOT_FOUND",
        63 => c"DELEGATION_TOKEN_OWNER_MISMATCH",
        64 => c"DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
        65 => c"DELEGATION_TOKEN_AUTHORIZATION_FAILED",
        66 => c"DELEGATION_TOKEN_EXPIRED",
        67 => c"INVALID_PRINCIPAL_TYPE",
        68 => c"NON_EMPTY_GROUP",
        69 => c"GROUP_ID_NOT_FOUND",
        70 => c"FETCH_SESSION_ID_NOT_FOUND",
        71 => c"INVALID_FETCH_SESSION_EPOCH",
        72 => c"LISTENER_NOT_FOUND",
        73 => c"TOPIC_DELETION_DISABLED",
        74 => c"FENCED_LEADER_EPOCH",
        75 => c"UNKNOWN_LEADER_EPOCH",
        76 => c"UNSUPPORTED_COMPRESSION_TYPE",
        77 => c"STALE_BROKER_EPOCH",
        78 => c"OFFSET_NOT_AVAILABLE",
        79 => c"MEMBER_ID_REQUIRED",
        80 => c"PREFERRED_LEADER_NOT_AVAILABLE",
        81 => c"GROUP_MAX_SIZE_REACHED",
        82 => c"FENCED_INSTANCE_ID",
        83 => c"ELIGIBLE_LEADERS_NOT_AVAILABLE",
        84 => c"ELECTION_NOT_NEEDED",
        85 => c"NO_REASSIGNMENT_IN_PROGRESS",
        86 => c"GROUP_SUBSCRIBED_TO_TOPIC",
        87 => c"INVALID_RECORD",
        88 => c"UNSTABLE_OFFSET_COMMIT",
        89 => c"THROTTLING_QUOTA_EXCEEDED",
        90 => c"PRODUCER_FENCED",
        91 => c"RESOURCE_NOT_FOUND",
        92 => c"DUPLICATE_RESOURCE",
        93 => c"UNACCEPTABLE_CREDENTIAL",
        94 => c"INCONSISTENT_VOTER_SET",
        95 => c"INVALID_UPDATE_VERSION",
        96 => c"FEATURE_UPDATE_FAILED",
        97 => c"PRINCIPAL_DESERIALIZATION_FAILURE",
        98 => c"SNAPSHOT_NOT_FOUND",
        99 => c"POSITION_OUT_OF_RANGE",
        100 => c"UNKNOWN_TOPIC_ID",
        101 => c"DUPLICATE_BROKER_REGISTRATION",
        102 => c"BROKER_ID_NOT_REGISTERED",
        103 => c"INCONSISTENT_TOPIC_ID",
        104 => c"INCONSISTENT_CLUSTER_ID",
        105 => c"TRANSACTIONAL_ID_NOT_FOUND",
        106 => c"FETCH_SESSION_TOPIC_ID_ERROR",
        107 => c"INELIGIBLE_REPLICA",
        108 => c"NEW_LEADER_ELECTED",
        109 => c"OFFSET_MOVED_TO_TIERED_STORAGE",
        110 => c"FENCED_MEMBER_EPOCH",
        111 => c"UNRELEASED_INSTANCE_ID",
        112 => c"UNSUPPORTED_ASSIGNOR",
        113 => c"STALE_MEMBER_EPOCH",
        114 => c"MISMATCHED_ENDPOINT_TYPE",
        115 => c"UNSUPPORTED_ENDPOINT_TYPE",
        116 => c"UNKNOWN_CONTROLLER_ID",
        117 => c"UNKNOWN_SUBSCRIPTION_ID",
        118 => c"TELEMETRY_TOO_LARGE",
        119 => c"INVALID_REGISTRATION",
        120 => c"TRANSACTION_ABORTABLE",
        121 => c"INVALID_RECORD_STATE",
        122 => c"SHARE_SESSION_NOT_FOUND",
        123 => c"INVALID_SHARE_SESSION_EPOCH",
        124 => c"FENCED_STATE_EPOCH",
        125 => c"INVALID_VOTER_KEY",
        126 => c"DUPLICATE_VOTER",
        127 => c"VOTER_NOT_FOUND",
        128 => c"INVALID_REGULAR_EXPRESSION",
        129 => c"REBOOTSTRAP_REQUIRED",
        130 => c"STREAMS_INVALID_TOPOLOGY",
        131 => c"STREAMS_INVALID_TOPOLOGY_EPOCH",
        132 => c"STREAMS_TOPOLOGY_FENCED",
        133 => c"SHARE_SESSION_LIMIT_REACHED",
        134 => c"GROUP_DELETION_FAILED",
        135 => c"STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED",
        136 => c"CONTROLLER_ID_NOT_REGISTERED",
        _ => c"UNKNOWN_ERROR_CODE",
    };
    name.as_ptr()
}
