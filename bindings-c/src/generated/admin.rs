//! The admin client's types and operations.
//!
//! Generated from the client's table of operations, do not edit: `make gen`.
// Written by a program: what is shorter, or not needed, for one field is not so for another.
#![allow(clippy::style, clippy::complexity, clippy::needless_pass_by_ref_mut)]

use crate::admin::*;
use crate::boundary::enter_any;
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
use crate::partitions::ottla_topic_partition_t;
use ottla::Error;
use serde_json::{Map, Value};
use std::ffi::c_char;

/// What a principal may do (Kafka's ACL operations).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_acl_operation_t {
    /// None of them, or one that this version does not know.
    OTTLA_ACL_OPERATION_NONE = 0,
    /// Read records, offsets or group members.
    OTTLA_ACL_OPERATION_READ = 1,
    /// Write records.
    OTTLA_ACL_OPERATION_WRITE = 2,
    /// Create.
    OTTLA_ACL_OPERATION_CREATE = 3,
    /// Delete.
    OTTLA_ACL_OPERATION_DELETE = 4,
    /// Alter.
    OTTLA_ACL_OPERATION_ALTER = 5,
    /// Describe.
    OTTLA_ACL_OPERATION_DESCRIBE = 6,
    /// Act as a broker of the cluster.
    OTTLA_ACL_OPERATION_CLUSTER_ACTION = 7,
    /// Read configurations.
    OTTLA_ACL_OPERATION_DESCRIBE_CONFIGS = 8,
    /// Change configurations.
    OTTLA_ACL_OPERATION_ALTER_CONFIGS = 9,
    /// Write as an idempotent producer.
    OTTLA_ACL_OPERATION_IDEMPOTENT_WRITE = 10,
    /// Create delegation tokens for others.
    OTTLA_ACL_OPERATION_CREATE_TOKENS = 11,
    /// Describe delegation tokens of others.
    OTTLA_ACL_OPERATION_DESCRIBE_TOKENS = 12,
    /// Take part in transactions of two phases.
    OTTLA_ACL_OPERATION_TWO_PHASE_COMMIT = 13,
}

const WORDS_OF_ACL_OPERATION: &[&str] = &[
    "READ",
    "WRITE",
    "CREATE",
    "DELETE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
    "CREATE_TOKENS",
    "DESCRIBE_TOKENS",
    "TWO_PHASE_COMMIT",
];

/// What to do with an option.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_alter_config_op_type_t {
    /// None of them, or one that this version does not know.
    OTTLA_ALTER_CONFIG_OP_TYPE_NONE = 0,
    /// Set it.
    OTTLA_ALTER_CONFIG_OP_TYPE_SET = 1,
    /// Back to its default.
    OTTLA_ALTER_CONFIG_OP_TYPE_DELETE = 2,
    /// Add to a list.
    OTTLA_ALTER_CONFIG_OP_TYPE_APPEND = 3,
    /// Take out of a list.
    OTTLA_ALTER_CONFIG_OP_TYPE_SUBTRACT = 4,
}

const WORDS_OF_ALTER_CONFIG_OP_TYPE: &[&str] = &["SET", "DELETE", "APPEND", "SUBTRACT"];

/// What a configuration belongs to.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_config_resource_type_t {
    /// None of them, or one that this version does not know.
    OTTLA_CONFIG_RESOURCE_TYPE_NONE = 0,
    /// A topic, by name.
    OTTLA_CONFIG_RESOURCE_TYPE_TOPIC = 1,
    /// A broker, by number; the empty name is all brokers' default.
    OTTLA_CONFIG_RESOURCE_TYPE_BROKER = 2,
    /// Log levels of a broker, by number.
    OTTLA_CONFIG_RESOURCE_TYPE_BROKER_LOGGER = 3,
    /// A client metrics subscription, by name.
    OTTLA_CONFIG_RESOURCE_TYPE_CLIENT_METRICS = 4,
    /// A group, by id.
    OTTLA_CONFIG_RESOURCE_TYPE_GROUP = 5,
}

const WORDS_OF_CONFIG_RESOURCE_TYPE: &[&str] =
    &["TOPIC", "BROKER", "BROKER_LOGGER", "CLIENT_METRICS", "GROUP"];

/// Where an option's value comes from.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_config_source_t {
    /// None of them, or one that this version does not know.
    OTTLA_CONFIG_SOURCE_NONE = 0,
    /// Set on the topic.
    OTTLA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG = 1,
    /// Set on the broker while running.
    OTTLA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG = 2,
    /// Set for all brokers while running.
    OTTLA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG = 3,
    /// From the broker's properties file.
    OTTLA_CONFIG_SOURCE_STATIC_BROKER_CONFIG = 4,
    /// Kafka's default.
    OTTLA_CONFIG_SOURCE_DEFAULT_CONFIG = 5,
    /// Log level set while running.
    OTTLA_CONFIG_SOURCE_DYNAMIC_BROKER_LOGGER_CONFIG = 6,
    /// Set on the client metrics subscription.
    OTTLA_CONFIG_SOURCE_DYNAMIC_CLIENT_METRICS_CONFIG = 7,
    /// Set on the group.
    OTTLA_CONFIG_SOURCE_DYNAMIC_GROUP_CONFIG = 8,
    /// A source newer than this library, or not said.
    OTTLA_CONFIG_SOURCE_UNKNOWN = 9,
}

const WORDS_OF_CONFIG_SOURCE: &[&str] = &[
    "DYNAMIC_TOPIC_CONFIG",
    "DYNAMIC_BROKER_CONFIG",
    "DYNAMIC_DEFAULT_BROKER_CONFIG",
    "STATIC_BROKER_CONFIG",
    "DEFAULT_CONFIG",
    "DYNAMIC_BROKER_LOGGER_CONFIG",
    "DYNAMIC_CLIENT_METRICS_CONFIG",
    "DYNAMIC_GROUP_CONFIG",
    "UNKNOWN",
];

/// Which replica may become leader.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_election_type_t {
    /// None of them, or one that this version does not know.
    OTTLA_ELECTION_TYPE_NONE = 0,
    /// The first in the list of replicas, if it is in sync.
    OTTLA_ELECTION_TYPE_PREFERRED = 1,
    /// Any live one, even out of sync: records may be lost.
    OTTLA_ELECTION_TYPE_UNCLEAN = 2,
}

const WORDS_OF_ELECTION_TYPE: &[&str] = &["PREFERRED", "UNCLEAN"];

/// Which protocol a group is kept by.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_group_type_t {
    /// None of them, or one that this version does not know.
    OTTLA_GROUP_TYPE_NONE = 0,
    /// Members assign.
    OTTLA_GROUP_TYPE_CLASSIC = 1,
    /// The coordinator assigns (KIP-848).
    OTTLA_GROUP_TYPE_CONSUMER = 2,
    /// Records are shared (KIP-932).
    OTTLA_GROUP_TYPE_SHARE = 3,
    /// Kafka Streams (KIP-1071).
    OTTLA_GROUP_TYPE_STREAMS = 4,
    /// Newer than this library, or not said by the broker.
    OTTLA_GROUP_TYPE_UNKNOWN = 5,
}

const WORDS_OF_GROUP_TYPE: &[&str] = &["CLASSIC", "CONSUMER", "SHARE", "STREAMS", "UNKNOWN"];

/// Which records count.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_isolation_level_t {
    /// None of them, or one that this version does not know.
    OTTLA_ISOLATION_LEVEL_NONE = 0,
    /// All below the high watermark.
    OTTLA_ISOLATION_LEVEL_READ_UNCOMMITTED = 1,
    /// Those of committed transactions and of none.
    OTTLA_ISOLATION_LEVEL_READ_COMMITTED = 2,
}

const WORDS_OF_ISOLATION_LEVEL: &[&str] = &["READ_UNCOMMITTED", "READ_COMMITTED"];

/// Which offset of a log.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ottla_offset_spec_t {
    /// None of them, or one that this version does not know.
    OTTLA_OFFSET_SPEC_NONE = 0,
    /// The first one.
    OTTLA_OFFSET_SPEC_EARLIEST = 1,
    /// The one the next record gets (with `READ_COMMITTED`, the last stable one).
    OTTLA_OFFSET_SPEC_LATEST = 2,
    /// That of the record with the largest timestamp.
    OTTLA_OFFSET_SPEC_MAX_TIMESTAMP = 3,
    /// The first one at or after a time.
    OTTLA_OFFSET_SPEC_FOR_TIMESTAMP = 4,
    /// The first one still on the leader's disk, with tiered storage.
    OTTLA_OFFSET_SPEC_EARLIEST_LOCAL = 5,
    /// The last one in tiered storage.
    OTTLA_OFFSET_SPEC_LATEST_TIERED = 6,
}

const WORDS_OF_OFFSET_SPEC: &[&str] =
    &["EARLIEST", "LATEST", "MAX_TIMESTAMP", "FOR_TIMESTAMP", "EARLIEST_LOCAL", "LATEST_TIERED"];

/// A change of one option.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_alter_config_op_t {
    /// The option.
    pub name: *const c_char,
    /// The value to set, to add or to take out; none with `DELETE`. NULL: none.
    pub value: *const c_char,
    /// What to do. One of ottla_alter_config_op_type_t; 0: OTTLA_ALTER_CONFIG_OP_TYPE_SET.
    pub op: i32,
}

#[allow(dead_code, unused_variables)]
fn alter_config_op_told(json: &Value, arena: &mut Arena) -> Result<ottla_alter_config_op_t, Error> {
    Ok(ottla_alter_config_op_t {
        name: arena.text(&json["name"])?,
        value: arena.text(&json["value"])?,
        op: told_word(&json["op"], WORDS_OF_ALTER_CONFIG_OP_TYPE),
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn alter_config_op_given(given: &ottla_alter_config_op_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("name".to_owned(), given_text(given.name, "name")?);
    if !(given.value.is_null()) {
        object.insert("value".to_owned(), given_optional_text(given.value, "value")?);
    }
    if !(given.op == 0) {
        object.insert("op".to_owned(), given_word(given.op, WORDS_OF_ALTER_CONFIG_OP_TYPE, "op")?);
    }
    Ok(Value::Object(object))
}

/// Versions of an API.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_api_version_range_t {
    /// The lowest.
    pub min: i16,
    /// The highest.
    pub max: i16,
}

#[allow(dead_code, unused_variables)]
fn api_version_range_told(json: &Value, arena: &mut Arena) -> Result<ottla_api_version_range_t, Error> {
    Ok(ottla_api_version_range_t { min: told_number(&json["min"])?, max: told_number(&json["max"])? })
}

/// The cluster described.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_cluster_description_t {
    /// Its id, where the broker says. NULL: none.
    pub cluster_id: *const c_char,
    /// The controller; with KRaft some broker that forwards to it.
    pub controller: ottla_optional_int32_t,
    /// Its brokers, by number.
    pub nodes: ottla_cluster_node_list_t,
    /// What this principal may do with the cluster; nothing when the broker does not say. `items` NULL: none.
    pub authorized_operations: ottla_int32_list_t,
}

#[allow(dead_code, unused_variables)]
fn cluster_description_told(json: &Value, arena: &mut Arena) -> Result<ottla_cluster_description_t, Error> {
    Ok(ottla_cluster_description_t {
        cluster_id: arena.text(&json["cluster_id"])?,
        controller: if (&json["controller"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["controller"])? }
        },
        nodes: {
            let (items, count) = arena.list(&json["nodes"], |json, arena| {
                let _ = &arena;
                Ok(cluster_node_told(json, arena)?)
            })?;
            ottla_cluster_node_list_t { items, count }
        },
        authorized_operations: {
            let (items, count) = arena.list(&json["authorized_operations"], |json, arena| {
                let _ = &arena;
                Ok(told_word(json, WORDS_OF_ACL_OPERATION))
            })?;
            ottla_int32_list_t { items, count }
        },
    })
}

/// A broker of the cluster.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_cluster_node_t {
    /// Its number.
    pub id: i32,
    /// Name or literal address it advertises, an IPv6 one without brackets.
    pub host: *const c_char,
    /// Port it advertises.
    pub port: i32,
    /// Its rack, if it has one. NULL: none.
    pub rack: *const c_char,
    /// Registered but not serving; false where the broker does not say.
    pub is_fenced: bool,
}

#[allow(dead_code, unused_variables)]
fn cluster_node_told(json: &Value, arena: &mut Arena) -> Result<ottla_cluster_node_t, Error> {
    Ok(ottla_cluster_node_t {
        id: told_number(&json["id"])?,
        host: arena.text(&json["host"])?,
        port: told_number(&json["port"])?,
        rack: arena.text(&json["rack"])?,
        is_fenced: told_bool(&json["is_fenced"])?,
    })
}

/// An offset that a group committed, or shall have.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_committed_offset_t {
    /// The topic's name.
    pub topic: *const c_char,
    /// The partition's number.
    pub partition: i32,
    /// The offset of the next record to read.
    pub offset: i64,
    /// Leader epoch of the last record read, where known.
    pub leader_epoch: ottla_optional_int32_t,
    /// What the committer noted beside it.
    pub metadata: *const c_char,
}

#[allow(dead_code, unused_variables)]
fn committed_offset_told(json: &Value, arena: &mut Arena) -> Result<ottla_committed_offset_t, Error> {
    Ok(ottla_committed_offset_t {
        topic: arena.text(&json["topic"])?,
        partition: told_number(&json["partition"])?,
        offset: told_number(&json["offset"])?,
        leader_epoch: if (&json["leader_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["leader_epoch"])? }
        },
        metadata: arena.text(&json["metadata"])?,
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn committed_offset_given(given: &ottla_committed_offset_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("topic".to_owned(), given_text(given.topic, "topic")?);
    object.insert("partition".to_owned(), Value::from(given.partition));
    object.insert("offset".to_owned(), Value::from(given.offset));
    if !(!given.leader_epoch.is_set) {
        object.insert(
            "leader_epoch".to_owned(),
            if given.leader_epoch.is_set { Value::from(given.leader_epoch.value) } else { Value::Null },
        );
    }
    if !(given.metadata.is_null()) {
        object.insert("metadata".to_owned(), given_text(given.metadata, "metadata")?);
    }
    Ok(Value::Object(object))
}

/// Changes of one configuration.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_changes_t {
    /// Whose.
    pub resource: ottla_config_resource_t,
    /// The changes; options not named here stay as they are.
    pub ops: ottla_alter_config_op_list_t,
}

#[allow(dead_code, unused_variables)]
fn config_changes_told(json: &Value, arena: &mut Arena) -> Result<ottla_config_changes_t, Error> {
    Ok(ottla_config_changes_t {
        resource: config_resource_told(&json["resource"], arena)?,
        ops: {
            let (items, count) = arena.list(&json["ops"], |json, arena| {
                let _ = &arena;
                Ok(alter_config_op_told(json, arena)?)
            })?;
            ottla_alter_config_op_list_t { items, count }
        },
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn config_changes_given(given: &ottla_config_changes_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("resource".to_owned(), config_resource_given(&given.resource)?);
    object.insert(
        "ops".to_owned(),
        given_list(given.ops.items, given.ops.count, "ops", |&one| Ok(alter_config_op_given(&one)?))?,
    );
    Ok(Value::Object(object))
}

/// An option and its value.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_entry_t {
    /// Its name.
    pub name: *const c_char,
    /// Its value; nothing when it is null or hidden. NULL: none.
    pub value: *const c_char,
    /// Where the value comes from. One of ottla_config_source_t.
    pub source: i32,
    /// Whether it cannot be altered.
    pub is_read_only: bool,
    /// Whether its value is a secret, which brokers hide.
    pub is_sensitive: bool,
    /// Values from other sources, the one that counts first; empty when not asked for.
    pub synonyms: ottla_config_synonym_list_t,
    /// What it means; nothing when not asked for. NULL: none.
    pub documentation: *const c_char,
}

#[allow(dead_code, unused_variables)]
fn config_entry_told(json: &Value, arena: &mut Arena) -> Result<ottla_config_entry_t, Error> {
    Ok(ottla_config_entry_t {
        name: arena.text(&json["name"])?,
        value: arena.text(&json["value"])?,
        source: told_word(&json["source"], WORDS_OF_CONFIG_SOURCE),
        is_read_only: told_bool(&json["is_read_only"])?,
        is_sensitive: told_bool(&json["is_sensitive"])?,
        synonyms: {
            let (items, count) = arena.list(&json["synonyms"], |json, arena| {
                let _ = &arena;
                Ok(config_synonym_told(json, arena)?)
            })?;
            ottla_config_synonym_list_t { items, count }
        },
        documentation: arena.text(&json["documentation"])?,
    })
}

/// What a configuration belongs to, by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_resource_t {
    /// Its sort. One of ottla_config_resource_type_t.
    pub resource_type: i32,
    /// Its name; a broker's is its number.
    pub name: *const c_char,
}

#[allow(dead_code, unused_variables)]
fn config_resource_told(json: &Value, arena: &mut Arena) -> Result<ottla_config_resource_t, Error> {
    Ok(ottla_config_resource_t {
        resource_type: told_word(&json["resource_type"], WORDS_OF_CONFIG_RESOURCE_TYPE),
        name: arena.text(&json["name"])?,
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn config_resource_given(given: &ottla_config_resource_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "resource_type".to_owned(),
        given_word(given.resource_type, WORDS_OF_CONFIG_RESOURCE_TYPE, "resource_type")?,
    );
    object.insert("name".to_owned(), given_text(given.name, "name")?);
    Ok(Value::Object(object))
}

/// A value an option has from a source.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_synonym_t {
    /// Name of the option there.
    pub name: *const c_char,
    /// Its value; nothing when it is null or hidden. NULL: none.
    pub value: *const c_char,
    /// The source. One of ottla_config_source_t.
    pub source: i32,
}

#[allow(dead_code, unused_variables)]
fn config_synonym_told(json: &Value, arena: &mut Arena) -> Result<ottla_config_synonym_t, Error> {
    Ok(ottla_config_synonym_t {
        name: arena.text(&json["name"])?,
        value: arena.text(&json["value"])?,
        source: told_word(&json["source"], WORDS_OF_CONFIG_SOURCE),
    })
}

/// A topic as it was created.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_created_topic_t {
    /// Its id; nothing from brokers that know none, and when only validated. NULL: none.
    pub id: *const c_char,
    /// Its partitions, where the broker says.
    pub num_partitions: ottla_optional_int32_t,
    /// Its replicas, where the broker says.
    pub replication_factor: ottla_optional_int16_t,
}

#[allow(dead_code, unused_variables)]
fn created_topic_told(json: &Value, arena: &mut Arena) -> Result<ottla_created_topic_t, Error> {
    Ok(ottla_created_topic_t {
        id: arena.text(&json["id"])?,
        num_partitions: if (&json["num_partitions"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["num_partitions"])? }
        },
        replication_factor: if (&json["replication_factor"]).is_null() {
            ottla_optional_int16_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int16_t { is_set: true, value: told_number(&json["replication_factor"])? }
        },
    })
}

/// A partition after its records were deleted.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_deleted_records_t {
    /// The first offset that is left.
    pub low_watermark: i64,
}

#[allow(dead_code, unused_variables)]
fn deleted_records_told(json: &Value, arena: &mut Arena) -> Result<ottla_deleted_records_t, Error> {
    Ok(ottla_deleted_records_t { low_watermark: told_number(&json["low_watermark"])? })
}

/// Feature levels of the cluster and the versions the asked broker speaks.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_feature_description_t {
    /// Finalised levels, such as `metadata.version`, by name.
    pub finalized: ottla_int16_map_t,
    /// Versions of each API, by Kafka's name; by number where this library knows no name.
    pub api_versions: ottla_api_version_range_map_t,
}

#[allow(dead_code, unused_variables)]
fn feature_description_told(json: &Value, arena: &mut Arena) -> Result<ottla_feature_description_t, Error> {
    Ok(ottla_feature_description_t {
        finalized: {
            let (items, count) = arena.map(&json["finalized"], |json, arena| {
                let _ = &arena;
                Ok(ottla_int16_map_entry_t { key: std::ptr::null(), value: told_number(json)? })
            })?;
            ottla_int16_map_t { items, count }
        },
        api_versions: {
            let (items, count) = arena.map(&json["api_versions"], |json, arena| {
                let _ = &arena;
                Ok(ottla_api_version_range_map_entry_t {
                    key: std::ptr::null(),
                    value: api_version_range_told(json, arena)?,
                })
            })?;
            ottla_api_version_range_map_t { items, count }
        },
    })
}

/// A producer fenced.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_fenced_producer_t {
    /// The transactional id's producer id.
    pub producer_id: i64,
    /// The epoch below which everything is refused now.
    pub producer_epoch: i16,
}

#[allow(dead_code, unused_variables)]
fn fenced_producer_told(json: &Value, arena: &mut Arena) -> Result<ottla_fenced_producer_t, Error> {
    Ok(ottla_fenced_producer_t {
        producer_id: told_number(&json["producer_id"])?,
        producer_epoch: told_number(&json["producer_epoch"])?,
    })
}

/// A group described.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_description_t {
    /// Its id.
    pub group_id: *const c_char,
    /// Which protocol it is kept by. One of ottla_group_type_t.
    pub group_type: i32,
    /// Kafka's name of its state, such as `Stable`.
    pub state: *const c_char,
    /// The assignor in use.
    pub assignor: *const c_char,
    /// The broker that coordinates it, where known.
    pub coordinator: ottla_optional_int32_t,
    /// Epoch of the group, with the consumer protocol.
    pub group_epoch: ottla_optional_int32_t,
    /// Epoch of its target assignment, with the consumer protocol.
    pub assignment_epoch: ottla_optional_int32_t,
    /// Its members.
    pub members: ottla_member_description_list_t,
    /// What this principal may do with it; nothing when the broker does not say. `items` NULL: none.
    pub authorized_operations: ottla_int32_list_t,
}

#[allow(dead_code, unused_variables)]
fn group_description_told(json: &Value, arena: &mut Arena) -> Result<ottla_group_description_t, Error> {
    Ok(ottla_group_description_t {
        group_id: arena.text(&json["group_id"])?,
        group_type: told_word(&json["group_type"], WORDS_OF_GROUP_TYPE),
        state: arena.text(&json["state"])?,
        assignor: arena.text(&json["assignor"])?,
        coordinator: if (&json["coordinator"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["coordinator"])? }
        },
        group_epoch: if (&json["group_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["group_epoch"])? }
        },
        assignment_epoch: if (&json["assignment_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["assignment_epoch"])? }
        },
        members: {
            let (items, count) = arena.list(&json["members"], |json, arena| {
                let _ = &arena;
                Ok(member_description_told(json, arena)?)
            })?;
            ottla_member_description_list_t { items, count }
        },
        authorized_operations: {
            let (items, count) = arena.list(&json["authorized_operations"], |json, arena| {
                let _ = &arena;
                Ok(told_word(json, WORDS_OF_ACL_OPERATION))
            })?;
            ottla_int32_list_t { items, count }
        },
    })
}

/// A group in a list.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_listing_t {
    /// Its id.
    pub group_id: *const c_char,
    /// Which protocol it is kept by. One of ottla_group_type_t.
    pub group_type: i32,
    /// `consumer` for groups of consumers, else whatever its members call it.
    pub protocol_type: *const c_char,
    /// Kafka's name of its state, such as `Stable`; empty from old brokers.
    pub state: *const c_char,
}

#[allow(dead_code, unused_variables)]
fn group_listing_told(json: &Value, arena: &mut Arena) -> Result<ottla_group_listing_t, Error> {
    Ok(ottla_group_listing_t {
        group_id: arena.text(&json["group_id"])?,
        group_type: told_word(&json["group_type"], WORDS_OF_GROUP_TYPE),
        protocol_type: arena.text(&json["protocol_type"])?,
        state: arena.text(&json["state"])?,
    })
}

/// Whose committed offsets to list.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_offsets_query_t {
    /// The group's id.
    pub group_id: *const c_char,
    /// Of these partitions; if left out, of all the group has. `items` NULL: none.
    pub partitions: ottla_topic_partition_list_t,
}

#[allow(dead_code, unused_variables)]
fn group_offsets_query_told(json: &Value, arena: &mut Arena) -> Result<ottla_group_offsets_query_t, Error> {
    Ok(ottla_group_offsets_query_t {
        group_id: arena.text(&json["group_id"])?,
        partitions: {
            let (items, count) = arena.list(&json["partitions"], |json, arena| {
                let _ = &arena;
                Ok(topic_partition_told(json, arena)?)
            })?;
            ottla_topic_partition_list_t { items, count }
        },
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn group_offsets_query_given(given: &ottla_group_offsets_query_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("group_id".to_owned(), given_text(given.group_id, "group_id")?);
    if !(given.partitions.items.is_null() && given.partitions.count == 0) {
        object.insert(
            "partitions".to_owned(),
            if given.partitions.items.is_null() && given.partitions.count == 0 {
                Value::Null
            } else {
                given_list(given.partitions.items, given.partitions.count, "partitions", |&one| {
                    Ok(topic_partition_given(&one)?)
                })?
            },
        );
    }
    Ok(Value::Object(object))
}

/// An offset found.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_offsets_result_info_t {
    /// The offset; nothing when no record matches.
    pub offset: ottla_optional_int64_t,
    /// Timestamp of its record, in ms since the Unix epoch; nothing where there is none.
    pub timestamp_ms: ottla_optional_int64_t,
    /// Leader epoch of its record, where known.
    pub leader_epoch: ottla_optional_int32_t,
}

#[allow(dead_code, unused_variables)]
fn list_offsets_result_info_told(
    json: &Value,
    arena: &mut Arena,
) -> Result<ottla_list_offsets_result_info_t, Error> {
    Ok(ottla_list_offsets_result_info_t {
        offset: if (&json["offset"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t { is_set: true, value: told_number(&json["offset"])? }
        },
        timestamp_ms: if (&json["timestamp_ms"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t { is_set: true, value: told_number(&json["timestamp_ms"])? }
        },
        leader_epoch: if (&json["leader_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["leader_epoch"])? }
        },
    })
}

/// A directory of a broker.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_log_dir_description_t {
    /// KAFKA_STORAGE_ERROR when the directory is offline; nothing when all is well. NULL: none.
    pub error: *const ottla_error_t,
    /// Bytes of the file system; nothing where the broker does not say.
    pub total_bytes: ottla_optional_int64_t,
    /// Bytes still free; nothing where the broker does not say.
    pub usable_bytes: ottla_optional_int64_t,
    /// The replicas in it, by topic and partition.
    pub replicas: ottla_replica_info_list_t,
}

#[allow(dead_code, unused_variables)]
fn log_dir_description_told(json: &Value, arena: &mut Arena) -> Result<ottla_log_dir_description_t, Error> {
    Ok(ottla_log_dir_description_t {
        error: arena.error(&json["error"]),
        total_bytes: if (&json["total_bytes"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t { is_set: true, value: told_number(&json["total_bytes"])? }
        },
        usable_bytes: if (&json["usable_bytes"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t { is_set: true, value: told_number(&json["usable_bytes"])? }
        },
        replicas: {
            let (items, count) = arena.list(&json["replicas"], |json, arena| {
                let _ = &arena;
                Ok(replica_info_told(json, arena)?)
            })?;
            ottla_replica_info_list_t { items, count }
        },
    })
}

/// A member of a group.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_member_description_t {
    /// Its id.
    pub member_id: *const c_char,
    /// Its `group.instance.id`, if it has one. NULL: none.
    pub group_instance_id: *const c_char,
    /// Its `client.id`.
    pub client_id: *const c_char,
    /// The address it came from.
    pub host: *const c_char,
    /// Its rack, with the consumer protocol. NULL: none.
    pub rack_id: *const c_char,
    /// Its epoch, with the consumer protocol.
    pub member_epoch: ottla_optional_int32_t,
    /// The partitions it has.
    pub assignment: ottla_topic_partition_list_t,
    /// The partitions it shall have, with the consumer protocol. `items` NULL: none.
    pub target_assignment: ottla_topic_partition_list_t,
}

#[allow(dead_code, unused_variables)]
fn member_description_told(json: &Value, arena: &mut Arena) -> Result<ottla_member_description_t, Error> {
    Ok(ottla_member_description_t {
        member_id: arena.text(&json["member_id"])?,
        group_instance_id: arena.text(&json["group_instance_id"])?,
        client_id: arena.text(&json["client_id"])?,
        host: arena.text(&json["host"])?,
        rack_id: arena.text(&json["rack_id"])?,
        member_epoch: if (&json["member_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["member_epoch"])? }
        },
        assignment: {
            let (items, count) = arena.list(&json["assignment"], |json, arena| {
                let _ = &arena;
                Ok(topic_partition_told(json, arena)?)
            })?;
            ottla_topic_partition_list_t { items, count }
        },
        target_assignment: {
            let (items, count) = arena.list(&json["target_assignment"], |json, arena| {
                let _ = &arena;
                Ok(topic_partition_told(json, arena)?)
            })?;
            ottla_topic_partition_list_t { items, count }
        },
    })
}

/// A member to remove from a group: by one of its two names.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_member_to_remove_t {
    /// Its `group.instance.id`; then no member id. NULL: none.
    pub group_instance_id: *const c_char,
    /// Its member id; then no `group.instance.id`. NULL: none.
    pub member_id: *const c_char,
}

#[allow(dead_code, unused_variables)]
fn member_to_remove_told(json: &Value, arena: &mut Arena) -> Result<ottla_member_to_remove_t, Error> {
    Ok(ottla_member_to_remove_t {
        group_instance_id: arena.text(&json["group_instance_id"])?,
        member_id: arena.text(&json["member_id"])?,
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn member_to_remove_given(given: &ottla_member_to_remove_t) -> Result<Value, Error> {
    let mut object = Map::new();
    if !(given.group_instance_id.is_null()) {
        object.insert(
            "group_instance_id".to_owned(),
            given_optional_text(given.group_instance_id, "group_instance_id")?,
        );
    }
    if !(given.member_id.is_null()) {
        object.insert("member_id".to_owned(), given_optional_text(given.member_id, "member_id")?);
    }
    Ok(Value::Object(object))
}

/// How many partitions a topic shall have.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_new_partitions_t {
    /// The topic's name.
    pub topic: *const c_char,
    /// The number of its partitions altogether, above the present one.
    pub total_count: i32,
    /// Brokers chosen by hand: those of the first new partition, of the second and so on, the preferred leader first.
    /// If left out, the controller chooses. `items` NULL: none.
    pub new_assignments: ottla_int32_list_list_t,
}

#[allow(dead_code, unused_variables)]
fn new_partitions_told(json: &Value, arena: &mut Arena) -> Result<ottla_new_partitions_t, Error> {
    Ok(ottla_new_partitions_t {
        topic: arena.text(&json["topic"])?,
        total_count: told_number(&json["total_count"])?,
        new_assignments: {
            let (items, count) = arena.list(&json["new_assignments"], |json, arena| {
                let _ = &arena;
                Ok({
                    let (items, count) = arena.list(json, |json, arena| {
                        let _ = &arena;
                        Ok(told_number(json)?)
                    })?;
                    ottla_int32_list_t { items, count }
                })
            })?;
            ottla_int32_list_list_t { items, count }
        },
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn new_partitions_given(given: &ottla_new_partitions_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("topic".to_owned(), given_text(given.topic, "topic")?);
    object.insert("total_count".to_owned(), Value::from(given.total_count));
    if !(given.new_assignments.items.is_null() && given.new_assignments.count == 0) {
        object.insert(
            "new_assignments".to_owned(),
            if given.new_assignments.items.is_null() && given.new_assignments.count == 0 {
                Value::Null
            } else {
                given_list(
                    given.new_assignments.items,
                    given.new_assignments.count,
                    "new_assignments",
                    |&one| {
                        Ok(given_list(one.items, one.count, "new_assignments", |&one| Ok(Value::from(one)))?)
                    },
                )?
            },
        );
    }
    Ok(Value::Object(object))
}

/// A topic to create.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_new_topic_t {
    /// Its name.
    pub name: *const c_char,
    /// How many partitions; if left out, the broker's `num.partitions`.
    pub num_partitions: ottla_optional_int32_t,
    /// How many replicas of each; if left out, the broker's `default.replication.factor`.
    pub replication_factor: ottla_optional_int16_t,
    /// Brokers chosen by hand: those of partition 0, of partition 1 and so on, the preferred leader first. Then the
    /// two counts must be left out. `items` NULL: none.
    pub replica_assignments: ottla_int32_list_list_t,
    /// Topic options, such as `cleanup.policy`.
    pub configs: ottla_text_map_t,
}

#[allow(dead_code, unused_variables)]
fn new_topic_told(json: &Value, arena: &mut Arena) -> Result<ottla_new_topic_t, Error> {
    Ok(ottla_new_topic_t {
        name: arena.text(&json["name"])?,
        num_partitions: if (&json["num_partitions"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["num_partitions"])? }
        },
        replication_factor: if (&json["replication_factor"]).is_null() {
            ottla_optional_int16_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int16_t { is_set: true, value: told_number(&json["replication_factor"])? }
        },
        replica_assignments: {
            let (items, count) = arena.list(&json["replica_assignments"], |json, arena| {
                let _ = &arena;
                Ok({
                    let (items, count) = arena.list(json, |json, arena| {
                        let _ = &arena;
                        Ok(told_number(json)?)
                    })?;
                    ottla_int32_list_t { items, count }
                })
            })?;
            ottla_int32_list_list_t { items, count }
        },
        configs: {
            let (items, count) = arena.map(&json["configs"], |json, arena| {
                let _ = &arena;
                Ok(ottla_text_map_entry_t { key: std::ptr::null(), value: arena.text(json)? })
            })?;
            ottla_text_map_t { items, count }
        },
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn new_topic_given(given: &ottla_new_topic_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("name".to_owned(), given_text(given.name, "name")?);
    if !(!given.num_partitions.is_set) {
        object.insert(
            "num_partitions".to_owned(),
            if given.num_partitions.is_set { Value::from(given.num_partitions.value) } else { Value::Null },
        );
    }
    if !(!given.replication_factor.is_set) {
        object.insert(
            "replication_factor".to_owned(),
            if given.replication_factor.is_set {
                Value::from(given.replication_factor.value)
            } else {
                Value::Null
            },
        );
    }
    if !(given.replica_assignments.items.is_null() && given.replica_assignments.count == 0) {
        object.insert(
            "replica_assignments".to_owned(),
            if given.replica_assignments.items.is_null() && given.replica_assignments.count == 0 {
                Value::Null
            } else {
                given_list(
                    given.replica_assignments.items,
                    given.replica_assignments.count,
                    "replica_assignments",
                    |&one| {
                        Ok(given_list(one.items, one.count, "replica_assignments", |&one| {
                            Ok(Value::from(one))
                        })?)
                    },
                )?
            },
        );
    }
    if !(given.configs.items.is_null() && given.configs.count == 0) {
        object.insert(
            "configs".to_owned(),
            given_map(given.configs.items, given.configs.count, "configs", |one| {
                Ok((one.key, given_text(one.value, "configs")?))
            })?,
        );
    }
    Ok(Value::Object(object))
}

/// Which offset of a partition's log to look up.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_offset_query_t {
    /// The topic's name.
    pub topic: *const c_char,
    /// The partition's number.
    pub partition: i32,
    /// Which offset. One of ottla_offset_spec_t.
    pub spec: i32,
    /// With `FOR_TIMESTAMP` the time, in ms since the Unix epoch; else nothing.
    pub timestamp_ms: ottla_optional_int64_t,
}

#[allow(dead_code, unused_variables)]
fn offset_query_told(json: &Value, arena: &mut Arena) -> Result<ottla_offset_query_t, Error> {
    Ok(ottla_offset_query_t {
        topic: arena.text(&json["topic"])?,
        partition: told_number(&json["partition"])?,
        spec: told_word(&json["spec"], WORDS_OF_OFFSET_SPEC),
        timestamp_ms: if (&json["timestamp_ms"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t { is_set: true, value: told_number(&json["timestamp_ms"])? }
        },
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn offset_query_given(given: &ottla_offset_query_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("topic".to_owned(), given_text(given.topic, "topic")?);
    object.insert("partition".to_owned(), Value::from(given.partition));
    object.insert("spec".to_owned(), given_word(given.spec, WORDS_OF_OFFSET_SPEC, "spec")?);
    if !(!given.timestamp_ms.is_set) {
        object.insert(
            "timestamp_ms".to_owned(),
            if given.timestamp_ms.is_set { Value::from(given.timestamp_ms.value) } else { Value::Null },
        );
    }
    Ok(Value::Object(object))
}

/// An idempotent or transactional producer, as a partition's leader knows it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_producer_state_description_t {
    /// Its id.
    pub producer_id: i64,
    /// Its epoch.
    pub producer_epoch: i32,
    /// Sequence of its last record.
    pub last_sequence: i32,
    /// Timestamp of its last batch, in ms since the Unix epoch.
    pub last_timestamp_ms: i64,
    /// Epoch of the coordinator that wrote its last transaction marker; nothing without one.
    pub coordinator_epoch: ottla_optional_int32_t,
    /// First offset of its open transaction; nothing without one.
    pub current_transaction_start_offset: ottla_optional_int64_t,
}

#[allow(dead_code, unused_variables)]
fn producer_state_description_told(
    json: &Value,
    arena: &mut Arena,
) -> Result<ottla_producer_state_description_t, Error> {
    Ok(ottla_producer_state_description_t {
        producer_id: told_number(&json["producer_id"])?,
        producer_epoch: told_number(&json["producer_epoch"])?,
        last_sequence: told_number(&json["last_sequence"])?,
        last_timestamp_ms: told_number(&json["last_timestamp_ms"])?,
        coordinator_epoch: if (&json["coordinator_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["coordinator_epoch"])? }
        },
        current_transaction_start_offset: if (&json["current_transaction_start_offset"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t {
                is_set: true,
                value: told_number(&json["current_transaction_start_offset"])?,
            }
        },
    })
}

/// Which records of a partition to delete.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_records_to_delete_t {
    /// The topic's name.
    pub topic: *const c_char,
    /// The partition's number.
    pub partition: i32,
    /// Records before this offset go; -1: all up to the high watermark.
    pub before_offset: i64,
}

#[allow(dead_code, unused_variables)]
fn records_to_delete_told(json: &Value, arena: &mut Arena) -> Result<ottla_records_to_delete_t, Error> {
    Ok(ottla_records_to_delete_t {
        topic: arena.text(&json["topic"])?,
        partition: told_number(&json["partition"])?,
        before_offset: told_number(&json["before_offset"])?,
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn records_to_delete_given(given: &ottla_records_to_delete_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("topic".to_owned(), given_text(given.topic, "topic")?);
    object.insert("partition".to_owned(), Value::from(given.partition));
    object.insert("before_offset".to_owned(), Value::from(given.before_offset));
    Ok(Value::Object(object))
}

/// A replica in a directory.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_replica_info_t {
    /// The topic's name.
    pub topic: *const c_char,
    /// The partition's number.
    pub partition: i32,
    /// Size of its segments.
    pub size_bytes: i64,
    /// How many offsets it is behind: the high watermark for the present one, the present one for a future one.
    pub offset_lag: i64,
    /// Whether it is being moved here and will replace the present one.
    pub is_future: bool,
}

#[allow(dead_code, unused_variables)]
fn replica_info_told(json: &Value, arena: &mut Arena) -> Result<ottla_replica_info_t, Error> {
    Ok(ottla_replica_info_t {
        topic: arena.text(&json["topic"])?,
        partition: told_number(&json["partition"])?,
        size_bytes: told_number(&json["size_bytes"])?,
        offset_lag: told_number(&json["offset_lag"])?,
        is_future: told_bool(&json["is_future"])?,
    })
}

/// A topic described.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_description_t {
    /// Its name.
    pub name: *const c_char,
    /// Its id; nothing from brokers that know none. NULL: none.
    pub id: *const c_char,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
    /// Its partitions, by number.
    pub partitions: ottla_topic_partition_info_list_t,
    /// What this principal may do with it; nothing when the broker does not say. `items` NULL: none.
    pub authorized_operations: ottla_int32_list_t,
}

#[allow(dead_code, unused_variables)]
fn topic_description_told(json: &Value, arena: &mut Arena) -> Result<ottla_topic_description_t, Error> {
    Ok(ottla_topic_description_t {
        name: arena.text(&json["name"])?,
        id: arena.text(&json["id"])?,
        is_internal: told_bool(&json["is_internal"])?,
        partitions: {
            let (items, count) = arena.list(&json["partitions"], |json, arena| {
                let _ = &arena;
                Ok(topic_partition_info_told(json, arena)?)
            })?;
            ottla_topic_partition_info_list_t { items, count }
        },
        authorized_operations: {
            let (items, count) = arena.list(&json["authorized_operations"], |json, arena| {
                let _ = &arena;
                Ok(told_word(json, WORDS_OF_ACL_OPERATION))
            })?;
            ottla_int32_list_t { items, count }
        },
    })
}

/// A topic in a list.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_listing_t {
    /// Its name.
    pub name: *const c_char,
    /// Its id; nothing from brokers that know none. NULL: none.
    pub id: *const c_char,
    /// Whether it is one of Kafka's own.
    pub is_internal: bool,
}

#[allow(dead_code, unused_variables)]
fn topic_listing_told(json: &Value, arena: &mut Arena) -> Result<ottla_topic_listing_t, Error> {
    Ok(ottla_topic_listing_t {
        name: arena.text(&json["name"])?,
        id: arena.text(&json["id"])?,
        is_internal: told_bool(&json["is_internal"])?,
    })
}

#[allow(dead_code, unused_variables)]
fn topic_partition_told(json: &Value, arena: &mut Arena) -> Result<ottla_topic_partition_t, Error> {
    Ok(ottla_topic_partition_t {
        topic: arena.text(&json["topic"])?,
        partition: told_number(&json["partition"])?,
    })
}

#[allow(dead_code, unused_variables)]
unsafe fn topic_partition_given(given: &ottla_topic_partition_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("topic".to_owned(), given_text(given.topic, "topic")?);
    object.insert("partition".to_owned(), Value::from(given.partition));
    Ok(Value::Object(object))
}

/// A partition and where its replicas are.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_partition_info_t {
    /// Its number.
    pub partition: i32,
    /// The broker that leads it; nothing while there is none.
    pub leader: ottla_optional_int32_t,
    /// The leader's epoch, where the broker knows epochs.
    pub leader_epoch: ottla_optional_int32_t,
    /// Brokers of all replicas, the preferred leader first.
    pub replicas: ottla_int32_list_t,
    /// Brokers of replicas in sync.
    pub isr: ottla_int32_list_t,
    /// Brokers of replicas that are down.
    pub offline_replicas: ottla_int32_list_t,
    /// Why there is no leader; nothing when all is well. NULL: none.
    pub error: *const ottla_error_t,
}

#[allow(dead_code, unused_variables)]
fn topic_partition_info_told(json: &Value, arena: &mut Arena) -> Result<ottla_topic_partition_info_t, Error> {
    Ok(ottla_topic_partition_info_t {
        partition: told_number(&json["partition"])?,
        leader: if (&json["leader"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["leader"])? }
        },
        leader_epoch: if (&json["leader_epoch"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["leader_epoch"])? }
        },
        replicas: {
            let (items, count) = arena.list(&json["replicas"], |json, arena| {
                let _ = &arena;
                Ok(told_number(json)?)
            })?;
            ottla_int32_list_t { items, count }
        },
        isr: {
            let (items, count) = arena.list(&json["isr"], |json, arena| {
                let _ = &arena;
                Ok(told_number(json)?)
            })?;
            ottla_int32_list_t { items, count }
        },
        offline_replicas: {
            let (items, count) = arena.list(&json["offline_replicas"], |json, arena| {
                let _ = &arena;
                Ok(told_number(json)?)
            })?;
            ottla_int32_list_t { items, count }
        },
        error: arena.error(&json["error"]),
    })
}

/// A transactional id described.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_transaction_description_t {
    /// The broker that coordinates it, where known.
    pub coordinator: ottla_optional_int32_t,
    /// Kafka's name of the state, such as `Ongoing`.
    pub state: *const c_char,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// The producer's `transaction.timeout.ms`. In milliseconds.
    pub timeout_ms: i64,
    /// When the open transaction began, in ms since the Unix epoch; nothing without one.
    pub start_time_ms: ottla_optional_int64_t,
    /// The partitions in it.
    pub partitions: ottla_topic_partition_list_t,
}

#[allow(dead_code, unused_variables)]
fn transaction_description_told(
    json: &Value,
    arena: &mut Arena,
) -> Result<ottla_transaction_description_t, Error> {
    Ok(ottla_transaction_description_t {
        coordinator: if (&json["coordinator"]).is_null() {
            ottla_optional_int32_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int32_t { is_set: true, value: told_number(&json["coordinator"])? }
        },
        state: arena.text(&json["state"])?,
        producer_id: told_number(&json["producer_id"])?,
        producer_epoch: told_number(&json["producer_epoch"])?,
        timeout_ms: told_number(&json["timeout"])?,
        start_time_ms: if (&json["start_time_ms"]).is_null() {
            ottla_optional_int64_t { is_set: false, value: Default::default() }
        } else {
            ottla_optional_int64_t { is_set: true, value: told_number(&json["start_time_ms"])? }
        },
        partitions: {
            let (items, count) = arena.list(&json["partitions"], |json, arena| {
                let _ = &arena;
                Ok(topic_partition_told(json, arena)?)
            })?;
            ottla_topic_partition_list_t { items, count }
        },
    })
}

/// A transactional id in a list.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_transaction_listing_t {
    /// The transactional id.
    pub transactional_id: *const c_char,
    /// The producer's id.
    pub producer_id: i64,
    /// Kafka's name of the state, such as `Ongoing`.
    pub state: *const c_char,
}

#[allow(dead_code, unused_variables)]
fn transaction_listing_told(json: &Value, arena: &mut Arena) -> Result<ottla_transaction_listing_t, Error> {
    Ok(ottla_transaction_listing_t {
        transactional_id: arena.text(&json["transactional_id"])?,
        producer_id: told_number(&json["producer_id"])?,
        state: arena.text(&json["state"])?,
    })
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_alter_config_op_list_t {
    /// `count` of them.
    pub items: *const ottla_alter_config_op_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_api_version_range_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: ottla_api_version_range_t,
}

impl Named for ottla_api_version_range_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_api_version_range_map_t {
    /// `count` of them.
    pub items: *const ottla_api_version_range_map_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_cluster_node_list_t {
    /// `count` of them.
    pub items: *const ottla_cluster_node_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_committed_offset_list_t {
    /// `count` of them.
    pub items: *const ottla_committed_offset_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_committed_offset_list_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_committed_offset_list_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_committed_offset_list_by_text_t {
    /// `count` of them.
    pub items: *const ottla_committed_offset_list_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_changes_list_t {
    /// `count` of them.
    pub items: *const ottla_config_changes_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_entry_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: ottla_config_entry_t,
}

impl Named for ottla_config_entry_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_entry_map_t {
    /// `count` of them.
    pub items: *const ottla_config_entry_map_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_entry_map_by_config_resource_entry_t {
    /// Which item.
    pub key: ottla_config_resource_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_config_entry_map_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_entry_map_by_config_resource_t {
    /// `count` of them.
    pub items: *const ottla_config_entry_map_by_config_resource_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_resource_list_t {
    /// `count` of them.
    pub items: *const ottla_config_resource_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_config_synonym_list_t {
    /// `count` of them.
    pub items: *const ottla_config_synonym_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_created_topic_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_created_topic_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_created_topic_by_text_t {
    /// `count` of them.
    pub items: *const ottla_created_topic_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_deleted_records_by_topic_partition_entry_t {
    /// Which item.
    pub key: ottla_topic_partition_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_deleted_records_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_deleted_records_by_topic_partition_t {
    /// `count` of them.
    pub items: *const ottla_deleted_records_by_topic_partition_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_config_resource_entry_t {
    /// Which item.
    pub key: ottla_config_resource_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_config_resource_t {
    /// `count` of them.
    pub items: *const ottla_done_by_config_resource_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_member_to_remove_entry_t {
    /// Which item.
    pub key: ottla_member_to_remove_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_member_to_remove_t {
    /// `count` of them.
    pub items: *const ottla_done_by_member_to_remove_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_text_t {
    /// `count` of them.
    pub items: *const ottla_done_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_topic_partition_entry_t {
    /// Which item.
    pub key: ottla_topic_partition_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_done_by_topic_partition_t {
    /// `count` of them.
    pub items: *const ottla_done_by_topic_partition_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_fenced_producer_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_fenced_producer_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_fenced_producer_by_text_t {
    /// `count` of them.
    pub items: *const ottla_fenced_producer_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_description_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_group_description_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_description_by_text_t {
    /// `count` of them.
    pub items: *const ottla_group_description_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_listing_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: ottla_group_listing_t,
}

impl Named for ottla_group_listing_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_listing_map_t {
    /// `count` of them.
    pub items: *const ottla_group_listing_map_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_group_offsets_query_list_t {
    /// `count` of them.
    pub items: *const ottla_group_offsets_query_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_int16_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: i16,
}

impl Named for ottla_int16_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_int16_map_t {
    /// `count` of them.
    pub items: *const ottla_int16_map_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_int32_list_t {
    /// `count` of them.
    pub items: *const i32,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_int32_list_list_t {
    /// `count` of them.
    pub items: *const ottla_int32_list_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_int64_list_t {
    /// `count` of them.
    pub items: *const i64,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_offsets_result_info_by_topic_partition_entry_t {
    /// Which item.
    pub key: ottla_topic_partition_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_list_offsets_result_info_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_offsets_result_info_by_topic_partition_t {
    /// `count` of them.
    pub items: *const ottla_list_offsets_result_info_by_topic_partition_entry_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_log_dir_description_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: ottla_log_dir_description_t,
}

impl Named for ottla_log_dir_description_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_log_dir_description_map_t {
    /// `count` of them.
    pub items: *const ottla_log_dir_description_map_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_log_dir_description_map_by_int32_entry_t {
    /// Which item.
    pub key: i32,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_log_dir_description_map_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_log_dir_description_map_by_int32_t {
    /// `count` of them.
    pub items: *const ottla_log_dir_description_map_by_int32_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_member_description_list_t {
    /// `count` of them.
    pub items: *const ottla_member_description_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_member_to_remove_list_t {
    /// `count` of them.
    pub items: *const ottla_member_to_remove_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_new_partitions_list_t {
    /// `count` of them.
    pub items: *const ottla_new_partitions_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_new_topic_list_t {
    /// `count` of them.
    pub items: *const ottla_new_topic_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_offset_query_list_t {
    /// `count` of them.
    pub items: *const ottla_offset_query_t,
    /// How many.
    pub count: usize,
}

/// A value or none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_optional_int16_t {
    /// Whether there is one.
    pub is_set: bool,
    /// The value, with `is_set`; else 0.
    pub value: i16,
}

/// A value or none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_optional_int32_t {
    /// Whether there is one.
    pub is_set: bool,
    /// The value, with `is_set`; else 0.
    pub value: i32,
}

/// A value or none.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_optional_int64_t {
    /// Whether there is one.
    pub is_set: bool,
    /// The value, with `is_set`; else 0.
    pub value: i64,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_producer_state_description_list_t {
    /// `count` of them.
    pub items: *const ottla_producer_state_description_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_producer_state_description_list_by_topic_partition_entry_t {
    /// Which item.
    pub key: ottla_topic_partition_t,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_producer_state_description_list_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_producer_state_description_list_by_topic_partition_t {
    /// `count` of them.
    pub items: *const ottla_producer_state_description_list_by_topic_partition_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_records_to_delete_list_t {
    /// `count` of them.
    pub items: *const ottla_records_to_delete_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_replica_info_list_t {
    /// `count` of them.
    pub items: *const ottla_replica_info_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_text_list_t {
    /// `count` of them.
    pub items: *const *const c_char,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_text_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: *const c_char,
}

impl Named for ottla_text_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_text_map_t {
    /// `count` of them.
    pub items: *const ottla_text_map_entry_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_description_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_topic_description_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_description_by_text_t {
    /// `count` of them.
    pub items: *const ottla_topic_description_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_listing_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: ottla_topic_listing_t,
}

impl Named for ottla_topic_listing_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_listing_map_t {
    /// `count` of them.
    pub items: *const ottla_topic_listing_map_entry_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_partition_info_list_t {
    /// `count` of them.
    pub items: *const ottla_topic_partition_info_t,
    /// How many.
    pub count: usize,
}

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_partition_list_t {
    /// `count` of them.
    pub items: *const ottla_topic_partition_t,
    /// How many.
    pub count: usize,
}

/// What became of one item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_transaction_description_by_text_entry_t {
    /// Which item.
    pub key: *const c_char,
    /// Why it failed; NULL when it did not.
    pub error: *const ottla_error_t,
    /// What it gave; all zero when it failed.
    pub value: ottla_transaction_description_t,
}

/// What became of each item.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_transaction_description_by_text_t {
    /// `count` of them.
    pub items: *const ottla_transaction_description_by_text_entry_t,
    /// How many.
    pub count: usize,
}

/// One of a map.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_transaction_listing_map_entry_t {
    /// The name.
    pub key: *const c_char,
    /// What it names.
    pub value: ottla_transaction_listing_t,
}

impl Named for ottla_transaction_listing_map_entry_t {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

/// These by name.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_transaction_listing_map_t {
    /// `count` of them.
    pub items: *const ottla_transaction_listing_map_entry_t,
    /// How many.
    pub count: usize,
}

/// What ottla_admin_create_topics() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_create_topics_arguments_t {
    /// The topics to create, each once.
    pub topics: ottla_new_topic_list_t,
    /// Only check whether the topics could be created.
    pub validate_only: bool,
}

#[allow(dead_code, unused_variables)]
unsafe fn create_topics_given(given: &ottla_create_topics_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "topics".to_owned(),
        given_list(given.topics.items, given.topics.count, "topics", |&one| Ok(new_topic_given(&one)?))?,
    );
    object.insert("validate_only".to_owned(), Value::from(given.validate_only));
    Ok(Value::Object(object))
}

/// Creates topics. A retry after a lost answer may find a topic already there: it may be this call's own.
///
/// Errors: Per topic: TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR,
/// INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts beside assignments by hand, for a topic
/// named twice. Sends CreateTopics (KIP-4, KIP-525). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_create_topics(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_create_topics_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_created_topic_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "create_topics",
            create_topics_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_created_topic_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            created_topic_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_created_topic_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_delete_topics() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_delete_topics_arguments_t {
    /// Names of topics to delete.
    pub topics: ottla_text_list_t,
    /// Ids of topics to delete, as Kafka writes them.
    pub topic_ids: ottla_text_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn delete_topics_given(given: &ottla_delete_topics_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    if !(given.topics.items.is_null() && given.topics.count == 0) {
        object.insert(
            "topics".to_owned(),
            given_list(given.topics.items, given.topics.count, "topics", |&one| {
                Ok(given_text(one, "topics")?)
            })?,
        );
    }
    if !(given.topic_ids.items.is_null() && given.topic_ids.count == 0) {
        object.insert(
            "topic_ids".to_owned(),
            given_list(given.topic_ids.items, given.topic_ids.count, "topic_ids", |&one| {
                Ok(given_text(one, "topic_ids")?)
            })?,
        );
    }
    Ok(Value::Object(object))
}

/// Deletes topics and all their records.
///
/// Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_DELETION_DISABLED,
/// TOPIC_AUTHORIZATION_FAILED. Sends DeleteTopics (KIP-4, KIP-516). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_delete_topics(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_delete_topics_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "delete_topics",
            delete_topics_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_list_topics() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_topics_arguments_t {
    /// Also Kafka's own.
    pub include_internal: bool,
}

#[allow(dead_code, unused_variables)]
unsafe fn list_topics_given(given: &ottla_list_topics_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("include_internal".to_owned(), Value::from(given.include_internal));
    Ok(Value::Object(object))
}

/// Lists topics, by name.
///
/// Errors: Of the call: Timeout or Network when no broker answers. Topics that this principal may not describe are
/// left out. Sends Metadata (KIP-4, KIP-516). `*result` is the caller's: free it with ottla_admin_result_free(); NULL
/// on failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_list_topics(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_list_topics_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_topic_listing_map_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "list_topics",
            list_topics_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.map(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_topic_listing_map_entry_t {
                        key: std::ptr::null(),
                        value: topic_listing_told(json, arena)?,
                    })
                })?;
                ottla_topic_listing_map_t { items, count }
            })
        })?;
        Ok(())
    })
}

/// What ottla_admin_describe_topics() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_topics_arguments_t {
    /// Names of topics to describe.
    pub topics: ottla_text_list_t,
    /// Ids of topics to describe, as Kafka writes them.
    pub topic_ids: ottla_text_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_topics_given(given: &ottla_describe_topics_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    if !(given.topics.items.is_null() && given.topics.count == 0) {
        object.insert(
            "topics".to_owned(),
            given_list(given.topics.items, given.topics.count, "topics", |&one| {
                Ok(given_text(one, "topics")?)
            })?,
        );
    }
    if !(given.topic_ids.items.is_null() && given.topic_ids.count == 0) {
        object.insert(
            "topic_ids".to_owned(),
            given_list(given.topic_ids.items, given.topic_ids.count, "topic_ids", |&one| {
                Ok(given_text(one, "topic_ids")?)
            })?,
        );
    }
    Ok(Value::Object(object))
}

/// Describes topics: ids, partitions, leaders, replicas.
///
/// Errors: Per topic, by its name or id: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED.
/// Sends Metadata (KIP-4, KIP-430, KIP-516). `*result` is the caller's: free it with ottla_admin_result_free(). When
/// items failed, the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the
/// whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_topics(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_topics_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_topic_description_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_topics",
            describe_topics_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_topic_description_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            topic_description_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_topic_description_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_create_partitions() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_create_partitions_arguments_t {
    /// The topics, each once, and the number of partitions each shall have.
    pub topics: ottla_new_partitions_list_t,
    /// Only check whether the partitions could be created.
    pub validate_only: bool,
}

#[allow(dead_code, unused_variables)]
unsafe fn create_partitions_given(given: &ottla_create_partitions_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "topics".to_owned(),
        given_list(given.topics.items, given.topics.count, "topics", |&one| Ok(new_partitions_given(&one)?))?,
    );
    object.insert("validate_only".to_owned(), Value::from(given.validate_only));
    Ok(Value::Object(object))
}

/// Raises the number of partitions of topics. Records with a key go to other partitions afterwards.
///
/// Errors: Per topic: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS when there are as many or more,
/// INVALID_REPLICA_ASSIGNMENT, REASSIGNMENT_IN_PROGRESS, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. Of the call:
/// InvalidArgument for a topic named twice. Sends CreatePartitions (KIP-195). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_create_partitions(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_create_partitions_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "create_partitions",
            create_partitions_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_describe_configs() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_configs_arguments_t {
    /// Whose configurations.
    pub resources: ottla_config_resource_list_t,
    /// Also values from other sources.
    pub include_synonyms: bool,
    /// Also what each option means.
    pub include_documentation: bool,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_configs_given(given: &ottla_describe_configs_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "resources".to_owned(),
        given_list(given.resources.items, given.resources.count, "resources", |&one| {
            Ok(config_resource_given(&one)?)
        })?,
    );
    object.insert("include_synonyms".to_owned(), Value::from(given.include_synonyms));
    object.insert("include_documentation".to_owned(), Value::from(given.include_documentation));
    Ok(Value::Object(object))
}

/// Describes configurations of topics, brokers and groups: their options by name.
///
/// Errors: Per resource: UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST for a broker that there is not,
/// TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Sends DescribeConfigs
/// (KIP-133, KIP-226, KIP-569). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed,
/// the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call
/// failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_configs(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_configs_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_config_entry_map_by_config_resource_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_configs",
            describe_configs_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_config_entry_map_by_config_resource_entry_t {
                        key: config_resource_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            {
                                let (items, count) = arena.map(&json["value"], |json, arena| {
                                    let _ = &arena;
                                    Ok(ottla_config_entry_map_entry_t {
                                        key: std::ptr::null(),
                                        value: config_entry_told(json, arena)?,
                                    })
                                })?;
                                ottla_config_entry_map_t { items, count }
                            }
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_config_entry_map_by_config_resource_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_incremental_alter_configs() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_incremental_alter_configs_arguments_t {
    /// The configurations, each once, and their changes.
    pub changes: ottla_config_changes_list_t,
    /// Only check whether the changes would be accepted.
    pub validate_only: bool,
}

#[allow(dead_code, unused_variables)]
unsafe fn incremental_alter_configs_given(
    given: &ottla_incremental_alter_configs_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "changes".to_owned(),
        given_list(given.changes.items, given.changes.count, "changes", |&one| {
            Ok(config_changes_given(&one)?)
        })?,
    );
    object.insert("validate_only".to_owned(), Value::from(given.validate_only));
    Ok(Value::Object(object))
}

/// Changes the named options and leaves the others as they are. Of each resource all changes are made, or none.
///
/// Errors: Per resource: INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED,
/// CLUSTER_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED. Of the call: InvalidArgument for a resource named twice,
/// for DELETE with a value, for anything else without one. Sends IncrementalAlterConfigs (KIP-339). `*result` is the
/// caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, and `*result`
/// tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_incremental_alter_configs(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_incremental_alter_configs_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_config_resource_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "incremental_alter_configs",
            incremental_alter_configs_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_config_resource_entry_t {
                        key: config_resource_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_config_resource_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_delete_records() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_delete_records_arguments_t {
    /// The partitions, each once, and the offsets to delete before.
    pub records: ottla_records_to_delete_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn delete_records_given(given: &ottla_delete_records_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "records".to_owned(),
        given_list(given.records.items, given.records.count, "records", |&one| {
            Ok(records_to_delete_given(&one)?)
        })?,
    );
    Ok(Value::Object(object))
}

/// Deletes the records before an offset in each partition.
///
/// Errors: Per partition: OFFSET_OUT_OF_RANGE for an offset above the high watermark, POLICY_VIOLATION for a topic
/// that is compacted and never deletes, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the call:
/// InvalidArgument for a partition named twice. Sends DeleteRecords (KIP-107). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_delete_records(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_delete_records_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_deleted_records_by_topic_partition_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "delete_records",
            delete_records_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_deleted_records_by_topic_partition_entry_t {
                        key: topic_partition_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            deleted_records_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_deleted_records_by_topic_partition_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_list_offsets() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_offsets_arguments_t {
    /// The partitions, each once, and which offset of each.
    pub queries: ottla_offset_query_list_t,
    /// Which records count. One of ottla_isolation_level_t; 0: OTTLA_ISOLATION_LEVEL_READ_UNCOMMITTED.
    pub isolation_level: i32,
}

#[allow(dead_code, unused_variables)]
unsafe fn list_offsets_given(given: &ottla_list_offsets_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "queries".to_owned(),
        given_list(given.queries.items, given.queries.count, "queries", |&one| {
            Ok(offset_query_given(&one)?)
        })?,
    );
    if !(given.isolation_level == 0) {
        object.insert(
            "isolation_level".to_owned(),
            given_word(given.isolation_level, WORDS_OF_ISOLATION_LEVEL, "isolation_level")?,
        );
    }
    Ok(Value::Object(object))
}

/// Looks up offsets of logs, asked at the partitions' leaders.
///
/// Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED, Unsupported
/// where the broker is older than the spec. Of the call: InvalidArgument for a partition named twice, for
/// FOR_TIMESTAMP without a time, for any other with one. Sends ListOffsets (KIP-79, KIP-98, KIP-396, KIP-405, KIP-734,
/// KIP-1005). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first failure
/// is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_list_offsets(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_list_offsets_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_list_offsets_result_info_by_topic_partition_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "list_offsets",
            list_offsets_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_list_offsets_result_info_by_topic_partition_entry_t {
                        key: topic_partition_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            list_offsets_result_info_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_list_offsets_result_info_by_topic_partition_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_list_consumer_group_offsets() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_consumer_group_offsets_arguments_t {
    /// The groups, each once.
    pub groups: ottla_group_offsets_query_list_t,
    /// Wait for offsets that open transactions commit to be decided, instead of giving those before.
    pub require_stable: bool,
}

#[allow(dead_code, unused_variables)]
unsafe fn list_consumer_group_offsets_given(
    given: &ottla_list_consumer_group_offsets_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "groups".to_owned(),
        given_list(given.groups.items, given.groups.count, "groups", |&one| {
            Ok(group_offsets_query_given(&one)?)
        })?,
    );
    object.insert("require_stable".to_owned(), Value::from(given.require_stable));
    Ok(Value::Object(object))
}

/// Lists the offsets groups committed. A partition without a commit is left out.
///
/// Errors: Per group: GROUP_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE, UNSTABLE_OFFSET_COMMIT with
/// require_stable. A group that does not exist has no offsets. Of the call: InvalidArgument for a group named twice.
/// Sends OffsetFetch (KIP-88, KIP-447, KIP-709). `*result` is the caller's: free it with ottla_admin_result_free().
/// When items failed, the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when
/// the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_list_consumer_group_offsets(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_list_consumer_group_offsets_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_committed_offset_list_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "list_consumer_group_offsets",
            list_consumer_group_offsets_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_committed_offset_list_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            {
                                let (items, count) = arena.list(&json["value"], |json, arena| {
                                    let _ = &arena;
                                    Ok(committed_offset_told(json, arena)?)
                                })?;
                                ottla_committed_offset_list_t { items, count }
                            }
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_committed_offset_list_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_alter_consumer_group_offsets() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_alter_consumer_group_offsets_arguments_t {
    /// The group's id.
    pub group_id: *const c_char,
    /// The offsets it shall have, each partition once.
    pub offsets: ottla_committed_offset_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn alter_consumer_group_offsets_given(
    given: &ottla_alter_consumer_group_offsets_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("group_id".to_owned(), given_text(given.group_id, "group_id")?);
    object.insert(
        "offsets".to_owned(),
        given_list(given.offsets.items, given.offsets.count, "offsets", |&one| {
            Ok(committed_offset_given(&one)?)
        })?,
    );
    Ok(Value::Object(object))
}

/// Sets the offsets of a group without members.
///
/// Errors: Per partition: UNKNOWN_MEMBER_ID while the group has members, UNKNOWN_TOPIC_OR_PARTITION,
/// OFFSET_METADATA_TOO_LARGE, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED. Of the call:
/// InvalidArgument for a partition named twice. Sends OffsetCommit (KIP-396). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_alter_consumer_group_offsets(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_alter_consumer_group_offsets_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_topic_partition_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "alter_consumer_group_offsets",
            alter_consumer_group_offsets_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_topic_partition_entry_t {
                        key: topic_partition_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_topic_partition_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_delete_consumer_group_offsets() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_delete_consumer_group_offsets_arguments_t {
    /// The group's id.
    pub group_id: *const c_char,
    /// The partitions whose offsets go.
    pub partitions: ottla_topic_partition_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn delete_consumer_group_offsets_given(
    given: &ottla_delete_consumer_group_offsets_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("group_id".to_owned(), given_text(given.group_id, "group_id")?);
    object.insert(
        "partitions".to_owned(),
        given_list(given.partitions.items, given.partitions.count, "partitions", |&one| {
            Ok(topic_partition_given(&one)?)
        })?,
    );
    Ok(Value::Object(object))
}

/// Deletes committed offsets of topics the group's members do not subscribe to.
///
/// Errors: Per partition: GROUP_SUBSCRIBED_TO_TOPIC, UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED. Of the
/// call: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED. Sends OffsetDelete
/// (KIP-496). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first failure
/// is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_delete_consumer_group_offsets(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_delete_consumer_group_offsets_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_topic_partition_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "delete_consumer_group_offsets",
            delete_consumer_group_offsets_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_topic_partition_entry_t {
                        key: topic_partition_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_topic_partition_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_list_groups() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_groups_arguments_t {
    /// Only groups in these states, by Kafka's names, such as `Stable`; if left out, in all.
    pub states: ottla_text_list_t,
    /// Only groups of these types; if left out, of all.
    pub types: ottla_int32_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn list_groups_given(given: &ottla_list_groups_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    if !(given.states.items.is_null() && given.states.count == 0) {
        object.insert(
            "states".to_owned(),
            given_list(given.states.items, given.states.count, "states", |&one| {
                Ok(given_text(one, "states")?)
            })?,
        );
    }
    if !(given.types.items.is_null() && given.types.count == 0) {
        object.insert(
            "types".to_owned(),
            given_list(given.types.items, given.types.count, "types", |&one| {
                Ok(given_word(one, WORDS_OF_GROUP_TYPE, "types")?)
            })?,
        );
    }
    Ok(Value::Object(object))
}

/// Lists the groups of all brokers, by id. A broker that cannot be asked fails the call: a list with holes would
/// mislead.
///
/// Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for states at brokers before 2.6 and for types at
/// brokers before 3.8, InvalidArgument for the type UNKNOWN. Groups that this principal may not describe are left out.
/// Sends ListGroups (KIP-518, KIP-848). `*result` is the caller's: free it with ottla_admin_result_free(); NULL on
/// failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_list_groups(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_list_groups_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_group_listing_map_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "list_groups",
            list_groups_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.map(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_group_listing_map_entry_t {
                        key: std::ptr::null(),
                        value: group_listing_told(json, arena)?,
                    })
                })?;
                ottla_group_listing_map_t { items, count }
            })
        })?;
        Ok(())
    })
}

/// What ottla_admin_describe_consumer_groups() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_consumer_groups_arguments_t {
    /// Ids of the groups.
    pub group_ids: ottla_text_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_consumer_groups_given(
    given: &ottla_describe_consumer_groups_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "group_ids".to_owned(),
        given_list(given.group_ids.items, given.group_ids.count, "group_ids", |&one| {
            Ok(given_text(one, "group_ids")?)
        })?,
    );
    Ok(Value::Object(object))
}

/// Describes consumer groups of either protocol, asked at their coordinators.
///
/// Errors: Per group: GROUP_ID_NOT_FOUND (brokers before 4.0 describe it as `Dead`), GROUP_AUTHORIZATION_FAILED,
/// COORDINATOR_NOT_AVAILABLE. Sends ConsumerGroupDescribe, DescribeGroups (KIP-430, KIP-848, KIP-1043). `*result` is
/// the caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, and
/// `*result` tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_consumer_groups(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_consumer_groups_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_group_description_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_consumer_groups",
            describe_consumer_groups_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_group_description_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            group_description_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_group_description_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_delete_consumer_groups() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_delete_consumer_groups_arguments_t {
    /// Ids of the groups.
    pub group_ids: ottla_text_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn delete_consumer_groups_given(
    given: &ottla_delete_consumer_groups_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "group_ids".to_owned(),
        given_list(given.group_ids.items, given.group_ids.count, "group_ids", |&one| {
            Ok(given_text(one, "group_ids")?)
        })?,
    );
    Ok(Value::Object(object))
}

/// Deletes groups without members, and with them their offsets.
///
/// Errors: Per group: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, INVALID_GROUP_ID, GROUP_AUTHORIZATION_FAILED,
/// COORDINATOR_NOT_AVAILABLE. Sends DeleteGroups (KIP-229). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_delete_consumer_groups(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_delete_consumer_groups_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "delete_consumer_groups",
            delete_consumer_groups_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_remove_members_from_consumer_group() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_remove_members_from_consumer_group_arguments_t {
    /// The group's id.
    pub group_id: *const c_char,
    /// The members to remove.
    pub members: ottla_member_to_remove_list_t,
    /// Why, for the broker's log. NULL: none.
    pub reason: *const c_char,
}

#[allow(dead_code, unused_variables)]
unsafe fn remove_members_from_consumer_group_given(
    given: &ottla_remove_members_from_consumer_group_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("group_id".to_owned(), given_text(given.group_id, "group_id")?);
    object.insert(
        "members".to_owned(),
        given_list(given.members.items, given.members.count, "members", |&one| {
            Ok(member_to_remove_given(&one)?)
        })?,
    );
    if !(given.reason.is_null()) {
        object.insert("reason".to_owned(), given_optional_text(given.reason, "reason")?);
    }
    Ok(Value::Object(object))
}

/// Removes members from a group, so that it rebalances without them at once.
///
/// Errors: Per member: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. Of the call: GROUP_ID_NOT_FOUND, INVALID_GROUP_ID,
/// GROUP_AUTHORIZATION_FAILED, InvalidArgument for a member with two names or none. Sends LeaveGroup (KIP-345,
/// KIP-571, KIP-800). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first
/// failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_remove_members_from_consumer_group(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_remove_members_from_consumer_group_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_member_to_remove_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "remove_members_from_consumer_group",
            remove_members_from_consumer_group_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_member_to_remove_entry_t {
                        key: member_to_remove_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_member_to_remove_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// Describes the cluster as some broker sees it now.
///
/// Errors: Of the call: Timeout or Network when no broker answers, CLUSTER_AUTHORIZATION_FAILED. Sends
/// DescribeCluster, Metadata at brokers before 2.8 (KIP-430, KIP-700, KIP-1073). `*result` is the caller's: free it
/// with ottla_admin_result_free(); NULL on failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_cluster(
    admin: *mut ottla_admin_t,
    timeout_ms: i64,
    result: *mut *const ottla_cluster_description_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(admin, "describe_cluster", Value::Object(Map::new()), timeout_ms, Some(timeout_ms))?;
        give_result(result, &json, |json, arena| Ok(cluster_description_told(json, arena)?))?;
        Ok(())
    })
}

/// What ottla_admin_describe_features() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_features_arguments_t {
    /// The broker to ask; if left out, any.
    pub broker: ottla_optional_int32_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_features_given(given: &ottla_describe_features_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    if !(!given.broker.is_set) {
        object.insert(
            "broker".to_owned(),
            if given.broker.is_set { Value::from(given.broker.value) } else { Value::Null },
        );
    }
    Ok(Value::Object(object))
}

/// Describes finalised features of the cluster, and the API versions of a broker.
///
/// Errors: Of the call: Timeout or Network when the broker does not answer. Sends ApiVersions (KIP-35, KIP-584).
/// `*result` is the caller's: free it with ottla_admin_result_free(); NULL on failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_features(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_features_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_feature_description_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_features",
            describe_features_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| Ok(feature_description_told(json, arena)?))?;
        Ok(())
    })
}

/// What ottla_admin_elect_leaders() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_elect_leaders_arguments_t {
    /// Which replica may become leader. One of ottla_election_type_t.
    pub election_type: i32,
    /// The partitions; if left out, all that need an election, and those that needed none are not told of. `items`
    /// NULL: none.
    pub partitions: ottla_topic_partition_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn elect_leaders_given(given: &ottla_elect_leaders_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "election_type".to_owned(),
        given_word(given.election_type, WORDS_OF_ELECTION_TYPE, "election_type")?,
    );
    if !(given.partitions.items.is_null() && given.partitions.count == 0) {
        object.insert(
            "partitions".to_owned(),
            if given.partitions.items.is_null() && given.partitions.count == 0 {
                Value::Null
            } else {
                given_list(given.partitions.items, given.partitions.count, "partitions", |&one| {
                    Ok(topic_partition_given(&one)?)
                })?
            },
        );
    }
    Ok(Value::Object(object))
}

/// Elects leaders of partitions. A partition that was named and needed no election is no error.
///
/// Errors: Per partition: PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION.
/// Of the call: CLUSTER_AUTHORIZATION_FAILED, Unsupported for UNCLEAN at brokers before 2.4. Sends ElectLeaders
/// (KIP-183, KIP-460). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed, the first
/// failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_elect_leaders(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_elect_leaders_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_done_by_topic_partition_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "elect_leaders",
            elect_leaders_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_done_by_topic_partition_entry_t {
                        key: topic_partition_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                    })
                })?;
                ottla_done_by_topic_partition_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_describe_log_dirs() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_log_dirs_arguments_t {
    /// The brokers' numbers.
    pub brokers: ottla_int32_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_log_dirs_given(given: &ottla_describe_log_dirs_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "brokers".to_owned(),
        given_list(given.brokers.items, given.brokers.count, "brokers", |&one| Ok(Value::from(one)))?,
    );
    Ok(Value::Object(object))
}

/// Describes the log directories of brokers, by path.
///
/// Errors: Per broker: CLUSTER_AUTHORIZATION_FAILED, Timeout or Network when it does not answer. Of a directory:
/// KAFKA_STORAGE_ERROR. Sends DescribeLogDirs (KIP-113, KIP-827). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_log_dirs(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_log_dirs_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_log_dir_description_map_by_int32_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_log_dirs",
            describe_log_dirs_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_log_dir_description_map_by_int32_entry_t {
                        key: told_number(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            {
                                let (items, count) = arena.map(&json["value"], |json, arena| {
                                    let _ = &arena;
                                    Ok(ottla_log_dir_description_map_entry_t {
                                        key: std::ptr::null(),
                                        value: log_dir_description_told(json, arena)?,
                                    })
                                })?;
                                ottla_log_dir_description_map_t { items, count }
                            }
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_log_dir_description_map_by_int32_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_describe_producers() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_producers_arguments_t {
    /// The partitions.
    pub partitions: ottla_topic_partition_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_producers_given(given: &ottla_describe_producers_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "partitions".to_owned(),
        given_list(given.partitions.items, given.partitions.count, "partitions", |&one| {
            Ok(topic_partition_given(&one)?)
        })?,
    );
    Ok(Value::Object(object))
}

/// Describes the producers that are active on partitions, asked at their leaders.
///
/// Errors: Per partition: UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, TOPIC_AUTHORIZATION_FAILED. Sends
/// DescribeProducers (KIP-664). `*result` is the caller's: free it with ottla_admin_result_free(). When items failed,
/// the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole call
/// failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_producers(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_producers_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_producer_state_description_list_by_topic_partition_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_producers",
            describe_producers_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_producer_state_description_list_by_topic_partition_entry_t {
                        key: topic_partition_told(&json["key"], arena)?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            {
                                let (items, count) = arena.list(&json["value"], |json, arena| {
                                    let _ = &arena;
                                    Ok(producer_state_description_told(json, arena)?)
                                })?;
                                ottla_producer_state_description_list_t { items, count }
                            }
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_producer_state_description_list_by_topic_partition_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_list_transactions() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_list_transactions_arguments_t {
    /// Only those in these states, by Kafka's names, such as `Ongoing`; if left out, in all.
    pub states: ottla_text_list_t,
    /// Only those of these producer ids; if left out, of all.
    pub producer_ids: ottla_int64_list_t,
    /// Only those whose transaction is open for longer than this. In milliseconds.
    pub running_longer_than_ms: ottla_optional_int64_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn list_transactions_given(given: &ottla_list_transactions_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    if !(given.states.items.is_null() && given.states.count == 0) {
        object.insert(
            "states".to_owned(),
            given_list(given.states.items, given.states.count, "states", |&one| {
                Ok(given_text(one, "states")?)
            })?,
        );
    }
    if !(given.producer_ids.items.is_null() && given.producer_ids.count == 0) {
        object.insert(
            "producer_ids".to_owned(),
            given_list(given.producer_ids.items, given.producer_ids.count, "producer_ids", |&one| {
                Ok(Value::from(one))
            })?,
        );
    }
    if !(!given.running_longer_than_ms.is_set) {
        object.insert(
            "running_longer_than".to_owned(),
            if given.running_longer_than_ms.is_set {
                Value::from(given.running_longer_than_ms.value)
            } else {
                Value::Null
            },
        );
    }
    Ok(Value::Object(object))
}

/// Lists the transactional ids of all coordinators. A broker that cannot be asked fails the call: a list with holes
/// would mislead.
///
/// Errors: Of the call: COORDINATOR_NOT_AVAILABLE, Unsupported for running_longer_than at brokers before 3.8.
/// Transactional ids that this principal may not describe are left out. Sends ListTransactions (KIP-664, KIP-994).
/// `*result` is the caller's: free it with ottla_admin_result_free(); NULL on failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_list_transactions(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_list_transactions_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_transaction_listing_map_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "list_transactions",
            list_transactions_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.map(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_transaction_listing_map_entry_t {
                        key: std::ptr::null(),
                        value: transaction_listing_told(json, arena)?,
                    })
                })?;
                ottla_transaction_listing_map_t { items, count }
            })
        })?;
        Ok(())
    })
}

/// What ottla_admin_describe_transactions() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_describe_transactions_arguments_t {
    /// The transactional ids.
    pub transactional_ids: ottla_text_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn describe_transactions_given(
    given: &ottla_describe_transactions_arguments_t,
) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "transactional_ids".to_owned(),
        given_list(
            given.transactional_ids.items,
            given.transactional_ids.count,
            "transactional_ids",
            |&one| Ok(given_text(one, "transactional_ids")?),
        )?,
    );
    Ok(Value::Object(object))
}

/// Describes transactional ids, asked at their coordinators.
///
/// Errors: Per transactional id: TRANSACTIONAL_ID_NOT_FOUND, TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
/// COORDINATOR_NOT_AVAILABLE. Sends DescribeTransactions (KIP-664). `*result` is the caller's: free it with
/// ottla_admin_result_free(). When items failed, the first failure is returned, and `*result` tells of all: free it
/// then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_describe_transactions(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_describe_transactions_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_transaction_description_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "describe_transactions",
            describe_transactions_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_transaction_description_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            transaction_description_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_transaction_description_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_fence_producers() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_fence_producers_arguments_t {
    /// The transactional ids.
    pub transactional_ids: ottla_text_list_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn fence_producers_given(given: &ottla_fence_producers_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert(
        "transactional_ids".to_owned(),
        given_list(
            given.transactional_ids.items,
            given.transactional_ids.count,
            "transactional_ids",
            |&one| Ok(given_text(one, "transactional_ids")?),
        )?,
    );
    Ok(Value::Object(object))
}

/// Fences the producers of transactional ids: their open transactions abort, and they cannot go on.
///
/// Errors: Per transactional id: TRANSACTIONAL_ID_AUTHORIZATION_FAILED, COORDINATOR_NOT_AVAILABLE,
/// CONCURRENT_TRANSACTIONS when the old transaction does not end in time. Sends InitProducerId (KIP-691). `*result` is
/// the caller's: free it with ottla_admin_result_free(). When items failed, the first failure is returned, and
/// `*result` tells of all: free it then, too. It is NULL when the whole call failed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_fence_producers(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_fence_producers_arguments_t,
    timeout_ms: i64,
    result: *mut *const ottla_fenced_producer_by_text_t,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        begin(result)?;
        let json = call(
            admin,
            "fence_producers",
            fence_producers_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        give_result(result, &json, |json, arena| {
            Ok({
                let (items, count) = arena.list(json, |json, arena| {
                    let _ = &arena;
                    Ok(ottla_fenced_producer_by_text_entry_t {
                        key: arena.text(&json["key"])?,
                        error: arena.error(&json["error"]),
                        value: if json["error"].is_null() {
                            fenced_producer_told(&json["value"], arena)?
                        } else {
                            zeroed()
                        },
                    })
                })?;
                ottla_fenced_producer_by_text_t { items, count }
            })
        })?;
        first_failure(&json)
    })
}

/// What ottla_admin_abort_transaction() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_abort_transaction_arguments_t {
    /// The partition.
    pub partition: ottla_topic_partition_t,
    /// The producer's id.
    pub producer_id: i64,
    /// The producer's epoch.
    pub producer_epoch: i16,
    /// Epoch of the coordinator that wrote the producer's last transaction marker; nothing without one.
    pub coordinator_epoch: ottla_optional_int32_t,
}

#[allow(dead_code, unused_variables)]
unsafe fn abort_transaction_given(given: &ottla_abort_transaction_arguments_t) -> Result<Value, Error> {
    let mut object = Map::new();
    object.insert("partition".to_owned(), topic_partition_given(&given.partition)?);
    object.insert("producer_id".to_owned(), Value::from(given.producer_id));
    object.insert("producer_epoch".to_owned(), Value::from(given.producer_epoch));
    if !(!given.coordinator_epoch.is_set) {
        object.insert(
            "coordinator_epoch".to_owned(),
            if given.coordinator_epoch.is_set {
                Value::from(given.coordinator_epoch.value)
            } else {
                Value::Null
            },
        );
    }
    Ok(Value::Object(object))
}

/// Aborts a transaction that hangs on one partition, found by `describe_producers`. Its coordinator is not asked: only
/// for transactions it no longer knows.
///
/// Errors: Of the call: UNKNOWN_TOPIC_OR_PARTITION, INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED,
/// CLUSTER_AUTHORIZATION_FAILED. Sends WriteTxnMarkers (KIP-664).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_admin_abort_transaction(
    admin: *mut ottla_admin_t,
    arguments: *const ottla_abort_transaction_arguments_t,
    timeout_ms: i64,
    error: *mut *mut ottla_error_t,
) -> ottla_status_t {
    enter_any(error, || {
        let json = call(
            admin,
            "abort_transaction",
            abort_transaction_given(argument_struct(arguments)?)?,
            timeout_ms,
            Some(timeout_ms),
        )?;
        let _ = json;
        Ok(())
    })
}
