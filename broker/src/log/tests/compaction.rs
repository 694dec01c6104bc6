use super::*;
use crate::log::cleaner_driver::clean;
use ottla_wire::batch::control::EndTransactionMarker;
use ottla_wire::batch::{DecompressLimits, Scratch};
use parking_lot::Mutex;

fn fixture() -> Fixture {
    Fixture::new(&[
        ("cleanup.policy", "compact"),
        ("internal.segment.bytes", "300"),
        ("delete.retention.ms", "1000"),
    ])
}

/// Everything readable: offset, key, value.
fn content(log: &PartitionLog) -> Vec<(i64, String, Option<String>)> {
    let end = log.log_end_offset();
    let mut records = Vec::new();
    let mut next = log.log_start_offset();
    while next < end {
        let read = log.read(next, usize::MAX, end, true).unwrap();
        if read.size_bytes == 0 {
            break;
        }
        for batch in Batches::new(read.to_bytes().unwrap()) {
            let batch = batch.unwrap();
            batch.verify_crc().unwrap();
            let mut scratch = Scratch::new();
            if !batch.header.is_control() {
                for record in batch.records(&DecompressLimits::default(), &mut scratch).unwrap() {
                    let record = record.unwrap();
                    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                    records.push((record.offset, text(record.key.unwrap()), record.value.map(text)));
                }
            }
            next = batch.header.next_offset();
        }
    }
    records
}

fn clean_all(log: &SharedLog, now_ms: i64) {
    {
        let mut log = log.lock();
        let end = log.log_end_offset();
        log.set_high_watermark(end);
        log.flush();
    }
    clean(log, &CleanerConfig::default(), now_ms).unwrap();
}

#[test]
fn last_record_of_every_key_stays_and_survives_a_restart() {
    let fixture = fixture();
    let log: SharedLog = Arc::new(Mutex::new(fixture.open()));
    for round in 0..20 {
        let value = format!("{round}");
        let key = format!("k{}", round % 3);
        let records =
            [(1_000_000, Some(key.as_str()), Some(value.as_str())), (1_000_000, Some("x"), Some("y"))];
        log.lock().put(batch_of(&records, ProducerStamp::NONE));
    }
    let before = content(&log.lock());
    let first_uncleaned = log.lock().segments.last().unwrap().base_offset();
    clean_all(&log, 1_000_000);
    let after = content(&log.lock());
    let is_last = |record: &&(i64, String, Option<String>)| {
        let cleaned = before.iter().filter(|other| other.0 < first_uncleaned);
        record.0 >= first_uncleaned
            || cleaned.filter(|other| other.1 == record.1).all(|other| other.0 <= record.0)
    };
    assert_eq!(after, before.iter().filter(is_last).cloned().collect::<Vec<_>>());
    assert!(after.len() < before.len());
    // Every offset may still be asked for.
    for offset in 0..40 {
        let log = log.lock();
        let read = log.read(offset, 1, log.log_end_offset(), true).unwrap();
        assert!(read.next_offset > offset, "{offset}");
    }
    let (reopened, report) = fixture.open_with(fixture.options());
    assert_eq!(report.reason, None);
    assert_eq!(content(&reopened), after);
    assert_eq!(reopened.log_end_offset(), 40);
}

#[test]
fn tombstone_goes_once_its_horizon_has_passed() {
    let fixture = fixture();
    let log: SharedLog = Arc::new(Mutex::new(fixture.open()));
    log.lock().put(batch_of(&[(1_000_000, Some("a"), Some("1"))], ProducerStamp::NONE));
    log.lock().put(batch_of(&[(1_000_000, Some("a"), None)], ProducerStamp::NONE));
    let fill = |log: &SharedLog, key: &str| {
        for _ in 0..6 {
            log.lock().put(batch_of(&[(1_000_000, Some(key), Some("v"))], ProducerStamp::NONE));
        }
    };
    let has_tombstone = |log: &SharedLog| content(&log.lock()).iter().any(|record| record.1 == "a");
    fill(&log, "x");
    clean_all(&log, 1_000_000);
    assert_eq!(content(&log.lock())[0], (1, "a".to_owned(), None));
    fill(&log, "y");
    clean_all(&log, 1_000_999);
    assert!(has_tombstone(&log));
    fill(&log, "z");
    clean_all(&log, 1_001_000);
    assert!(!has_tombstone(&log));
}

#[test]
fn aborted_records_go_and_producers_stay_known() {
    let fixture = fixture();
    let log: SharedLog = Arc::new(Mutex::new(fixture.open()));
    let txn = |sequence| ProducerStamp { transactional: true, ..stamp(9, 0, sequence) };
    {
        let mut log = log.lock();
        log.put(batch_of(&[(1_000_000, Some("a"), Some("kept"))], ProducerStamp::NONE));
        log.put(batch_of(&[(1_000_000, Some("a"), Some("aborted"))], txn(0)));
        assert_eq!(log.last_stable_offset(2), 1);
        let marker = EndTransactionMarker { committed: false, coordinator_epoch: 4 };
        let marker = marker.encode_batch(9, 0, 1_000_000);
        log.append(marker, AppendOrigin::Coordinator, 0, 1_000_000).unwrap();
        let aborted = AbortedTxn { producer_id: 9, first_offset: 1, last_offset: 2, last_stable_offset: 3 };
        assert_eq!(log.aborted_transactions(0, 3).unwrap(), [aborted]);
        assert_eq!(log.read_committed(0, 10_000, 3, true).unwrap().aborted, [aborted]);
        for _ in 0..6 {
            log.put(batch_of(&[(1_000_000, Some("x"), Some("v"))], ProducerStamp::NONE));
        }
    }
    clean_all(&log, 1_000_000);
    let values: Vec<_> = content(&log.lock()).into_iter().filter(|record| record.1 == "a").collect();
    assert_eq!(values, [(0, "a".to_owned(), Some("kept".to_owned()))]);
    let (reopened, _) = fixture.open_with(fixture.options());
    assert_eq!(reopened.producers().get(9).unwrap().last_sequence(), 0);
    assert_eq!(reopened.producers().get(9).unwrap().coordinator_epoch, 4);
}

#[test]
fn keys_that_do_not_fit_in_memory_are_left_for_the_next_pass() {
    let fixture = fixture();
    let log: SharedLog = Arc::new(Mutex::new(fixture.open()));
    for round in 0..2 {
        for key in 0..40 {
            let (key, value) = (format!("k{key}"), format!("{round}"));
            log.lock().put(batch_of(&[(1_000_000, Some(&key), Some(&value))], ProducerStamp::NONE));
        }
    }
    let end = log.lock().log_end_offset();
    log.lock().set_high_watermark(end);
    log.lock().flush();
    let small = CleanerConfig { dedupe_buffer_size_bytes: 0, ..CleanerConfig::default() };
    let mut passes = 0;
    while clean(&log, &small, 1_000_000).unwrap() > 0 {
        passes += 1;
        assert!(passes < 100);
        let mut latest = std::collections::BTreeMap::new();
        for (_, key, value) in content(&log.lock()) {
            latest.insert(key, value.unwrap());
        }
        assert_eq!(latest.len(), 40);
        assert!(latest.values().all(|value| value == "1"));
    }
    assert!(passes > 1);
    assert!(content(&log.lock()).len() < 80);
}
