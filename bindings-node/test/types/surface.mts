// What the types promise; `@ts-expect-error` lines are what they must refuse.
import {
  Producer, Consumer, Admin, ConsumerRecord, KafkaError, TimeoutError, RecordMetadata, TopicPartition, setLogger,
} from 'ottla';
import { TestBroker } from 'ottla/testing';

/** Compiles only when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
function same<_T extends true>(): void {}

const config = { 'bootstrap.servers': 'localhost:9092' };
const producer = new Producer({ ...config, 'linger.ms': 5, acks: 'all', 'enable.idempotence': true });
// @ts-expect-error an option that does not exist
new Producer({ ...config, 'linger.millis': 5 });
// @ts-expect-error a consumer's option
new Producer({ ...config, 'auto.offset.reset': 'earliest' });
// @ts-expect-error no brokers
new Producer({});

const sent = producer.send({ topic: 't', key: 'k', value: Buffer.from('v'), headers: { a: '1', b: ['2', null] } });
same<Same<typeof sent, Promise<RecordMetadata>>>();
producer.send({ topic: 't', headers: [['a', '1'], ['a', null]], timestamp: new Date(), partition: 3 });
// @ts-expect-error a record needs a topic
producer.send({ value: 'v' });
// @ts-expect-error a value is bytes or text
producer.send({ topic: 't', value: 42 });

const consumer = new Consumer({ ...config, 'group.id': 'g', 'auto.offset.reset': 'earliest' });
consumer.subscribe(['t'], {
  async onRevoked(partitions) {
    same<Same<typeof partitions, TopicPartition[]>>();
    await this.commit();
  },
});
for await (const record of consumer) {
  same<Same<typeof record, ConsumerRecord>>();
  same<Same<typeof record.value, Buffer | null>>();
  await consumer.commit({ topic: record.topic, partition: record.partition, offset: record.offset + 1 });
  // @ts-expect-error records are read-only
  record.offset = 1;
}
for await (const batch of consumer.batches({ maxRecords: 100, maxWaitMs: 50 })) same<Same<typeof batch, ConsumerRecord[]>>();
same<Same<ReturnType<Consumer['position']>, number | null>>();

const admin = new Admin(config);
const created = await admin.createTopics([{ name: 't', numPartitions: 3 }], { validateOnly: true, timeoutMs: 1000 });
for (const item of created) {
  if (item.error) same<Same<typeof item.error, KafkaError>>();
  else same<Same<typeof item.value.numPartitions, number | null>>();
}
// @ts-expect-error a topic has a name
admin.createTopics([{ numPartitions: 3 }]);

try {
  await producer.flush({ timeoutMs: 10, signal: AbortSignal.timeout(5) });
} catch (error) {
  if (error instanceof TimeoutError) {
    same<Same<typeof error.kind, 'timeout'>>();
    const retriable: boolean = error.retriable;
    void retriable;
  }
}
{
  await using broker = await TestBroker.start({ 'auto.create.topics.enable': false });
  await broker.createTopic('t', { partitions: 2, config: { 'cleanup.policy': 'compact' } });
}
setLogger((line) => void line.message, { level: 'debug' });
// @ts-expect-error no such level
setLogger(() => {}, { level: 'loud' });
