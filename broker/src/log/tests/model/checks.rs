//! What must hold of a log at any time, given the list of batches.

use super::history::{Known, writers_in, writers_of};
use super::*;

impl World {
    /// Compares all that the log tells of itself.
    pub(super) fn check(&self) {
        let log = &self.log;
        let marks = (log.log_start_offset(), log.log_end_offset(), log.high_watermark());
        assert_eq!(marks, (self.start, self.end, self.high_watermark));
        self.read(self.start, usize::MAX, self.end, true);
        assert_eq!(writers_in(log), self.writers);
        for known in self.visible() {
            let offset = known.base.max(self.start);
            assert_eq!(log.epoch_for_offset(offset), Some(known.epoch), "epoch of {offset}");
        }
        let open = self.writers.values().filter_map(|writer| writer.open_since).min();
        let stable = log.last_stable_offset(self.high_watermark);
        assert!(stable <= open.map_or(self.high_watermark, |open| open.max(self.start)), "{stable}");
        self.check_times();
    }

    /// Lookups by time.
    fn check_times(&self) {
        let records = self.visible().flat_map(|known| known.records.iter().copied());
        let timed: Vec<_> = records.filter(|(offset, time)| *offset >= self.start && *time >= 0).collect();
        for target_ms in [0, NOW_MS - 500, NOW_MS, NOW_MS + 900, 2 * NOW_MS] {
            for bound in [self.high_watermark, self.end] {
                let wanted = timed.iter().find(|(offset, time)| *offset < bound && *time >= target_ms);
                let found = self.log.offset_for_timestamp(target_ms, bound, ANY_GROWTH).unwrap();
                let found = found.map(|found| (found.offset, found.timestamp_ms));
                assert_eq!(found, wanted.copied(), "first at {target_ms} below {bound}");
            }
        }
        let max_ms = timed.iter().map(|(_, time)| *time).max();
        let wanted = timed.iter().find(|(_, time)| Some(*time) == max_ms).copied();
        let found =
            self.log.max_timestamp(self.end, ANY_GROWTH).unwrap().filter(|found| found.timestamp_ms >= 0);
        assert_eq!(found.map(|found| (found.offset, found.timestamp_ms)), wanted, "the latest");
    }

    /// A read gives the run of batches that the list has there.
    pub(super) fn read(&self, offset: i64, max_bytes: usize, bound: i64, min_one_batch: bool) {
        let result = self.log.read(offset, max_bytes, bound, min_one_batch);
        if offset < self.start || offset > self.end {
            assert!(matches!(result, Err(LogError::OffsetOutOfRange { .. })), "{offset}: {result:?}");
            return;
        }
        let read = result.unwrap();
        let mut wanted: Vec<&Known> = Vec::new();
        let mut size_bytes = 0;
        if offset < bound {
            for known in self.history.iter().filter(|known| known.last >= offset) {
                let is_owed = min_one_batch && wanted.is_empty();
                if known.last >= bound || (size_bytes + known.bytes.len() > max_bytes && !is_owed) {
                    break;
                }
                size_bytes += known.bytes.len();
                wanted.push(known);
            }
        }
        let context = format!("read of {offset}..{bound}, {max_bytes} bytes, {min_one_batch}");
        let found: Vec<_> = Known::all(read.to_bytes().unwrap()).collect();
        let bytes_of = |known: &Known| known.bytes.clone();
        let is_equal = found.iter().map(bytes_of).eq(wanted.iter().copied().map(bytes_of));
        assert!(is_equal, "{context}: {found:?} instead of {wanted:?}");
        assert_eq!(read.size_bytes, size_bytes, "{context}");
        if let (Some(first), Some(last)) = (wanted.first(), wanted.last()) {
            assert_eq!(read.first_offset, first.base, "{context}");
            let behind = self.history.iter().find(|known| known.base > last.last);
            assert!(read.next_offset > last.last, "{context}");
            assert!(read.next_offset <= behind.map_or(self.end, |behind| behind.base), "{context}");
        }
    }

    /// After producers were read again: each is as the batches from some point on tell, be it that all were seen or that
    /// those deleted were not. What is told of by batches that are still there is known.
    pub(super) fn check_rebuilt(&mut self) {
        let first = self.log.first_base_offset();
        let first = self.history.partition_point(|known| known.last < first);
        let found = writers_in(&self.log);
        for (id, writer) in &found {
            let mut starts = 0..=first;
            let is_told = starts.any(|start| writers_of(&self.history[start..]).get(id) == Some(writer));
            assert!(is_told, "producer {id} is {writer:?}, not {:?}", writers_of(&self.history).get(id));
        }
        for id in writers_of(&self.history[first..]).keys() {
            assert!(found.contains_key(id), "producer {id} is lost");
        }
        self.writers = found;
    }
}
