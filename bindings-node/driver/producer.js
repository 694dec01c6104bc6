// Commands for a producer.
'use strict';

const { Producer } = require('ottla');
const { faultJson } = require('./fault.js');
const { bytes, config, list } = require('./values.js');

function record({ topic, partition, timestamp_ms: timestamp, key, value, headers }) {
  return {
    topic, partition, timestamp, key: bytes(key), value: bytes(value),
    headers: (headers ?? []).map((header) => [header.key, bytes(header.value)]),
  };
}

async function sent(producer, item) {
  try {
    const { topic, partition, offset, timestamp } = await producer.send(record(item));
    return { topic, partition, offset, timestamp_ms: timestamp };
  } catch (error) {
    return { error: faultJson(error) };
  }
}

exports.operations = {
  create(state, command) {
    // murmur2 is how keys are placed anyway.
    state.client = new Producer(config(command, 'partitioner', 'default.api.timeout.ms'));
  },
  send({ client }, command) {
    const all = Promise.all(list(command, 'records').map((item) => sent(client, item)));
    return { later: all.then((results) => ({ results })) };
  },
  async flush({ client }, { patience }) {
    await client.flush({ timeoutMs: patience });
  },
  async partitions({ client }, { topic }) {
    const partitions = await client.partitionsFor(topic);
    return { partitions: partitions.map(({ partition }) => partition).sort((a, b) => a - b) };
  },
  async close({ client }, { patience }) {
    await client.close({ timeoutMs: patience });
  },
};
