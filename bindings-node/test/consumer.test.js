'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const ottla = require('ottla');
const { producer, consumer, topic, until } = require('./support.js');

let lastGroup = 0;
const group = () => ({ 'group.id': `group-${++lastGroup}` });

async function filled(count, partitions = 1) {
  const name = await topic(partitions);
  const client = producer();
  await client.sendMany(Array.from({ length: count }, (_, index) =>
    ({ topic: name, value: String(index), partition: index % partitions })));
  return name;
}

const numbers = (records) => records.map(({ value }) => Number(value.toString()));

test('records come in order, one by one', async () => {
  const name = await filled(2000);
  const reader = consumer(group());
  reader.subscribe([name]);
  const seen = [];
  for await (const record of reader) {
    seen.push(Number(record.value.toString()));
    assert.equal(record.offset, seen.length - 1);
    if (seen.length === 2000) break;
  }
  assert.deepEqual(seen, Array.from({ length: 2000 }, (_, index) => index));
});

test('what a broken-off loop did not give is given by the next one', async () => {
  const name = await filled(10);
  const reader = consumer(group());
  reader.subscribe(name);
  const seen = [];
  for await (const record of reader) if (seen.push(record) === 3) break;
  for await (const record of reader) if (seen.push(record) === 7) break;
  seen.push(...await reader.poll(5000));
  assert.deepEqual(numbers(seen), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('a commit within the loop covers the record that was given, and no more', async () => {
  const name = await filled(10);
  const reader = consumer({ ...group(), 'enable.auto.commit': false });
  reader.subscribe([name]);
  const partition = { topic: name, partition: 0 };
  for await (const record of reader) {
    if (record.offset < 3) continue;
    assert.equal(reader.position(partition), 4);
    await reader.commit();
    break;
  }
  const [committed] = await reader.committed(partition);
  assert.deepEqual({ ...committed, leaderEpoch: undefined },
    { ...partition, offset: 4, metadata: '', leaderEpoch: undefined });
});

test('closing commits what was given, and the next member goes on there', async () => {
  const name = await filled(10);
  const options = group();
  const first = consumer(options);
  first.subscribe([name]);
  for await (const record of first) if (record.offset === 4) break;
  await first.close();
  const second = consumer(options);
  second.subscribe([name]);
  const records = [];
  for await (const record of second) if (records.push(record) === 5) break;
  assert.deepEqual(numbers(records), [5, 6, 7, 8, 9]);
});

test('offsets and metadata that were committed by hand are told', async () => {
  const name = await filled(1, 2);
  const reader = consumer(group());
  await reader.commit([{ topic: name, partition: 1, offset: 7n, metadata: 'seven' }]);
  const found = await reader.committed([{ topic: name, partition: 0 }, { topic: name, partition: 1 }]);
  assert.deepEqual(found.map(({ partition, offset, metadata }) => [partition, offset, metadata]), [[1, 7, 'seven']]);
});

test('batches are as large as asked for, or what came in time', async () => {
  const name = await filled(25);
  const reader = consumer(group());
  reader.subscribe([name]);
  const sizes = [];
  for await (const batch of reader.batches({ maxRecords: 10, maxWaitMs: 100 })) {
    sizes.push(batch.length);
    if (sizes.reduce((sum, size) => sum + size) === 25) break;
  }
  assert.deepEqual(sizes, [10, 10, 5]);
});

test('a batch that waits for more has each record once', async () => {
  const name = await filled(3);
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  const writer = producer();
  const batches = reader.batches({ maxRecords: 5, maxWaitMs: 10_000 });
  const next = batches.next();
  await until(() => reader.lag({ topic: name, partition: 0 }) !== null, 'the first records are fetched');
  await writer.sendMany([{ topic: name, value: '3' }, { topic: name, value: '4' }]);
  assert.deepEqual(numbers((await next).value), [0, 1, 2, 3, 4]);
  await batches.return();
});

test('seeks and pauses in the loop take effect at once', async () => {
  const name = await filled(10, 2);
  const partition = { topic: name, partition: 0 };
  const other = { topic: name, partition: 1 };
  const reader = consumer();
  reader.assign([partition]);
  const seen = [];
  let again = true;
  for await (const record of reader) {
    seen.push(Number(record.value.toString()));
    if (again && record.offset === 2) {
      again = false;
      reader.seek({ ...partition, offset: 1 });
    }
    if (record.offset === 4) break;
  }
  assert.deepEqual(seen, [0, 2, 4, 2, 4, 6, 8]);
  reader.assign([partition, other]);
  reader.seekToBeginning();
  reader.pause(partition);
  assert.deepEqual(reader.paused(), [partition]);
  const records = [];
  for await (const record of reader) if (records.push(record) === 5) break;
  assert.deepEqual(numbers(records), [1, 3, 5, 7, 9]);
  reader.resume([partition]);
  reader.seekToEnd([other]);
  const rest = [];
  for await (const record of reader) if (rest.push(record) === 5) break;
  assert.deepEqual(numbers(rest), [0, 2, 4, 6, 8]);
});

test('offsets are found by their ends and by time', async () => {
  const name = await topic();
  const partition = { topic: name, partition: 0 };
  await producer().sendMany([1000, 2000, 3000].map((timestamp) => ({ ...partition, value: 'v', timestamp })));
  const reader = consumer();
  assert.deepEqual(await reader.beginningOffsets(partition), [{ ...partition, offset: 0 }]);
  assert.deepEqual(await reader.endOffsets([partition]), [{ ...partition, offset: 3 }]);
  const [found] = await reader.offsetsForTimes([{ ...partition, timestamp: new Date(1500) }]);
  assert.deepEqual([found.offset, found.timestamp], [1, 2000]);
});

test('callbacks of a rebalance are awaited, and the revocation is held until they end', async () => {
  const name = await filled(8, 2);
  const options = { ...group(), 'enable.auto.commit': false, 'heartbeat.interval.ms': 100 };
  const events = [];
  const first = consumer(options);
  first.subscribe([name], {
    onAssigned: (partitions) => { events.push(['assigned', partitions.length]); },
    async onRevoked(partitions) {
      events.push(['revoking', partitions.length]);
      await this.commit();
      await new Promise(setImmediate);
      events.push(['revoked', partitions.length]);
    },
  });
  let reading = true;
  let seen = 0;
  const work = (async () => { while (reading) seen += (await first.poll(50)).length; })();
  await until(() => seen === 8, 'the first member reads everything');
  const second = consumer(options);
  let got = 0;
  second.subscribe([name], { onAssigned: (partitions) => { got += partitions.length; } });
  const other = (async () => { while (reading) await second.poll(50); })();
  await until(() => got === 1, 'the second member has a partition');
  reading = false;
  await Promise.all([work, other]);
  assert.deepEqual(events[0], ['assigned', 2]);
  const revoking = events.findIndex(([type]) => type === 'revoking');
  assert.deepEqual(events[revoking + 1], ['revoked', events[revoking][1]]);
  assert.equal((await second.committed([0, 1].map((partition) => ({ topic: name, partition })))).length, 2);
});

test('what a callback throws is thrown by the loop', async () => {
  const name = await filled(1);
  const reader = consumer(group());
  reader.subscribe([name], { onAssigned() { throw new Error('no room'); } });
  await assert.rejects(async () => { for await (const _ of reader) assert.fail('a record'); }, /no room/);
});

test('an error of the consumer is thrown by the loop', async () => {
  const name = await filled(1);
  const reader = consumer({ 'auto.offset.reset': 'none' });
  reader.assign([{ topic: name, partition: 0 }]);
  reader.seek({ topic: name, partition: 0, offset: 1000 });
  await assert.rejects(async () => { for await (const _ of reader) assert.fail('a record'); }, ottla.OffsetOutOfRangeError);
});

test('closing ends the loop that waits for records', async () => {
  const name = await topic();
  const reader = consumer(group());
  reader.subscribe([name]);
  const loop = (async () => { for await (const _ of reader) assert.fail('a record'); return 'ended'; })();
  await until(() => reader.assignment().length === 1, 'the consumer has its partition');
  await reader.close();
  assert.equal(await loop, 'ended');
  await assert.rejects(reader.poll(0), ottla.ClosedError);
});

test('a signal ends a poll and a loop', async () => {
  const name = await topic();
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  await assert.rejects(reader.poll(60_000, { signal: AbortSignal.timeout(30) }), { name: 'TimeoutError' });
  await assert.rejects(async () => {
    for await (const _ of reader.records({ signal: AbortSignal.timeout(30) })) assert.fail('a record');
  }, { name: 'TimeoutError' });
  await producer().send({ topic: name, value: '1' });
  assert.deepEqual(numbers(await reader.poll(10_000)), [1]);
});

test('a second reader at the same time is refused', async () => {
  const name = await topic();
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  const first = reader.poll(5000);
  await assert.rejects(reader.poll(0), ottla.InvalidStateError);
  reader.wakeup();
  assert.deepEqual(await first, []);
});

test('a stream gives records with back-pressure', async () => {
  const name = await filled(500);
  const reader = consumer();
  reader.assign([{ topic: name, partition: 0 }]);
  let count = 0;
  for await (const record of reader.stream()) {
    assert.equal(record.offset, count++);
    if (count === 500) break;
  }
});

test('a pattern subscribes to topics that match', async () => {
  const name = await filled(1);
  const reader = consumer(group());
  reader.subscribePattern(new RegExp(`${name}|other`));
  assert.deepEqual(numbers(await until(async () => {
    const records = await reader.poll(1000);
    return records.length > 0 && records;
  }, 'a record comes')), [0]);
  assert.deepEqual(reader.subscription(), [name]);
  assert.equal(reader.groupMetadata().groupId, `group-${lastGroup}`);
  await reader.unsubscribe();
  assert.deepEqual(reader.assignment(), []);
});

test('calls that cannot be are errors with a hint', async () => {
  const reader = consumer();
  assert.throws(() => reader.subscribe(['t']), (error) => error instanceof ottla.KafkaError && error.message.includes('group.id'));
  assert.throws(() => reader.seek({ topic: 't', partition: 0, offset: 1 }), ottla.InvalidStateError);
  assert.throws(() => reader.seek({ topic: 't', partition: 'x', offset: 1 }), ottla.InvalidArgumentError);
  await assert.rejects(reader.poll(-1), TypeError);
  await assert.rejects(reader.committed({ partition: 1 }), ottla.InvalidArgumentError);
});

test('close ends by its deadline when a callback does not', async () => {
  const name = await filled(1);
  const reader = consumer(group());
  reader.subscribe([name], { onRevoked: () => new Promise(() => {}) });
  await until(async () => (await reader.poll(500)).length > 0, 'a record comes');
  const started = performance.now();
  await assert.rejects(reader.close({ timeoutMs: 300 }), ottla.TimeoutError);
  assert.ok(performance.now() - started < 3000);
});
