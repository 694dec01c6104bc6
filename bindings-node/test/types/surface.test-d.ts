// What each call gives and takes, to the letter; `expectError` is what must not compile.
import { Readable, Writable } from 'node:stream';
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd';
import {
  Admin, BytesLike, CommittedPartitionOffset, Consumer, ConsumerRecord, ErrorKind, GroupMetadata, Header, KafkaError,
  MaxPollExceededError, PartitionMetadata, Producer, ProducerMetrics, ProducerRecord, RecordMetadata, TopicPartition,
  setLogger,
} from '../../lib/index';
import { TestBroker, useBroker } from '../../lib/testing';

const { signal } = new AbortController();
const partition = { topic: 't', partition: 0 };

const producer = new Producer({ 'bootstrap.servers': ['a:1', 'b:2'], acks: 'all' }, { maxQueuedBytes: 1 });
expectType<Promise<RecordMetadata>>(producer.send({ topic: 't' }, { signal }));
expectType<Promise<RecordMetadata[]>>(producer.sendMany(new Set<ProducerRecord>()));
expectType<Promise<void>>(producer.ready({ signal }));
expectType<Promise<void>>(producer.flush({ timeoutMs: 1, signal }));
expectType<Promise<PartitionMetadata[]>>(producer.partitionsFor('t'));
expectType<ProducerMetrics>(producer.metrics());
expectType<number>(producer.pendingCount);
expectType<Writable>(producer.stream({ topic: 't' }));
expectType<Promise<void>>(producer.close());
expectAssignable<AsyncDisposable>(producer);
expectAssignable<BytesLike>(new ArrayBuffer(1));
expectAssignable<BytesLike>(new Float64Array(1));
expectNotAssignable<BytesLike>(1);
expectError(producer.send('t'));
expectError(producer.send({ topic: 't', timestamp: '1' }));
expectError(producer.send({ topic: 't', headers: { a: 1 } }));
expectError(producer.send({ topic: 't' }, { signal: 'no' }));
expectError(producer.close({ timeout: 1 }));
expectError(new Producer());
expectError((producer.pendingCount = 1));

const consumer = new Consumer({ 'bootstrap.servers': 'a:1', 'group.id': 'g' });
expectType<void>(consumer.subscribe(['t'], { async onAssigned() {}, onLost() {} }));
expectType<void>(consumer.subscribePattern(/t/));
expectType<Promise<void>>(consumer.unsubscribe());
expectType<void>(consumer.assign(new Set([partition])));
expectType<TopicPartition[]>(consumer.assignment());
expectType<Promise<ConsumerRecord[]>>(consumer.poll(1, { maxRecords: 1, signal }));
expectType<AsyncGenerator<ConsumerRecord, void, undefined>>(consumer.records({ signal }));
expectType<AsyncGenerator<ConsumerRecord[], void, undefined>>(consumer.batches({ maxRecords: 1, maxBytes: 1, maxWaitMs: 1 }));
expectType<Readable>(consumer.stream());
expectAssignable<AsyncIterable<ConsumerRecord>>(consumer);
expectAssignable<AsyncDisposable>(consumer);
expectType<Promise<void>>(consumer.commit({ ...partition, offset: 1n }, { signal }));
expectType<Promise<CommittedPartitionOffset[]>>(consumer.committed(partition));
expectType<number | null>(consumer.position(partition));
expectType<number | null>(consumer.lag(partition));
expectType<void>(consumer.seek({ ...partition, offset: 1 }));
expectType<TopicPartition[]>(consumer.paused());
expectType<Promise<Array<TopicPartition & { offset: number }>>>(consumer.endOffsets([partition]));
expectType<GroupMetadata | null>(consumer.groupMetadata());
expectType<Promise<void>>(consumer.close({ timeoutMs: 1, remain: true }));
expectError(consumer.commit({ topic: 't', partition: 0 }));
expectError(consumer.subscribe(['t'], { onAssigned: 1 }));
expectError(consumer.batches({ maxWait: 1 }));

declare const record: ConsumerRecord;
expectType<number>(record.offset);
expectType<bigint>(record.offsetBigInt);
expectType<bigint>(record.timestampBigInt);
expectType<Buffer | null>(record.key);
expectType<Buffer | null>(record.value);
expectType<readonly Header[]>(record.headers);
expectType<Buffer | null | undefined>(record.header('h'));
expectType<'create' | 'log_append'>(record.timestampType);
expectError((record.value = null));

const admin = new Admin({ 'bootstrap.servers': 'a:1' });
expectAssignable<AsyncDisposable>(admin);
expectType<Promise<void>>(admin.close());
expectError(admin.createTopics());
expectError(admin.createTopics([{ name: 't', partitions: 3 }]));
expectError(admin.noSuchOperation());

declare const error: KafkaError;
expectType<ErrorKind>(error.kind);
expectType<number | null>(error.code);
expectType<string | null>(error.codeName);
expectType<boolean>(error.retriable);
expectType<boolean>(error.fatal);
expectType<boolean>(error.outcomeUnknown);
expectType<Readonly<Record<string, string>>>(error.context);
expectType<string | null>(error.hint);
expectAssignable<Error>(error);
declare const caught: unknown;
if (caught instanceof MaxPollExceededError) expectType<'max_poll_exceeded'>(caught.kind);

expectType<void>(setLogger(null));
expectError(setLogger('loud'));

expectType<Promise<TestBroker>>(TestBroker.start());
declare const broker: TestBroker;
expectType<string>(broker.bootstrap);
expectType<Promise<void>>(broker.createTopic('t', { partitions: 3, config: { 'retention.ms': 1 }, signal }));
expectAssignable<AsyncDisposable>(broker);
expectType<() => TestBroker>(useBroker({ before() {}, after() {} }));
