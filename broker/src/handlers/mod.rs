//! One file per API, under the name of its schema.

pub(crate) mod api_versions;
pub(crate) mod authorized_operations;
pub(crate) mod create_topics;
pub(crate) mod delete_records;
pub(crate) mod describe_cluster;
pub(crate) mod describe_log_dirs;
pub(crate) mod describe_producers;
pub(crate) mod describe_topic_partitions;
pub(crate) mod fetch;
pub(crate) mod init_producer_id;
pub(crate) mod list_offsets;
pub(crate) mod metadata;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;
pub(crate) mod sasl;
