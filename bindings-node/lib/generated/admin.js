// Generated from the table of the admin client's operations, do not edit: `make gen`.

'use strict';

exports.STRUCTS = {
  AlterConfigOp: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'value', js: 'value', type: ['optional', ['plain']] },
    { name: 'op', js: 'op', type: ['plain'] },
  ],
  ApiVersionRange: [
    { name: 'min', js: 'min', type: ['plain'] },
    { name: 'max', js: 'max', type: ['plain'] },
  ],
  ClusterDescription: [
    { name: 'cluster_id', js: 'clusterId', type: ['optional', ['plain']] },
    { name: 'controller', js: 'controller', type: ['optional', ['plain']] },
    { name: 'nodes', js: 'nodes', type: ['list', ['struct', 'ClusterNode']] },
    { name: 'authorized_operations', js: 'authorizedOperations', type: ['optional', ['list', ['plain']]] },
  ],
  ClusterNode: [
    { name: 'id', js: 'id', type: ['plain'] },
    { name: 'host', js: 'host', type: ['plain'] },
    { name: 'port', js: 'port', type: ['plain'] },
    { name: 'rack', js: 'rack', type: ['optional', ['plain']] },
    { name: 'is_fenced', js: 'isFenced', type: ['plain'] },
  ],
  CommittedOffset: [
    { name: 'topic', js: 'topic', type: ['plain'] },
    { name: 'partition', js: 'partition', type: ['plain'] },
    { name: 'offset', js: 'offset', type: ['i64'] },
    { name: 'leader_epoch', js: 'leaderEpoch', type: ['optional', ['plain']] },
    { name: 'metadata', js: 'metadata', type: ['plain'] },
  ],
  ConfigChanges: [
    { name: 'resource', js: 'resource', type: ['struct', 'ConfigResource'] },
    { name: 'ops', js: 'ops', type: ['list', ['struct', 'AlterConfigOp']] },
  ],
  ConfigEntry: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'value', js: 'value', type: ['optional', ['plain']] },
    { name: 'source', js: 'source', type: ['plain'] },
    { name: 'is_read_only', js: 'isReadOnly', type: ['plain'] },
    { name: 'is_sensitive', js: 'isSensitive', type: ['plain'] },
    { name: 'synonyms', js: 'synonyms', type: ['list', ['struct', 'ConfigSynonym']] },
    { name: 'documentation', js: 'documentation', type: ['optional', ['plain']] },
  ],
  ConfigResource: [
    { name: 'resource_type', js: 'resourceType', type: ['plain'] },
    { name: 'name', js: 'name', type: ['plain'] },
  ],
  ConfigSynonym: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'value', js: 'value', type: ['optional', ['plain']] },
    { name: 'source', js: 'source', type: ['plain'] },
  ],
  CreatedTopic: [
    { name: 'id', js: 'id', type: ['optional', ['plain']] },
    { name: 'num_partitions', js: 'numPartitions', type: ['optional', ['plain']] },
    { name: 'replication_factor', js: 'replicationFactor', type: ['optional', ['plain']] },
  ],
  DeletedRecords: [
    { name: 'low_watermark', js: 'lowWatermark', type: ['i64'] },
  ],
  FeatureDescription: [
    { name: 'finalized', js: 'finalized', type: ['map', ['plain']] },
    { name: 'api_versions', js: 'apiVersions', type: ['map', ['struct', 'ApiVersionRange']] },
  ],
  FencedProducer: [
    { name: 'producer_id', js: 'producerId', type: ['i64'] },
    { name: 'producer_epoch', js: 'producerEpoch', type: ['plain'] },
  ],
  GroupDescription: [
    { name: 'group_id', js: 'groupId', type: ['plain'] },
    { name: 'group_type', js: 'groupType', type: ['plain'] },
    { name: 'state', js: 'state', type: ['plain'] },
    { name: 'assignor', js: 'assignor', type: ['plain'] },
    { name: 'coordinator', js: 'coordinator', type: ['optional', ['plain']] },
    { name: 'group_epoch', js: 'groupEpoch', type: ['optional', ['plain']] },
    { name: 'assignment_epoch', js: 'assignmentEpoch', type: ['optional', ['plain']] },
    { name: 'members', js: 'members', type: ['list', ['struct', 'MemberDescription']] },
    { name: 'authorized_operations', js: 'authorizedOperations', type: ['optional', ['list', ['plain']]] },
  ],
  GroupListing: [
    { name: 'group_id', js: 'groupId', type: ['plain'] },
    { name: 'group_type', js: 'groupType', type: ['plain'] },
    { name: 'protocol_type', js: 'protocolType', type: ['plain'] },
    { name: 'state', js: 'state', type: ['plain'] },
  ],
  GroupOffsetsQuery: [
    { name: 'group_id', js: 'groupId', type: ['plain'] },
    { name: 'partitions', js: 'partitions', type: ['optional', ['list', ['struct', 'TopicPartition']]] },
  ],
  ListOffsetsResultInfo: [
    { name: 'offset', js: 'offset', type: ['optional', ['i64']] },
    { name: 'timestamp_ms', js: 'timestampMs', type: ['optional', ['i64']] },
    { name: 'leader_epoch', js: 'leaderEpoch', type: ['optional', ['plain']] },
  ],
  LogDirDescription: [
    { name: 'error', js: 'error', type: ['optional', ['error']] },
    { name: 'total_bytes', js: 'totalBytes', type: ['optional', ['i64']] },
    { name: 'usable_bytes', js: 'usableBytes', type: ['optional', ['i64']] },
    { name: 'replicas', js: 'replicas', type: ['list', ['struct', 'ReplicaInfo']] },
  ],
  MemberDescription: [
    { name: 'member_id', js: 'memberId', type: ['plain'] },
    { name: 'group_instance_id', js: 'groupInstanceId', type: ['optional', ['plain']] },
    { name: 'client_id', js: 'clientId', type: ['plain'] },
    { name: 'host', js: 'host', type: ['plain'] },
    { name: 'rack_id', js: 'rackId', type: ['optional', ['plain']] },
    { name: 'member_epoch', js: 'memberEpoch', type: ['optional', ['plain']] },
    { name: 'assignment', js: 'assignment', type: ['list', ['struct', 'TopicPartition']] },
    { name: 'target_assignment', js: 'targetAssignment', type: ['optional', ['list', ['struct', 'TopicPartition']]] },
  ],
  MemberToRemove: [
    { name: 'group_instance_id', js: 'groupInstanceId', type: ['optional', ['plain']] },
    { name: 'member_id', js: 'memberId', type: ['optional', ['plain']] },
  ],
  NewPartitions: [
    { name: 'topic', js: 'topic', type: ['plain'] },
    { name: 'total_count', js: 'totalCount', type: ['plain'] },
    { name: 'new_assignments', js: 'newAssignments', type: ['optional', ['list', ['list', ['plain']]]] },
  ],
  NewTopic: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'num_partitions', js: 'numPartitions', type: ['optional', ['plain']] },
    { name: 'replication_factor', js: 'replicationFactor', type: ['optional', ['plain']] },
    { name: 'replica_assignments', js: 'replicaAssignments', type: ['optional', ['list', ['list', ['plain']]]] },
    { name: 'configs', js: 'configs', type: ['map', ['plain']] },
  ],
  OffsetQuery: [
    { name: 'topic', js: 'topic', type: ['plain'] },
    { name: 'partition', js: 'partition', type: ['plain'] },
    { name: 'spec', js: 'spec', type: ['plain'] },
    { name: 'timestamp_ms', js: 'timestampMs', type: ['optional', ['i64']] },
  ],
  ProducerStateDescription: [
    { name: 'producer_id', js: 'producerId', type: ['i64'] },
    { name: 'producer_epoch', js: 'producerEpoch', type: ['plain'] },
    { name: 'last_sequence', js: 'lastSequence', type: ['plain'] },
    { name: 'last_timestamp_ms', js: 'lastTimestampMs', type: ['i64'] },
    { name: 'coordinator_epoch', js: 'coordinatorEpoch', type: ['optional', ['plain']] },
    { name: 'current_transaction_start_offset', js: 'currentTransactionStartOffset', type: ['optional', ['i64']] },
  ],
  RecordsToDelete: [
    { name: 'topic', js: 'topic', type: ['plain'] },
    { name: 'partition', js: 'partition', type: ['plain'] },
    { name: 'before_offset', js: 'beforeOffset', type: ['i64'] },
  ],
  ReplicaInfo: [
    { name: 'topic', js: 'topic', type: ['plain'] },
    { name: 'partition', js: 'partition', type: ['plain'] },
    { name: 'size_bytes', js: 'sizeBytes', type: ['i64'] },
    { name: 'offset_lag', js: 'offsetLag', type: ['i64'] },
    { name: 'is_future', js: 'isFuture', type: ['plain'] },
  ],
  TopicDescription: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'id', js: 'id', type: ['optional', ['plain']] },
    { name: 'is_internal', js: 'isInternal', type: ['plain'] },
    { name: 'partitions', js: 'partitions', type: ['list', ['struct', 'TopicPartitionInfo']] },
    { name: 'authorized_operations', js: 'authorizedOperations', type: ['optional', ['list', ['plain']]] },
  ],
  TopicListing: [
    { name: 'name', js: 'name', type: ['plain'] },
    { name: 'id', js: 'id', type: ['optional', ['plain']] },
    { name: 'is_internal', js: 'isInternal', type: ['plain'] },
  ],
  TopicPartition: [
    { name: 'topic', js: 'topic', type: ['plain'] },
    { name: 'partition', js: 'partition', type: ['plain'] },
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
  TransactionDescription: [
    { name: 'coordinator', js: 'coordinator', type: ['optional', ['plain']] },
    { name: 'state', js: 'state', type: ['plain'] },
    { name: 'producer_id', js: 'producerId', type: ['i64'] },
    { name: 'producer_epoch', js: 'producerEpoch', type: ['plain'] },
    { name: 'timeout', js: 'timeoutMs', type: ['plain'] },
    { name: 'start_time_ms', js: 'startTimeMs', type: ['optional', ['i64']] },
    { name: 'partitions', js: 'partitions', type: ['list', ['struct', 'TopicPartition']] },
  ],
  TransactionListing: [
    { name: 'transactional_id', js: 'transactionalId', type: ['plain'] },
    { name: 'producer_id', js: 'producerId', type: ['i64'] },
    { name: 'state', js: 'state', type: ['plain'] },
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
    name: 'list_topics', method: 'listTopics', parameters: [
      { name: 'include_internal', js: 'includeInternal', type: ['plain'], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['map', ['struct', 'TopicListing']],
  },
  {
    name: 'describe_topics', method: 'describeTopics', parameters: [
      { name: 'topics', js: 'topics', type: ['list', ['plain']], required: false },
      { name: 'topic_ids', js: 'topicIds', type: ['list', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['struct', 'TopicDescription']],
  },
  {
    name: 'create_partitions', method: 'createPartitions', parameters: [
      { name: 'topics', js: 'topics', type: ['list', ['struct', 'NewPartitions']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
      { name: 'validate_only', js: 'validateOnly', type: ['plain'], required: false },
    ],
    result: ['results', ['plain'], ['unit']],
  },
  {
    name: 'describe_configs', method: 'describeConfigs', parameters: [
      { name: 'resources', js: 'resources', type: ['list', ['struct', 'ConfigResource']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
      { name: 'include_synonyms', js: 'includeSynonyms', type: ['plain'], required: false },
      { name: 'include_documentation', js: 'includeDocumentation', type: ['plain'], required: false },
    ],
    result: ['results', ['struct', 'ConfigResource'], ['map', ['struct', 'ConfigEntry']]],
  },
  {
    name: 'incremental_alter_configs', method: 'incrementalAlterConfigs', parameters: [
      { name: 'changes', js: 'changes', type: ['list', ['struct', 'ConfigChanges']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
      { name: 'validate_only', js: 'validateOnly', type: ['plain'], required: false },
    ],
    result: ['results', ['struct', 'ConfigResource'], ['unit']],
  },
  {
    name: 'delete_records', method: 'deleteRecords', parameters: [
      { name: 'records', js: 'records', type: ['list', ['struct', 'RecordsToDelete']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['struct', 'TopicPartition'], ['struct', 'DeletedRecords']],
  },
  {
    name: 'list_offsets', method: 'listOffsets', parameters: [
      { name: 'queries', js: 'queries', type: ['list', ['struct', 'OffsetQuery']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
      { name: 'isolation_level', js: 'isolationLevel', type: ['plain'], required: false },
    ],
    result: ['results', ['struct', 'TopicPartition'], ['struct', 'ListOffsetsResultInfo']],
  },
  {
    name: 'list_consumer_group_offsets', method: 'listConsumerGroupOffsets', parameters: [
      { name: 'groups', js: 'groups', type: ['list', ['struct', 'GroupOffsetsQuery']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
      { name: 'require_stable', js: 'requireStable', type: ['plain'], required: false },
    ],
    result: ['results', ['plain'], ['list', ['struct', 'CommittedOffset']]],
  },
  {
    name: 'alter_consumer_group_offsets', method: 'alterConsumerGroupOffsets', parameters: [
      { name: 'group_id', js: 'groupId', type: ['plain'], required: true },
      { name: 'offsets', js: 'offsets', type: ['list', ['struct', 'CommittedOffset']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['struct', 'TopicPartition'], ['unit']],
  },
  {
    name: 'delete_consumer_group_offsets', method: 'deleteConsumerGroupOffsets', parameters: [
      { name: 'group_id', js: 'groupId', type: ['plain'], required: true },
      { name: 'partitions', js: 'partitions', type: ['list', ['struct', 'TopicPartition']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['struct', 'TopicPartition'], ['unit']],
  },
  {
    name: 'list_groups', method: 'listGroups', parameters: [
      { name: 'states', js: 'states', type: ['list', ['plain']], required: false },
      { name: 'types', js: 'types', type: ['list', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['map', ['struct', 'GroupListing']],
  },
  {
    name: 'describe_consumer_groups', method: 'describeConsumerGroups', parameters: [
      { name: 'group_ids', js: 'groupIds', type: ['list', ['plain']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['struct', 'GroupDescription']],
  },
  {
    name: 'delete_consumer_groups', method: 'deleteConsumerGroups', parameters: [
      { name: 'group_ids', js: 'groupIds', type: ['list', ['plain']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['unit']],
  },
  {
    name: 'remove_members_from_consumer_group', method: 'removeMembersFromConsumerGroup', parameters: [
      { name: 'group_id', js: 'groupId', type: ['plain'], required: true },
      { name: 'members', js: 'members', type: ['list', ['struct', 'MemberToRemove']], required: true },
      { name: 'reason', js: 'reason', type: ['optional', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['struct', 'MemberToRemove'], ['unit']],
  },
  {
    name: 'describe_cluster', method: 'describeCluster', parameters: [
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['struct', 'ClusterDescription'],
  },
  {
    name: 'describe_features', method: 'describeFeatures', parameters: [
      { name: 'broker', js: 'broker', type: ['optional', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['struct', 'FeatureDescription'],
  },
  {
    name: 'elect_leaders', method: 'electLeaders', parameters: [
      { name: 'election_type', js: 'electionType', type: ['plain'], required: true },
      { name: 'partitions', js: 'partitions', type: ['optional', ['list', ['struct', 'TopicPartition']]], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['struct', 'TopicPartition'], ['unit']],
  },
  {
    name: 'describe_log_dirs', method: 'describeLogDirs', parameters: [
      { name: 'brokers', js: 'brokers', type: ['list', ['plain']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['map', ['struct', 'LogDirDescription']]],
  },
  {
    name: 'describe_producers', method: 'describeProducers', parameters: [
      { name: 'partitions', js: 'partitions', type: ['list', ['struct', 'TopicPartition']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['struct', 'TopicPartition'], ['list', ['struct', 'ProducerStateDescription']]],
  },
  {
    name: 'list_transactions', method: 'listTransactions', parameters: [
      { name: 'states', js: 'states', type: ['list', ['plain']], required: false },
      { name: 'producer_ids', js: 'producerIds', type: ['list', ['i64']], required: false },
      { name: 'running_longer_than', js: 'runningLongerThanMs', type: ['optional', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['map', ['struct', 'TransactionListing']],
  },
  {
    name: 'describe_transactions', method: 'describeTransactions', parameters: [
      { name: 'transactional_ids', js: 'transactionalIds', type: ['list', ['plain']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['struct', 'TransactionDescription']],
  },
  {
    name: 'fence_producers', method: 'fenceProducers', parameters: [
      { name: 'transactional_ids', js: 'transactionalIds', type: ['list', ['plain']], required: true },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['results', ['plain'], ['struct', 'FencedProducer']],
  },
  {
    name: 'abort_transaction', method: 'abortTransaction', parameters: [
      { name: 'partition', js: 'partition', type: ['struct', 'TopicPartition'], required: true },
      { name: 'producer_id', js: 'producerId', type: ['i64'], required: true },
      { name: 'producer_epoch', js: 'producerEpoch', type: ['plain'], required: true },
      { name: 'coordinator_epoch', js: 'coordinatorEpoch', type: ['optional', ['plain']], required: false },
      { name: 'timeout', js: 'timeoutMs', type: ['optional', ['plain']], required: false },
    ],
    result: ['unit'],
  },
];
