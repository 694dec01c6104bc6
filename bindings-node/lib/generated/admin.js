// Generated from the table of the admin client's operations, do not edit: `make gen`.

'use strict';

exports.STRUCTS = {
  CreatedTopic: [
    { name: 'id', js: 'id', type: ['optional', ['plain']] },
    { name: 'num_partitions', js: 'numPartitions', type: ['optional', ['plain']] },
    { name: 'replication_factor', js: 'replicationFactor', type: ['optional', ['plain']] },
  ],
  NewTopic: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'num_partitions', js: 'numPartitions', type: ['optional', ['plain']] },
    { name: 'replication_factor', js: 'replicationFactor', type: ['optional', ['plain']] },
    { name: 'replica_assignments', js: 'replicaAssignments', type: ['optional', ['list', ['list', ['plain']]]] },
    { name: 'configs', js: 'configs', type: ['map', ['plain']] },
  ],
  TopicDescription: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'id', js: 'id', type: ['optional', ['plain']] },
    { name: 'is_internal', js: 'isInternal', type: ['plain'] },
    { name: 'partitions', js: 'partitions', type: ['list', ['struct', 'TopicPartitionInfo']] },
    { name: 'authorized_operations', js: 'authorizedOperations', type: ['optional', ['list', ['plain']]] },
  ],
  TopicPartitionInfo: [
    { name: 'partition', js: 'partition', type: ['plain'] },
    { name: 'leader', js: 'leader', type: ['optional', ['plain']] },
    { name: 'leader_epoch', js: 'leaderEpoch', type: ['optional', ['plain']] },
    { name: 'replicas', js: 'replicas', type: ['list', ['plain']] },
    { name: 'isr', js: 'isr', type: ['list', ['plain']] },
    { name: 'offline_replicas', js: 'offlineReplicas', type: ['list', ['plain']] },
    { name: 'error', js: 'error', type: ['optional', ['error']] },
  ],
};

exports.OPERATIONS = [
  {
    name: 'create_topics', method: 'createTopics', parameters: [
      { name: 'topics', js: 'topics', type: ['list', ['struct', 'NewTopic']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
      { name: 'validate_only', js: 'validateOnly', type: ['plain'], required: false },
    ],
    result: ['results', ['plain'], ['struct', 'CreatedTopic']],
  },
  {
    name: 'delete_topics', method: 'deleteTopics', parameters: [
      { name: 'topics', js: 'topics', type: ['list', ['plain']], required: false },
      { name: 'topic_ids', js: 'topicIds', type: ['list', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['unit']],
  },
  {
    name: 'describe_topics', method: 'describeTopics', parameters: [
      { name: 'topics', js: 'topics', type: ['list', ['plain']], required: false },
      { name: 'topic_ids', js: 'topicIds', type: ['list', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['struct', 'TopicDescription']],
  },
];
