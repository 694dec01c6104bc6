//! Which log is compacted next, and doing it, within `log.cleaner.io.max.bytes.per.second`.

use super::cleaner::{CleanPlan, CleanerConfig};
use super::cleaner_rewrite::{Group, Rewriter};
use super::cleaner_swap::{Swap, install};
use super::directory::CheckpointKind;
use super::driver::{stopped, write_checkpoints};
use super::error::LogError;
use super::manager::{Shared, SharedLog};
use crate::storage::Disk;
use ottla_env::Env;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Compacts the dirtiest log, again and again; waits `log.cleaner.backoff.ms` when none is dirty enough.
pub(super) async fn run(env: Env, shared: Arc<Shared>, mut stopping: watch::Receiver<bool>) {
    let config = shared.config.cleaner.clone();
    let max_bytes_per_second = config.io_max_bytes_per_second / config.threads.max(1) as f64;
    let backoff = Duration::from_millis(config.backoff_ms.max(1));
    loop {
        let now_ms = env.wall_ms();
        let mut wait = backoff;
        if let Some(log) = dirtiest(&shared, now_ms) {
            let started = env.now();
            let work = {
                let (log, config) = (Arc::clone(&log), config.clone());
                env.spawn_blocking(move || clean(&log, &config, now_ms))
            };
            match work.await {
                Ok(bytes) => {
                    let paced = bytes as f64 / max_bytes_per_second.max(1.0);
                    let paced = Duration::try_from_secs_f64(paced).unwrap_or(backoff);
                    wait = paced.saturating_sub(env.now().saturating_duration_since(started));
                    checkpoint(&env, &shared, &log).await;
                }
                Err(error) => report(&log, &error),
            }
        }
        if env.timeout_at(env.now() + wait, stopped(&mut stopping)).await.is_some() {
            return;
        }
    }
}

/// The log that is due, or the one with the largest share to be compacted, if it is large enough.
fn dirtiest(shared: &Shared, now_ms: i64) -> Option<SharedLog> {
    let logs: Vec<SharedLog> = shared.logs.read().values().map(|placed| Arc::clone(&placed.log)).collect();
    let mut best: Option<(f64, SharedLog)> = None;
    for log in logs {
        let mut locked = log.lock();
        let Some(dirtiness) = locked.dirtiness(now_ms) else { continue };
        let is_dirty = dirtiness.ratio > locked.config().min_cleanable_dirty_ratio;
        drop(locked);
        // What is overdue comes before everything that is only dirty.
        let rank = if dirtiness.is_overdue { 1.0 + dirtiness.ratio } else { dirtiness.ratio };
        if (is_dirty || dirtiness.is_overdue) && best.as_ref().is_none_or(|(highest, _)| rank > *highest) {
            best = Some((rank, log));
        }
    }
    best.map(|(_, log)| log)
}

/// One pass over a log; returns the bytes read. Blocks.
pub(super) fn clean(log: &SharedLog, config: &CleanerConfig, now_ms: i64) -> Result<u64, LogError> {
    let (plan, disk, directory) = {
        let mut log = log.lock();
        let Some(plan) = log.plan_cleaning(now_ms)? else { return Ok(0) };
        (plan, Arc::clone(&log.context.disk), Arc::clone(log.directory()))
    };
    let reached = run_pass(log, &plan, config, &disk, &directory);
    let offset = *reached.as_ref().unwrap_or(&None);
    log.lock().finish_cleaning(offset, plan.cuts);
    reached.map(|_| plan.size_bytes())
}

/// The offset up to which the log is compacted now; `None` when it was cut meanwhile.
fn run_pass(
    log: &SharedLog,
    plan: &CleanPlan,
    config: &CleanerConfig,
    disk: &Arc<dyn Disk>,
    directory: &Arc<Path>,
) -> Result<Option<i64>, LogError> {
    let load = config.io_buffer_load_factor.clamp(0.01, 1.0);
    let bytes = config.dedupe_buffer_size_bytes / config.threads.max(1) as u64;
    let (map, map_end) = plan.build_map((bytes as f64 * load) as u64)?;
    let mut rewriter = Rewriter::new(plan, &map, map_end);
    for group in plan.groups(map_end) {
        let segment = rewriter.rewrite(disk, directory, &group)?;
        if !install(log, segment, &swap_of(plan, &group), plan.now_ms)? {
            return Ok(None);
        }
    }
    Ok(Some(map_end))
}

fn swap_of(plan: &CleanPlan, group: &Group) -> Swap {
    let replaces = plan.sources[group.range.clone()].iter().map(|source| source.base_offset).collect();
    Swap { replaces, cuts: plan.cuts }
}

/// How far compaction came survives a crash, so that it need not start over.
async fn checkpoint(env: &Env, shared: &Arc<Shared>, log: &SharedLog) {
    let (topic, partition) = {
        let log = log.lock();
        (Arc::clone(log.topic()), log.partition())
    };
    let placed = shared.logs.read().get(&(topic.to_string(), partition)).cloned();
    let Some(placed) = placed else { return };
    let shared = Arc::clone(shared);
    let written = env
        .spawn_blocking(move || write_checkpoints(&shared, &placed.directory, &[CheckpointKind::Cleaner]))
        .await;
    if let Err(error) = written {
        tracing::warn!(%error, "checkpoint not written");
    }
}

/// A log that cannot be compacted stays as it is; a disk that failed is out of use.
fn report(log: &SharedLog, error: &LogError) {
    let mut log = log.lock();
    tracing::error!(topic = &**log.topic(), partition = log.partition(), %error, "compaction failed");
    // Rot is told from a failing disk: the first is this log's alone, and so is compaction of it.
    if log.is_offline() || !log.note_uncleanable(error) {
        return;
    }
    tracing::error!(topic = &**log.topic(), partition = log.partition(), "log is not compacted any more");
}
