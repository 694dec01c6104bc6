// How processes and workers end: by themselves, in the middle of work, and never with a crash.
'use strict';

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { Worker } = require('node:worker_threads');
const { broker, producer, consumer, topic } = require('./support.js');

/** How often workers come and go; more by hand. */
const WORKERS = Number(process.env.OTTLA_TEST_WORKERS ?? 50);

/** Runs a program with `ottla`, `config` and `topic` at hand; gives its exit code, signal, and what it wrote. */
function run(name, program, timeoutMs = 20_000) {
  const text = `
    const ottla = require('ottla');
    const { setTimeout: sleep } = require('node:timers/promises');
    const config = { 'bootstrap.servers': ${JSON.stringify(broker().bootstrap)} };
    const topic = ${JSON.stringify(name)};
    (async () => { ${program} })();`;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', '-e', text], {
      cwd: path.join(__dirname, '..'), stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => { clearTimeout(timer); resolve({ code, signal, out, err }); });
  });
}

test('a process ends by itself behind close', async () => {
  const ended = await run(await topic(), `
    const producer = new ottla.Producer(config);
    const consumer = new ottla.Consumer({ ...config, 'group.id': 'g' });
    consumer.subscribe([topic]);
    const sent = await producer.send({ topic, value: 'v' });
    console.log(sent.offset);
    await consumer.close();
    await producer.close();`);
  assert.deepEqual([ended.code, ended.out, ended.err], [0, '0\n', '']);
});

test('a process whose clients were forgotten ends by itself, with a warning, when its records have their fates', async () => {
  const ended = await run(await topic(), `
    const producer = new ottla.Producer({ ...config, 'linger.ms': 200 });
    new ottla.Consumer(config).assign([{ topic, partition: 0 }]);
    globalThis.kept = producer;
    producer.send({ topic, value: 'v' }).then(({ offset }) => console.log('at', offset));`);
  assert.deepEqual([ended.code, ended.out], [0, 'at 0\n'], ended.err);
  assert.match(ended.err, /OTTLA_NOT_CLOSED.*not closed before the process ends/);
});

test('a consumer that is read keeps the process alive', async () => {
  const name = await topic();
  const ended = run(name, `
    const consumer = new ottla.Consumer({ ...config, 'auto.offset.reset': 'earliest' });
    consumer.assign([{ topic, partition: 0 }]);
    console.log('reading');
    for await (const record of consumer) { console.log(String(record.value)); break; }
    await consumer.close();`);
  await producer().send({ topic: name, value: 'at last' });
  const { code, out } = await ended;
  assert.equal(code, 0);
  assert.match(out, /^reading\n(at last\n)?$/);
});

test('process.exit in the middle of everything is no crash', async () => {
  const name = await topic();
  for (const delay of [0, 1, 20, 60]) {
    const ended = await run(name, `
      const producer = new ottla.Producer(config);
      const consumer = new ottla.Consumer({ ...config, 'group.id': 'exits' });
      consumer.subscribe([topic]);
      (async () => { for await (const _ of consumer); })();
      for (let index = 0; index < 1000; index++) producer.send({ topic, value: 'v' });
      consumer.commit([{ topic, partition: 0, offset: 1 }]).catch(() => {});
      await sleep(${delay});
      process.exit(7);`);
    assert.deepEqual([ended.code, ended.signal], [7, null], `after ${delay} ms: ${ended.err}`);
    // Whatever is lost is told.
    assert.match(ended.err, /^(\(node:\d+\) \[OTTLA_RECORDS_LOST\] OttlaWarning: .*\n.*\n)?$/);
  }
});

test('an exception nobody catches ends the process as it does without a client', async () => {
  const ended = await run(await topic(), `
    const producer = new ottla.Producer(config);
    await producer.send({ topic, value: 'v' });
    throw new Error('mine');`);
  assert.equal(ended.code, 1);
  assert.match(ended.err, /Error: mine/);
});

test(`workers that are terminated in the middle of work do not crash the process (${WORKERS} of them)`, { timeout: 120_000 }, async () => {
  const name = await topic();
  const text = `
    const { parentPort, workerData: { bootstrap, topic } } = require('node:worker_threads');
    const ottla = require(${JSON.stringify(path.join(__dirname, '..'))});
    const config = { 'bootstrap.servers': bootstrap };
    const producer = new ottla.Producer(config);
    const consumer = new ottla.Consumer({ ...config, 'group.id': 'workers' });
    consumer.subscribe([topic]);
    (async () => { for await (const _ of consumer); })();
    const send = () => producer.send({ topic, value: 'v' }).then(() => { parentPort.postMessage('sent'); send(); });
    send(); send();`;
  for (let index = 0; index < WORKERS; index++) {
    const worker = new Worker(text, { eval: true, workerData: { bootstrap: broker().bootstrap, topic: name } });
    await new Promise((resolve, reject) => {
      worker.on('error', reject);
      // Some while they start, the others while they work.
      worker.once(index % 3 === 0 ? 'online' : 'message', resolve);
    });
    await worker.terminate();
  }
  assert.ok((await producer().send({ topic: name, value: 'v' })).offset > 0);
});

test('a library that only workers load goes on behind the last of them', async () => {
  const ended = await run(await topic(), `
    const { Worker } = require('node:worker_threads');
    for (let index = 0; index < 5; index++) {
      const worker = new Worker(\`
        const { Producer } = require('ottla');
        const { parentPort } = require('node:worker_threads');
        new Producer({ 'bootstrap.servers': '127.0.0.1:9' }).send({ topic: 't', value: 'v' }).catch(() => {});
        parentPort.postMessage('started');\`, { eval: true });
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
      await sleep(20);
    }
    console.log('done');`.replace("const ottla", '//'));
  assert.deepEqual([ended.code, ended.out, ended.err], [0, 'done\n', '']);
});

test('a member of a group stays one while the event loop is blocked', { timeout: 60_000 }, async () => {
  const name = await topic();
  const reader = consumer({ 'group.id': 'blocked', 'session.timeout.ms': 6000, 'heartbeat.interval.ms': 500 });
  const events = [];
  reader.subscribe([name], {
    onAssigned: () => { events.push('assigned'); },
    onRevoked: () => { events.push('revoked'); },
    onLost: () => { events.push('lost'); },
  });
  while (events.length === 0) await reader.poll(100);
  // Longer than the session: nothing of JavaScript runs in this time.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 7500);
  await producer().send({ topic: name, value: 'v' });
  const records = [];
  while (records.length === 0) records.push(...await reader.poll(100));
  assert.deepEqual(events, ['assigned']);
});

test('no thread of the pool is used, and memory stays flat when the reader is slow', { timeout: 60_000 }, async () => {
  const name = await topic();
  const writer = producer();
  const value = Buffer.alloc(10_000);
  for (let round = 0; round < 20; round++) {
    await writer.sendMany(Array.from({ length: 200 }, () => ({ topic: name, value })));
  }
  const reader = consumer({ 'max.poll.records': 50, 'fetch.max.bytes': 1_000_000, 'max.partition.fetch.bytes': 1_000_000 });
  reader.assign([{ topic: name, partition: 0 }]);
  await reader.poll(5000);
  const before = process.memoryUsage().arrayBuffers;
  for (let round = 0; round < 40; round++) await reader.poll(1000);
  globalThis.gc?.();
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 30_000_000, `${grown} bytes more`);
});

test('one awaited record at a time takes less than 2 ms', async () => {
  const name = await topic();
  const client = producer();
  for (let index = 0; index < 50; index++) await client.send({ topic: name, value: 'warm' });
  const times = [];
  for (let index = 0; index < 300; index++) {
    const started = performance.now();
    await client.send({ topic: name, value: 'v' });
    times.push(performance.now() - started);
  }
  const median = times.sort((a, b) => a - b)[150];
  assert.ok(median < 2, `${median.toFixed(2)} ms`);
});
