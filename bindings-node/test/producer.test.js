'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const ottla = require('ottla');
const { producer, consumer, topic, config } = require('./support.js');

test('a record sent is told where it is', async () => {
  const name = await topic();
  const sent = await producer().send({ topic: name, value: 'v', timestamp: 1_700_000_000_000 });
  assert.deepEqual(sent, { topic: name, partition: 0, offset: 0, timestamp: 1_700_000_000_000 });
});

test('records of one turn keep their order and each has its own offset', async () => {
  const name = await topic();
  const client = producer();
  const records = Array.from({ length: 5000 }, (_, index) => ({ topic: name, value: `value ${index}` }));
  const sent = await client.sendMany(records);
  assert.deepEqual(sent.map(({ offset }) => offset), records.map((_, index) => index));
  assert.equal(client.pendingCount, 0);
});

test('keys, values and headers come back as they were sent', async () => {
  const name = await topic();
  const client = producer();
  await client.sendMany([
    { topic: name, key: 'ключ', value: Buffer.from([0, 255]), headers: { a: '1', b: ['2', null, ''] } },
    { topic: name, key: '', value: null, headers: [['a', 'x'], ['a', new Uint8Array([7])]] },
    { topic: name, key: null, value: new Uint8Array(2).buffer, headers: new Map([['ü', 'ö']]) },
  ]);
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  const records = [];
  for await (const record of reader) if (records.push(record) === 3) break;
  const plain = records.map(({ key, value, headers }) => [
    key?.toString() ?? null, value?.toString('hex') ?? null,
    headers.map((header) => `${header.key}=${header.value?.toString('latin1') ?? 'null'}`).join(),
  ]);
  assert.deepEqual(plain, [
    ['ключ', '00ff', 'a=1,b=2,b=null,b='],
    ['', null, 'a=x,a=\u0007'],
    [null, '0000', 'ü=Ã¶'],
  ]);
  assert.equal(records[1].header('a')[0], 7);
  assert.equal(records[1].header('none'), undefined);
});

test('a record that cannot be sent rejects alone and says why', async () => {
  const name = await topic();
  const client = producer({ 'max.request.size': 2000, 'max.block.ms': 300 });
  const outcomes = await Promise.allSettled([
    client.send({ topic: name, value: 'small' }),
    client.send({ topic: name, value: Buffer.alloc(5000) }),
    client.send({ topic: 'no-such-topic', value: 'x' }),
    client.send({ topic: name, value: 'small, too' }),
  ]);
  assert.deepEqual(outcomes.map(({ status }) => status), ['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  assert.ok(outcomes[1].reason instanceof ottla.RecordTooLargeError, outcomes[1].reason);
  assert.equal(outcomes[1].reason.kind, 'record_too_large');
  assert.ok(outcomes[2].reason instanceof ottla.KafkaError);
  assert.match(outcomes[2].reason.message, /no-such-topic/);
});

test('arguments that cannot be reject with a TypeError', async () => {
  const client = producer();
  for (const record of [null, {}, { topic: 't', value: 42 }, { topic: 't', partition: 1.5 }, { topic: 't', timestamp: -1 }]) {
    await assert.rejects(client.send(record), TypeError);
  }
  assert.throws(() => new ottla.Producer({ 'bootstrap.servers': 'localhost:1', 'lingr.ms': 1 }), (error) =>
    error instanceof ottla.ConfigError && /linger\.ms/.test(error.message));
  assert.throws(() => new ottla.Producer(null), TypeError);
});

test('what waits for room is bounded, ready() says when there is some again', async () => {
  const name = await topic();
  const client = producer({ 'buffer.memory': 65_536, 'batch.size': 16_384 }, { maxQueuedBytes: 200_000 });
  const value = Buffer.alloc(10_000);
  const sent = [];
  const refused = [];
  for (let index = 0; index < 60; index++) {
    const promise = client.send({ topic: name, value });
    sent.push(promise);
    promise.catch((error) => refused.push(error));
  }
  const outcomes = await Promise.allSettled(sent);
  const good = outcomes.filter(({ status }) => status === 'fulfilled').length;
  assert.ok(good >= 15 && good < 60, `${good} were taken`);
  assert.ok(refused[0] instanceof ottla.QueueFullError);
  assert.equal(refused[0].retriable, true);
  await client.ready();
  for (let index = 0; index < 60; index++) {
    await client.ready();
    client.send({ topic: name, value }).catch((error) => refused.push(error));
  }
  const before = refused.length;
  await client.flush();
  assert.equal(refused.length, before);
  assert.equal(client.pendingCount, 0);
});

test('a stream takes records with back-pressure and finishes when all are acknowledged', async () => {
  const name = await topic();
  const client = producer();
  const values = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
  await pipeline(Readable.from(values), client.stream({ topic: name }));
  assert.equal(client.pendingCount, 0);
  assert.equal((await client.send({ topic: name, value: 'last' })).offset, 3000);
});

test('a stream is destroyed by the first record that fails', async () => {
  const client = producer({ 'max.block.ms': 200 });
  await assert.rejects(
    pipeline(Readable.from([{ topic: 'no-such-topic', value: 'x' }]), client.stream()), ottla.KafkaError);
});

test('close delivers what was sent, and refuses what comes behind it', async () => {
  const name = await topic();
  const client = producer({ 'linger.ms': 10_000 });
  const sent = client.send({ topic: name, value: 'v' });
  await Promise.all([client.close(), client.close()]);
  assert.equal((await sent).offset, 0);
  await assert.rejects(client.send({ topic: name, value: 'v' }), ottla.ClosedError);
  await assert.rejects(client.flush(), ottla.ClosedError);
});

test('close ends by its deadline when no broker can be reached, and tells every record', async () => {
  const client = new ottla.Producer({ 'bootstrap.servers': '127.0.0.1:9' });
  const sent = Promise.allSettled(Array.from({ length: 3 }, () => client.send({ topic: 't', value: 'v' })));
  const started = performance.now();
  await client.close({ timeoutMs: 300 }).catch((error) => assert.ok(error instanceof ottla.KafkaError, error));
  assert.ok(performance.now() - started < 3000);
  for (const { status, reason } of await sent) {
    assert.equal(status, 'rejected');
    assert.ok(reason instanceof ottla.KafkaError);
  }
});

test('await using closes', async () => {
  const name = await topic();
  const client = new ottla.Producer(config());
  const sent = client.send({ topic: name, value: 'v' });
  await client[Symbol.asyncDispose]();
  assert.equal((await sent).offset, 0);
});

test('partitions and metrics are told', async () => {
  const name = await topic(3);
  const client = producer();
  const partitions = await client.partitionsFor(name);
  assert.deepEqual(partitions.map(({ partition }) => partition).sort(), [0, 1, 2]);
  assert.equal(typeof partitions[0].leader, 'number');
  await client.send({ topic: name, value: 'v' });
  assert.equal(client.metrics().recordsAcknowledged, 1);
});

test('one key goes to the partition it has in the Java client', async () => {
  const name = await topic(3);
  const client = producer();
  const placed = await client.sendMany(['21', 'foobar', 'a-little-bit-long-string'].map((key) => ({ topic: name, key })));
  const again = await client.sendMany(['21', 'foobar', 'a-little-bit-long-string'].map((key) => ({ topic: name, key })));
  assert.deepEqual(placed.map(({ partition }) => partition), again.map(({ partition }) => partition));
});
