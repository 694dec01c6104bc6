// Whatever is wrong reaches whoever waits, soon: nothing wedges in silence.
'use strict';

const assert = require('node:assert/strict');
const { after, before, afterEach, test } = require('node:test');
const ottla = require('ottla');
const { TestBroker } = require('ottla/testing');
const { startProxy } = require('./proxy.js');
const { until } = require('./support.js');

/** From the answer of the broker to the error in the program; what it takes on a quiet machine is some milliseconds. */
const SOON_MS = 1000;

let proxy;
let broker;
let last = 0;
const clients = [];

before(async () => {
  // The broker's address must be known before it is started: it tells clients to come through the proxy.
  let target = null;
  proxy = await startProxy(() => target);
  broker = await TestBroker.start({ 'advertised.listeners': `PLAINTEXT://${proxy.bootstrap}` });
  target = broker.bootstrap;
});
after(async () => {
  await broker.stop();
  await proxy.close();
});
afterEach(async () => {
  proxy.heal();
  await Promise.allSettled(clients.splice(0).map((client) => client.close({ timeoutMs: 5000 })));
});

const kept = (client) => (clients.push(client), client);
const config = (options) => ({ 'bootstrap.servers': proxy.bootstrap, 'auto.offset.reset': 'earliest', ...options });

async function member(options) {
  const topic = `faults-${++last}`;
  await broker.createTopic(topic);
  const consumer = kept(new ottla.Consumer(config({ 'group.id': topic, 'heartbeat.interval.ms': 100, ...options })));
  consumer.subscribe(topic);
  return { topic, consumer };
}

/** What the loop throws, and how long behind `begin` that is. */
async function thrown(consumer, begin) {
  let begun = null;
  const loop = (async () => {
    for await (const record of consumer) assert.fail(`a record: ${record.offset}`);
  })().then(() => assert.fail('the loop ended'), (error) => ({ error, after: performance.now() - begun }));
  await begin();
  begun = performance.now();
  return loop;
}

for (const [api, code, type, name] of [
  ['JoinGroup', 30, ottla.AuthorizationError, 'GROUP_AUTHORIZATION_FAILED'],
  ['JoinGroup', 26, ottla.BrokerError, 'INVALID_SESSION_TIMEOUT'],
  ['JoinGroup', 23, ottla.BrokerError, 'INCONSISTENT_GROUP_PROTOCOL'],
  ['JoinGroup', 81, ottla.BrokerError, 'GROUP_MAX_SIZE_REACHED'],
  ['SyncGroup', 30, ottla.AuthorizationError, 'GROUP_AUTHORIZATION_FAILED'],
]) {
  test(`${name} on ${api} is thrown by the loop`, async () => {
    proxy.inject(api, code);
    const { consumer } = await member();
    const { error, after: took } = await thrown(consumer, async () => {});
    assert.ok(error instanceof type, `${error.name}: ${error.message}`);
    assert.equal(error.codeName, name);
    assert.equal(error.retriable, false);
    assert.ok(took < SOON_MS, `${took} ms`);
  });
}

for (const [api, code, type, name, fatal] of [
  ['Heartbeat', 82, ottla.FencedError, 'FENCED_INSTANCE_ID', true],
  ['Heartbeat', 30, ottla.AuthorizationError, 'GROUP_AUTHORIZATION_FAILED'],
]) {
  test(`${name} on ${api} is thrown by a loop that waits for records`, async () => {
    const { consumer } = await member({ 'group.instance.id': `instance-${last}` });
    const { error, after: took } = await thrown(consumer, async () => {
      await until(() => consumer.assignment().length === 1, 'the consumer has its partition');
      proxy.inject(api, code);
    });
    assert.ok(error instanceof type, `${error.name}: ${error.message}`);
    assert.equal(error.codeName, name);
    if (fatal) assert.equal(error.fatal, true);
    assert.ok(took < SOON_MS, `${took} ms`);
    // A fatal error stays: the next loop ends with it, too, instead of waiting for ever.
    if (fatal) await assert.rejects(async () => { for await (const _ of consumer); }, type);
  });
}

test('a consumer that is fenced by another instance of its own is told', async () => {
  const options = { 'group.instance.id': 'the-same' };
  const { consumer, topic } = await member(options);
  const { error } = await thrown(consumer, async () => {
    await until(() => consumer.assignment().length === 1, 'the consumer has its partition');
    const other = kept(new ottla.Consumer(config({ 'group.id': topic, ...options })));
    other.subscribe(topic);
    await until(async () => { await other.poll(100); return other.assignment().length === 1; }, 'the other has taken over');
  });
  assert.ok(error instanceof ottla.FencedError, error.message);
  assert.equal(error.fatal, true);
});

for (const [code, name] of [[31, 'CLUSTER_AUTHORIZATION_FAILED'], [42, 'INVALID_REQUEST']]) {
  test(`${name} for the producer id rejects every record, and all that come behind`, async () => {
    const topic = `faults-${++last}`;
    await broker.createTopic(topic);
    proxy.inject('InitProducerId', code);
    const producer = kept(new ottla.Producer({ 'bootstrap.servers': proxy.bootstrap, 'linger.ms': 0 }));
    const started = performance.now();
    const outcomes = await Promise.allSettled([producer.send({ topic, value: '1' }), producer.send({ topic, value: '2' })]);
    assert.ok(performance.now() - started < SOON_MS, `${performance.now() - started} ms`);
    for (const { status, reason } of outcomes) {
      assert.equal(status, 'rejected');
      assert.ok(reason instanceof ottla.KafkaError && reason.codeName === name, reason.message);
      assert.equal(reason.outcomeUnknown, false);
    }
  });
}

test('a loop goes on where it was when a broker that fell silent is back', async () => {
  const { consumer, topic } = await member({ 'session.timeout.ms': 30_000 });
  const producer = kept(new ottla.Producer({ 'bootstrap.servers': proxy.bootstrap, 'linger.ms': 0 }));
  const seen = [];
  const loop = (async () => {
    for await (const record of consumer) if (seen.push(String(record.value)) === 2) break;
  })();
  await producer.send({ topic, value: 'before' });
  await until(() => seen.length === 1, 'the first record');
  proxy.hold();
  await until(() => proxy.dropped > 0, 'the broker is silent');
  proxy.heal();
  await producer.send({ topic, value: 'behind' });
  await loop;
  assert.deepEqual(seen, ['before', 'behind']);
});

test('records whose answer never came are rejected as unknown, not as failed', async () => {
  const topic = `faults-${++last}`;
  await broker.createTopic(topic);
  const producer = kept(new ottla.Producer({
    'bootstrap.servers': proxy.bootstrap, 'linger.ms': 0, 'request.timeout.ms': 300, 'delivery.timeout.ms': 600, retries: 0,
  }));
  await producer.send({ topic, value: 'good' });
  proxy.swallowAnswers();
  await assert.rejects(producer.send({ topic, value: 'lost?' }), (error) => {
    assert.ok(error instanceof ottla.KafkaError);
    assert.equal(error.outcomeUnknown, true, error.message);
    return true;
  });
});
