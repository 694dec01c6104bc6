//! What became of records that were sent, from core to host.
//!
//! ```text
//! block   u32 version   u32 report count   report*
//! report  i32 partition   i32 error: index into the errors that come with the block, -1: appended
//!         i64 base offset, -1: the broker did not say it   i64 log append time in milliseconds, -1: the record's own counts
//!         u32 run count   u32 0   run*
//! run     u64 tag of the first record   u32 place of the first record in the batch   u32 record count
//! ```
//!
//! The offset of the k-th record of a run is base offset + place of the first + k.

use super::{VERSION, put_i32, put_i64, put_u32};
use crate::error::Error;
use crate::producer::{Appended, Report};

/// Appends the reports to `into`, which is empty or holds blocks; returns the errors they name by index.
pub fn pack(reports: Vec<Report>, into: &mut Vec<u8>) -> Vec<Error> {
    let mut errors = Vec::new();
    put_u32(into, VERSION);
    put_u32(into, reports.len() as u32);
    for report in reports {
        put_i32(into, report.partition);
        let Appended { base_offset, log_append_time_ms } = match report.outcome {
            Ok(appended) => {
                put_i32(into, -1);
                appended
            }
            Err(error) => {
                put_i32(into, errors.len() as i32);
                errors.push(error);
                Appended { base_offset: None, log_append_time_ms: None }
            }
        };
        put_i64(into, base_offset.unwrap_or(-1));
        put_i64(into, log_append_time_ms.unwrap_or(-1));
        put_u32(into, report.runs.len() as u32);
        put_u32(into, 0);
        for run in report.runs {
            put_i64(into, run.first_tag.cast_signed());
            put_u32(into, run.first_index);
            put_u32(into, run.count);
        }
    }
    errors
}
