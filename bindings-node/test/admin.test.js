'use strict';

const assert = require('node:assert/strict');
const { after, test } = require('node:test');
const ottla = require('ottla');
const { OPERATIONS } = require('../lib/generated/admin.js');
const { admin, producer, consumer, topic, config, until, broker } = require('./support.js');

/** The methods that the tests have called. */
const called = new Set();

function watched(options) {
  const client = admin(options);
  return new Proxy(client, {
    get(target, name) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      called.add(name);
      return value.bind(target);
    },
  });
}

after(() => {
  const missing = OPERATIONS.map(({ method }) => method).filter((method) => !called.has(method));
  assert.deepEqual(missing, [], 'operations without a test');
});

async function filled(count) {
  const name = await topic();
  await producer().sendMany(Array.from({ length: count }, (_, index) =>
    ({ topic: name, value: 'v', timestamp: 1000 * (index + 1) })));
  return name;
}

/** A group with a committed offset and no member. */
async function group(name, offset = 2) {
  const id = `group-of-${name}`;
  await consumer({ 'group.id': id }).commit({ topic: name, partition: 0, offset, metadata: 'mine' });
  return id;
}

/** What each item of a call became: its key, and its value or the name of its error. */
async function outcomes(call) {
  const items = await call.catch((error) => error.results ?? Promise.reject(error));
  return items.map(({ key, value, error }) => [key, error ? error.codeName ?? error.kind : value]);
}

test('topics are created, listed, described, grown and deleted', async () => {
  const client = watched();
  const [created] = await client.createTopics([{ name: 'made', numPartitions: 2, configs: { 'retention.ms': '5000' } }]);
  assert.deepEqual([created.key, created.value.numPartitions, created.value.replicationFactor], ['made', 2, 1]);
  const [{ value: described }] = await client.describeTopics({ topics: ['made'] });
  assert.equal(described.id, created.value.id);
  assert.deepEqual(described.partitions.map(({ partition, leader, replicas, isr }) => [partition, leader, replicas, isr]),
    [[0, 1, [1], [1]], [1, 1, [1], [1]]]);
  const listed = await client.listTopics();
  assert.deepEqual({ ...listed['made'] }, { name: 'made', id: created.value.id, isInternal: false });
  await client.createPartitions([{ topic: 'made', totalCount: 3 }]);
  await until(async () => (await client.describeTopics({ topicIds: [described.id] }))[0].value.partitions.length === 3, 'three');
  await client.deleteTopics({ topics: ['made'] });
  await until(async () => !('made' in await client.listTopics()), 'it is gone');
  assert.deepEqual(await client.createTopics([{ name: 'never' }], { validateOnly: true }).then(([{ key }]) => key), 'never');
  assert.ok(!('never' in await client.listTopics({ includeInternal: true })));
});

test('a call on several items rejects with the first failure, and tells what became of each', async () => {
  const client = watched();
  const name = await topic();
  await assert.rejects(client.createTopics([{ name: 'fresh' }, { name }]), (error) => {
    assert.ok(error instanceof ottla.KafkaError);
    assert.deepEqual([error.code, error.codeName, error.retriable, error.fatal], [36, 'TOPIC_ALREADY_EXISTS', false, false]);
    assert.match(error.message, new RegExp(name));
    const results = Object.fromEntries(error.results.map((item) => [item.key, item.error?.codeName ?? 'made']));
    assert.deepEqual(results, { fresh: 'made', [name]: 'TOPIC_ALREADY_EXISTS' });
    return true;
  });
  assert.deepEqual(await outcomes(client.deleteTopics({ topics: ['no-such-topic'] })), [['no-such-topic', 'UNKNOWN_TOPIC_OR_PARTITION']]);
  assert.deepEqual(await outcomes(client.describeTopics({ topics: ['no-such-topic'] })), [['no-such-topic', 'UNKNOWN_TOPIC_OR_PARTITION']]);
  assert.deepEqual(await outcomes(client.createPartitions([{ topic: name, totalCount: 1 }])), [[name, 'INVALID_PARTITIONS']]);
});

test('configurations are described and altered', async () => {
  const client = watched();
  const name = await topic();
  const resource = { resourceType: 'TOPIC', name };
  const read = async () => (await client.describeConfigs([resource], { includeSynonyms: true }))[0].value['retention.ms'];
  assert.equal((await read()).source, 'DEFAULT_CONFIG');
  await client.incrementalAlterConfigs([{ resource, ops: [{ name: 'retention.ms', value: '1234' }] }]);
  const { value, source, isReadOnly, isSensitive, synonyms } = await until(async () => {
    const entry = await read();
    return entry.source === 'DYNAMIC_TOPIC_CONFIG' && entry;
  }, 'it is altered');
  assert.deepEqual([value, source, isReadOnly, isSensitive], ['1234', 'DYNAMIC_TOPIC_CONFIG', false, false]);
  assert.equal(synonyms[0].value, '1234');
  const [[key, failed]] = await outcomes(client.incrementalAlterConfigs([
    { resource, ops: [{ name: 'retention.ms', value: 'long', op: 'SET' }] }]));
  assert.deepEqual([key, failed], [resource, 'INVALID_CONFIG']);
  await client.incrementalAlterConfigs([{ resource, ops: [{ name: 'retention.ms', op: 'DELETE' }] }]);
  await until(async () => (await read()).source === 'DEFAULT_CONFIG', 'the default is back');
});

test('records are deleted, and offsets are found', async () => {
  const client = watched();
  const name = await filled(10);
  const partition = { topic: name, partition: 0 };
  const [deleted] = await client.deleteRecords([{ ...partition, beforeOffset: 4n }]);
  assert.deepEqual([deleted.key, deleted.value], [partition, { lowWatermark: 4 }]);
  const find = async (query) => {
    const [{ value }] = await client.listOffsets([{ ...partition, ...query }], { isolationLevel: 'READ_COMMITTED' });
    return [value.offset, value.timestampMs];
  };
  assert.deepEqual(await find({ spec: 'EARLIEST' }), [4, null]);
  assert.deepEqual(await find({ spec: 'LATEST' }), [10, null]);
  assert.deepEqual(await find({ spec: 'FOR_TIMESTAMP', timestampMs: 6500n }), [6, 7000]);
  assert.deepEqual(await find({ spec: 'MAX_TIMESTAMP' }), [9, 10_000]);
  assert.deepEqual(await outcomes(client.deleteRecords([{ ...partition, beforeOffset: 100 }])), [[partition, 'OFFSET_OUT_OF_RANGE']]);
});

test('offsets of groups are listed, altered and deleted', async () => {
  const client = watched();
  const name = await filled(5);
  const groupId = await group(name);
  const partition = { topic: name, partition: 0 };
  const read = async () => {
    const [{ value }] = await client.listConsumerGroupOffsets([{ groupId }]);
    return value.map(({ topic: of, partition: number, offset, metadata }) => [of, number, offset, metadata]);
  };
  assert.deepEqual(await read(), [[name, 0, 2, 'mine']]);
  await client.alterConsumerGroupOffsets(groupId, [{ ...partition, offset: 4n }]);
  assert.deepEqual(await read(), [[name, 0, 4, '']]);
  const [only] = await client.listConsumerGroupOffsets([{ groupId, partitions: [partition] }]);
  assert.equal(only.value.length, 1);
  await client.deleteConsumerGroupOffsets(groupId, [partition]);
  assert.deepEqual(await read(), []);
});

test('groups are listed and described, members are removed, and groups are deleted', async () => {
  const client = watched();
  const name = await filled(1);
  const groupId = `members-of-${name}`;
  const member = consumer({
    'group.id': groupId, 'group.instance.id': 'one', 'client.id': 'reader', 'group.protocol': 'classic',
    'enable.auto.commit': false,
  });
  member.subscribe(name);
  await until(async () => (await member.poll(200)).length > 0, 'the member reads');
  assert.equal((await client.listGroups({ states: ['Stable'] }))[groupId].groupType, 'CLASSIC');
  const [{ value: described }] = await client.describeConsumerGroups([groupId]);
  assert.deepEqual([described.state, described.members.length], ['Stable', 1]);
  const [{ groupInstanceId, clientId, assignment }] = described.members;
  assert.deepEqual([groupInstanceId, clientId, assignment], ['one', 'reader', [{ topic: name, partition: 0 }]]);
  assert.deepEqual(await outcomes(client.deleteConsumerGroups([groupId])), [[groupId, 'NON_EMPTY_GROUP']]);
  await client.removeMembersFromConsumerGroup(groupId, [{ groupInstanceId: 'one' }], { reason: 'a test' });
  await member.close();
  await until(async () => (await client.describeConsumerGroups([groupId]))[0].value.members.length === 0, 'nobody is left');
  await client.deleteConsumerGroups([groupId]);
  assert.ok(!(groupId in await client.listGroups()));
});

test('the cluster, its features, directories and elections are told', async () => {
  const client = watched();
  const name = await filled(3);
  const { clusterId, controller, nodes } = await client.describeCluster();
  assert.equal(typeof clusterId, 'string');
  assert.equal(controller, 1);
  const [host, port] = broker().bootstrap.split(':');
  assert.deepEqual(nodes, [{ id: 1, host, port: Number(port), rack: null, isFenced: false }]);
  const { apiVersions } = await client.describeFeatures();
  const versions = Object.values(apiVersions);
  assert.ok(versions.length > 20 && versions.every(({ min, max }) => min <= max));
  const [{ key, value: directories }] = await client.describeLogDirs([1]);
  const replicas = Object.values(directories).flatMap(({ replicas: list }) => list).filter((replica) => replica.topic === name);
  assert.deepEqual([key, replicas.length, replicas[0].sizeBytes > 0, replicas[0].isFuture], [1, 1, true, false]);
  const partition = { topic: name, partition: 0 };
  // The preferred leader leads already, which is as good.
  assert.deepEqual(await outcomes(client.electLeaders('PREFERRED', { partitions: [partition] })), [[partition, undefined]]);
  const other = { topic: name, partition: 1 };
  assert.deepEqual(await outcomes(client.electLeaders('PREFERRED', { partitions: [other] })), [[other, 'UNKNOWN_TOPIC_OR_PARTITION']]);
});

test('producers and transactions are told', async () => {
  const client = watched();
  const name = await filled(3);
  const partition = { topic: name, partition: 0 };
  const [{ value: [state] }] = await client.describeProducers([partition]);
  assert.deepEqual([state.lastSequence, state.currentTransactionStartOffset], [2, null]);
  assert.ok(state.producerId >= 0 && state.producerEpoch >= 0);
  for (const [what, call] of Object.entries({
    list: () => client.listTransactions({ states: ['Ongoing'], timeoutMs: 500 }),
    describe: () => client.describeTransactions(['no-such-transaction'], { timeoutMs: 500 }),
    fence: () => client.fenceProducers(['a-transaction'], { timeoutMs: 500 }),
    abort: () => client.abortTransaction(partition, state.producerId, state.producerEpoch, { timeoutMs: 500 }),
  })) {
    // Whether a broker has transactions is the broker's affair; what it has not is told by an error of its own.
    await call().catch((error) => {
      assert.ok(error instanceof ottla.KafkaError, `${what}: ${error.stack}`);
      assert.ok(error.results || error.codeName || ['unsupported', 'timeout'].includes(error.kind), `${what}: ${error.message}`);
    });
  }
});

test('arguments that cannot be are refused by name', async () => {
  const client = watched();
  await assert.rejects(client.createTopics(), { name: 'TypeError', message: 'createTopics: topics is missing' });
  await assert.rejects(client.createTopics([{ name: 't' }], { valdateOnly: true }), /createTopics: there is no option valdateOnly/);
  await assert.rejects(client.createTopics([{ name: 't', partitions: 3 }]), (error) =>
    error instanceof ottla.InvalidArgumentError && /partitions/.test(error.message));
  await assert.rejects(client.createTopics([{ name: 't', numPartitions: '3 of them' }]), ottla.InvalidArgumentError);
  await assert.rejects(client.deleteRecords([{ topic: 't', partition: 0, beforeOffset: 2 ** 60 }]), TypeError);
  await assert.rejects(client.createTopics(5), TypeError);
});

test('a call ends by its own timeout, or by a signal, when nobody answers', async () => {
  const client = watched({ 'bootstrap.servers': '127.0.0.1:1', 'default.api.timeout.ms': 60_000 });
  await assert.rejects(client.listTopics({ timeoutMs: 200 }), ottla.KafkaError);
  await assert.rejects(client.listTopics({ signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  await client.close();
  await assert.rejects(client.listTopics(), ottla.ClosedError);
  assert.throws(() => new ottla.Admin(config({ 'no.such.option': 1 })), ottla.ConfigError);
});
