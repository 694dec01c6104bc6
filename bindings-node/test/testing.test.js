// The broker for tests, and scopes that close what they opened.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const ts = require('typescript');
const { Producer, Consumer, TimeoutError, ConfigError, ClosedError, KafkaError } = require('ottla');
const { TestBroker } = require('ottla/testing');
const { runProgram } = require('./support.js');

test('a broker starts within 50 ms', async () => {
  const times = [];
  // On a machine with other work to do a start may take longer for once.
  while (times.length < 50 && !(times.at(-1) < 50)) {
    const started = performance.now();
    const broker = await TestBroker.start();
    times.push(performance.now() - started);
    await broker.stop();
  }
  assert.ok(times.at(-1) < 50, `${times.map((time) => time.toFixed(0))} ms`);
});

test('a broker refuses properties it does not know, and is closed once', async () => {
  await assert.rejects(TestBroker.start({ 'num.partitons': 3 }), (error) =>
    error instanceof ConfigError && /num\.partitions/.test(error.message));
  assert.throws(() => new TestBroker(), TypeError);
  const broker = await TestBroker.start({ 'num.partitions': 3 });
  await broker.createTopic('t', { partitions: 2, config: { 'retention.ms': 1000 } });
  await assert.rejects(broker.createTopic('t'), (error) => error instanceof KafkaError && error.codeName === 'TOPIC_ALREADY_EXISTS');
  await assert.rejects(broker.createTopic('u', { partitions: 1.5 }), TypeError);
  await Promise.all([broker.stop(), broker.stop()]);
  await assert.rejects(broker.createTopic('u'), ClosedError);
});

test('a test waits for a topic that a record makes, and for a group that members join', async () => {
  const broker = await TestBroker.start({ 'num.partitions': 2 });
  const config = { 'bootstrap.servers': broker.bootstrap };
  await assert.rejects(broker.waitForTopic('made', { timeoutMs: 50 }), (error) =>
    error instanceof TimeoutError && /0 of 1 partitions/.test(error.message));
  const producer = new Producer(config);
  const sent = producer.send({ topic: 'made', value: 'v' });
  await broker.waitForTopic('made', { partitions: 2 });
  await sent;
  await assert.rejects(broker.waitForGroup('g', 'Stable', { timeoutMs: 50 }), (error) =>
    error instanceof TimeoutError && /the group g: it is \w+, not Stable/.test(error.message));
  await assert.rejects(broker.waitForGroup('g', 'Stable', { signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
  const consumer = new Consumer({ ...config, 'group.id': 'g' });
  consumer.subscribe('made');
  const loop = (async () => { for await (const _ of consumer); })();
  await broker.waitForGroup('g');
  await consumer.close();
  await loop;
  await broker.waitForGroup('g', 'Empty');
  await producer.close();
  await broker.stop();
});

test('`await using` closes what it opened', async () => {
  const program = `
    const { Producer, Consumer, Admin } = require('ottla');
    const { TestBroker } = require('ottla/testing');
    export async function run() {
      await using broker = await TestBroker.start();
      const config = { 'bootstrap.servers': broker.bootstrap };
      await using admin = new Admin(config);
      await admin.createTopics([{ name: 't', numPartitions: 1 }]);
      await using producer = new Producer({ ...config, 'linger.ms': 100 });
      const sent = producer.send({ topic: 't', value: 'v' });
      await using consumer = new Consumer({ ...config, 'group.id': 'g', 'auto.offset.reset': 'earliest' });
      consumer.subscribe('t');
      for await (const record of consumer) { console.log(String(record.value), (await sent).offset); break; }
      return [admin, producer, consumer];
    }`;
  const { outputText } = ts.transpileModule(program, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const file = path.join(__dirname, '../native/await-using.cjs');
  fs.writeFileSync(file, outputText);
  try {
    const { code, out, err } = await runProgram('t', `
      const [admin, producer, consumer] = await require(${JSON.stringify(file)}).run();
      const closed = (promise) => promise.then(() => 'open', (error) => error.kind);
      console.log(await closed(admin.listTopics()), await closed(producer.send({ topic, value: 'v' })), await closed(consumer.poll(0)));`);
    assert.deepEqual([code, out, err], [0, 'v 0\nclosed closed closed\n', '']);
  } finally {
    fs.rmSync(file);
  }
});
