//! A compaction that a crash interrupted when its result was there, and what it stands for as well.

use super::*;
use crate::log::cleaner_driver::clean;
use crate::log::file_names::{DELETED_SUFFIX, LOG_SUFFIX, SWAP_SUFFIX, file_of, with_suffix};
use crate::storage::{read_file, replace_file};
use parking_lot::Mutex;
use std::path::PathBuf;

const DIRECTORY: &str = "/d/t-0";

/// The directory as the crash left it: `.swap` stands for the first segments.
struct Interrupted {
    fixture: Fixture,
    swap: PathBuf,
    /// The segments it stands for.
    originals: Vec<PathBuf>,
    /// Base offsets of all batches, before the compaction and after it.
    before: Vec<i64>,
    after: Vec<i64>,
}

impl Interrupted {
    fn new() -> Self {
        let fixture = Fixture::new(&[("cleanup.policy", "compact")]);
        let log: SharedLog = Arc::new(Mutex::new(fixture.open()));
        for round in 0..12 {
            let (key, value) = (format!("k{}", round % 2), "v".repeat(60));
            let mut log = log.lock();
            if round % 3 == 0 {
                log.roll_at(round, 1_000_000).unwrap();
            }
            log.put(batch_of(&[(1_000_000, Some(&key), Some(&value))], ProducerStamp::NONE));
        }
        log.lock().set_high_watermark(12);
        log.lock().flush();
        let before = all_bases(&log.lock());
        let files: Vec<_> = log.lock().segments.iter().map(|segment| segment.paths()[0].clone()).collect();
        let read = |path: &PathBuf| read_file(&*fixture.disk, path, 1 << 20).unwrap().unwrap();
        let contents: Vec<_> = files.iter().map(read).collect();
        assert!(clean(&log, &CleanerConfig::default(), 1_000_000).unwrap() > 0);
        let after = all_bases(&log.lock());
        let compacted = file_of(Path::new(DIRECTORY), 0, LOG_SUFFIX);
        let swap = with_suffix(&compacted, SWAP_SUFFIX);
        fixture.disk.rename(&compacted, &swap).unwrap();
        for (path, content) in files.iter().zip(&contents) {
            replace_file(&*fixture.disk, path, content, true).unwrap();
        }
        // It is one more than those that are gone, and does not reach the active one.
        let covered = files.len() + 1 - log.lock().segment_count();
        assert!((3..files.len()).contains(&covered), "{covered} of {}", files.len());
        Self { fixture, swap, originals: files[..covered].to_vec(), before, after }
    }

    fn damage(&self, how: impl Fn(&mut Vec<u8>)) {
        let mut content = read_file(&*self.fixture.disk, &self.swap, 1 << 20).unwrap().unwrap();
        how(&mut content);
        replace_file(&*self.fixture.disk, &self.swap, &content, true).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = self.fixture.disk.list(Path::new(DIRECTORY)).unwrap();
        entries.into_iter().map(|entry| entry.name).collect()
    }

    fn has_swap(&self) -> bool {
        self.names().iter().any(|name| name.ends_with(SWAP_SUFFIX))
    }

    fn open(&self) -> Result<PartitionLog, LogError> {
        let options = OpenOptions { recovery_point: 12, ..self.fixture.options() };
        PartitionLog::open(self.fixture.context(), Arc::from(Path::new(DIRECTORY)), options)
            .map(|(log, _)| log)
    }
}

fn all_bases(log: &PartitionLog) -> Vec<i64> {
    let mut bases_found = Vec::new();
    let mut next = log.log_start_offset();
    while next < log.log_end_offset() {
        let read = log.read(next, usize::MAX, log.log_end_offset(), true).unwrap();
        bases_found.extend(bases(&read));
        assert!(read.next_offset > next);
        next = read.next_offset;
    }
    bases_found
}

type Damage = fn(&mut Vec<u8>);

const DAMAGES: [Damage; 4] = [
    |content| *content.last_mut().unwrap() ^= 1,
    |content| content.truncate(content.len() - 1),
    |content| content[8] ^= 0x40,
    Vec::clear,
];

#[test]
fn whole_one_takes_the_place_of_what_it_stands_for() {
    let interrupted = Interrupted::new();
    assert_ne!(interrupted.before, interrupted.after);
    let log = interrupted.open().unwrap();
    assert_eq!(all_bases(&log), interrupted.after);
    assert!(!interrupted.has_swap());
}

#[test]
fn damaged_one_is_dropped_while_what_it_stands_for_is_there() {
    for damage in DAMAGES {
        let interrupted = Interrupted::new();
        interrupted.damage(damage);
        let log = interrupted.open().unwrap();
        assert_eq!(all_bases(&log), interrupted.before);
        assert!(!interrupted.has_swap());
    }
}

#[test]
fn damaged_one_that_is_the_only_copy_is_refused_and_nothing_touched() {
    for damage in DAMAGES {
        for gone in 0..Interrupted::new().originals.len() {
            let interrupted = Interrupted::new();
            interrupted.damage(damage);
            let original = &interrupted.originals[gone];
            interrupted.fixture.disk.rename(original, &with_suffix(original, DELETED_SUFFIX)).unwrap();
            let names = interrupted.names();
            let error = interrupted.open().unwrap_err();
            assert!(matches!(&error, LogError::Corrupt { base_offset: 0, .. }), "{error}");
            assert!(error.to_string().contains("only copy"), "{error}");
            assert_eq!(interrupted.names(), names);
        }
    }
}

#[test]
fn damaged_one_is_refused_when_what_it_stands_for_is_damaged_too() {
    let interrupted = Interrupted::new();
    interrupted.damage(DAMAGES[0]);
    let original = &interrupted.originals[1];
    let mut content = read_file(&*interrupted.fixture.disk, original, 1 << 20).unwrap().unwrap();
    content.pop();
    replace_file(&*interrupted.fixture.disk, original, &content, true).unwrap();
    assert!(matches!(interrupted.open(), Err(LogError::Corrupt { .. })));
    assert!(interrupted.has_swap());
}
