//! A power cut at every single write, in every mode of survival, and what recovery makes of it (rule I19).

use super::*;
use crate::log::cleaner_driver::clean;
use crate::storage::{FaultyDisk, Survival, read_file, replace_file};
use ottla_wire::batch::control::EndTransactionMarker;
use ottla_wire::batch::{BatchHeader, DecompressLimits, Scratch};
use parking_lot::Mutex;

const MODES: [Survival; 4] = [Survival::None, Survival::Some, Survival::Torn, Survival::All];

/// What a run has made durable before the power went.
#[derive(Clone, Debug, Default)]
struct Durable {
    /// All batches below the recovery point, as they are in the log.
    batches: Vec<(i64, Bytes)>,
    recovery_point: i64,
    log_start_offset: i64,
    cleaned_to: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scenario {
    Append,
    Cuts,
    Compaction,
}

impl Scenario {
    fn config(self) -> Fixture {
        let policy = if self == Self::Compaction { "compact" } else { "delete" };
        Fixture::new(&[
            ("cleanup.policy", policy),
            ("internal.segment.bytes", "1500"),
            ("index.interval.bytes", "200"),
            ("file.delete.delay.ms", "0"),
        ])
        .without_tail()
    }
}

fn batches_of(log: &PartitionLog) -> Vec<(i64, Bytes)> {
    let end = log.log_end_offset();
    let mut batches = Vec::new();
    let mut next = log.log_start_offset();
    while next < end {
        let read = log.read(next, usize::MAX, end, true).unwrap();
        if read.size_bytes == 0 {
            break;
        }
        for batch in Batches::new(read.to_bytes().unwrap()) {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            assert!(batch.header.last_offset() >= next, "offsets go back");
            next = batch.header.next_offset();
            batches.push((batch.header.base_offset, batch.into_bytes()));
        }
    }
    batches
}

/// Runs a scenario until it ends or the power goes. `durable` is what a finished flush vouched for.
fn run(scenario: Scenario, disk: &FaultyDisk, durable: &mut Durable) -> Option<()> {
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..scenario.config() };
    let context = fixture.context();
    let opened = PartitionLog::open(context, Arc::from(Path::new("/d/t-0")), fixture.options()).ok()?;
    let log: SharedLog = Arc::new(Mutex::new(opened.0));
    let flush = |durable: &mut Durable| -> Option<()> {
        let mut locked = log.lock();
        if let FlushStart::Job(job) = locked.begin_flush(0).ok()? {
            let flushed = job.run().ok()?;
            locked.finish_flush(flushed);
        }
        // A power that is off fails reads too; the flush before it counts all the same.
        durable.recovery_point = locked.recovery_point();
        durable.log_start_offset = locked.log_start_offset();
        durable.cleaned_to = locked.cleaned_to();
        durable.batches = batches_of(&locked);
        Some(())
    };
    for step in 0..40i32 {
        let key = format!("k{}", step % 7);
        let value = format!("{step}").repeat(30);
        let record = [(1_000_000 + i64::from(step), Some(key.as_str()), Some(value.as_str()))];
        let epoch = step / 15;
        {
            let mut locked = log.lock();
            let next = |id| locked.producers().get(id).map_or(0, |entry| entry.last_sequence() + 1);
            let producer = match step % 3 {
                0 => ProducerStamp::NONE,
                1 => stamp(5, 0, next(5)),
                _ => ProducerStamp { transactional: true, ..stamp(6, 0, next(6)) },
            };
            locked.append(batch_of(&record, producer), CLIENT, epoch, 1_000_000).ok()?;
            if step % 6 == 5 {
                let marker = EndTransactionMarker { committed: step % 12 == 5, coordinator_epoch: 1 };
                let marker = marker.encode_batch(6, 0, 1_000_000);
                locked.append(marker, AppendOrigin::Coordinator, epoch, 1_000_000).ok()?;
            }
            let end = locked.log_end_offset();
            locked.set_high_watermark(end);
        }
        if step % 5 == 4 {
            flush(durable)?;
        }
        match scenario {
            Scenario::Append => {}
            Scenario::Cuts => {
                if step % 11 == 10 {
                    let mut locked = log.lock();
                    let to = locked.log_end_offset() - 3;
                    // From here on the records behind the cut are no longer promised.
                    durable.batches.retain(|(base, _)| *base < to);
                    durable.recovery_point = durable.recovery_point.min(to);
                    locked.truncate_to(to, 1_000_000).ok()?;
                }
                if step == 20 || step == 33 {
                    let start = log.lock().log_end_offset() - 12;
                    durable.batches.retain(|(base, _)| *base >= start);
                    durable.log_start_offset = start;
                    log.lock().delete_records(start, 1_000_000).ok()?;
                    let due = log.lock().take_due_deletes(1_000_000);
                    for pending in due {
                        crate::log::segment::remove_if_there(disk, &pending.path).ok()?;
                    }
                }
            }
            Scenario::Compaction => {
                if step % 10 == 9 {
                    clean(&log, &CleanerConfig::default(), 1_000_000).ok()?;
                    durable.cleaned_to = log.lock().cleaned_to();
                    let due = log.lock().take_due_deletes(1_000_000);
                    for pending in due {
                        crate::log::segment::remove_if_there(disk, &pending.path).ok()?;
                    }
                }
            }
        }
    }
    log.lock().prepare_close().ok()?;
    flush(durable)
}

fn recover(scenario: Scenario, disk: &FaultyDisk, durable: &Durable) -> Option<PartitionLog> {
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..scenario.config() };
    let options = OpenOptions {
        recovery_point: durable.recovery_point,
        log_start_offset: durable.log_start_offset,
        cleaned_to: durable.cleaned_to,
        ..fixture.options()
    };
    PartitionLog::open(fixture.context(), Arc::from(Path::new("/d/t-0")), options).ok().map(|(log, _)| log)
}

/// Last value of every key that is not of an aborted transaction; an undecided one counts as neither.
fn latest(batches: &[(i64, Bytes)]) -> BTreeMap<Vec<u8>, i64> {
    let mut latest = BTreeMap::new();
    for (_, bytes) in batches {
        let batch = Batches::new(bytes.clone()).next().unwrap().unwrap();
        if batch.header.is_control() || batch.header.is_transactional() {
            continue;
        }
        let mut scratch = Scratch::new();
        for record in batch.records(&DecompressLimits::default(), &mut scratch).unwrap() {
            let record = record.unwrap();
            latest.insert(record.key.unwrap().to_vec(), record.offset);
        }
    }
    latest
}

fn check(scenario: Scenario, log: &PartitionLog, disk: &FaultyDisk, durable: &Durable, context: &str) {
    let found = batches_of(log);
    match scenario {
        Scenario::Append | Scenario::Cuts => {
            for (base, bytes) in &durable.batches {
                let is_there = found.iter().any(|(other, content)| other == base && content == bytes);
                assert!(is_there, "{context}: synced batch at {base} is lost");
            }
        }
        Scenario::Compaction => {
            let found = latest(&found);
            for (key, offset) in latest(&durable.batches) {
                let is_there = found.get(&key).is_some_and(|other| *other >= offset);
                assert!(is_there, "{context}: synced record at {offset} is lost");
            }
        }
    }
    // Indexes: every batch is found by its offset.
    for (base, bytes) in &found {
        let header = BatchHeader::parse(bytes).unwrap();
        let read = log.read(header.last_offset(), 1, i64::MAX, true).unwrap();
        assert_eq!(read.first_offset, *base, "{context}");
    }
    // Everything derived equals what a reading of the whole log gives.
    let copy = disk.after_power_cut(Survival::All, 0);
    for entry in copy.list(Path::new("/d/t-0")).unwrap() {
        if !entry.name.ends_with(".log") {
            copy.remove_file(&Path::new("/d/t-0").join(&entry.name)).unwrap();
        }
    }
    let rebuilt =
        recover(scenario, &copy, &Durable { log_start_offset: log.log_start_offset(), ..Durable::default() });
    let rebuilt = rebuilt.unwrap();
    assert_eq!(rebuilt.log_end_offset(), log.log_end_offset(), "{context}");
    if scenario != Scenario::Compaction {
        assert_eq!(rebuilt.epochs().entries(), log.epochs().entries(), "{context}: epochs");
    }
    for (base, bytes) in &found {
        let header = BatchHeader::parse(bytes).unwrap();
        assert_eq!(log.epoch_for_offset(*base), Some(header.partition_leader_epoch), "{context}: epochs");
    }
    let end = log.log_end_offset();
    let aborted = rebuilt.aborted_transactions(0, end).unwrap();
    let of_log = log.aborted_transactions(0, end).unwrap();
    if scenario == Scenario::Compaction {
        // Records of one may be gone, in part or all, and it is listed all the same.
        let markers: Vec<_> = of_log.iter().map(|aborted| aborted.last_offset).collect();
        assert!(aborted.iter().all(|aborted| markers.contains(&aborted.last_offset)), "{context}");
    } else {
        assert_eq!(aborted, of_log, "{context}: aborted transactions");
    }
    if scenario != Scenario::Compaction {
        let summary = |log: &PartitionLog| {
            let entry = |(id, entry): (i64, &ProducerEntry)| {
                (
                    id,
                    entry.producer_epoch,
                    entry.last_sequence(),
                    entry.txn_first_offset,
                    entry.coordinator_epoch,
                )
            };
            log.producers().sorted().into_iter().map(entry).collect::<Vec<_>>()
        };
        if log.log_start_offset() == 0 {
            assert_eq!(summary(&rebuilt), summary(log), "{context}: producers");
        }
    }
}

fn exhaust(scenario: Scenario) {
    let whole = FaultyDisk::default();
    let mut durable = Durable::default();
    run(scenario, &whole, &mut durable).expect("no fault, no failure");
    let count = whole.writes();
    assert!(count > 100, "{count}");
    for cut in 0..count {
        let disk = FaultyDisk::default();
        disk.cut_power_after(cut);
        let mut durable = Durable::default();
        assert!(run(scenario, &disk, &mut durable).is_none());
        for mode in MODES {
            let context = format!("{scenario:?}, cut at write {cut}, survival {mode:?}");
            let found = disk.after_power_cut(mode, cut);
            let again = found.after_power_cut(Survival::All, 0);
            let mut log =
                recover(scenario, &found, &durable).unwrap_or_else(|| panic!("{context}: no recovery"));
            check(scenario, &log, &found, &durable, &context);
            log.append(batch(1_000_000, 1), AppendOrigin::Coordinator, 9, 1_000_000)
                .expect("a recovered log takes records");
            // A second cut, somewhere in the recovery.
            again.cut_power_after(cut % 7);
            drop(recover(scenario, &again, &durable));
            let twice = again.after_power_cut(mode, cut + 1);
            let context = format!("{context}, again in recovery");
            let log = recover(scenario, &twice, &durable).unwrap_or_else(|| panic!("{context}: no recovery"));
            check(scenario, &log, &twice, &durable, &context);
        }
    }
}

#[test]
fn appends_survive_a_cut_at_every_write() {
    exhaust(Scenario::Append);
}

#[test]
fn truncation_and_deletion_survive_a_cut_at_every_write() {
    exhaust(Scenario::Cuts);
}

#[test]
fn compaction_survives_a_cut_at_every_write() {
    exhaust(Scenario::Compaction);
}

#[test]
fn failed_sync_takes_the_directory_offline_for_good() {
    let disk = FaultyDisk::default();
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..Fixture::new(&[]) };
    let mut log = fixture.open();
    log.put(batch(1_000_000, 1));
    disk.fail_sync(1);
    let FlushStart::Job(job) = log.begin_flush(0).unwrap() else { panic!("there is something to flush") };
    assert!(job.run().is_err());
    assert_eq!(log.recovery_point(), 0);
    let error = log.append(batch(1_000_000, 1), CLIENT, 0, 0).unwrap_err();
    assert_eq!(error.code(), ottla_wire::ErrorCode::KAFKA_STORAGE_ERROR);
}

#[test]
fn full_disk_refuses_appends_and_goes_on_once_there_is_room() {
    let disk = FaultyDisk::default();
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..Fixture::new(&[]).without_tail() };
    let mut log = fixture.open();
    log.put(batch(1_000_000, 5));
    disk.set_capacity(Some(1000));
    assert!(matches!(log.append(batch(1_000_000, 5), CLIENT, 0, 1_000_000), Err(AppendError::DiskFull)));
    assert_eq!(bases(&log.read(0, 10_000, 5, true).unwrap()), [0]);
    disk.set_capacity(None);
    assert_eq!(log.put(batch(1_000_000, 5)).first_offset, 5);
    drop(log);
    assert_eq!(fixture.open().log_end_offset(), 10);
}

#[test]
fn rot_below_the_recovery_point_is_not_passed_on_as_an_end_of_the_log() {
    let disk = FaultyDisk::default();
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..Fixture::new(&[]).without_tail() };
    let mut log = fixture.open();
    for _ in 0..3 {
        log.put(batch(1_000_000, 5));
    }
    log.flush();
    drop(log);
    let path = Path::new("/d/t-0/00000000000000000000.log");
    let mut bytes = read_file(&disk, path, 1 << 20).unwrap().unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    replace_file(&disk, path, &bytes, true).unwrap();
    let (log, report) = fixture.open_with(OpenOptions { recovery_point: 15, ..fixture.options() });
    assert_eq!(log.log_end_offset(), 5);
    assert!(report.reason.unwrap().contains("checksum"));
}

#[test]
fn truncation_that_did_not_survive_gives_way_to_the_segment_begun_after_it() {
    let (disk, fixture) = (FaultyDisk::default(), Fixture::new(&[]).without_tail());
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..fixture };
    let path = Path::new("/d/t-0/00000000000000000000.log");
    // In two segments what was cut off is whole; the new one may be empty, or end where the old one did.
    for appended in 0..3 {
        let mut log = fixture.open();
        log.truncate_fully(0, 0).unwrap();
        for _ in 0..3 {
            log.put(batch(1_000_000, 1));
        }
        let before = read_file(&disk, path, 1 << 20).unwrap().unwrap();
        log.truncate_to(1, 0).unwrap();
        log.roll_at(1, 0).unwrap();
        for _ in 0..appended {
            log.put(batch(2_000_000, 1));
        }
        drop(log);
        replace_file(&disk, path, &before, true).unwrap();
        let (log, report) = fixture.open_with(OpenOptions { recovery_point: 1, ..fixture.options() });
        assert!(report.reason.unwrap().contains("next segment"));
        assert_eq!(log.log_end_offset(), 1 + appended);
        let found = batches_of(&log);
        assert_eq!(found.len() as i64, 1 + appended);
        assert!(
            found[1..].iter().all(|(_, bytes)| BatchHeader::parse(bytes).unwrap().max_timestamp == 2_000_000)
        );
    }
}

#[test]
fn segment_of_an_older_epoch_does_not_follow_one_of_a_newer() {
    let (disk, fixture) = (FaultyDisk::default(), Fixture::new(&[]).without_tail());
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..fixture };
    let mut log = fixture.open();
    let append = |log: &mut PartitionLog, epoch| {
        log.append(batch(1_000_000, 1), CLIENT, epoch, 1_000_000).unwrap();
    };
    append(&mut log, 3);
    append(&mut log, 3);
    log.roll_at(2, 0).unwrap();
    append(&mut log, 3);
    let path = Path::new("/d/t-0/00000000000000000002.log");
    let before = read_file(&disk, path, 1 << 20).unwrap().unwrap();
    // The removal of the second segment does not survive, the batch of the new leader does.
    log.truncate_to(1, 0).unwrap();
    append(&mut log, 4);
    drop(log);
    replace_file(&disk, path, &before, true).unwrap();
    let (log, report) = fixture.open_with(OpenOptions { recovery_point: 1, ..fixture.options() });
    assert!(report.reason.unwrap().contains("epoch 3 cannot follow 4"));
    assert_eq!(log.log_end_offset(), 2);
}

#[test]
fn snapshot_of_before_a_truncation_is_not_vouched_for_by_a_later_start_of_the_log() {
    let disk = FaultyDisk::default();
    let fixture = Fixture { disk: Arc::new(disk.clone()), ..Fixture::new(&[]).without_tail() };
    let mut log = fixture.open();
    log.put(batch_of(&[(1_000_000, None, Some("v"))], stamp(7, 0, 0)));
    log.put(batch(1_000_000, 1));
    log.roll_at(2, 1_000_000).unwrap();
    log.flush();
    let path = Path::new("/d/t-0/00000000000000000002.snapshot");
    let snapshot = read_file(&disk, path, 1 << 20).unwrap().unwrap();
    log.truncate_to(0, 1_000_000).unwrap();
    for _ in 0..3 {
        log.put(batch(1_000_000, 1));
    }
    log.set_high_watermark(3);
    log.delete_records(2, 1_000_000).unwrap();
    // The process dies, and at its next start the power goes, so that the snapshot's removal does not survive.
    for _ in 0..2 {
        let recovery_point = log.recovery_point();
        drop(log);
        replace_file(&disk, path, &snapshot, true).unwrap();
        let options = OpenOptions { recovery_point, log_start_offset: 2, ..fixture.options() };
        log = fixture.open_with(options).0;
        assert_eq!((log.log_start_offset(), log.log_end_offset()), (2, 3));
        assert_eq!(log.producers().get(7), None);
    }
}
