// Generated from the client's table of options, do not edit: make gen.

package dev.ottla

/** Names of options: typing one wrong is an error of the compiler's. Any map of Kafka's own names will do as well. */
public object Options {
    /**
     * For producer. Which replicas must have a record before it counts as sent: all in sync (all), the leader
     * (1), none (0). Default: `all`.
     */
    public const val ACKS: String = "acks"

    /**
     * For consumer. Whether subscribing to a missing topic may create it, where the broker allows that.
     * Default: `true`.
     */
    public const val ALLOW_AUTO_CREATE_TOPICS: String = "allow.auto.create.topics"

    /** For consumer. Pause between background commits. Default: `5000`. */
    public const val AUTO_COMMIT_INTERVAL_MS: String = "auto.commit.interval.ms"

    /**
     * For consumer. Where to start without a committed offset: latest, earliest, none (an error),
     * by_duration:PnDTnHnMnS. Default: `latest`.
     */
    public const val AUTO_OFFSET_RESET: String = "auto.offset.reset"

    /**
     * For producer. Size at which a partition's open batch is sent without waiting for linger.ms. Default:
     * `16384`.
     */
    public const val BATCH_SIZE: String = "batch.size"

    /**
     * For producer, consumer, admin. How long names in bootstrap.servers may stay unresolvable before that is
     * reported; 0 reports it after the first attempt. Default: `0`.
     */
    public const val BOOTSTRAP_RESOLVE_TIMEOUT_MS: String = "bootstrap.resolve.timeout.ms"

    /**
     * For producer, consumer, admin. Addresses (host:port, comma-separated) at which to find the cluster; a
     * few of its brokers suffice. Must be set.
     */
    public const val BOOTSTRAP_SERVERS: String = "bootstrap.servers"

    /** For producer, consumer, admin. Which IP addresses of a broker are used. Default: `any`. */
    public const val BROKER_ADDRESS_FAMILY: String = "broker.address.family"

    /**
     * For producer. Bound of all bytes waiting to be sent; at the bound sends wait up to max.block.ms.
     * Default: `33554432`.
     */
    public const val BUFFER_MEMORY: String = "buffer.memory"

    /** For consumer. Whether the checksum of each batch is verified. Default: `true`. */
    public const val CHECK_CRCS: String = "check.crcs"

    /**
     * For producer, consumer, admin. Name of this client in broker logs, metrics and quotas; empty takes
     * ottla-producer, ottla-consumer or ottla-admin. Default: ``.
     */
    public const val CLIENT_ID: String = "client.id"

    /**
     * For producer, consumer. The rack or zone this client runs in, for fetching from the closest replica.
     * Default: ``.
     */
    public const val CLIENT_RACK: String = "client.rack"

    /** For producer. Level of gzip, 1 to 9; -1 is the codec's default. Default: `-1`. */
    public const val COMPRESSION_GZIP_LEVEL: String = "compression.gzip.level"

    /**
     * For producer. Level of whichever codec compression.type names; -1 takes the codec's own option. Default:
     * `-1`.
     */
    public const val COMPRESSION_LEVEL: String = "compression.level"

    /** For producer. Level of lz4, 1 to 17. Default: `9`. */
    public const val COMPRESSION_LZ4_LEVEL: String = "compression.lz4.level"

    /** For producer. Codec of record batches. Default: `none`. */
    public const val COMPRESSION_TYPE: String = "compression.type"

    /** For producer. Level of zstd, -131072 to 22. Default: `3`. */
    public const val COMPRESSION_ZSTD_LEVEL: String = "compression.zstd.level"

    /**
     * For producer, consumer, admin. Close a connection that carried nothing for this long; -1 keeps it.
     * Default: `540000` (producer), `540000` (consumer), `300000` (admin).
     */
    public const val CONNECTIONS_MAX_IDLE_MS: String = "connections.max.idle.ms"

    /**
     * For consumer, admin. How long a call without a deadline of its own may take, retries included. Default:
     * `60000`.
     */
    public const val DEFAULT_API_TIMEOUT_MS: String = "default.api.timeout.ms"

    /**
     * For producer. Time from send to the final report, retries included. Records of a producer that has never
     * reached any broker fail after 5 s already, with the cause. Default: `120000`.
     */
    public const val DELIVERY_TIMEOUT_MS: String = "delivery.timeout.ms"

    /** For consumer. Whether positions handed out are committed in the background. Default: `true`. */
    public const val ENABLE_AUTO_COMMIT: String = "enable.auto.commit"

    /**
     * For producer. Whether retries are recognised by the broker, so that none doubles or reorders a record.
     * Default: `true`.
     */
    public const val ENABLE_IDEMPOTENCE: String = "enable.idempotence"

    /** For consumer. Whether a pattern subscription leaves out Kafka's own topics. Default: `true`. */
    public const val EXCLUDE_INTERNAL_TOPICS: String = "exclude.internal.topics"

    /**
     * For consumer. How much one fetch answer may carry; a single larger batch still comes. Default:
     * `52428800`.
     */
    public const val FETCH_MAX_BYTES: String = "fetch.max.bytes"

    /**
     * For consumer. How long a broker holds back its answer while there is less than fetch.min.bytes. Default:
     * `500`.
     */
    public const val FETCH_MAX_WAIT_MS: String = "fetch.max.wait.ms"

    /**
     * For consumer. A broker holds back its answer until it has this much, or fetch.max.wait.ms passed.
     * Default: `1`.
     */
    public const val FETCH_MIN_BYTES: String = "fetch.min.bytes"

    /** For consumer. The consumer group; needed to subscribe and to commit. Not set by default. */
    public const val GROUP_ID: String = "group.id"

    /**
     * For consumer. Identity of a static member: a restart within the session timeout causes no rebalance. Not
     * set by default.
     */
    public const val GROUP_INSTANCE_ID: String = "group.instance.id"

    /**
     * For consumer. Rebalance protocol: members assign (classic) or the coordinator does (consumer, KIP-848).
     * Default: `classic`.
     */
    public const val GROUP_PROTOCOL: String = "group.protocol"

    /** For consumer. Name of the coordinator's assignor with group.protocol=consumer. Not set by default. */
    public const val GROUP_REMOTE_ASSIGNOR: String = "group.remote.assignor"

    /** For consumer. Pause between heartbeats; below a third of session.timeout.ms. Default: `3000`. */
    public const val HEARTBEAT_INTERVAL_MS: String = "heartbeat.interval.ms"

    /**
     * For consumer. Whether records of open and aborted transactions are handed out. Default:
     * `read_uncommitted`.
     */
    public const val ISOLATION_LEVEL: String = "isolation.level"

    /** For producer. How long an open batch waits for more records. Default: `5`. */
    public const val LINGER_MS: String = "linger.ms"

    /** For producer. How long a send may wait for metadata or buffer space. Default: `60000`. */
    public const val MAX_BLOCK_MS: String = "max.block.ms"

    /**
     * For producer. How many produce requests to one broker may await their answers; at most 5 with
     * idempotence. Default: `5`.
     */
    public const val MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION: String = "max.in.flight.requests.per.connection"

    /**
     * For consumer. How much of one partition a fetch answer may carry; a single larger batch still comes.
     * Default: `1048576`.
     */
    public const val MAX_PARTITION_FETCH_BYTES: String = "max.partition.fetch.bytes"

    /** For consumer. An application that does not poll for this long leaves its group. Default: `300000`. */
    public const val MAX_POLL_INTERVAL_MS: String = "max.poll.interval.ms"

    /** For consumer. How many records one poll hands out at most. Default: `500`. */
    public const val MAX_POLL_RECORDS: String = "max.poll.records"

    /** For producer. Largest request sent, and with it the largest record. Default: `1048576`. */
    public const val MAX_REQUEST_SIZE: String = "max.request.size"

    /** For producer, consumer, admin. Refresh the view of the cluster at least this often. Default: `300000`. */
    public const val METADATA_MAX_AGE_MS: String = "metadata.max.age.ms"

    /** For producer. Forget the metadata of a topic nothing was sent to for this long. Default: `300000`. */
    public const val METADATA_MAX_IDLE_MS: String = "metadata.max.idle.ms"

    /**
     * For producer, consumer, admin. Start again from bootstrap.servers when metadata could not be refreshed
     * for this long. Default: `300000`.
     */
    public const val METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS: String = "metadata.recovery.rebootstrap.trigger.ms"

    /**
     * For producer, consumer, admin. What to do when no known broker can be reached: start again from
     * bootstrap.servers, or keep trying. Default: `rebootstrap`.
     */
    public const val METADATA_RECOVERY_STRATEGY: String = "metadata.recovery.strategy"

    /**
     * For consumer. Assignors with group.protocol=classic in order of preference: range, roundrobin, sticky,
     * cooperative-sticky. Default: `range,cooperative-sticky`.
     */
    public const val PARTITION_ASSIGNMENT_STRATEGY: String = "partition.assignment.strategy"

    /**
     * For producer. How a record without a partition finds one: default is the Java client's (murmur2 of the
     * key, sticky and adaptive without), consistent_* use CRC-32 as librdkafka does. Default: `default`.
     */
    public const val PARTITIONER: String = "partitioner"

    /** For producer. Whether records without a key favour brokers that answer faster. Default: `true`. */
    public const val PARTITIONER_ADAPTIVE_PARTITIONING_ENABLE: String = "partitioner.adaptive.partitioning.enable"

    /**
     * For producer. Records without a key avoid a partition whose broker took nothing for this long; 0 never.
     * Default: `0`.
     */
    public const val PARTITIONER_AVAILABILITY_TIMEOUT_MS: String = "partitioner.availability.timeout.ms"

    /** For producer. Whether records with a key are placed as if they had none. Default: `false`. */
    public const val PARTITIONER_IGNORE_KEYS: String = "partitioner.ignore.keys"

    /** For consumer. Bound of fetched data waiting to be polled, in KiB. Default: `65536`. */
    public const val QUEUED_MAX_MESSAGES_KBYTES: String = "queued.max.messages.kbytes"

    /**
     * For producer, consumer, admin. Size of the socket's receive buffer; -1 or 0 leaves it to the system,
     * which fits it to the connection. A Kafka consumer's default is 65536. Default: `32768` (producer), `-1`
     * (consumer), `65536` (admin).
     */
    public const val RECEIVE_BUFFER_BYTES: String = "receive.buffer.bytes"

    /**
     * For producer, consumer, admin. Largest response accepted from a broker; a larger one closes the
     * connection. At least fetch.max.bytes + 512. Default: `100000000`.
     */
    public const val RECEIVE_MESSAGE_MAX_BYTES: String = "receive.message.max.bytes"

    /** For producer, consumer, admin. Longest pause before connecting again to a broker. Default: `1000`. */
    public const val RECONNECT_BACKOFF_MAX_MS: String = "reconnect.backoff.max.ms"

    /**
     * For producer, consumer, admin. First pause before connecting again to a broker that could not be
     * reached; grows twofold with 20 % jitter. Default: `50`.
     */
    public const val RECONNECT_BACKOFF_MS: String = "reconnect.backoff.ms"

    /**
     * For producer, consumer, admin. How long an answer to one request may take before the connection is
     * closed and the request retried. Default: `30000`.
     */
    public const val REQUEST_TIMEOUT_MS: String = "request.timeout.ms"

    /**
     * For producer, admin. How often a failed request is tried again; delivery.timeout.ms or the call's
     * deadline end it first. Default: `2147483647`.
     */
    public const val RETRIES: String = "retries"

    /** For producer, consumer, admin. Longest pause before a failed request is tried again. Default: `1000`. */
    public const val RETRY_BACKOFF_MAX_MS: String = "retry.backoff.max.ms"

    /**
     * For producer, consumer, admin. First pause before a failed request is tried again; grows twofold with 20
     * % jitter. Default: `100`.
     */
    public const val RETRY_BACKOFF_MS: String = "retry.backoff.ms"

    /**
     * For producer, consumer, admin. Size of the socket's send buffer; -1 or 0 leaves the system's. Default:
     * `131072`.
     */
    public const val SEND_BUFFER_BYTES: String = "send.buffer.bytes"

    /**
     * For consumer. A member whose heartbeats stay away for this long is removed from its group. Default:
     * `45000`.
     */
    public const val SESSION_TIMEOUT_MS: String = "session.timeout.ms"

    /** For producer, consumer, admin. How long opening one connection may take at most. Default: `30000`. */
    public const val SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS: String = "socket.connection.setup.timeout.max.ms"

    /**
     * For producer, consumer, admin. How long opening one connection may take at first; grows twofold with
     * each failure in a row. Default: `10000`.
     */
    public const val SOCKET_CONNECTION_SETUP_TIMEOUT_MS: String = "socket.connection.setup.timeout.ms"
}
