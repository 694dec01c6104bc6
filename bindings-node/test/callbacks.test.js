// What the application hands over: callbacks that throw, signals that many wait for, values of every kind.
'use strict';

const assert = require('node:assert/strict');
const { Readable } = require('node:stream');
const { pipeline } = require('node:stream/promises');
const { test } = require('node:test');
const ottla = require('ottla');
const { producer, consumer, topic, until, config, runProgram } = require('./support.js');

test('a logger that throws is an uncaught exception, and nothing else suffers', async () => {
  const { code, out, err } = await runProgram(await topic(), `
    let caught = 0;
    process.on('uncaughtException', (error) => { if (error.message === 'mine') caught++; else throw error; });
    let lines = 0;
    ottla.setLogger(() => { lines++; throw new Error('mine'); }, { level: 'trace' });
    const producer = new ottla.Producer({ ...config, 'linger.ms': 0 });
    const offsets = [];
    for (let index = 0; index < 20; index++) offsets.push((await producer.send({ topic, value: 'v' })).offset);
    ottla.setLogger(null);
    await producer.close();
    console.log(caught > 0 && caught === lines, offsets.at(-1));`);
  assert.deepEqual([code, out, err], [0, 'true 19\n', '']);
});

test('a logger gets lines, one that comes behind it gets its own, and none gets any when it is off', async () => {
  const { code, out, err } = await runProgram(await topic(), `
    const lines = { first: [], second: [] };
    const use = async () => {
      const producer = new ottla.Producer(config);
      await producer.send({ topic, value: 'v' });
      await producer.close();
      await new Promise(setImmediate);
    };
    ottla.setLogger((line) => lines.first.push(line), { level: 'debug' });
    await use();
    const before = lines.first.length;
    ottla.setLogger((line) => lines.second.push(line), { level: 'debug' });
    await use();
    ottla.setLogger(null);
    const counts = [lines.first.length, lines.second.length];
    await use();
    const [line] = lines.first;
    console.log(before > 0, lines.first.length === before, counts[1] > 0, lines.second.length === counts[1], Object.keys(line).join());`);
  assert.deepEqual([code, out, err], [0, 'true true true true level,target,message\n', '']);
});

for (const [callback, begin] of [
  ['onAssigned', async (reader) => { for (;;) await reader.poll(1000); }],
  ['onRevoked', async (reader, told) => {
    await until(async () => { await reader.poll(100); return told.assigned; }, 'assigned');
    await reader.unsubscribe();
  }],
]) {
  for (const [how, body] of [['throws', () => { throw new Error('mine'); }], ['rejects', async () => { throw new Error('mine'); }]]) {
    test(`${callback} that ${how} rejects what called it, and the consumer can be used and closed`, async () => {
      const name = await topic();
      const reader = consumer({ 'group.id': `${callback}-${how}` });
      const told = { assigned: false };
      reader.subscribe(name, { onAssigned() { told.assigned = true; }, [callback]: body });
      await assert.rejects(begin(reader, told), /mine/);
      reader.subscribe(name);
      await producer().send({ topic: name, value: 'v' });
      await until(async () => (await reader.poll(1000)).length === 1, 'a record comes');
      await reader.close();
    });
  }
}

test('a thousand calls may share a signal, and none of them listens to it behind its end', async () => {
  const name = await topic();
  const { code, out, err } = await runProgram(name, `
    const { getEventListeners } = require('node:events');
    const { signal } = new AbortController();
    const producer = new ottla.Producer(config);
    const admin = new ottla.Admin(config);
    await producer.sendMany(Array.from({ length: 1000 }, () => ({ topic, value: 'v' })), { signal });
    await Promise.all(Array.from({ length: 50 }, () => admin.listTopics({ signal })));
    await Promise.all(Array.from({ length: 50 }, () => producer.partitionsFor(topic, { signal })));
    console.log(getEventListeners(signal, 'abort').length);
    await Promise.all([producer.close(), admin.close()]);`);
  assert.deepEqual([code, out, err], [0, '0\n', '']);
});

test('a signal gives up every call that waits, with its reason', async () => {
  // Its records wait for longer than anybody else.
  const client = new ottla.Producer(config({ 'max.block.ms': 60_000 }));
  const reader = consumer({ 'group.id': 'signals' });
  const name = await topic();
  reader.subscribe(name);
  const stop = new AbortController();
  const options = { signal: stop.signal };
  const calls = {
    send: client.send({ topic: 'no-such-topic', value: 'v' }, options),
    sendMany: client.sendMany([{ topic: 'no-such-topic', value: 'v' }], options),
    flush: client.flush(options),
    partitionsFor: client.partitionsFor('no-such-topic', options),
    poll: reader.poll(60_000, options),
  };
  const reason = new Error('enough');
  setImmediate(() => stop.abort(reason));
  for (const [call, promise] of Object.entries(calls)) {
    await assert.rejects(promise, (error) => error === reason, call);
  }
  // One that has aborted already begins nothing.
  for (const call of [
    () => client.send({ topic: name, value: 'v' }, options), () => client.flush(options), () => client.ready(options),
    () => reader.poll(0, options), () => reader.commit(null, options), () => reader.committed([], options),
    () => reader.records(options).next(), () => reader.batches(options).next(), () => client.sendMany([{ topic: name }], options),
  ]) await assert.rejects(call(), (error) => error === reason);
  await assert.rejects(client.send({ topic: name, value: 'v' }, { signal: 'no signal' }), TypeError);
  await assert.rejects(client.close({ timeoutMs: 50 }), ottla.TimeoutError);
  assert.deepEqual(await reader.endOffsets({ topic: name, partition: 0 }), [{ topic: name, partition: 0, offset: 0 }]);
});

test('a signal that aborts as a poll ends does not make the next one come back early', async () => {
  const name = await topic();
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  for (let round = 0; round < 20; round++) {
    const stop = new AbortController();
    const polled = reader.poll(20, { signal: stop.signal }).catch((error) => error);
    setTimeout(() => stop.abort(), 20);
    await polled;
    const started = performance.now();
    assert.deepEqual(await reader.poll(60), []);
    assert.ok(performance.now() - started > 50, `round ${round}: ${performance.now() - started} ms`);
  }
});

const KINDS = [
  { key: 'k', value: 'v', headers: { a: '1', b: ['2', null] }, timestamp: 1_700_000_000_000, partition: 1 },
  { key: null, value: Buffer.from([0, 255]), headers: [['a', 'x'], ['a', Buffer.alloc(0)]], timestamp: new Date(0), partition: 0 },
  { key: '', value: null, headers: new Map([['ü', 'ö']]), timestamp: 1, partition: 1 },
  { key: new Uint8Array([1, 2]), value: '', headers: [{ key: 'h', value: null }], timestamp: 2, partition: 2 },
  { value: new Uint16Array([258]), timestamp: 3, partition: 0 },
];
const SHOWN = [
  ['k', 'v', 'a=1,b=2,b=null', 1_700_000_000_000, 1], ['null', '\x00ÿ', 'a=x,a=', 0, 0], ['', 'null', 'ü=ö', 1, 1],
  ['\x01\x02', '', 'h=null', 2, 2], ['null', '\x02\x01', '', 3, 0],
];

for (const [path, send] of [
  ['send', (client, records) => Promise.all(records.map((record) => client.send(record)))],
  ['sendMany', (client, records) => client.sendMany(records)],
  ['a stream', (client, records) => pipeline(Readable.from(records), client.stream())],
]) {
  test(`keys, values, tombstones, headers, timestamps and partitions go through ${path}`, async () => {
    const name = await topic(3);
    await send(producer(), KINDS.map((record) => ({ topic: name, ...record })));
    const reader = consumer();
    reader.assign([0, 1, 2].map((partition) => ({ topic: name, partition })));
    const records = [];
    for await (const record of reader) if (records.push(record) === KINDS.length) break;
    const text = (bytes, encoding = 'latin1') => bytes?.toString(encoding) ?? 'null';
    const shown = records.map(({ key, value, headers, timestamp, partition }) => [
      text(key), text(value), headers.map((header) => `${header.key}=${text(header.value, 'utf8')}`).join(), timestamp, partition,
    ]);
    const order = (list) => [...list].map((item) => JSON.stringify(item)).sort();
    // A Uint16Array is its bytes, the lower one first here.
    assert.deepEqual(order(shown), order(SHOWN));
    assert.ok(records.every(({ value }) => value === null || Buffer.isBuffer(value)));
    const header = (bytes) => (bytes === null ? 0 : bytes.length);
    for (const { size, key, value, headers } of records) {
      const bytes = headers.reduce((sum, item) => sum + Buffer.byteLength(item.key) + header(item.value), 0);
      assert.equal(size, header(key) + header(value) + bytes);
    }
  });
}

test('batches are as many bytes as asked for, and one record at least', async () => {
  const name = await topic();
  await producer().sendMany([10, 10, 10, 500, 10, 10].map((length) => ({ topic: name, value: Buffer.alloc(length) })));
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  const sizes = [];
  for await (const batch of reader.batches({ maxBytes: 25, maxWaitMs: 50 })) {
    sizes.push(batch.length);
    if (sizes.reduce((sum, size) => sum + size) === 6) break;
  }
  assert.deepEqual(sizes, [2, 1, 1, 2]);
});

test('a stream of records that is destroyed ends at once, also while it waits', async () => {
  const name = await topic();
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  const stop = new AbortController();
  const started = performance.now();
  const sink = async (records) => { for await (const _ of records) assert.fail('a record'); };
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(pipeline(reader.stream(), sink, { signal: stop.signal }), { name: 'AbortError' });
  const stream = reader.stream();
  stream.on('data', () => {});
  setTimeout(() => stream.destroy(new Error('mine')), 50);
  const closed = new Promise((resolve) => stream.on('close', resolve));
  await assert.rejects(new Promise((_, reject) => stream.on('error', reject)), /mine/);
  await closed;
  await producer().send({ topic: name, value: 'v' });
  assert.equal((await reader.poll(5000)).length, 1);
  assert.ok(performance.now() - started < 10_000);
});

test('an offset that a number cannot hold is never a rounded one', async () => {
  const name = await topic();
  const reader = consumer({ 'group.id': 'huge' });
  const partition = { topic: name, partition: 0 };
  const huge = 2n ** 53n + 1n;
  await reader.commit({ ...partition, offset: huge });
  await assert.rejects(reader.committed(partition), (error) =>
    error instanceof ottla.UnsupportedError && error.message.includes(String(huge)));
  await assert.rejects(reader.commit({ ...partition, offset: Number(huge) }), TypeError);
  assert.throws(() => reader.seek({ ...partition, offset: 2 ** 53 }), TypeError);
  reader.assign([partition]);
  // Or a fetch finds the offset out of range, and the position is reset before it is looked at.
  reader.pause([partition]);
  reader.seek({ ...partition, offset: huge });
  assert.throws(() => reader.position(partition), ottla.UnsupportedError);
  reader.seek({ ...partition, offset: BigInt(Number.MAX_SAFE_INTEGER) });
  assert.equal(reader.position(partition), Number.MAX_SAFE_INTEGER);
});
