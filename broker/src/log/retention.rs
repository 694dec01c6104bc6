//! Deleting what a log need not keep: by age, by size, and what lies below its start.

use super::error::LogError;
use super::partition_log::PartitionLog;

impl PartitionLog {
    /// Drops the segments that the topic's retention no longer asks for; true when the log's start moved.
    ///
    /// Only whole segments go, oldest first, and none that reaches over the high watermark. When even the active segment is
    /// too old, a new one is opened first.
    pub(crate) fn apply_retention(&mut self, now_ms: i64) -> Result<bool, LogError> {
        if self.context.health.is_offline() {
            return Err(LogError::Offline);
        }
        if self.awaits_config {
            return Ok(false);
        }
        let start = self.log_start_offset;
        let result = self.retain(now_ms);
        self.checked("apply retention", result)?;
        Ok(self.log_start_offset != start)
    }

    fn retain(&mut self, now_ms: i64) -> Result<(), LogError> {
        if self.config.cleanup_delete {
            let expired = self.expired_count(now_ms).max(self.oversize_count());
            if expired == self.segments.len() {
                self.roll_at(self.log_end_offset, now_ms)?;
            }
            self.delete_oldest(expired, now_ms)?;
            let first = self.segments[0].base_offset();
            if first > self.log_start_offset {
                self.log_start_offset = first;
                self.high_watermark = self.high_watermark.max(first);
                self.epochs.truncate_from_start(first);
                self.producers.advance_log_start(first);
            }
        }
        self.delete_segments_below_start(now_ms)
    }

    /// How many segments at the front hold only records older than `retention.ms`.
    fn expired_count(&self, now_ms: i64) -> usize {
        if self.config.retention_ms < 0 {
            return 0;
        }
        let is_expired = |index: usize| {
            let segment = &self.segments[index];
            // A segment without records is as old as its file.
            let newest_ms = segment.max_timestamp().map_or(segment.created_ms(), |(max_ms, _)| max_ms);
            now_ms.saturating_sub(newest_ms) > self.config.retention_ms && self.may_go(index)
        };
        (0..self.segments.len()).take_while(|index| is_expired(*index)).count()
    }

    /// How many segments at the front are more than `retention.bytes` asks for.
    fn oversize_count(&self) -> usize {
        let Ok(retained) = u64::try_from(self.config.retention_bytes) else { return 0 };
        let mut excess = self.size_bytes().saturating_sub(retained);
        let mut count = 0;
        for (index, segment) in self.segments.iter().enumerate() {
            if segment.size_bytes() > excess || !self.may_go(index) {
                break;
            }
            excess -= segment.size_bytes();
            count += 1;
        }
        count
    }

    /// Whether every in-sync replica has all of a segment. An empty active segment stays: there is nothing to win.
    fn may_go(&self, index: usize) -> bool {
        let end = self.segments.get(index + 1).map_or(self.log_end_offset, |next| next.base_offset());
        let is_empty_active = index + 1 == self.segments.len() && self.segments[index].size_bytes() == 0;
        end <= self.high_watermark && !is_empty_active
    }
}
