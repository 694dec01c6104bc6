//! What happens to logs in the background: flushes, checkpoints, retention, deletions, the expiry of producers.
//!
//! One task for all logs, compaction beside it. Each pass takes each log's lock for a moment; what blocks runs on a blocking
//! thread and without the lock.

use super::checkpoint::TopicPartition;
use super::cleaner_driver;
use super::directory::{CheckpointKind, LogDirectory};
use super::error::LogError;
use super::flush::FlushStart;
use super::manager::{Shared, SharedLog};
use super::partition_log::PartitionLog;
use super::segment::remove_if_there;
use ottla_env::{Env, Task};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often the logs are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often idle logs give back memory and handles.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);

pub(super) const CHECKPOINTS: &[CheckpointKind] = &[
    CheckpointKind::RecoveryPoint,
    CheckpointKind::LogStart,
    CheckpointKind::HighWatermark,
    CheckpointKind::Cleaner,
];

/// Starts the background work; it ends after `stopping` turns true, between two steps.
pub(super) fn start(env: &Env, shared: &Arc<Shared>, stopping: &watch::Sender<bool>) -> Vec<Task<()>> {
    let keeper = Keeper::new(env.clone(), Arc::clone(shared));
    let mut tasks = vec![env.spawn("log-keeper", keeper.run(stopping.subscribe()))];
    if shared.config.cleaner.enable {
        for _ in 0..shared.config.cleaner.threads {
            let cleaning = cleaner_driver::run(env.clone(), Arc::clone(shared), stopping.subscribe());
            tasks.push(env.spawn("log-cleaner", cleaning));
        }
    }
    tasks
}

/// Completes when it is time to stop.
pub(super) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error says that the manager is gone, which is as good a reason.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// A time that comes again and again.
struct Every {
    interval: Duration,
    next: Instant,
}

impl Every {
    fn new(now: Instant, interval: Duration, initial_delay: Duration) -> Self {
        Self { interval, next: now + initial_delay.max(interval.min(TICK)) }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let is_due = now >= self.next;
        if is_due {
            self.next = now + self.interval;
        }
        is_due
    }
}

struct Keeper {
    env: Env,
    shared: Arc<Shared>,
    sweep: Every,
    high_watermarks: Every,
    recovery_points: Every,
    log_starts: Every,
    retention: Every,
    producers: Every,
}

impl Keeper {
    fn new(env: Env, shared: Arc<Shared>) -> Self {
        let now = env.now();
        let config = &shared.config;
        let every = |interval_ms, delay_ms| {
            Every::new(now, Duration::from_millis(interval_ms), Duration::from_millis(delay_ms))
        };
        let delay_ms = config.initial_task_delay_ms;
        Self {
            sweep: Every::new(now, SWEEP_INTERVAL, SWEEP_INTERVAL),
            high_watermarks: every(config.high_watermark_checkpoint_interval_ms, 0),
            recovery_points: every(config.recovery_point_checkpoint_interval_ms, delay_ms),
            log_starts: every(config.log_start_checkpoint_interval_ms, delay_ms),
            retention: every(config.retention_check_interval_ms, delay_ms),
            producers: every(config.producer_id_expiration_check_interval_ms, delay_ms),
            env,
            shared,
        }
    }

    async fn run(mut self, mut stopping: watch::Receiver<bool>) {
        loop {
            let next = self.env.now() + TICK;
            if self.env.timeout_at(next, stopped(&mut stopping)).await.is_some() {
                return;
            }
            self.tick().await;
        }
    }

    async fn tick(&mut self) {
        let now = self.env.now();
        let now_ms = self.env.wall_ms();
        if self.retention.is_due(now) {
            self.each_log(|log| {
                if let Err(error) = log.apply_retention(now_ms)
                    && !matches!(error, LogError::Offline)
                {
                    tracing::warn!(topic = &**log.topic(), partition = log.partition(), %error, "retention failed");
                }
            })
            .await;
        }
        if self.producers.is_due(now) {
            let expiration_ms = self.shared.config.producer_id_expiration_ms;
            self.each_log(|log| log.expire_producers(now_ms, expiration_ms)).await;
        }
        if self.shared.tail_budget.needs_sweep() || self.sweep.is_due(now) {
            self.each_log(|log| log.sweep(now_ms)).await;
        }
        self.flush_due(now_ms).await;
        self.delete_due(now_ms).await;
        let mut kinds = Vec::new();
        for (every, kind) in [
            (&mut self.high_watermarks, CheckpointKind::HighWatermark),
            (&mut self.recovery_points, CheckpointKind::RecoveryPoint),
            (&mut self.log_starts, CheckpointKind::LogStart),
        ] {
            if every.is_due(now) {
                kinds.push(kind);
            }
        }
        if !kinds.is_empty() {
            self.checkpoint(kinds).await;
        }
    }

    fn logs(&self) -> Vec<SharedLog> {
        self.shared.logs.read().values().map(|placed| Arc::clone(&placed.log)).collect()
    }

    /// Calls `work` on every log, letting other tasks run in between.
    async fn each_log(&self, work: impl Fn(&mut PartitionLog)) {
        for log in self.logs() {
            work(&mut log.lock());
            tokio::task::yield_now().await;
        }
    }

    async fn flush_due(&self, now_ms: i64) {
        for log in self.logs() {
            let is_due = {
                let log = log.lock();
                !log.is_offline() && log.needs_flush(now_ms)
            };
            if is_due && let Err(error) = flush(&self.env, &log).await {
                tracing::error!(%error, "flush failed");
            }
        }
    }

    async fn delete_due(&self, now_ms: i64) {
        let mut due = Vec::new();
        self.each_log_ref(|log| due.extend(log.take_due_deletes(now_ms)));
        let mut directories = Vec::new();
        self.shared.deleted_directories.lock().retain(|(path, due_ms)| {
            if *due_ms <= now_ms {
                directories.push(path.clone());
            }
            *due_ms > now_ms
        });
        if due.is_empty() && directories.is_empty() {
            return;
        }
        let disk = Arc::clone(&self.shared.disk);
        self.env
            .spawn_blocking(move || {
                for pending in due {
                    if let Err(error) = remove_if_there(&*disk, &pending.path) {
                        tracing::warn!(path = %pending.path.display(), %error, "cannot delete");
                    }
                }
                for path in directories {
                    match disk.remove_dir_all(&path) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => {
                            tracing::warn!(path = %path.display(), %error, "cannot delete");
                        }
                        _ => {}
                    }
                }
            })
            .await;
    }

    fn each_log_ref(&self, mut work: impl FnMut(&mut PartitionLog)) {
        for log in self.logs() {
            work(&mut log.lock());
        }
    }

    async fn checkpoint(&self, kinds: Vec<CheckpointKind>) {
        for directory in &self.shared.directories {
            if directory.health().is_offline() {
                continue;
            }
            let (shared, directory, kinds) = (Arc::clone(&self.shared), Arc::clone(directory), kinds.clone());
            let written =
                self.env.spawn_blocking(move || write_checkpoints(&shared, &directory, &kinds)).await;
            if let Err(error) = written {
                tracing::warn!(%error, "checkpoint not written");
            }
        }
    }
}

/// Flushes a log; false when another flush is under way.
///
/// The job finishes even when the caller goes away: a flush that began must end, or no other could begin.
pub(super) async fn flush(env: &Env, log: &SharedLog) -> io::Result<bool> {
    let start = log.lock().begin_flush(env.wall_ms()).map_err(io::Error::other)?;
    match start {
        FlushStart::Clean => Ok(true),
        FlushStart::Busy => Ok(false),
        FlushStart::Job(job) => {
            let log = Arc::clone(log);
            env.spawn_blocking(move || {
                let flushed = job.run()?;
                log.lock().finish_flush(flushed);
                Ok(true)
            })
            .await
        }
    }
}

/// Writes checkpoints of a directory. Blocks on the disk.
pub(super) fn write_checkpoints(
    shared: &Shared,
    directory: &Arc<LogDirectory>,
    kinds: &[CheckpointKind],
) -> io::Result<()> {
    let logs = shared.logs_of(directory);
    for kind in kinds {
        let mut offsets: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        for log in &logs {
            let log = log.lock();
            let offset = match kind {
                CheckpointKind::RecoveryPoint => Some(log.recovery_point()),
                CheckpointKind::HighWatermark => Some(log.high_watermark()),
                // As Kafka does: only where the start is not that of the first segment.
                CheckpointKind::LogStart => {
                    (log.log_start_offset() > log.first_base_offset()).then(|| log.log_start_offset())
                }
                CheckpointKind::Cleaner => (log.cleaned_to() > 0).then(|| log.cleaned_to()),
            };
            if let Some(offset) = offset {
                offsets.insert((log.topic().to_string(), log.partition()), offset);
            }
        }
        directory.write_checkpoint(*kind, offsets)?;
    }
    Ok(())
}
