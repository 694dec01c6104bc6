// A member of a group stays one whatever the program does, until it is too long without asking for more: then it is told.
'use strict';

const assert = require('node:assert/strict');
const { after, afterEach, before, test } = require('node:test');
const { Producer, Consumer, MaxPollExceededError } = require('ottla');
const { useBroker } = require('ottla/testing');
const { until } = require('./support.js');

const SESSION_MS = 1000;

// Sessions may be as short as a test wants them.
const broker = useBroker({ before, after }, { 'group.min.session.timeout.ms': 100 });
const clients = [];
afterEach(() => Promise.allSettled(clients.splice(0).map((client) => client.close({ timeoutMs: 5000 }))));

const kept = (client) => (clients.push(client), client);
const config = (options) => ({ 'bootstrap.servers': broker().bootstrap, ...options });

/** A member that keeps an account of its rebalances. */
function member(topic, options) {
  const events = [];
  const consumer = kept(new Consumer(config({
    'group.id': topic, 'auto.offset.reset': 'earliest',
    'session.timeout.ms': SESSION_MS, 'heartbeat.interval.ms': 100, ...options,
  })));
  consumer.subscribe(topic, {
    onAssigned: () => { events.push('assigned'); },
    onRevoked: () => { events.push('revoked'); },
    onLost: () => { events.push('lost'); },
  });
  return { consumer, events };
}

/** Nothing of JavaScript runs in this time. */
function block(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

test('a member stays one while the event loop is blocked for three sessions', async () => {
  await broker().createTopic('blocked');
  const { consumer, events } = member('blocked');
  await until(async () => { await consumer.poll(100); return events.length > 0; }, 'the consumer has its partition');
  const { memberId, generationId } = consumer.groupMetadata();
  block(3 * SESSION_MS);
  await kept(new Producer(config())).send({ topic: 'blocked', value: 'v' });
  assert.equal((await until(async () => {
    const records = await consumer.poll(1000);
    return records.length > 0 && records;
  }, 'a record comes')).length, 1);
  assert.deepEqual(events, ['assigned']);
  const { memberId: same, generationId: still } = consumer.groupMetadata();
  assert.deepEqual([same, still], [memberId, generationId]);
});

test('a loop that takes too long for a record is told by an error of its own, and goes on when it loops again', async () => {
  await broker().createTopic('slow');
  await kept(new Producer(config())).sendMany(['0', '1'].map((value) => ({ topic: 'slow', value })));
  const { consumer, events } = member('slow', { 'max.poll.interval.ms': 1500, 'enable.auto.commit': false });
  const seen = [];
  await assert.rejects(async () => {
    for await (const record of consumer) {
      seen.push(record.offset);
      // Too long, but not for the session: the event loop goes on.
      await until(() => events.length > 0, 'assigned');
      await new Promise((resolve) => setTimeout(resolve, 2500));
    }
  }, (error) => {
    assert.ok(error instanceof MaxPollExceededError, error.stack);
    assert.deepEqual([error.kind, error.fatal], ['max_poll_exceeded', false]);
    assert.match(error.message, /max\.poll\.interval\.ms/);
    return true;
  });
  assert.equal(seen[0], 0);
  // Nothing was committed: the group begins at the same record again.
  const again = [];
  for await (const record of consumer) if (again.push(record.offset) === 2) break;
  assert.deepEqual(again, [0, 1]);
  assert.deepEqual(events, ['assigned', 'lost', 'assigned']);
});

test('a loop that takes its time for each record counts as alive', async () => {
  await broker().createTopic('steady');
  await kept(new Producer(config())).sendMany(Array.from({ length: 8 }, () => ({ topic: 'steady', value: 'v' })));
  const { consumer, events } = member('steady', { 'max.poll.interval.ms': 1500 });
  const seen = [];
  for await (const record of consumer) {
    // Two seconds and more for the records of one poll, but only a part of one for each.
    if (seen.push(record.offset) === 8) break;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(events, ['assigned']);
});
