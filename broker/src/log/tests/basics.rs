use super::*;

#[test]
fn reads_give_whole_batches_from_the_one_that_covers_the_offset() {
    for fixture in [Fixture::new(&[]), Fixture::new(&[("internal.segment.bytes", "3000")]).without_tail()] {
        let mut log = fixture.open();
        for _ in 0..20 {
            log.put(batch(1_000_000, 5));
        }
        assert_eq!(log.log_end_offset(), 100);
        for offset in 0..100 {
            let all = log.read(offset, usize::MAX, 100, true).unwrap();
            let expected: Vec<i64> = (offset / 5..20).map(|batch| batch * 5).collect();
            assert_eq!(bases(&all), expected);
            assert_eq!(all.first_offset, offset / 5 * 5);
            assert_eq!(all.next_offset, 100);
            let bounded = log.read(offset, usize::MAX, 52, true).unwrap();
            assert_eq!(bases(&bounded), (offset / 5..10).map(|batch| batch * 5).collect::<Vec<_>>());
            let one = log.read(offset, 1, 100, true).unwrap();
            assert_eq!(bases(&one), [offset / 5 * 5]);
            let none = log.read(offset, 1, 100, false).unwrap();
            assert_eq!(none.size_bytes, 0);
            let some = log.read(offset, 1700, 100, false).unwrap();
            let batch_bytes = one.size_bytes;
            let count = (1700 / batch_bytes).min(20 - offset as usize / 5);
            assert_eq!(some.size_bytes, count * batch_bytes);
            assert_eq!(some.next_offset, bases(&some).last().unwrap() + 5);
        }
        assert_eq!(log.read(100, 1000, 100, true).unwrap().size_bytes, 0);
        assert_eq!(
            log.read(101, 1000, 100, true).unwrap_err().code(),
            ottla_wire::ErrorCode::OFFSET_OUT_OF_RANGE
        );
        assert!(log.read(-1, 1000, 100, true).is_err());
    }
}

#[test]
fn reopened_log_goes_on_where_it_ended() {
    let fixture = Fixture::new(&[("internal.segment.bytes", "3000")]).without_tail();
    for clean_shutdown in [false, true] {
        let mut log = fixture.open();
        let start = log.log_end_offset();
        for _ in 0..20 {
            log.put(batch(1_000_000, 5));
        }
        log.close();
        let segment_count = log.segment_count();
        let (mut reopened, report) = fixture.open_with(OpenOptions { clean_shutdown, ..fixture.options() });
        assert_eq!(reopened.log_end_offset(), start + 100);
        assert_eq!(reopened.segment_count(), segment_count);
        assert_eq!(report.truncated_bytes, 0);
        assert_eq!(report.recovered_segments == 0, clean_shutdown);
        assert_eq!(reopened.epochs().entries(), [(0, 0)]);
        assert_eq!(bases(&reopened.read(start + 7, 1, start + 100, true).unwrap()), [start + 5]);
        reopened.put(batch(1_000_000, 5));
    }
}

#[test]
fn torn_tail_is_cut_and_the_rest_kept() {
    let fixture = Fixture::new(&[]);
    let mut log = fixture.open();
    for _ in 0..3 {
        log.put(batch(1_000_000, 5));
    }
    let path = file_names::file_of(Path::new("/d/t-0"), 0, ".log");
    let file = fixture.disk.open(&path, crate::storage::OpenMode::Existing).unwrap();
    file.truncate(log.size_bytes() - 1).unwrap();
    let (reopened, report) = fixture.open_with(fixture.options());
    assert_eq!(reopened.log_end_offset(), 10);
    assert!(report.reason.is_some());
    assert_eq!(reopened.size_bytes(), file.len_bytes().unwrap());
}

#[test]
fn batch_whose_offset_cannot_be_is_cut() {
    for offset in [i64::MIN, -1, 3, i64::from(i32::MAX) + 1, i64::MAX - 2] {
        let fixture = Fixture::new(&[]);
        let mut log = fixture.open();
        log.put(batch(1_000_000, 5));
        let mut after = BytesMut::from(&batch(1_000_000, 2)[..]);
        ottla_wire::batch::patch_base_offset(&mut after, offset);
        let path = file_names::file_of(Path::new("/d/t-0"), 0, ".log");
        let file = fixture.disk.open(&path, crate::storage::OpenMode::Existing).unwrap();
        file.write_at(log.size_bytes(), &[std::io::IoSlice::new(&after)]).unwrap();
        let (reopened, report) = fixture.open_with(fixture.options());
        assert_eq!(reopened.log_end_offset(), 5);
        assert!(report.reason.unwrap().contains("cannot follow 5"), "{offset}");
    }
}

#[test]
fn second_send_of_a_batch_is_answered_with_the_first_offset() {
    let fixture = Fixture::new(&[]);
    let mut log = fixture.open();
    let records = [(1_000_000, None, Some("x")), (1_000_000, None, Some("y"))];
    for sequence in [0, 2, 4] {
        log.put(batch_of(&records, stamp(7, 0, sequence)));
    }
    let again = log.put(batch_of(&records, stamp(7, 0, 2)));
    assert_eq!((again.duplicate, again.first_offset, again.last_offset), (true, 2, 3));
    assert_eq!(log.log_end_offset(), 6);
    let gap = log.append(batch_of(&records, stamp(7, 0, 8)), CLIENT, 0, 0).unwrap_err();
    assert_eq!(gap.code(), ottla_wire::ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
}

#[test]
fn refused_batches_say_why() {
    use ottla_wire::ErrorCode;
    let fixture = Fixture::new(&[("max.message.bytes", "700")]);
    let mut log = fixture.open();
    let now_ms = 1_000_000;
    let mut refuse = |records: Bytes, code: ErrorCode| {
        let error = log.append(records, CLIENT, 0, now_ms).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        error
    };
    refuse(batch(now_ms, 7), ErrorCode::MESSAGE_TOO_LARGE);
    refuse(Bytes::new(), ErrorCode::CORRUPT_MESSAGE);
    let two: Bytes = [batch(now_ms, 1), batch(now_ms, 1)].concat().into();
    refuse(two, ErrorCode::INVALID_RECORD);
    let mut damaged = BytesMut::from(&batch(now_ms, 1)[..]);
    *damaged.last_mut().unwrap() ^= 1;
    refuse(damaged.freeze(), ErrorCode::CORRUPT_MESSAGE);
    let late = refuse(batch(now_ms + 3_600_001, 2), ErrorCode::INVALID_TIMESTAMP);
    assert_eq!(late.record_errors().len(), 2);
    let control = ottla_wire::batch::control::EndTransactionMarker { committed: true, coordinator_epoch: 0 };
    refuse(control.encode_batch(1, 0, now_ms), ErrorCode::INVALID_RECORD);
    let mut old = BytesMut::from(&batch(now_ms, 1)[..]);
    old[16] = 1;
    refuse(old.freeze(), ErrorCode::INVALID_RECORD);
    assert_eq!(log.log_end_offset(), 0);
}

#[test]
fn lost_epoch_checkpoint_is_rebuilt_from_the_batches() {
    let fixture = Fixture::new(&[("internal.segment.bytes", "1000")]).without_tail();
    let mut log = fixture.open();
    for epoch in [0, 0, 2, 2, 5] {
        log.append(batch(1_000_000, 5), CLIENT, epoch, 1_000_000).unwrap();
    }
    log.close();
    let end = log.log_end_offset();
    let epochs = log.epochs().entries().to_vec();
    assert_eq!(epochs, [(0, 0), (2, 10), (5, 20)]);
    drop(log);
    fixture.disk.remove_file(Path::new("/d/t-0/leader-epoch-checkpoint")).unwrap();
    let options = OpenOptions { clean_shutdown: true, recovery_point: end, ..fixture.options() };
    assert_eq!(fixture.open_with(options).0.epochs().entries(), epochs);
}

#[test]
fn retention_drops_whole_old_segments_below_the_high_watermark() {
    let fixture = Fixture::new(&[("internal.segment.bytes", "1000"), ("retention.ms", "500")]);
    let mut log = fixture.open();
    for timestamp_ms in [100_000, 200_000, 300_000, 999_900, 1_000_000] {
        log.put(batch(timestamp_ms, 5));
    }
    assert!(!log.apply_retention(1_000_000).unwrap());
    log.set_high_watermark(10);
    assert!(log.apply_retention(1_000_000).unwrap());
    assert_eq!(log.log_start_offset(), 10);
    log.set_high_watermark(25);
    log.apply_retention(1_000_000).unwrap();
    assert_eq!(log.log_start_offset(), 15);
    assert!(log.read(14, 100, 25, true).is_err());
    // Even the active segment goes once it is too old.
    log.apply_retention(2_000_000).unwrap();
    assert_eq!((log.log_start_offset(), log.log_end_offset(), log.size_bytes()), (25, 25, 0));
    assert_eq!(log.put(batch(1_000_000, 1)).first_offset, 25);
    assert!(!log.take_due_deletes(2_100_000).is_empty());
}

#[test]
fn time_lookups_give_the_first_record_not_earlier() {
    for fixture in [Fixture::new(&[]), Fixture::new(&[("internal.segment.bytes", "1000")])] {
        let mut log = fixture.open();
        for first in [10, 20, 15, 40] {
            let value = "v".repeat(150);
            let record = |ms| (ms, Some("k"), Some(value.as_str()));
            log.put(batch_of(&[record(first), record(first + 1), record(first + 2)], ProducerStamp::NONE));
        }
        let offset = |target| {
            log.offset_for_timestamp(target, 12, ANY_GROWTH)
                .unwrap()
                .map(|found| (found.timestamp_ms, found.offset))
        };
        assert_eq!(offset(0), Some((10, 0)));
        assert_eq!(offset(12), Some((12, 2)));
        assert_eq!(offset(13), Some((20, 3)));
        assert_eq!(offset(23), Some((40, 9)));
        assert_eq!(offset(43), None);
        let max = |bound| {
            log.max_timestamp(bound, ANY_GROWTH).unwrap().map(|found| (found.timestamp_ms, found.offset))
        };
        assert_eq!(max(12), Some((42, 11)));
        assert_eq!(max(9), Some((22, 5)));
        assert_eq!(max(0), None);
    }
}
