//! A partition's directory full of anything.
//!
//! Owns what must hold of a log that was opened from files nobody vouches for.

#![allow(clippy::panic)] // A finding is a panic.

use super::file_names::{LEADER_EPOCH_CHECKPOINT, LOG_SUFFIX, SNAPSHOT_SUFFIX, file_of};
use super::health::DirectoryHealth;
use super::tail_cache::TailBudget;
use super::{ANY_GROWTH, AppendOrigin, LogConfig, LogContext, LogError, OpenOptions, PartitionLog};
use crate::fuzzing::Input;
use crate::storage::{Disk, MemoryDisk, OpenMode};
use bytes::Bytes;
use ottla_wire::batch::{BatchBuilder, BatchHeader, BatchOptions, Batches, ProducerStamp};
use ottla_wire::crc32c::crc32c;
use std::collections::BTreeMap;
use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DIRECTORY: &str = "/d/t-0";
const NAMES: [&str; 12] = [
    ".log",
    ".index",
    ".timeindex",
    ".txnindex",
    ".snapshot",
    "",
    ".log.swap",
    ".log.cleaned",
    ".log.deleted",
    ".index.swap",
    ".log.tmp",
    ".other",
];

/// What two openings of the same files must agree upon.
#[derive(Debug, PartialEq)]
struct Seen {
    ends: (i64, i64),
    batches: Vec<Bytes>,
    epochs: Vec<(i32, i64)>,
    producers: Vec<(i64, i16, i32, i32, Option<i64>)>,
}

/// Any files in a partition's directory, and any checkpointed offsets: opening never panics. Where the offsets vouch for
/// nothing it succeeds, all that is readable then is whole and in order, it takes records, and opening again gives the same.
pub fn log_recovery(input: &[u8]) {
    let mut input = Input(input);
    let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
    let (flags, recovery_point, log_start_offset) = (input.byte(), input.byte(), input.byte());
    let is_trusting = flags & 1 != 0;
    disk.create_dir_all(Path::new(DIRECTORY)).expect("a disk in memory");
    let mut has_swap = false;
    while !input.is_empty() {
        let (kind, offset) = (input.byte(), i64::from(input.byte()));
        let len = input.number();
        let mut content = input.bytes(len).to_vec();
        let suffix = NAMES[usize::from(kind & 15) % NAMES.len()];
        has_swap |= suffix == ".log.swap";
        // Most inputs would not get past a checksum; whoever damages files on purpose gets past all of them.
        if kind & 16 != 0 {
            mend(suffix, &mut content);
        }
        let offset = if kind & 32 != 0 { i64::MAX - offset } else { offset };
        let path = if suffix.is_empty() {
            PathBuf::from(DIRECTORY).join(LEADER_EPOCH_CHECKPOINT)
        } else {
            file_of(Path::new(DIRECTORY), offset, suffix)
        };
        let file = disk.open(&path, OpenMode::Truncate).expect("a disk in memory");
        file.write_at(0, &[IoSlice::new(&content)]).expect("a disk in memory");
    }
    let options = |is_trusting: bool| OpenOptions {
        topic: Arc::from("t"),
        partition: 0,
        topic_id: None,
        config: Arc::new(LogConfig::from_map(&BTreeMap::new()).expect("the defaults")),
        recovery_point: if is_trusting { i64::from(recovery_point) } else { 0 },
        log_start_offset: i64::from(log_start_offset),
        high_watermark: i64::from(recovery_point),
        cleaned_to: i64::from(recovery_point),
        clean_shutdown: is_trusting && flags & 2 != 0,
        now_ms: 1_000_000,
    };
    let open = |is_trusting| {
        let context = LogContext {
            disk: Arc::clone(&disk),
            health: DirectoryHealth::online(),
            tail_budget: Arc::new(TailBudget::new(0)),
        };
        PartitionLog::open(context, Arc::from(Path::new(DIRECTORY)), options(is_trusting)).map(|(log, _)| log)
    };
    if is_trusting {
        // What is trusted may be wrong, and then says so when it is looked at.
        if let Ok(log) = open(true) {
            let _ = look(&log);
            ask(&log);
        }
    }
    let mut log = match open(false) {
        Ok(log) => log,
        // The cleaner had synced it before it got that name: one that is damaged is not a crash's doing, and refused.
        Err(LogError::Corrupt { .. }) if has_swap => return,
        Err(error) => panic!("what cannot be trusted is cut off, not refused: {error}"),
    };
    let seen = look(&log).expect("what was recovered can be read");
    ask(&log);
    drop(log);
    log = open(false).expect("what was recovered can be recovered");
    let again = look(&log).expect("what was recovered can be read");
    // Epochs of what is deleted are in a file alone, which the next flush would have written.
    assert_eq!(Seen { epochs: seen.epochs.clone(), ..again }, seen);
    put(&mut log);
    let middle = log.log_start_offset() + (log.log_end_offset() - log.log_start_offset()) / 2;
    log.truncate_to(middle, 0).expect("a recovered log can be cut");
    assert!(log.log_end_offset() <= middle.max(log.log_start_offset()));
    look(&log).expect("what was cut can be read");
    put(&mut log);
    log.set_high_watermark(log.log_end_offset());
    log.delete_records(log.log_end_offset(), 0).expect("a recovered log can be emptied");
    log.prepare_close().expect("a recovered log can be closed");
}

/// Makes checksums right.
fn mend(suffix: &str, content: &mut [u8]) {
    if suffix.starts_with(LOG_SUFFIX) {
        let mut rest = content;
        while let Ok(header) = BatchHeader::parse(rest) {
            let size_bytes = header.size_bytes();
            if size_bytes > rest.len() || size_bytes < 21 {
                break;
            }
            let crc = crc32c(&rest[21..size_bytes]);
            rest[17..21].copy_from_slice(&crc.to_be_bytes());
            rest = &mut rest[size_bytes..];
        }
    } else if suffix == SNAPSHOT_SUFFIX && content.len() >= 6 {
        let crc = crc32c(&content[6..]);
        content[2..6].copy_from_slice(&crc.to_be_bytes());
    }
}

fn look(log: &PartitionLog) -> Result<Seen, LogError> {
    let (mut offset, end) = (log.log_start_offset(), log.log_end_offset());
    assert!(0 <= offset && offset <= end);
    let mut batches = Vec::new();
    let mut is_first = true;
    while offset < end {
        let read = log.read(offset, 1 << 20, end, true)?;
        let mut next_offset = offset;
        for batch in Batches::new(read.to_bytes()?) {
            let Ok(batch) = batch else { return Err(LogError::Offline) };
            // A log that was not recovered may hold damage; it is the reader who tells.
            if batch.verify_crc().is_err() {
                return Err(LogError::Offline);
            }
            if batch.header.last_offset() < next_offset
                || (!is_first && batch.header.base_offset < next_offset)
            {
                return Err(LogError::Offline);
            }
            is_first = false;
            next_offset = batch.header.next_offset();
            batches.push(batch.into_bytes());
        }
        // What compaction took leaves a gap, at the end of the log too.
        let next_offset = next_offset.max(read.next_offset);
        if next_offset <= offset {
            break;
        }
        offset = next_offset;
    }
    let producers = log.producers().sorted().into_iter().map(|(id, entry)| {
        (id, entry.producer_epoch, entry.last_sequence(), entry.coordinator_epoch, entry.txn_first_offset)
    });
    let epochs: Vec<_> = log.epochs().entries().to_vec();
    Ok(Seen { ends: (log.log_start_offset(), end), batches, epochs, producers: producers.collect() })
}

/// Lookups, whose answers nothing is known of but that they end.
fn ask(log: &PartitionLog) {
    let end = log.log_end_offset();
    for target_ms in [-1, 0, 1_000_000, i64::MAX] {
        let _ = log.offset_for_timestamp(target_ms, end, ANY_GROWTH);
    }
    let _ = log.max_timestamp(end, ANY_GROWTH);
    let _ = log.aborted_transactions(log.log_start_offset(), end);
    for epoch in [-1, 0, 1, i32::MAX] {
        let _ = log.end_offset_for_epoch(epoch);
    }
    let _ = log.last_stable_offset(log.high_watermark());
}

fn put(log: &mut PartitionLog) {
    let mut builder = BatchBuilder::new(BatchOptions::default(), bytes::BytesMut::new());
    builder.append(1_000_000, Some(b"k"), Some(b"v"), &[]);
    let batch = builder.finish(ProducerStamp::NONE).expect("a small batch");
    let epoch = log.latest_epoch().unwrap_or(0);
    match log.append(batch, AppendOrigin::Coordinator, epoch, 1_000_000) {
        Ok(info) => assert_eq!(info.last_offset + 1, log.log_end_offset()),
        Err(super::AppendError::OffsetsExhausted) => {}
        Err(error) => panic!("a recovered log takes records: {error}"),
    }
}
