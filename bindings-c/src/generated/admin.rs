//! The admin client's types and operations.
//!
//! Generated from the client's table of operations, do not edit: `make gen`.
#![allow(clippy::style, clippy::complexity)] // Written by a program: what is shorter for one field is not for another.

use crate::admin::*;
use crate::boundary::enter_any;
use crate::error::ottla_error_t;
use crate::generated::ottla_status_t;
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
pub struct ottla_new_topic_list_t {
    /// `count` of them.
    pub items: *const ottla_new_topic_t,
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

/// Any number of these.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_topic_partition_info_list_t {
    /// `count` of them.
    pub items: *const ottla_topic_partition_info_t,
    /// How many.
    pub count: usize,
}

/// What ottla_admin_create_topics() takes. All zero but what must be given is a valid one.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_create_topics_arguments_t {
    /// The topics to create.
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
/// INVALID_CONFIG, POLICY_VIOLATION. Of the call: InvalidArgument for counts beside assignments by hand. Sends
/// CreateTopics (KIP-4, KIP-525). `*result` is the caller's: free it with ottla_admin_result_free(). When items
/// failed, the first failure is returned, and `*result` tells of all: free it then, too. It is NULL when the whole
/// call failed.
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
