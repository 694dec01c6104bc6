//! A log, and beside it the list of batches it must agree with.

use super::history::{Known, Writers};
use super::operation::{Operation, Place};
use super::*;
use crate::storage::{FaultyDisk, Survival, read_file};

/// When all of it happens.
pub(super) const NOW_MS: i64 = 1_000_000;

const SURVIVALS: [Survival; 4] = [Survival::None, Survival::Some, Survival::Torn, Survival::All];

pub(super) struct World {
    fixture: Fixture,
    disk: FaultyDisk,
    pub(super) log: PartitionLog,
    /// Every batch there ever was and was not cut off the end again; those below the start included.
    pub(super) history: Vec<Known>,
    pub(super) writers: Writers,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) high_watermark: i64,
    pub(super) epoch: i32,
    /// Batches below it survive anything.
    durable: i64,
}

impl World {
    pub(super) fn new(config: &[(&str, &str)], with_tail: bool) -> Self {
        let disk = FaultyDisk::default();
        let mut fixture = Fixture { disk: Arc::new(disk.clone()), ..Fixture::new(config) };
        if !with_tail {
            fixture = fixture.without_tail();
        }
        let log = fixture.open();
        Self {
            fixture,
            disk,
            log,
            history: Vec::new(),
            writers: Writers::new(),
            start: 0,
            end: 0,
            high_watermark: 0,
            epoch: 0,
            durable: 0,
        }
    }

    pub(super) fn run(&mut self, operation: &Operation) {
        match operation {
            Operation::Append(append) => self.append(append),
            Operation::Replicate { gaps, time } => self.replicate(gaps, *time),
            Operation::EndTransaction { producer_id, committed } => {
                self.end_transaction(*producer_id, *committed);
            }
            Operation::NewLeader => self.epoch += 1,
            Operation::Roll => self.log.roll_at(self.end, NOW_MS).unwrap(),
            Operation::Commit(to) => {
                let to = self.offset(*to).max(self.high_watermark);
                self.log.set_high_watermark(to);
                self.high_watermark = to.clamp(self.start, self.end);
            }
            Operation::Flush => self.flush(),
            Operation::Read { from, max_bytes, bound, min_one_batch } => {
                self.read(self.offset(*from), *max_bytes, self.offset(*bound), *min_one_batch);
            }
            Operation::DeleteRecords(to) => self.delete_records(self.offset(*to)),
            Operation::Truncate(to) => self.truncate(self.offset(*to)),
            Operation::Retention { age_ms } => self.retain(*age_ms),
            Operation::Close => {
                self.flush();
                self.log.close();
                self.reopen(true);
                self.check_rebuilt();
            }
            Operation::Crash => {
                self.reopen(false);
                self.check_rebuilt();
            }
            Operation::PowerCut { survival, seed } => self.power_cut(SURVIVALS[*survival], *seed),
        }
    }

    /// Batches that may be read.
    pub(super) fn visible(&self) -> impl Iterator<Item = &Known> {
        self.history.iter().filter(|known| known.last >= self.start)
    }

    fn offset(&self, place: Place) -> i64 {
        match place {
            0 => self.start - 1,
            255 => self.end + 1,
            place => self.start + (self.end - self.start) * i64::from(place - 1) / 253,
        }
    }

    fn flush(&mut self) {
        self.log.flush();
        assert_eq!(self.log.recovery_point(), self.end);
        self.durable = self.end;
    }

    fn delete_records(&mut self, to: i64) {
        let result = self.log.delete_records(to, NOW_MS);
        if to < 0 || to > self.high_watermark {
            assert!(matches!(result, Err(LogError::OffsetOutOfRange { .. })), "{result:?}");
        } else {
            self.start = self.start.max(to);
            assert_eq!(result.unwrap(), self.start);
        }
    }

    fn truncate(&mut self, to: i64) {
        let to = to.max(0);
        self.log.truncate_to(to, NOW_MS).unwrap();
        if to >= self.end {
            return;
        }
        self.history.retain(|known| known.last < to);
        // A batch that reaches over the cut goes whole. A gap before it may stay, as the end of what is before.
        let end = self.log.log_end_offset();
        let next = self.history.last().map_or(0, |last| last.last + 1);
        assert!(next <= end && end <= to, "{next} {end} {to}");
        self.end = end;
        self.start = self.start.min(end);
        self.high_watermark = self.high_watermark.min(end);
        self.durable = self.durable.min(end);
        self.check_rebuilt();
    }

    fn retain(&mut self, age_ms: i64) {
        let now_ms = NOW_MS + age_ms;
        self.log.apply_retention(now_ms).unwrap();
        let start = self.log.log_start_offset();
        assert!(self.start <= start && start <= self.high_watermark.max(self.start), "{start}");
        if start > self.start {
            for known in self.visible().filter(|known| known.base < start) {
                assert!(known.last < start, "a batch is cut in two");
            }
            let newest = self.visible().filter(|known| known.last < start).map(Known::max_ms).min();
            assert!(newest.is_none_or(|newest| now_ms - newest > 500));
        }
        self.start = start;
    }

    fn reopen(&mut self, clean_shutdown: bool) {
        let options = OpenOptions {
            recovery_point: self.log.recovery_point(),
            log_start_offset: self.start,
            high_watermark: self.high_watermark,
            clean_shutdown,
            ..self.fixture.options()
        };
        let (log, report) = self.fixture.open_with(options);
        if clean_shutdown {
            assert_eq!(report.recovered_segments, 0, "{report:?}");
        }
        self.log = log;
    }

    fn power_cut(&mut self, survival: Survival, seed: u64) {
        self.disk = self.disk.after_power_cut(survival, seed);
        self.fixture.disk = Arc::new(self.disk.clone());
        self.reopen(false);
        let (start, end) = (self.log.log_start_offset(), self.log.log_end_offset());
        assert!(self.start <= start && self.durable <= end, "{start} {end} of {}", self.durable);
        // What was not synced may be there, below the start too, and so may what was cut off and is there again.
        let durable = self.durable;
        self.history.retain(|known| known.last < durable);
        for known in self.batches_on_disk() {
            match self.history.iter().find(|other| other.base == known.base) {
                Some(other) => assert_eq!(other.bytes, known.bytes, "a durable batch is another"),
                None => {
                    let next = self.history.last().map_or(0, |last| last.last + 1);
                    assert!(known.base >= next, "offsets go back");
                    self.history.push(known);
                }
            }
        }
        (self.start, self.end) = (start, end);
        self.high_watermark = self.high_watermark.clamp(start, end);
        self.check_rebuilt();
        self.flush();
    }

    /// What the segments hold, deleted records of the first one included.
    fn batches_on_disk(&self) -> Vec<Known> {
        let directory = self.log.directory();
        // Names are offsets of one length.
        let names = self.disk.list(directory).unwrap().into_iter().map(|entry| entry.name);
        let mut names: Vec<_> = names.filter(|name| name.ends_with(file_names::LOG_SUFFIX)).collect();
        names.sort();
        let read = |name: &String| read_file(&self.disk, &directory.join(name), 1 << 20).unwrap().unwrap();
        names.iter().map(read).flat_map(|bytes| Known::all(Bytes::from(bytes))).collect()
    }
}
