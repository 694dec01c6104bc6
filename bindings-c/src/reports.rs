//! Fates of tagged records, flat.

use crate::error::ottla_error_t;
use crate::pointers::{c_text, quietly, take_back};
use ottla::producer::Report;
use std::ffi::{CString, c_char, c_void};

/// What became of tagged records, as ottla_producer_poll_reports() gives it. Owned by the caller: free it with
/// ottla_reports_free(); what it points to lives as long. Never changes, so threads may share it.
pub struct ottla_reports_t {
    entries: Vec<ottla_report_t>,
    // What the entries point to.
    _topics: Vec<CString>,
    #[allow(clippy::vec_box)] // Entries point to them: they may not move when the vector grows.
    _errors: Vec<Box<ottla_error_t>>,
}

/// Records with consecutive tags and one fate: those with the tags `first_tag` to `first_tag + count - 1`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ottla_report_t {
    /// NULL: the records are in the log. Else why they failed; they are not in the log unless
    /// ottla_error_is_outcome_unknown().
    pub error: *const ottla_error_t,
    /// The topic.
    pub topic: *const c_char,
    /// Tag of the first record; the others have the next ones.
    pub first_tag: u64,
    /// How many records.
    pub count: u64,
    /// Offset of the first record, the others have the next ones; -1 when the broker was not asked (acks=0) or when they
    /// failed.
    pub first_offset: i64,
    /// The timestamp of all, where the topic has message.timestamp.type=LogAppendTime; else -1.
    pub log_append_time_ms: i64,
    /// The partition; -1 when the record never came into one.
    pub partition: i32,
}

/// Told of a fate, within ottla_producer_serve_reports(). `report` is valid until the callback returns. Must not throw
/// or jump out.
pub type ottla_report_callback_t =
    Option<unsafe extern "C" fn(report: *const ottla_report_t, user_data: *mut c_void)>;

impl ottla_reports_t {
    pub(crate) fn new(reports: Vec<Report>) -> Self {
        let mut entries = Vec::with_capacity(reports.iter().map(|report| report.runs.len()).sum());
        #[allow(clippy::vec_box)] // As above.
        let (mut topics, mut errors): (Vec<CString>, Vec<Box<ottla_error_t>>) = Default::default();
        for report in reports {
            if topics.last().is_none_or(|last| last.to_bytes() != report.topic.as_bytes()) {
                topics.push(c_text(&report.topic));
            }
            let topic = topics.last().map_or(std::ptr::null(), |topic| topic.as_ptr());
            let (base_offset, log_append_time_ms, error) = match report.outcome {
                Ok(appended) => (appended.base_offset, appended.log_append_time_ms, std::ptr::null()),
                Err(error) => {
                    errors.push(Box::new(ottla_error_t::from(error)));
                    (None, None, errors.last().map_or(std::ptr::null(), |error| &raw const **error))
                }
            };
            entries.extend(report.runs.iter().map(|run| ottla_report_t {
                error,
                topic,
                first_tag: run.first_tag,
                count: u64::from(run.count),
                first_offset: base_offset.map_or(-1, |base| base + i64::from(run.first_index)),
                log_append_time_ms: log_append_time_ms.unwrap_or(-1),
                partition: report.partition,
            }));
        }
        Self { entries, _topics: topics, _errors: errors }
    }

    pub(crate) fn entries(&self) -> &[ottla_report_t] {
        &self.entries
    }
}

/// How many entries; each stands for one or more records. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_reports_count(reports: *const ottla_reports_t) -> usize {
    quietly(0, || reports.as_ref().map_or(0, |reports| reports.entries.len()))
}

/// An entry, valid until `reports` is freed; NULL behind the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_reports_get(
    reports: *const ottla_reports_t,
    index: usize,
) -> *const ottla_report_t {
    quietly(std::ptr::null(), || {
        let entry = reports.as_ref().and_then(|reports| reports.entries.get(index));
        entry.map_or(std::ptr::null(), |entry| &raw const *entry)
    })
}

/// Frees reports. NULL is accepted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ottla_reports_free(reports: *mut ottla_reports_t) {
    take_back(reports);
}
