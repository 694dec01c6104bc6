// Commands for a consumer.
'use strict';

const { Consumer } = require('ottla');
const { base64, config, found, list, partition, partitions } = require('./values.js');

function show(record) {
  return {
    topic: record.topic, partition: record.partition, offset: record.offset, timestamp_ms: record.timestamp,
    timestamp_type: record.timestampType, key: base64(record.key), value: base64(record.value),
    headers: record.headers.map(({ key, value }) => ({ key, value: base64(value) })),
  };
}

/**
 * What a member has as far as its callbacks were told, which a poll's answer goes with: the client may have come into more
 * since the poll was over.
 */
class Told {
  #owned = new Map();

  note(type, given) {
    for (const item of given) {
      if (type === 'assigned') this.#owned.set(`${item.topic}-${item.partition}`, item);
      else this.#owned.delete(`${item.topic}-${item.partition}`);
    }
  }

  get assignment() {
    return [...this.#owned.values()].sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
  }
}

exports.operations = {
  create(state, command) {
    state.client = new Consumer(config(command, 'max.block.ms'));
    state.events = [];
    state.told = null;
  },
  subscribe(state, { topics, pattern }) {
    const { client, events } = state;
    const told = state.told ??= new Told();
    const tell = (type) => (given) => {
      events.push({ type, partitions: given });
      told.note(type, given);
    };
    const callbacks = { onAssigned: tell('assigned'), onRevoked: tell('revoked'), onLost: tell('lost') };
    if (pattern) client.subscribePattern(pattern, callbacks);
    else client.subscribe(topics, callbacks);
  },
  async unsubscribe({ client }) {
    await client.unsubscribe();
  },
  assign(state, command) {
    const { client } = state;
    client.assign(partitions(command));
    state.told = null;
    for (const item of command.partitions) {
      if (Number.isInteger(item.offset)) client.seek({ ...partition(item), offset: item.offset });
    }
  },
  assignment({ client }) {
    return { assignment: client.assignment() };
  },
  async poll({ client, events, told }, { timeout_ms: timeoutMs, max_records: maxRecords }) {
    const records = await client.poll(timeoutMs, { maxRecords: maxRecords ?? undefined });
    return { records: records.map(show), events: events.splice(0), assignment: told?.assignment ?? client.assignment() };
  },
  wakeup({ client }) {
    client.wakeup();
  },
  seek({ client }, command) {
    for (const item of list(command, 'offsets')) client.seek({ ...partition(item), offset: item.offset });
  },
  seek_to_beginning({ client }, command) {
    client.seekToBeginning(partitions(command));
  },
  seek_to_end({ client }, command) {
    client.seekToEnd(partitions(command));
  },
  pause({ client }, command) {
    client.pause(partitions(command));
  },
  resume({ client }, command) {
    client.resume(partitions(command));
  },
  position({ client }, command) {
    return { offsets: partitions(command).map((item) => ({ ...item, offset: client.position(item) })) };
  },
  async committed({ client }, command) {
    const results = await client.committed(partitions(command));
    const value = (item) => ({ offset: item?.offset ?? null, metadata: item?.metadata ?? null });
    return { offsets: found(command.partitions, results, value) };
  },
  async beginning_offsets({ client }, command) {
    const results = await client.beginningOffsets(partitions(command));
    return { offsets: found(command.partitions, results, (item) => ({ offset: item?.offset ?? null })) };
  },
  async end_offsets({ client }, command) {
    const results = await client.endOffsets(partitions(command));
    return { offsets: found(command.partitions, results, (item) => ({ offset: item?.offset ?? null })) };
  },
  async offsets_for_times({ client }, command) {
    const times = list(command, 'times').map((item) => ({ ...partition(item), timestamp: item.timestamp_ms }));
    const results = await client.offsetsForTimes(times);
    const value = (item) => ({ offset: item?.offset ?? null, timestamp_ms: item?.timestamp ?? null });
    return { offsets: found(command.times, results, value) };
  },
  async commit({ client }, { offsets }) {
    const chosen = offsets?.map(({ metadata, offset, ...item }) =>
      ({ ...partition(item), offset, metadata: metadata ?? '' }));
    await client.commit(chosen);
  },
  async close({ client }, { patience }) {
    await client.close({ timeoutMs: patience });
  },
};
