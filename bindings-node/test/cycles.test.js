// Clients that come and go leave nothing: no file, no thread, no memory; closed or forgotten, in this process or in others.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { broker, producer, topic, runProgram } = require('./support.js');

/** More by hand: a thousand take a minute. */
const CYCLES = Number(process.env.OTTLA_TEST_CYCLES ?? 50);

/** For programs: what the process holds. */
const HELD = `
    const fs = require('node:fs');
    const held = () => {
      gc();
      const status = fs.readFileSync('/proc/self/status', 'utf8');
      return {
        files: fs.readdirSync('/proc/self/fd').length,
        threads: Number(status.match(/Threads:\\s+(\\d+)/)[1]),
        bytes: process.memoryUsage().rss,
      };
    };
    const until = async (condition, what) => {
      for (const deadline = performance.now() + 20_000; !await condition();) {
        if (performance.now() > deadline) throw new Error('never: ' + what);
        await sleep(5);
      }
    };`;

test(`clients that are made, used and closed leave nothing (${CYCLES} times)`, { timeout: 600_000 }, async () => {
  const { code, out, err } = await runProgram(await topic(), `${HELD}
    const cycle = async () => {
      const producer = new ottla.Producer({ ...config, 'linger.ms': 0 });
      const consumer = new ottla.Consumer({ ...config, 'auto.offset.reset': 'earliest' });
      const admin = new ottla.Admin(config);
      const { offset } = await producer.send({ topic, value: 'v' });
      consumer.assign([{ topic, partition: 0 }]);
      consumer.seek({ topic, partition: 0, offset });
      const [record] = await consumer.poll(10_000);
      if (record.offset !== offset) throw new Error('another record');
      await admin.listTopics();
      await Promise.all([producer.close(), consumer.close(), admin.close()]);
    };
    for (let index = 0; index < 30; index++) await cycle();
    const before = held();
    for (let index = 0; index < ${CYCLES}; index++) await cycle();
    // A connection may be in the middle of being closed.
    await until(() => held().files <= before.files, 'files are closed');
    const after = held();
    // The files, the threads and the bytes that are left.
    console.log(after.files - before.files, after.threads - before.threads, after.bytes - before.bytes);`,
  // With one arena for all threads: what the allocator keeps in each of many is no leak, and looks like one for long.
  { args: ['--expose-gc'], timeoutMs: 600_000, env: { ...process.env, MALLOC_ARENA_MAX: '1' } });
  assert.equal(code, 0, err);
  const [files, threads, bytes] = out.split(' ').map(Number);
  assert.ok(files <= 0, `${files} files more`);
  assert.ok(threads <= 1, `${threads} threads more`);
  assert.ok(bytes < 12_000_000 + CYCLES * 10_000, `${bytes} bytes more`);
});

test('clients that nobody closed and nobody has any more are collected, with their connections', async () => {
  const { code, out, err } = await runProgram(await topic(), `${HELD}
    const forget = async () => {
      const producer = new ottla.Producer({ ...config, 'linger.ms': 0 });
      const consumer = new ottla.Consumer({ ...config, 'group.id': 'forgotten', 'auto.offset.reset': 'earliest' });
      await producer.send({ topic, value: 'v' });
      consumer.assign([{ topic, partition: 0 }]);
      for await (const record of consumer) break;
      return [producer, consumer].map((client) => new WeakRef(client));
    };
    const references = await forget();
    const before = held();
    for (let index = 0; index < 20; index++) references.push(...await forget());
    await until(() => { gc(); return references.every((reference) => reference.deref() === undefined); }, 'clients are collected');
    await until(() => held().files <= before.files, 'connections are closed');
    console.log('gone');`, { args: ['--expose-gc'] });
  assert.deepEqual([code, out], [0, 'gone\n'], err);
});

test('records of a producer that nobody has any more are delivered', async () => {
  const { code, out, err } = await runProgram(await topic(), `
    const sent = [];
    (() => {
      const producer = new ottla.Producer({ ...config, 'linger.ms': 300 });
      for (let index = 0; index < 100; index++) sent.push(producer.send({ topic, value: 'v' }));
    })();
    for (let index = 0; index < 5; index++) { gc(); await sleep(10); }
    console.log((await Promise.all(sent)).length);`, { args: ['--expose-gc'] });
  assert.deepEqual([code, out], [0, '100\n'], err);
});

test('processes of a cluster, and children that are forked while clients work, have clients of their own', async () => {
  const name = await topic();
  await producer().sendMany(Array.from({ length: 20 }, (_, index) => ({ topic: name, value: String(index), partition: 0 })));
  const { code, out, err } = await runProgram(name, `
    const cluster = require('node:cluster');
    const { fork } = require('node:child_process');
    const file = require('node:path').join(require('node:os').tmpdir(), 'ottla-child-' + process.pid + '.js');
    require('node:fs').writeFileSync(file, \`
      const { Producer, Consumer } = require(\${JSON.stringify(require.resolve('ottla'))});
      const [bootstrap, topic] = process.argv.slice(2);
      (async () => {
        const producer = new Producer({ 'bootstrap.servers': bootstrap });
        const { offset } = await producer.send({ topic, value: 'of a child' });
        const consumer = new Consumer({ 'bootstrap.servers': bootstrap, 'auto.offset.reset': 'earliest' });
        consumer.assign([{ topic, partition: 0 }]);
        let count = 0;
        for await (const record of consumer) if (++count && record.offset === offset) break;
        await Promise.all([producer.close(), consumer.close()]);
        process.send(count);
        process.disconnect();
      })();\`);
    const producer = new ottla.Producer(config);
    let working = true;
    const work = (async () => { while (working) await producer.send({ topic, value: 'of the parent' }); })();
    const args = [config['bootstrap.servers'], topic];
    cluster.setupPrimary({ exec: file, args, execArgv: [] });
    const children = [cluster.fork(), cluster.fork(), fork(file, args, { execArgv: [] })];
    const counts = await Promise.all(children.map((child) => new Promise((resolve, reject) => {
      child.on('message', resolve);
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error('exit ' + code)));
    })));
    working = false;
    await work;
    await producer.close();
    require('node:fs').rmSync(file);
    console.log(counts.length, counts.every((count) => count > 20));`);
  assert.deepEqual([code, out], [0, '3 true\n'], err);
});

test('SIGINT ends a process that works as it ends any other, at once', async () => {
  const { signal, err } = await runProgram(await topic(), `
    const producer = new ottla.Producer(config);
    const consumer = new ottla.Consumer({ ...config, 'group.id': 'interrupted' });
    consumer.subscribe(topic);
    (async () => { for await (const _ of consumer); })();
    await producer.send({ topic, value: 'v' });
    console.log('working');
    for (;;) await producer.send({ topic, value: 'v' });`, {
    started: (child) => child.stdout.once('data', () => child.kill('SIGINT')),
  });
  assert.equal(signal, 'SIGINT', err);
});

test('a program that minds SIGINT closes, commits, and ends by itself', async () => {
  const name = await topic();
  const client = producer();
  await client.sendMany(Array.from({ length: 10 }, (_, index) => ({ topic: name, value: String(index) })));
  const { code, out, err } = await runProgram(name, `
    const consumer = new ottla.Consumer({ ...config, 'group.id': 'stopped', 'auto.offset.reset': 'earliest' });
    consumer.subscribe(topic);
    process.once('SIGINT', () => consumer.close({ timeoutMs: 5000 }));
    for await (const record of consumer) if (record.offset === 9) console.log('read');
    const after = new ottla.Consumer({ ...config, 'group.id': 'stopped' });
    console.log((await after.committed({ topic, partition: 0 }))[0].offset);
    await after.close();`, { started: (child) => child.stdout.once('data', () => child.kill('SIGINT')) });
  assert.deepEqual([code, out], [0, 'read\n10\n'], err);
});

test('the broker is none the worse for all of them', async () => {
  assert.match(broker().bootstrap, /^127\.0\.0\.1:\d+$/);
  const name = await topic();
  assert.equal((await producer().send({ topic: name, value: 'v' })).offset, 0);
});
