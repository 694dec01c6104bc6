// Commands for an admin client.
'use strict';

const { Admin, KafkaError } = require('ottla');
const { OwnFault, faultJson } = require('./fault.js');
const { config, found, list, partition, partitions } = require('./values.js');

/** What became of each item, also where some failed: the error has them all. */
async function results(call) {
  try {
    return await call;
  } catch (error) {
    if (error instanceof KafkaError && error.results) return error.results;
    throw error;
  }
}

function shown(item, show) {
  if (item === undefined) return { error: faultJson(new OwnFault('OTHER', 'the client gives no result')) };
  return item.error ? { error: faultJson(item.error) } : show(item.value);
}

/** A result for each name, in the order they were asked for. */
async function byName(field, names, call, show = () => ({})) {
  const items = await results(call);
  return names.map((name) => ({ [field]: name, ...shown(items.find(({ key }) => key === name), show) }));
}

async function byPartition(asked, call, show = () => ({})) {
  const items = await results(call);
  const flat = items.map((item) => ({ ...item.key, item }));
  return found(asked, flat, (item) => shown(item?.item, show));
}

const SPECS = { earliest: 'EARLIEST', latest: 'LATEST', max_timestamp: 'MAX_TIMESTAMP' };

function resource({ type, name }) {
  return { resourceType: type.toUpperCase(), name };
}

async function byResource(requests, call, show = () => ({})) {
  const items = await results(call);
  return requests.map(({ type, name }) => {
    const { resourceType } = resource({ type, name });
    const item = items.find(({ key }) => key.resourceType === resourceType && key.name === name);
    return { type, name, ...shown(item, show) };
  });
}

function options(command) {
  return { timeoutMs: command.patience };
}

function change(command) {
  return { ...options(command), validateOnly: command.validate_only === true };
}

exports.operations = {
  create(state, command) {
    state.client = new Admin(config(command, 'max.block.ms'));
  },
  async create_topics({ client }, command) {
    const topics = list(command, 'topics').map(({ name, partitions: count, replication_factor: factor, config: configs }) => ({
      name, numPartitions: count, replicationFactor: factor, configs: configs ?? {},
    }));
    return { topics: await byName('name', topics.map(({ name }) => name), client.createTopics(topics, change(command))) };
  },
  async delete_topics({ client }, command) {
    const { topics } = command;
    return { topics: await byName('name', topics, client.deleteTopics({ topics, ...options(command) })) };
  },
  async list_topics({ client }, command) {
    return { topics: Object.keys(await client.listTopics(options(command))) };
  },
  async describe_topics({ client }, command) {
    const { topics } = command;
    const show = (topic) => ({
      topic_id: topic.id,
      partitions: topic.partitions.map(({ partition: number, leader, replicas, isr }) =>
        ({ partition: number, leader, replicas, isr })),
    });
    return { topics: await byName('name', topics, client.describeTopics({ topics, ...options(command) }), show) };
  },
  async create_partitions({ client }, command) {
    const topics = list(command, 'topics');
    const counts = topics.map(({ name, count }) => ({ topic: name, totalCount: count }));
    const names = topics.map(({ name }) => name);
    return { topics: await byName('name', names, client.createPartitions(counts, change(command))) };
  },
  async describe_configs({ client }, command) {
    const requests = list(command, 'resources');
    const show = (entries) => ({
      configs: Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, {
        value: entry.value, source: entry.source, read_only: entry.isReadOnly, sensitive: entry.isSensitive,
      }])),
    });
    const call = client.describeConfigs(requests.map(resource), options(command));
    return { resources: await byResource(requests, call, show) };
  },
  async alter_configs({ client }, command) {
    const requests = list(command, 'resources');
    const changes = requests.map((request) => ({
      resource: resource(request),
      ops: request.ops.map(({ op, name, value }) => ({ name, op: op.toUpperCase(), value })),
    }));
    const call = client.incrementalAlterConfigs(changes, change(command));
    return { resources: await byResource(requests, call) };
  },
  async delete_records({ client }, command) {
    const records = list(command, 'offsets').map((item) => ({ ...partition(item), beforeOffset: item.offset }));
    const show = ({ lowWatermark }) => ({ low_watermark: lowWatermark });
    return { results: await byPartition(records, client.deleteRecords(records, options(command)), show) };
  },
  async list_offsets({ client }, command) {
    const queries = list(command, 'specs').map((item) => (SPECS[item.spec]
      ? { ...partition(item), spec: SPECS[item.spec] }
      : { ...partition(item), spec: 'FOR_TIMESTAMP', timestampMs: Number(item.spec) }));
    const show = ({ offset, timestampMs }) => ({ offset, timestamp_ms: timestampMs });
    return { offsets: await byPartition(queries, client.listOffsets(queries, options(command)), show) };
  },
  async list_groups({ client }, command) {
    const groups = await client.listGroups(options(command));
    return {
      groups: Object.values(groups).map(({ groupId, state, groupType }) => ({
        group: groupId, state, type: groupType[0] + groupType.slice(1).toLowerCase(),
      })),
    };
  },
  async describe_groups({ client }, command) {
    const groups = list(command, 'groups');
    const show = ({ state, assignor, members }) => ({
      state, assignor,
      members: members.map((member) => ({
        member_id: member.memberId, instance_id: member.groupInstanceId, client_id: member.clientId,
        assignment: member.assignment,
      })),
    });
    return { groups: await byName('group', groups, client.describeConsumerGroups(groups, options(command)), show) };
  },
  async delete_groups({ client }, command) {
    const groups = list(command, 'groups');
    return { groups: await byName('group', groups, client.deleteConsumerGroups(groups, options(command))) };
  },
  async list_group_offsets({ client }, command) {
    const asked = command.partitions ? partitions(command) : null;
    const query = { groupId: command.group, partitions: asked };
    const [item] = await results(client.listConsumerGroupOffsets([query], options(command)));
    if (item.error) throw item.error;
    const show = (offset) => ({ offset: offset?.offset ?? null, metadata: offset?.metadata ?? null });
    return { offsets: found(asked ?? item.value, item.value, show) };
  },
  async alter_group_offsets({ client }, command) {
    const offsets = list(command, 'offsets').map((item) =>
      ({ ...partition(item), offset: item.offset, metadata: item.metadata ?? '' }));
    return { offsets: await byPartition(offsets, client.alterConsumerGroupOffsets(command.group, offsets, options(command))) };
  },
  async delete_group_offsets({ client }, command) {
    const asked = partitions(command);
    return { offsets: await byPartition(asked, client.deleteConsumerGroupOffsets(command.group, asked, options(command))) };
  },
  async describe_cluster({ client }, command) {
    const { clusterId, controller, nodes } = await client.describeCluster(options(command));
    return { cluster_id: clusterId, controller, brokers: nodes.map(({ id, host, port }) => ({ id, host, port })) };
  },
  async close({ client }, { patience }) {
    await client.close({ timeoutMs: patience });
  },
};
