//! What a program in C does with memory that crosses the boundary, without a client: for Miri, which sees every wrong access.
#![allow(clippy::undocumented_unsafe_blocks)] // Every call here keeps the contract that its comment states.

use crate::admin::{Arena, give_result, ottla_admin_result_free};
use crate::partitions::{ottla_partition_infos_t, ottla_partitions_t, ottla_texts_t};
use crate::record::Parts;
use crate::reports::ottla_reports_t;
use crate::*;
use ottla::producer::{Appended, Report, Run};
use ottla::record::TopicPartition;
use ottla::{Error, ErrorCode, ErrorKind, NodeId, PartitionMetadata};
use serde_json::json;
use std::ffi::{CStr, c_char};
use std::ptr::{null, null_mut};

unsafe fn read<'a>(text: *const c_char) -> &'a str {
    unsafe { CStr::from_ptr(text) }.to_str().unwrap()
}

#[test]
fn options_are_set_copied_and_freed_and_what_is_wrong_is_told() {
    unsafe {
        let pairs = [c"acks".as_ptr(), c"all".as_ptr(), null(), null()];
        let config = ottla_config_of(pairs.as_ptr());
        let mut error = null_mut();
        assert_eq!(
            ottla_config_set(config, c"acks".as_ptr(), c"1".as_ptr(), &mut error),
            ottla_status_t::OTTLA_OK
        );
        assert!(error.is_null());
        let copy = ottla_config_copy(config);
        ottla_config_free(config);
        assert_eq!(crate::config::options(copy).unwrap(), [("acks".to_owned(), "1".to_owned())]);
        let status = ottla_config_set(copy, null(), c"1".as_ptr(), &mut error);
        assert_eq!((status, ottla_error_status(error)), (ottla_status_t::OTTLA_INVALID_ARGUMENT, status));
        assert!(read(ottla_error_text(error)).contains("NULL"));
        assert_eq!(read(ottla_error_context(error, c"argument".as_ptr())), "name");
        ottla_error_free(error);
        ottla_config_free(copy);
        ottla_config_free(null_mut());
    }
}

#[test]
fn a_record_is_read_from_the_callers_memory_and_outlives_it_as_a_copy() {
    let headers = [
        ottla_header_t { key: c"a".as_ptr(), key_len: OTTLA_NUL_TERMINATED, value: null(), value_len: 0 },
        ottla_header_t { key: c"bc".as_ptr(), key_len: 1, value: c"xyz".as_ptr().cast(), value_len: 2 },
    ];
    let value = vec![7_u8; 3];
    let record = ottla_producer_record_t {
        topic: c"t".as_ptr(),
        key: c"key".as_ptr().cast(),
        key_len: OTTLA_NUL_TERMINATED,
        value: value.as_ptr().cast(),
        value_len: value.len(),
        headers: headers.as_ptr(),
        header_count: headers.len(),
        has_timestamp: false,
        has_partition: true,
        partition: 2,
        timestamp_ms: 0,
        tag: 1,
        reserved: [0; 2],
    };
    let copy = unsafe { Parts::read(&record) }.unwrap().to_record();
    drop(value);
    assert_eq!((copy.topic.as_ref(), copy.partition), ("t", Some(2)));
    assert_eq!((copy.key.as_deref(), copy.value.as_deref()), (Some(&b"key"[..]), Some(&[7_u8; 3][..])));
    let headers: Vec<_> = copy.headers.iter().map(|one| (one.key.as_str(), one.value.as_deref())).collect();
    assert_eq!(headers, [("a", None), ("b", Some(&b"xy"[..]))]);
    let many = ottla_producer_record_t { header_count: usize::MAX, ..record };
    assert_eq!(unsafe { Parts::read(&many) }.err().unwrap().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn lists_hold_what_their_entries_point_to() {
    let partitions = [("a", 0), ("a", 1), ("b", 0)].map(|(topic, number)| TopicPartition::new(topic, number));
    let nodes = || vec![NodeId(1), NodeId(2)];
    let info = PartitionMetadata {
        partition: 3,
        leader: None,
        leader_epoch: Some(4),
        replicas: nodes(),
        isr: Vec::new(),
        offline_replicas: nodes(),
        error: ErrorCode(5),
    };
    unsafe {
        let list = Box::into_raw(Box::new(ottla_partitions_t::new(&partitions)));
        let last = ottla_partitions_get(list, ottla_partitions_count(list) - 1);
        assert_eq!((read((*last).topic), (*last).partition), ("b", 0));
        assert_eq!(read((*ottla_partitions_get(list, 0)).topic), "a");
        assert!(ottla_partitions_get(list, 3).is_null());
        ottla_partitions_free(list);

        let texts = Box::into_raw(Box::new(ottla_texts_t::new(&["one\0two".to_owned(), String::new()])));
        assert_eq!(read(ottla_texts_get(texts, 0)), "one\u{FFFD}two");
        assert_eq!(read(ottla_texts_get(texts, 1)), "");
        ottla_texts_free(texts);

        let infos = Box::into_raw(Box::new(ottla_partition_infos_t::new(vec![info.clone(), info])));
        let second = &*ottla_partition_infos_get(infos, 1);
        assert_eq!((second.leader, second.isr_count, second.code), (-1, 0, 5));
        let offline = std::slice::from_raw_parts(second.offline_replicas, second.offline_replica_count);
        assert_eq!(offline, [1, 2]);
        ottla_partition_infos_free(infos);
    }
}

#[test]
fn reports_hold_their_errors_and_topics() {
    let report = |outcome| Report {
        topic: "t".into(),
        partition: 0,
        outcome,
        runs: vec![
            Run { first_tag: 1, first_index: 0, count: 2 },
            Run { first_tag: 9, first_index: 2, count: 1 },
        ],
    };
    let failed = |text: &'static str| Err(Error::new(ErrorKind::NotSent, "send records", text));
    let appended = Ok(Appended { base_offset: Some(40), log_append_time_ms: None });
    let reports = ottla_reports_t::new(vec![report(failed("one")), report(appended), report(failed("two"))]);
    unsafe {
        let reports = Box::into_raw(Box::new(reports));
        assert_eq!(ottla_reports_count(reports), 6);
        let get = |index| &*ottla_reports_get(reports, index);
        assert_eq!(read(ottla_error_message(get(0).error)), "one");
        assert_eq!(read(ottla_error_message(get(5).error)), "two");
        assert_eq!((get(3).first_tag, get(3).first_offset, get(3).error.is_null()), (9, 42, true));
        assert_eq!(read(get(5).topic), "t");
        ottla_reports_free(reports);
    }
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Entry {
    key: *const c_char,
    value: *const c_char,
}

impl crate::admin::Named for Entry {
    fn set_name(&mut self, name: *const c_char) {
        self.key = name;
    }
}

#[test]
fn a_result_of_the_admin_client_is_freed_with_all_it_points_to() {
    let json = json!({"a": "1", "b": null});
    let error = json!({"kind": "timeout", "text": "late", "context": {"topic": "t"}});
    type Given = (*const Entry, usize, *const ottla_error_t);
    unsafe {
        let mut result: *const Given = null();
        let read_all = |json: &serde_json::Value, arena: &mut Arena| {
            let text = |json: &serde_json::Value, arena: &mut Arena| {
                Ok(Entry { key: null(), value: arena.text(json)? })
            };
            let (items, count) = arena.map(json, text)?;
            Ok((items, count, arena.error(&error)))
        };
        give_result(&mut result, &json, read_all).unwrap();
        let (items, count, error) = *result;
        let items = std::slice::from_raw_parts(items, count);
        assert_eq!((read(items[0].key), read(items[0].value)), ("a", "1"));
        assert!(items[1].value.is_null());
        assert_eq!(ottla_error_status(error), ottla_status_t::OTTLA_TIMEOUT);
        ottla_admin_result_free(result.cast());
        ottla_admin_result_free(null());
    }
}

#[test]
fn a_panic_ends_at_the_boundary_as_an_error() {
    unsafe {
        let mut error = null_mut();
        let status = crate::boundary::enter(&mut error, || panic!("of this test"));
        assert_eq!(status, ottla_status_t::OTTLA_INTERNAL_ERROR);
        assert!(read(ottla_error_text(error)).contains("of this test"));
        ottla_error_free(error);
    }
}
