//! Fates of tagged records, told batch by batch as ranges, for callers that keep their own promises by number.
//!
//! A record appended with a tag needs no [`Delivery`](super::Delivery): when its batch is done, one [`Report`] tells the fate
//! of all tagged records in it. Knows nothing of how a fate comes about or of who listens.

use super::delivery::Fate;
use crate::error::Error;
use parking_lot::{Condvar, Mutex};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records with consecutive tags at consecutive places of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Tag of the first record; the others have the next ones.
    pub first_tag: u64,
    /// Place of the first record in its batch: its offset is the batch's base offset and this.
    pub first_index: u32,
    /// How many records.
    pub count: u32,
}

/// A batch in its partition's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the batch's first record; `None` where the broker did not say it (`acks=0`).
    pub base_offset: Option<i64>,
    /// The timestamp of all its records, where the topic has `message.timestamp.type=LogAppendTime`; milliseconds since
    /// the Unix epoch.
    pub log_append_time_ms: Option<i64>,
}

/// What became of the tagged records of a batch, or of those of them that share a fate.
#[derive(Clone, Debug)]
pub struct Report {
    /// The topic.
    pub topic: Arc<str>,
    /// The partition's number.
    pub partition: i32,
    /// Where the batch is in the log, or what went wrong; see [`Delivery`](super::Delivery) for what errors mean.
    pub outcome: Result<Appended, Error>,
    /// The records.
    pub runs: Vec<Run>,
}

/// Tags by place in a batch.
#[derive(Debug, Default)]
pub(crate) struct Runs(Vec<Run>);

impl Runs {
    pub(crate) fn push(&mut self, index: u32, tag: u64) {
        if let Some(last) = self.0.last_mut()
            && last.first_tag + u64::from(last.count) == tag
            && last.first_index + last.count == index
        {
            last.count += 1;
            return;
        }
        self.0.push(Run { first_tag: tag, first_index: index, count: 1 });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What lies in `first..first + count`, counted from there.
    pub(crate) fn part(&self, first: u32, count: u32) -> Self {
        let end = first + count;
        let within = self.0.iter().filter_map(|run| {
            let from = run.first_index.max(first);
            let to = (run.first_index + run.count).min(end);
            (from < to).then(|| Run {
                first_tag: run.first_tag + u64::from(from - run.first_index),
                first_index: from - first,
                count: to - from,
            })
        });
        Self(within.collect())
    }

    /// Takes the record at `index` out.
    fn take(&mut self, index: u32) -> Option<Run> {
        let at =
            self.0.iter().position(|run| (run.first_index..run.first_index + run.count).contains(&index))?;
        let run = self.0.remove(at);
        let before = index - run.first_index;
        let behind = run.count - before - 1;
        if behind > 0 {
            let first_tag = run.first_tag + u64::from(before) + 1;
            self.0.insert(at, Run { first_tag, first_index: index + 1, count: behind });
        }
        if before > 0 {
            self.0.insert(at, Run { count: before, ..run });
        }
        Some(Run { first_tag: run.first_tag + u64::from(before), first_index: index, count: 1 })
    }
}

/// Called when there is something to look at; from a thread of the runtime, so it must only wake whoever looks.
pub type WakeFn = Box<dyn Fn() + Send + Sync>;

/// The reports that nobody has taken yet. Bounded by what can be under way: `buffer.memory`.
#[derive(Default)]
pub struct Reports {
    queue: Mutex<Vec<Report>>,
    arrived: Condvar,
    wake: Mutex<Option<Arc<WakeFn>>>,
}

impl Reports {
    pub(crate) fn tell(&self, topic: &Arc<str>, partition: i32, fate: &Fate, tags: &mut Runs) {
        let mut runs = std::mem::take(tags);
        let report = |runs: Vec<Run>, outcome| Report { topic: Arc::clone(topic), partition, outcome, runs };
        match fate {
            Fate::Appended { base_offset, log_append_time_ms } => {
                let outcome = Appended { base_offset: *base_offset, log_append_time_ms: *log_append_time_ms };
                self.push([report(runs.0, Ok(outcome))]);
            }
            Fate::Failed(error) => self.push([report(runs.0, Err(error.clone()))]),
            Fate::Refused { records, rest } => {
                let mut told: Vec<_> = records
                    .iter()
                    .filter_map(|(index, error)| Some(report(vec![runs.take(*index)?], Err(error.clone()))))
                    .collect();
                if !runs.is_empty() {
                    told.push(report(runs.0, Err(rest.clone())));
                }
                self.push(told);
            }
            // The parts have the tags and report by themselves.
            Fate::Split(_) => {}
        }
    }

    /// Adds a report of another origin: a record that never came into a batch.
    pub(crate) fn push(&self, reports: impl IntoIterator<Item = Report>) {
        let mut queue = self.queue.lock();
        let was_empty = queue.is_empty();
        queue.extend(reports);
        let wakes = was_empty && !queue.is_empty();
        drop(queue);
        if wakes {
            self.arrived.notify_all();
            let wake = self.wake.lock().clone();
            if let Some(wake) = wake {
                wake();
            }
        }
    }

    /// Moves all reports to the end of `into`, in the order they came.
    pub fn drain(&self, into: &mut Vec<Report>) {
        into.append(&mut self.queue.lock());
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.queue.lock().is_empty()
    }

    /// Blocks the calling thread until there is a report, for `at_most` that long; whether there is.
    pub fn wait(&self, at_most: Duration) -> bool {
        #[allow(clippy::disallowed_methods)] // A thread of the host is held up, which no simulation does.
        let deadline = Instant::now().checked_add(at_most);
        let mut queue = self.queue.lock();
        while queue.is_empty() {
            let Some(deadline) = deadline else {
                self.arrived.wait(&mut queue);
                continue;
            };
            if self.arrived.wait_until(&mut queue, deadline).timed_out() {
                return !queue.is_empty();
            }
        }
        true
    }

    /// Sets who is woken when reports come where there was none. Called at once when there are some.
    pub fn set_wake(&self, wake: Option<WakeFn>) {
        let wake = wake.map(Arc::new);
        self.wake.lock().clone_from(&wake);
        if let Some(wake) = wake
            && !self.is_empty()
        {
            wake();
        }
    }
}

impl fmt::Debug for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reports").field("waiting", &self.queue.lock().len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::producer::delivery::Completer;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn tagged(reports: &Arc<Reports>, tags: &[u64]) -> Completer {
        let mut completer = Completer::new("t".into(), 1).reporting_to(Arc::clone(reports));
        for (index, tag) in tags.iter().enumerate() {
            completer.tag(index as u32, *tag);
        }
        completer
    }

    fn drained(reports: &Reports) -> Vec<Report> {
        let mut all = Vec::new();
        reports.drain(&mut all);
        all
    }

    fn appended(base: i64) -> Fate {
        Fate::Appended { base_offset: Some(base), log_append_time_ms: None }
    }

    fn run(first_tag: u64, first_index: u32, count: u32) -> Run {
        Run { first_tag, first_index, count }
    }

    #[test]
    fn consecutive_tags_are_one_run_and_gaps_make_another() {
        let reports = Arc::default();
        tagged(&reports, &[7, 8, 9, 20, 21, 5]).complete(appended(100));
        let told = drained(&reports);
        assert_eq!(told[0].runs, [run(7, 0, 3), run(20, 3, 2), run(5, 5, 1)]);
        assert_eq!(told[0].outcome.as_ref().unwrap().base_offset, Some(100));
        assert_eq!((&*told[0].topic, told[0].partition, told.len()), ("t", 1, 1));
    }

    #[test]
    fn the_parts_of_a_split_batch_report_their_own_tags_and_the_whole_does_not() {
        let reports = Arc::default();
        let whole = tagged(&reports, &[10, 11, 12, 13, 14]);
        let (left, right) = (whole.sibling(0, 2), whole.sibling(2, 3));
        let parts = vec![(0, Arc::clone(left.promise())), (2, Arc::clone(right.promise()))];
        whole.complete(Fate::Split(parts));
        assert!(reports.is_empty());
        right.complete(appended(7));
        drop(left);
        let told = drained(&reports);
        assert_eq!(told[0].runs, [run(12, 0, 3)]);
        assert_eq!(told[1].runs, [run(10, 0, 2)]);
        assert_eq!(told[1].outcome.as_ref().unwrap_err().kind(), ErrorKind::Closed);
    }

    #[test]
    fn records_refused_by_name_are_reported_apart_from_the_rest() {
        let reports = Arc::default();
        let error = |text: &'static str| Error::new(ErrorKind::Broker, "send records", text);
        tagged(&reports, &[1, 2, 3])
            .complete(Fate::Refused { records: vec![(1, error("bad"))], rest: error("rest") });
        let told = drained(&reports);
        assert_eq!(
            (told[0].runs.as_slice(), told[0].outcome.as_ref().unwrap_err().message()),
            ([run(2, 1, 1)].as_slice(), "bad")
        );
        assert_eq!(told[1].runs, [run(1, 0, 1), run(3, 2, 1)]);
    }

    #[test]
    fn whoever_looks_is_woken_once_until_everything_was_taken() {
        let reports: Arc<Reports> = Arc::default();
        let woken = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&woken);
        reports.set_wake(Some(Box::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        })));
        for tag in 0..3 {
            tagged(&reports, &[tag]).complete(appended(0));
        }
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        assert_eq!(drained(&reports).len(), 3);
        tagged(&reports, &[9]).complete(appended(0));
        assert_eq!(woken.load(Ordering::SeqCst), 2);
        assert!(reports.wait(Duration::ZERO));
    }

    #[test]
    fn waiting_for_reports_ends_with_its_time() {
        let reports = Reports::default();
        assert!(!reports.wait(Duration::from_millis(1)));
    }
}
