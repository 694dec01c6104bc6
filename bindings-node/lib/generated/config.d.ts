// Generated from the table of options, do not edit: `make gen`.

/**
 * Options of a producer, by Kafka's names. An unknown or impossible one is a `ConfigError`.
 */
export interface ProducerConfig {
  /**
   * Which replicas must have a record before it counts as sent: all in sync (all), the leader (1), none (0).
   *
   * Default: `all`.
   */
  'acks'?: 'all' | '-1' | '0' | '1' | number | (string & {});
  /** The same as `acks`. */
  'request.required.acks'?: 'all' | '-1' | '0' | '1' | number | (string & {});
  /**
   * Size at which a partition's open batch is sent without waiting for linger.ms.
   *
   * Default: `16384`.
   */
  'batch.size'?: number | string;
  /**
   * How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the
   * first attempt.
   *
   * Default: `0`.
   */
  'bootstrap.resolve.timeout.ms'?: number | string;
  /**
   * Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice.
   */
  'bootstrap.servers': string | readonly string[];
  /** The same as `bootstrap.servers`. */
  'metadata.broker.list'?: string | readonly string[];
  /**
   * Which IP addresses of a broker are used.
   *
   * Default: `any`.
   */
  'broker.address.family'?: 'any' | 'v4' | 'v6' | (string & {});
  /**
   * Bound of all bytes waiting to be sent; at the bound sends wait up to max.block.ms.
   *
   * Default: `33554432`.
   */
  'buffer.memory'?: number | string;
  /**
   * Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or
   * ottla-admin.
   *
   * Default: empty.
   */
  'client.id'?: string;
  /**
   * The rack or zone this client runs in, for fetching from the closest replica.
   *
   * Default: empty.
   */
  'client.rack'?: string;
  /**
   * Level of gzip, 1 to 9; -1 is the codec's default.
   *
   * Default: `-1`.
   */
  'compression.gzip.level'?: number | string;
  /**
   * Level of whichever codec compression.type names; -1 takes the codec's own option.
   *
   * Default: `-1`.
   */
  'compression.level'?: number | string;
  /**
   * Level of lz4, 1 to 17.
   *
   * Default: `9`.
   */
  'compression.lz4.level'?: number | string;
  /**
   * Codec of record batches.
   *
   * Default: `none`.
   */
  'compression.type'?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | (string & {});
  /** The same as `compression.type`. */
  'compression.codec'?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | (string & {});
  /**
   * Level of zstd, -131072 to 22.
   *
   * Default: `3`.
   */
  'compression.zstd.level'?: number | string;
  /**
   * Close a connection that carried nothing for this long; -1 keeps it.
   *
   * Default: `540000`.
   */
  'connections.max.idle.ms'?: number | string;
  /**
   * Time from send to the final report, retries included. Records of a producer that has never reached any broker
   * fail after 5 s already, with the cause.
   *
   * Default: `120000`.
   */
  'delivery.timeout.ms'?: number | string;
  /** The same as `delivery.timeout.ms`. */
  'message.timeout.ms'?: number | string;
  /**
   * Whether retries are recognised by the broker, so that none doubles or reorders a record.
   *
   * Default: `true`.
   */
  'enable.idempotence'?: boolean | 'true' | 'false';
  /**
   * How long an open batch waits for more records.
   *
   * Default: `5`.
   */
  'linger.ms'?: number | string;
  /** The same as `linger.ms`. */
  'queue.buffering.max.ms'?: number | string;
  /**
   * How long a send may wait for metadata or buffer space.
   *
   * Default: `60000`.
   */
  'max.block.ms'?: number | string;
  /**
   * How many produce requests to one broker may await their answers; at most 5 with idempotence.
   *
   * Default: `5`.
   */
  'max.in.flight.requests.per.connection'?: number | string;
  /** The same as `max.in.flight.requests.per.connection`. */
  'max.in.flight'?: number | string;
  /**
   * Largest request sent, and with it the largest record.
   *
   * Default: `1048576`.
   */
  'max.request.size'?: number | string;
  /** The same as `max.request.size`. */
  'message.max.bytes'?: number | string;
  /**
   * Refresh the view of the cluster at least this often.
   *
   * Default: `300000`.
   */
  'metadata.max.age.ms'?: number | string;
  /** The same as `metadata.max.age.ms`. */
  'topic.metadata.refresh.interval.ms'?: number | string;
  /**
   * Forget the metadata of a topic nothing was sent to for this long.
   *
   * Default: `300000`.
   */
  'metadata.max.idle.ms'?: number | string;
  /**
   * Start again from bootstrap.servers when metadata could not be refreshed for this long.
   *
   * Default: `300000`.
   */
  'metadata.recovery.rebootstrap.trigger.ms'?: number | string;
  /**
   * What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying.
   *
   * Default: `rebootstrap`.
   */
  'metadata.recovery.strategy'?: 'rebootstrap' | 'none' | (string & {});
  /**
   * How a record without a partition finds one: default is the Java client's (murmur2 of the key, sticky and
   * adaptive without), consistent_* use CRC-32 as librdkafka does.
   *
   * Default: `default`.
   */
  'partitioner'?: 'default' | 'murmur2_random' | 'murmur2' | 'consistent_random' | 'consistent' | 'random' | 'round_robin' | (string & {});
  /**
   * Whether records without a key favour brokers that answer faster.
   *
   * Default: `true`.
   */
  'partitioner.adaptive.partitioning.enable'?: boolean | 'true' | 'false';
  /**
   * Records without a key avoid a partition whose broker took nothing for this long; 0 never.
   *
   * Default: `0`.
   */
  'partitioner.availability.timeout.ms'?: number | string;
  /**
   * Whether records with a key are placed as if they had none.
   *
   * Default: `false`.
   */
  'partitioner.ignore.keys'?: boolean | 'true' | 'false';
  /**
   * Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A
   * Kafka consumer's default is 65536.
   *
   * Default: `32768`.
   */
  'receive.buffer.bytes'?: number | string;
  /** The same as `receive.buffer.bytes`. */
  'socket.receive.buffer.bytes'?: number | string;
  /**
   * Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.
   *
   * Default: `100000000`.
   */
  'receive.message.max.bytes'?: number | string;
  /**
   * Longest pause before connecting again to a broker.
   *
   * Default: `1000`.
   */
  'reconnect.backoff.max.ms'?: number | string;
  /**
   * First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter.
   *
   * Default: `50`.
   */
  'reconnect.backoff.ms'?: number | string;
  /**
   * How long an answer to one request may take before the connection is closed and the request retried.
   *
   * Default: `30000`.
   */
  'request.timeout.ms'?: number | string;
  /** The same as `request.timeout.ms`. */
  'socket.timeout.ms'?: number | string;
  /**
   * How often a failed request is tried again; delivery.timeout.ms or the call's deadline end it first.
   *
   * Default: `2147483647`.
   */
  'retries'?: number | string;
  /** The same as `retries`. */
  'message.send.max.retries'?: number | string;
  /**
   * Longest pause before a failed request is tried again.
   *
   * Default: `1000`.
   */
  'retry.backoff.max.ms'?: number | string;
  /**
   * First pause before a failed request is tried again; grows twofold with 20 % jitter.
   *
   * Default: `100`.
   */
  'retry.backoff.ms'?: number | string;
  /**
   * Size of the socket's send buffer; -1 or 0 leaves the system's.
   *
   * Default: `131072`.
   */
  'send.buffer.bytes'?: number | string;
  /** The same as `send.buffer.bytes`. */
  'socket.send.buffer.bytes'?: number | string;
  /**
   * How long opening one connection may take at most.
   *
   * Default: `30000`.
   */
  'socket.connection.setup.timeout.max.ms'?: number | string;
  /**
   * How long opening one connection may take at first; grows twofold with each failure in a row.
   *
   * Default: `10000`.
   */
  'socket.connection.setup.timeout.ms'?: number | string;
}

/**
 * Options of a consumer, by Kafka's names. An unknown or impossible one is a `ConfigError`.
 */
export interface ConsumerConfig {
  /**
   * Whether subscribing to a missing topic may create it, where the broker allows that.
   *
   * Default: `true`.
   */
  'allow.auto.create.topics'?: boolean | 'true' | 'false';
  /**
   * Pause between background commits.
   *
   * Default: `5000`.
   */
  'auto.commit.interval.ms'?: number | string;
  /**
   * Where to start without a committed offset: latest, earliest, none (an error), by_duration:PnDTnHnMnS.
   *
   * Default: `latest`.
   */
  'auto.offset.reset'?: string;
  /**
   * How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the
   * first attempt.
   *
   * Default: `0`.
   */
  'bootstrap.resolve.timeout.ms'?: number | string;
  /**
   * Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice.
   */
  'bootstrap.servers': string | readonly string[];
  /** The same as `bootstrap.servers`. */
  'metadata.broker.list'?: string | readonly string[];
  /**
   * Which IP addresses of a broker are used.
   *
   * Default: `any`.
   */
  'broker.address.family'?: 'any' | 'v4' | 'v6' | (string & {});
  /**
   * Whether the checksum of each batch is verified.
   *
   * Default: `true`.
   */
  'check.crcs'?: boolean | 'true' | 'false';
  /**
   * Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or
   * ottla-admin.
   *
   * Default: empty.
   */
  'client.id'?: string;
  /**
   * The rack or zone this client runs in, for fetching from the closest replica.
   *
   * Default: empty.
   */
  'client.rack'?: string;
  /**
   * Close a connection that carried nothing for this long; -1 keeps it.
   *
   * Default: `540000`.
   */
  'connections.max.idle.ms'?: number | string;
  /**
   * How long a call without a deadline of its own may take, retries included.
   *
   * Default: `60000`.
   */
  'default.api.timeout.ms'?: number | string;
  /**
   * Whether positions handed out are committed in the background.
   *
   * Default: `true`.
   */
  'enable.auto.commit'?: boolean | 'true' | 'false';
  /** The same as `enable.auto.commit`. */
  'auto.commit.enable'?: boolean | 'true' | 'false';
  /**
   * Whether a pattern subscription leaves out Kafka's own topics.
   *
   * Default: `true`.
   */
  'exclude.internal.topics'?: boolean | 'true' | 'false';
  /**
   * How much one fetch answer may carry; a single larger batch still comes.
   *
   * Default: `52428800`.
   */
  'fetch.max.bytes'?: number | string;
  /**
   * How long a broker holds back its answer while there is less than fetch.min.bytes.
   *
   * Default: `500`.
   */
  'fetch.max.wait.ms'?: number | string;
  /** The same as `fetch.max.wait.ms`. */
  'fetch.wait.max.ms'?: number | string;
  /**
   * A broker holds back its answer until it has this much, or fetch.max.wait.ms passed.
   *
   * Default: `1`.
   */
  'fetch.min.bytes'?: number | string;
  /**
   * The consumer group; needed to subscribe and to commit.
   */
  'group.id'?: string;
  /**
   * Identity of a static member: a restart within the session timeout causes no rebalance.
   */
  'group.instance.id'?: string;
  /**
   * Rebalance protocol: members assign (classic) or the coordinator does (consumer, KIP-848).
   *
   * Default: `classic`.
   */
  'group.protocol'?: 'classic' | 'consumer' | (string & {});
  /**
   * Name of the coordinator's assignor with group.protocol=consumer.
   */
  'group.remote.assignor'?: string;
  /**
   * Pause between heartbeats; below a third of session.timeout.ms.
   *
   * Default: `3000`.
   */
  'heartbeat.interval.ms'?: number | string;
  /**
   * Whether records of open and aborted transactions are handed out.
   *
   * Default: `read_uncommitted`.
   */
  'isolation.level'?: 'read_uncommitted' | 'read_committed' | (string & {});
  /**
   * How much of one partition a fetch answer may carry; a single larger batch still comes.
   *
   * Default: `1048576`.
   */
  'max.partition.fetch.bytes'?: number | string;
  /** The same as `max.partition.fetch.bytes`. */
  'fetch.message.max.bytes'?: number | string;
  /**
   * An application that does not poll for this long leaves its group.
   *
   * Default: `300000`.
   */
  'max.poll.interval.ms'?: number | string;
  /**
   * How many records one poll hands out at most.
   *
   * Default: `500`.
   */
  'max.poll.records'?: number | string;
  /**
   * Refresh the view of the cluster at least this often.
   *
   * Default: `300000`.
   */
  'metadata.max.age.ms'?: number | string;
  /** The same as `metadata.max.age.ms`. */
  'topic.metadata.refresh.interval.ms'?: number | string;
  /**
   * Start again from bootstrap.servers when metadata could not be refreshed for this long.
   *
   * Default: `300000`.
   */
  'metadata.recovery.rebootstrap.trigger.ms'?: number | string;
  /**
   * What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying.
   *
   * Default: `rebootstrap`.
   */
  'metadata.recovery.strategy'?: 'rebootstrap' | 'none' | (string & {});
  /**
   * Assignors with group.protocol=classic in order of preference: range, roundrobin, sticky, cooperative-sticky.
   *
   * Default: `range,cooperative-sticky`.
   */
  'partition.assignment.strategy'?: string | readonly string[];
  /**
   * Bound of fetched data waiting to be polled, in KiB.
   *
   * Default: `65536`.
   */
  'queued.max.messages.kbytes'?: number | string;
  /**
   * Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A
   * Kafka consumer's default is 65536.
   *
   * Default: `-1`.
   */
  'receive.buffer.bytes'?: number | string;
  /** The same as `receive.buffer.bytes`. */
  'socket.receive.buffer.bytes'?: number | string;
  /**
   * Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.
   *
   * Default: `100000000`.
   */
  'receive.message.max.bytes'?: number | string;
  /**
   * Longest pause before connecting again to a broker.
   *
   * Default: `1000`.
   */
  'reconnect.backoff.max.ms'?: number | string;
  /**
   * First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter.
   *
   * Default: `50`.
   */
  'reconnect.backoff.ms'?: number | string;
  /**
   * How long an answer to one request may take before the connection is closed and the request retried.
   *
   * Default: `30000`.
   */
  'request.timeout.ms'?: number | string;
  /** The same as `request.timeout.ms`. */
  'socket.timeout.ms'?: number | string;
  /**
   * Longest pause before a failed request is tried again.
   *
   * Default: `1000`.
   */
  'retry.backoff.max.ms'?: number | string;
  /**
   * First pause before a failed request is tried again; grows twofold with 20 % jitter.
   *
   * Default: `100`.
   */
  'retry.backoff.ms'?: number | string;
  /**
   * Size of the socket's send buffer; -1 or 0 leaves the system's.
   *
   * Default: `131072`.
   */
  'send.buffer.bytes'?: number | string;
  /** The same as `send.buffer.bytes`. */
  'socket.send.buffer.bytes'?: number | string;
  /**
   * A member whose heartbeats stay away for this long is removed from its group.
   *
   * Default: `45000`.
   */
  'session.timeout.ms'?: number | string;
  /**
   * How long opening one connection may take at most.
   *
   * Default: `30000`.
   */
  'socket.connection.setup.timeout.max.ms'?: number | string;
  /**
   * How long opening one connection may take at first; grows twofold with each failure in a row.
   *
   * Default: `10000`.
   */
  'socket.connection.setup.timeout.ms'?: number | string;
}

/**
 * Options of a admin, by Kafka's names. An unknown or impossible one is a `ConfigError`.
 */
export interface AdminConfig {
  /**
   * How long names in bootstrap.servers may stay unresolvable before that is reported; 0 reports it after the
   * first attempt.
   *
   * Default: `0`.
   */
  'bootstrap.resolve.timeout.ms'?: number | string;
  /**
   * Addresses (host:port, comma-separated) at which to find the cluster; a few of its brokers suffice.
   */
  'bootstrap.servers': string | readonly string[];
  /** The same as `bootstrap.servers`. */
  'metadata.broker.list'?: string | readonly string[];
  /**
   * Which IP addresses of a broker are used.
   *
   * Default: `any`.
   */
  'broker.address.family'?: 'any' | 'v4' | 'v6' | (string & {});
  /**
   * Name of this client in broker logs, metrics and quotas; empty takes ottla-producer, ottla-consumer or
   * ottla-admin.
   *
   * Default: empty.
   */
  'client.id'?: string;
  /**
   * Close a connection that carried nothing for this long; -1 keeps it.
   *
   * Default: `300000`.
   */
  'connections.max.idle.ms'?: number | string;
  /**
   * How long a call without a deadline of its own may take, retries included.
   *
   * Default: `60000`.
   */
  'default.api.timeout.ms'?: number | string;
  /**
   * Refresh the view of the cluster at least this often.
   *
   * Default: `300000`.
   */
  'metadata.max.age.ms'?: number | string;
  /** The same as `metadata.max.age.ms`. */
  'topic.metadata.refresh.interval.ms'?: number | string;
  /**
   * Start again from bootstrap.servers when metadata could not be refreshed for this long.
   *
   * Default: `300000`.
   */
  'metadata.recovery.rebootstrap.trigger.ms'?: number | string;
  /**
   * What to do when no known broker can be reached: start again from bootstrap.servers, or keep trying.
   *
   * Default: `rebootstrap`.
   */
  'metadata.recovery.strategy'?: 'rebootstrap' | 'none' | (string & {});
  /**
   * Size of the socket's receive buffer; -1 or 0 leaves it to the system, which fits it to the connection. A
   * Kafka consumer's default is 65536.
   *
   * Default: `65536`.
   */
  'receive.buffer.bytes'?: number | string;
  /** The same as `receive.buffer.bytes`. */
  'socket.receive.buffer.bytes'?: number | string;
  /**
   * Largest response accepted from a broker; a larger one closes the connection. At least fetch.max.bytes + 512.
   *
   * Default: `100000000`.
   */
  'receive.message.max.bytes'?: number | string;
  /**
   * Longest pause before connecting again to a broker.
   *
   * Default: `1000`.
   */
  'reconnect.backoff.max.ms'?: number | string;
  /**
   * First pause before connecting again to a broker that could not be reached; grows twofold with 20 % jitter.
   *
   * Default: `50`.
   */
  'reconnect.backoff.ms'?: number | string;
  /**
   * How long an answer to one request may take before the connection is closed and the request retried.
   *
   * Default: `30000`.
   */
  'request.timeout.ms'?: number | string;
  /** The same as `request.timeout.ms`. */
  'socket.timeout.ms'?: number | string;
  /**
   * How often a failed request is tried again; delivery.timeout.ms or the call's deadline end it first.
   *
   * Default: `2147483647`.
   */
  'retries'?: number | string;
  /** The same as `retries`. */
  'message.send.max.retries'?: number | string;
  /**
   * Longest pause before a failed request is tried again.
   *
   * Default: `1000`.
   */
  'retry.backoff.max.ms'?: number | string;
  /**
   * First pause before a failed request is tried again; grows twofold with 20 % jitter.
   *
   * Default: `100`.
   */
  'retry.backoff.ms'?: number | string;
  /**
   * Size of the socket's send buffer; -1 or 0 leaves the system's.
   *
   * Default: `131072`.
   */
  'send.buffer.bytes'?: number | string;
  /** The same as `send.buffer.bytes`. */
  'socket.send.buffer.bytes'?: number | string;
  /**
   * How long opening one connection may take at most.
   *
   * Default: `30000`.
   */
  'socket.connection.setup.timeout.max.ms'?: number | string;
  /**
   * How long opening one connection may take at first; grows twofold with each failure in a row.
   *
   * Default: `10000`.
   */
  'socket.connection.setup.timeout.ms'?: number | string;
}
