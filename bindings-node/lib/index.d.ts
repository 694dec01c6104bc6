/// <reference types="node" />
import { Readable, Writable } from 'node:stream';
import { CallOptions, TopicPartition } from './common';
import { AdminConfig, ConsumerConfig, ProducerConfig } from './generated/config';
import { AdminOperations } from './generated/admin';

export { CallOptions, ItemResult, TopicPartition } from './common';
export { KafkaError, KafkaErrorDetails } from './errors';
export * from './generated/errors';
export * from './generated/config';
export * from './generated/admin';

/** Bytes of a key, a value or a header's value; a string becomes UTF-8, `null` is Kafka's null, which differs from empty. */
export type BytesLike = string | Uint8Array | ArrayBuffer | ArrayBufferView | null;

/** A record's headers: keys may repeat, in which case a value is an array or the pairs say so. */
export type HeadersInit =
  | Readonly<Record<string, BytesLike | readonly BytesLike[]>>
  | ReadonlyMap<string, BytesLike | readonly BytesLike[]>
  | ReadonlyArray<readonly [string, BytesLike] | Header>;

/** A header of a record. */
export interface Header {
  key: string;
  value: Buffer | null;
}

/** A record to send. */
export interface ProducerRecord {
  topic: string;
  /** Records of one key go to one partition, and keep their order. */
  key?: BytesLike;
  /** `null` is a tombstone in a compacted topic. */
  value?: BytesLike;
  headers?: HeadersInit;
  /** The partition; without it the partitioner chooses, as Java's does (murmur2 of the key). */
  partition?: number;
  /** Milliseconds since the Unix epoch, or a date; the time of sending when left out. */
  timestamp?: number | Date;
}

/** Where a record was appended. */
export interface RecordMetadata {
  topic: string;
  partition: number;
  /** Its offset; `null` where the broker was not asked (`acks=0`). Never rounded: `send` rejects beyond 2^53 - 1. */
  offset: number | null;
  /** Its timestamp in milliseconds: its own, or the broker's on a topic of log-append time. */
  timestamp: number;
}

/** A time limit. */
export interface TimeoutOptions {
  /** Milliseconds. */
  timeoutMs?: number;
}

/** Settings of a producer that are not Kafka's. */
export interface ProducerOptions {
  /**
   * Bytes of records that may wait here for room in `buffer.memory`; more are refused with a `QueueFullError`.
   *
   * Default: 33554432.
   */
  maxQueuedBytes?: number;
}

/** What was counted so far. */
export interface ProducerMetrics {
  recordsAcknowledged: number;
  recordsFailed: number;
  /** Records of unknown outcome: sent, and no answer came. */
  recordsUnknown: number;
  requests: number;
  batches: number;
  bytesSent: number;
  retries: number;
  splits: number;
  epochBumps: number;
  batchesIncomplete: number;
  bufferTotalBytes: number;
  bufferAvailableBytes: number;
  waitingCount: number;
}

/** A partition of a topic and where its replicas are. */
export interface PartitionMetadata {
  partition: number;
  /** The broker that leads it; `null` while there is none. */
  leader: number | null;
  /** Brokers of all replicas, the preferred leader first. */
  replicas: number[];
  /** Brokers of replicas in sync. */
  isr: number[];
  /** Brokers of replicas that are down. */
  offlineReplicas: number[];
}

/**
 * Sends records to topics, in batches.
 *
 * Records sent within one turn of the event loop are handed over together. A producer that is not closed does not keep the
 * process alive, but records under way do.
 */
export class Producer {
  /** Checks the options and starts; connects in the background. Throws a `ConfigError` for what cannot be. */
  constructor(config: ProducerConfig, options?: ProducerOptions);

  /**
   * Sends a record; resolves when the broker has it (`acks`).
   *
   * Rejects with what became of it: `NotSentError` (it is in no log), `OutcomeUnknownError`, `RecordTooLargeError`,
   * `UnknownTopicOrPartitionError`, `QueueFullError` (see {@link Producer.ready}), `ClosedError`. A signal gives up the
   * waiting only: the record may still be sent.
   */
  send(record: ProducerRecord, options?: CallOptions): Promise<RecordMetadata>;

  /**
   * Sends records in order; resolves when the broker has them all, and rejects with the first failure.
   *
   * Takes records from the iterable only as long as there is room, so that a generator of any length needs little memory;
   * records sent elsewhere meanwhile come in between.
   */
  sendMany(records: Iterable<ProducerRecord>, options?: CallOptions): Promise<RecordMetadata[]>;

  /**
   * Resolves when there is room: less than half of `maxQueuedBytes` waits here. At once when that is so already. Rejects
   * with a `ClosedError` when the producer is closed.
   */
  ready(options?: CallOptions): Promise<void>;

  /**
   * Sends what is buffered without lingering, and resolves when every record sent before has its fate, whatever that is.
   *
   * Rejects with a `TimeoutError` after `timeoutMs` (default 120000); the records go on.
   */
  flush(options?: TimeoutOptions & CallOptions): Promise<void>;

  /** A topic's partitions and their leaders; waits for metadata up to `max.block.ms`. */
  partitionsFor(topic: string, options?: CallOptions): Promise<PartitionMetadata[]>;

  /** What was counted so far. */
  metrics(): ProducerMetrics;

  /** How many records have no fate yet. */
  readonly pendingCount: number;

  /**
   * A stream to write records to. It slows its writer down when the producer cannot keep up, is destroyed by the first
   * record that fails, and finishes when every record was acknowledged. The producer stays open.
   *
   * With `topic`, strings and bytes may be written, too: they are values of records to that topic.
   */
  stream(options?: { topic?: string; highWaterMark?: number }): Writable;

  /**
   * Takes no more records, delivers what is buffered, and disconnects, all by `timeoutMs` (default 30000). Closing twice is
   * one close.
   *
   * Rejects with a `TimeoutError` when some records were not delivered by then; their promises reject, too, and say what
   * became of them.
   */
  close(options?: TimeoutOptions): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** A record as read: a view of what was fetched. Key, value and headers are made when they are touched. */
export class ConsumerRecord {
  private constructor();
  readonly topic: string;
  readonly partition: number;
  /** Its offset in the partition; gaps are normal. Never rounded: beyond 2^53 - 1 reading it throws an `UnsupportedError`. */
  readonly offset: number;
  /** Its offset, however large. */
  readonly offsetBigInt: bigint;
  /** Milliseconds since the Unix epoch, by {@link ConsumerRecord.timestampType}. Never rounded, as the offset. */
  readonly timestamp: number;
  /** Its timestamp, however large. */
  readonly timestampBigInt: bigint;
  /** Who set the timestamp: the producer or the broker. */
  readonly timestampType: 'create' | 'log_append';
  /** Epoch of the leader that appended it, where it is known. */
  readonly leaderEpoch: number | null;
  /** A view of the key: to keep it for long, copy it (`Buffer.from(key)`), or the whole block stays in memory. */
  readonly key: Buffer | null;
  /** A view of the value: to keep it for long, copy it, or the whole block stays in memory. */
  readonly value: Buffer | null;
  /** Bytes of key, value and headers together. */
  readonly size: number;
  /** The headers in order; keys may repeat. */
  readonly headers: readonly Header[];
  /** The value of the last header of that key; `undefined` when there is none. */
  header(key: string): Buffer | null | undefined;
  /** The record as a plain object. */
  toJSON(): object;
}

/**
 * Told of changes of the assignment, between two polls. They may be asynchronous: a revocation is held until they are done.
 * What they throw is thrown by the poll, or by the iterator.
 */
export interface RebalanceCallbacks {
  /** These partitions came in addition. */
  onAssigned?(this: Consumer, partitions: TopicPartition[]): void | Promise<void>;
  /** These partitions go; commit what was done of them. */
  onRevoked?(this: Consumer, partitions: TopicPartition[]): void | Promise<void>;
  /** These partitions belong to others already: nothing of them can be committed. */
  onLost?(this: Consumer, partitions: TopicPartition[]): void | Promise<void>;
}

/** A place in a partition: the next offset to read. */
export interface PartitionOffset extends TopicPartition {
  offset: number | bigint;
  leaderEpoch?: number | null;
  /** Text of the application's own, kept with a commit. */
  metadata?: string;
}

/** What is committed of a partition. */
export interface CommittedPartitionOffset extends TopicPartition {
  offset: number;
  leaderEpoch: number | null;
  metadata: string;
}

/** Who a consumer is in its group. */
export interface GroupMetadata {
  groupId: string;
  generationId: number;
  memberId: string;
  groupInstanceId: string | null;
}

/** How to iterate. */
export interface RecordsOptions extends CallOptions {
  /** The most records of one poll (default `max.poll.records`). */
  maxRecords?: number;
}

/**
 * Reads records from topics, alone or as a member of a group.
 *
 * Heartbeats do not depend on the event loop: a member stays one while the application works. Records count as handed out,
 * for commits and positions, one by one as an iterator gives them. One reader at a time: one loop, or one poll after the
 * other. A consumer that is not closed does not keep the process alive, unless it is being read.
 */
export class Consumer implements AsyncIterable<ConsumerRecord> {
  /** Checks the options and starts; connects in the background. Throws a `ConfigError` for what cannot be. */
  constructor(config: ConsumerConfig);

  /** Reads these topics as a member of the group `group.id`, instead of what was subscribed before. Reading joins the group. */
  subscribe(topics: string | Iterable<string>, callbacks?: RebalanceCallbacks): void;
  /** Reads every topic whose whole name matches, as they come and go. The syntax is that of Rust's `regex`; flags are not taken. */
  subscribePattern(pattern: string | RegExp, callbacks?: RebalanceCallbacks): void;
  /** Stops reading, calls the callbacks with what is given up, and leaves the group. Commits nothing by itself. */
  unsubscribe(options?: CallOptions): Promise<void>;
  /** The subscribed topics. */
  subscription(): string[];
  /** Reads exactly these partitions, outside the group's rebalancing. */
  assign(partitions: Iterable<TopicPartition>): void;
  /** The partitions being read. */
  assignment(): TopicPartition[];

  /**
   * Records that are there, or come within `timeoutMs`; an empty array when none does.
   *
   * Rejects with what concerns the consumer: no reset policy for an offset out of range, no authorization, being fenced,
   * `MaxPollExceededError`.
   */
  poll(timeoutMs?: number, options?: RecordsOptions): Promise<ConsumerRecord[]>;
  /** Record by record, until the consumer is closed; throws what {@link Consumer.poll} rejects with. */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord, void, undefined>;
  /** As iterating over the consumer itself, with options. */
  records(options?: RecordsOptions): AsyncGenerator<ConsumerRecord, void, undefined>;
  /**
   * Arrays of records, until the consumer is closed: what is there, or, with `maxWaitMs`, what comes in that time after the
   * first record, up to `maxRecords` and `maxBytes` (of keys, values and headers; one record is always given).
   */
  batches(options?: RecordsOptions & { maxBytes?: number; maxWaitMs?: number }): AsyncGenerator<ConsumerRecord[], void, undefined>;
  /**
   * A stream of records, which ends with the consumer's close. It reads ahead by `highWaterMark` records (default 16): commit
   * what you did by its offset.
   */
  stream(options?: RecordsOptions & { highWaterMark?: number }): Readable;
  /** Makes the poll under way, or else the next one, return at once and empty. */
  wakeup(): void;

  /** Commits these offsets, each the next to read; without them the positions: everything that was handed out. */
  commit(offsets?: PartitionOffset | Iterable<PartitionOffset> | null, options?: CallOptions): Promise<void>;
  /** The group's committed offsets; partitions without one are left out. */
  committed(
    partitions: TopicPartition | Iterable<TopicPartition>, options?: CallOptions,
  ): Promise<CommittedPartitionOffset[]>;
  /** The next offset to hand out; `null` while it is not known. */
  position(partition: TopicPartition): number | null;
  /** How many offsets lie between the position and the end as of the last fetch; `null` before that. */
  lag(partition: TopicPartition): number | null;
  /** Goes on at this offset with the next poll. */
  seek(position: PartitionOffset): void;
  /** Goes on at the beginning of these partitions, of all assigned ones when none is named. */
  seekToBeginning(partitions?: TopicPartition | Iterable<TopicPartition>): void;
  /** Goes on at the end of these partitions, of all assigned ones when none is named. */
  seekToEnd(partitions?: TopicPartition | Iterable<TopicPartition>): void;
  /** Hands out nothing of these partitions until {@link Consumer.resume}. */
  pause(partitions: TopicPartition | Iterable<TopicPartition>): void;
  /** Ends a {@link Consumer.pause}. */
  resume(partitions: TopicPartition | Iterable<TopicPartition>): void;
  /** The partitions that are paused. */
  paused(): TopicPartition[];
  /** The first offset of each partition. */
  beginningOffsets(
    partitions: TopicPartition | Iterable<TopicPartition>, options?: CallOptions,
  ): Promise<Array<TopicPartition & { offset: number }>>;
  /** The offset behind the last readable record of each partition. */
  endOffsets(
    partitions: TopicPartition | Iterable<TopicPartition>, options?: CallOptions,
  ): Promise<Array<TopicPartition & { offset: number }>>;
  /** For each partition the first offset whose timestamp is at least the given one; those without are left out. */
  offsetsForTimes(
    times: Iterable<TopicPartition & { timestamp: number | Date }>, options?: CallOptions,
  ): Promise<Array<TopicPartition & { offset: number; timestamp: number; leaderEpoch: number | null }>>;
  /** Who this consumer is in its group; `null` without one. */
  groupMetadata(): GroupMetadata | null;

  /**
   * Calls the callbacks with what is given up, commits (with `enable.auto.commit`), leaves the group and disconnects, all by
   * `timeoutMs` (default 30000). Iterators end. With `remain` it stays in the group until its session expires, so that a
   * restart under the same `group.instance.id` causes no rebalance. Closing twice is one close.
   */
  close(options?: TimeoutOptions & { remain?: boolean }): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** Administers a cluster: topics, configurations, groups, offsets, transactions. */
export interface Admin extends AdminOperations {
  /** Closes the connections; calls under way reject with a `ClosedError`. */
  close(options?: TimeoutOptions): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
export const Admin: { new (config: AdminConfig): Admin; readonly prototype: Admin };

/** How much is logged; each has what those before it have. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** A line of the log. */
export interface LogLine {
  level: Exclude<LogLevel, 'off'>;
  /** The part of the library it is from, such as `ottla::consumer`. */
  target: string;
  /** What happened, with its values as `name=value`. */
  message: string;
}

/**
 * Gives the log's lines to `logger`; nothing is logged without one. The log is the process's: the last call counts, from
 * whichever worker. `null` turns it off.
 */
export function setLogger(logger: ((line: LogLine) => void) | null, options?: { level?: LogLevel }): void;
