// What the client leaves alone: the threads of libuv's pool, and the memory of a program that is slower or faster than it.
'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { producer, consumer, topic, runProgram } = require('./support.js');

test('no thread of the pool is used: everything works while all of them are busy', async () => {
  const { code, out, err } = await runProgram(await topic(), `
    const fs = require('node:fs');
    const { execFileSync } = require('node:child_process');
    const pipe = require('node:path').join(fs.mkdtempSync(require('node:os').tmpdir() + '/ottla-'), 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Opening a pipe waits for whoever writes to it: the pool has this one thread, and the file behind it has to wait.
    let waiting = true;
    const opened = fs.promises.open(pipe, 'r');
    const behind = fs.promises.readFile('/dev/null').then(() => { waiting = false; });
    const admin = new ottla.Admin(config);
    await admin.listTopics();
    const producer = new ottla.Producer({ ...config, 'compression.type': 'zstd' });
    await producer.send({ topic, value: 'v' });
    const consumer = new ottla.Consumer({ ...config, 'group.id': 'pool', 'auto.offset.reset': 'earliest' });
    consumer.subscribe(topic);
    for await (const record of consumer) { console.log(String(record.value), waiting); break; }
    await Promise.all([producer.close(), consumer.close(), admin.close()]);
    console.log('closed', waiting);
    fs.closeSync(fs.openSync(pipe, 'r+'));
    const writer = fs.openSync(pipe, fs.constants.O_RDWR);
    await Promise.all([opened.then((file) => file.close()), behind]);
    fs.closeSync(writer);
    fs.rmSync(require('node:path').dirname(pipe), { recursive: true });`, { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
  assert.deepEqual([code, out, err], [0, 'v true\nclosed true\n', '']);
});

test('memory stays flat when the program is slower than the broker', { timeout: 60_000 }, async () => {
  const name = await topic();
  const writer = producer();
  const value = Buffer.alloc(10_000);
  await writer.sendMany(Array.from({ length: 4000 }, () => ({ topic: name, value })));
  const { code, out, err } = await runProgram(name, `
    const consumer = new ottla.Consumer({
      ...config, 'auto.offset.reset': 'earliest', 'max.poll.records': 50,
      'fetch.max.bytes': 1_000_000, 'max.partition.fetch.bytes': 1_000_000,
    });
    consumer.assign([{ topic, partition: 0 }]);
    const used = () => { gc(); return process.memoryUsage().rss; };
    await consumer.poll(10_000);
    const before = used();
    let most = 0;
    let count = 50;
    // 40 MB are there to be fetched; whoever reads a batch in 5 ms is the slower one.
    for await (const batch of consumer.batches()) {
      await sleep(5);
      count += batch.length;
      most = Math.max(most, used() - before);
      if (count >= 1000) break;
    }
    console.log(most);
    await consumer.close();`, { args: ['--expose-gc'] });
  assert.equal(code, 0, err);
  assert.ok(Number(out) < 25_000_000, `${out.trim()} bytes more`);
});

test('memory stays flat when the program is faster than the broker', { timeout: 60_000 }, async () => {
  const { code, out, err } = await runProgram(await topic(), `
    const producer = new ottla.Producer({ ...config, 'buffer.memory': 2_000_000 }, { maxQueuedBytes: 2_000_000 });
    const value = Buffer.alloc(10_000, 'x');
    const used = () => { gc(); return process.memoryUsage().rss; };
    await producer.send({ topic, value });
    const before = used();
    let most = 0;
    let made = 0;
    function* records() {
      for (; made < 8000; made++) {
        if (made % 1000 === 0) most = Math.max(most, used() - before);
        yield { topic, value };
      }
    }
    const sent = await producer.sendMany(records());
    console.log(most, sent.length, sent.at(-1).offset);
    await producer.close();`, { args: ['--expose-gc'] });
  assert.equal(code, 0, err);
  const [most, count, offset] = out.split(' ').map(Number);
  assert.deepEqual([count, offset], [8000, 8000]);
  // 80 MB went through; buffers of 2 + 2 MB are all they need.
  assert.ok(most < 40_000_000, `${most} bytes more`);
});

test('a stream that is written to faster than the broker takes loses nothing and refuses nothing', { timeout: 60_000 }, async () => {
  const name = await topic();
  const client = producer({ 'buffer.memory': 200_000, 'batch.size': 16_384 }, { maxQueuedBytes: 200_000 });
  const stream = client.stream({ topic: name });
  const value = Buffer.alloc(5000);
  // Without minding what write() says: everything waits in the stream.
  for (let index = 0; index < 1000; index++) stream.write(value);
  await new Promise((resolve, reject) => stream.on('error', reject).end(resolve));
  const reader = consumer();
  assert.deepEqual(await reader.endOffsets({ topic: name, partition: 0 }), [{ topic: name, partition: 0, offset: 1000 }]);
});
