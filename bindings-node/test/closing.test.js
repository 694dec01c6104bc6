// Closing is over by its deadline, whatever the brokers do, and leaves nothing behind.
'use strict';

const assert = require('node:assert/strict');
const net = require('node:net');
const { after, before, test } = require('node:test');
const ottla = require('ottla');
const { producer, topic, runProgram } = require('./support.js');

/** What is allowed on top of a deadline on a machine that has other work. */
const SLACK_MS = 2000;

/** Accepts connections and never answers. */
let silent;
const sockets = new Set();

before(async () => {
  silent = net.createServer((socket) => sockets.add(socket));
  await new Promise((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
after(() => {
  for (const socket of sockets) socket.destroy();
  silent.close();
});

for (const [what, bootstrap] of [
  ['nobody listens', () => '127.0.0.1:1'],
  ['the broker never answers', () => `127.0.0.1:${silent.address().port}`],
]) {
  const config = (options) => ({ 'bootstrap.servers': bootstrap(), ...options });
  const timely = async (client, failing) => {
    const started = performance.now();
    if (failing) await assert.rejects(client.close({ timeoutMs: 300 }), ottla.TimeoutError);
    else await client.close({ timeoutMs: 300 });
    const took = performance.now() - started;
    assert.ok(took < 300 + SLACK_MS, `${took} ms`);
  };

  test(`a producer closes by its deadline where ${what}, and every record is told`, async () => {
    const client = new ottla.Producer(config());
    const sent = Promise.allSettled([client.send({ topic: 't', value: '1' }), client.send({ topic: 't', value: '2' })]);
    await timely(client, true);
    for (const { status, reason } of await sent) {
      assert.equal(status, 'rejected');
      assert.ok(reason instanceof ottla.KafkaError, reason);
    }
    assert.equal(client.pendingCount, 0);
    await assert.rejects(client.ready(), ottla.ClosedError);
  });

  test(`a consumer that is read closes by its deadline where ${what}, and its loop ends`, async () => {
    const client = new ottla.Consumer(config({ 'group.id': 'g' }));
    client.subscribe('t');
    const loop = (async () => { for await (const _ of client) assert.fail('a record'); })();
    await timely(client, false);
    // It ends, or says that no broker was reached: it does not wait any more.
    await loop.catch((error) => assert.ok(error instanceof ottla.KafkaError, error));
  });

  test(`an admin client closes by its deadline where ${what}, and what was asked is told`, async () => {
    const client = new ottla.Admin(config());
    const asked = client.createTopics([{ name: 't' }], { timeoutMs: 60_000 });
    const told = assert.rejects(asked, ottla.KafkaError);
    await timely(client, false);
    await told;
  });
}

test('behind close nothing keeps the event loop', async () => {
  const { out, err } = await runProgram(await topic(), `
    const idle = process.getActiveResourcesInfo();
    const clients = [new ottla.Producer(config), new ottla.Consumer({ ...config, 'group.id': 'g' }), new ottla.Admin(config)];
    const [producer, consumer, admin] = clients;
    await producer.send({ topic, value: 'v' });
    consumer.subscribe(topic);
    await consumer.poll(10_000);
    await admin.createTopics([{ name: 'another' }]);
    await Promise.all(clients.map((client) => client.close()));
    const left = process.getActiveResourcesInfo().filter((name) => !idle.includes(name));
    require('node:fs').writeSync(1, JSON.stringify(left));`);
  assert.deepEqual([out, err], ['[]', '']);
});

test('behind a close that came too early nothing keeps the event loop, either', async () => {
  const { code, out, err } = await runProgram('t', `
    const producer = new ottla.Producer({ ...config, 'bootstrap.servers': '127.0.0.1:1', 'buffer.memory': 65536 });
    const value = Buffer.alloc(10_000);
    let failed = 0;
    for (let index = 0; index < 100; index++) producer.send({ topic, value }).catch(() => { failed++; });
    await producer.close({ timeoutMs: 100 }).catch((error) => { if (error.kind !== 'timeout') throw error; });
    const closed = performance.now();
    process.on('exit', () => console.log(failed, performance.now() - closed < 10_000));`);
  assert.deepEqual([code, out, err], [0, '100 true\n', '']);
});

test('a flush that is given up leaves no timer behind', async () => {
  const { code, out } = await runProgram('t', `
    const producer = new ottla.Producer({
      ...config, 'bootstrap.servers': '127.0.0.1:1', 'max.block.ms': 1000,
    });
    for (let index = 0; index < 10; index++) producer.send({ topic, value: 'v' }).catch(() => {});
    const started = performance.now();
    await producer.flush({ signal: AbortSignal.timeout(20) }).catch((error) => console.log(error.name));
    process.on('exit', () => console.log(performance.now() - started < 60_000));`);
  assert.deepEqual([code, out], [0, 'TimeoutError\ntrue\n']);
});

test('closing from many places at once is one close', async () => {
  const client = producer();
  const closes = Array.from({ length: 10 }, () => client.close());
  assert.equal(new Set(closes).size, 1);
  await Promise.all(closes);
});
