use super::*;
use crate::log::read::TimestampAndOffset;
use ottla_wire::compression::Compression;

/// A log whose reads come from files, and one whose reads come from memory.
fn fixtures() -> [Fixture; 2] {
    [Fixture::new(&[]).without_tail(), Fixture::new(&[])]
}

/// Offset and time of what is found.
fn place(found: Option<TimestampAndOffset>) -> Option<(i64, i64)> {
    found.map(|found| (found.offset, found.timestamp_ms))
}

fn timed(times: &[i64]) -> Bytes {
    let records: Vec<_> = times.iter().map(|time| (*time, Some("k"), Some("v"))).collect();
    batch_of(&records, ProducerStamp::NONE)
}

#[test]
fn read_ends_where_the_batch_that_the_bound_hides_begins() {
    for fixture in fixtures() {
        let mut log = fixture.open();
        for _ in 0..3 {
            log.put(batch(1_000_000, 5));
        }
        for bound in 5..10 {
            let read = log.read(0, usize::MAX, bound, true).unwrap();
            assert_eq!((bases(&read), read.next_offset), (vec![0], 5), "bound {bound}");
        }
    }
}

#[test]
fn read_of_no_bytes_gives_a_batch_only_if_one_is_owed() {
    for fixture in fixtures() {
        let mut log = fixture.open();
        log.put(batch(1_000_000, 5));
        log.put(batch(1_000_000, 5));
        let nothing = log.read(2, 0, 10, false).unwrap();
        assert_eq!((nothing.size_bytes, nothing.first_offset, nothing.next_offset), (0, -1, 2));
        assert_eq!(bases(&log.read(2, 0, 10, true).unwrap()), [0]);
    }
}

#[test]
fn lookup_of_a_time_says_when_a_batch_grows_beyond_what_it_may() {
    let compression = Compression::Zstd { level: 3 };
    let options = BatchOptions { compression, ..BatchOptions::default() };
    let mut builder = BatchBuilder::new(options, BytesMut::new());
    builder.append(1_000_000, None, Some(&[0; 10_000]), &[]);
    let mut log = Fixture::new(&[]).open();
    log.put(builder.finish(ProducerStamp::NONE).unwrap());
    for (max_grown, fits) in [((|_| 9_000) as MaxGrown, false), (|_| 11_000, true)] {
        for found in [log.offset_for_timestamp(0, 1, max_grown), log.max_timestamp(1, max_grown)] {
            match found {
                Ok(found) => assert!(fits && found.unwrap().offset == 0),
                Err(error) => {
                    assert!(!fits && matches!(error, LogError::DecompressedTooLarge { .. }), "{error}")
                }
            }
        }
    }
}

#[test]
fn largest_timestamp_is_not_that_of_a_deleted_batch() {
    let mut log = Fixture::new(&[]).open();
    for time in [1_000_003, 1_000_001, 1_000_002] {
        log.put(timed(&[time]));
    }
    log.set_high_watermark(3);
    assert_eq!(place(log.max_timestamp(3, ANY_GROWTH).unwrap()), Some((0, 1_000_003)));
    log.delete_records(1, 0).unwrap();
    assert_eq!(place(log.max_timestamp(3, ANY_GROWTH).unwrap()), Some((2, 1_000_002)));
    assert_eq!(place(log.max_timestamp(2, ANY_GROWTH).unwrap()), Some((1, 1_000_001)));
}

#[test]
fn largest_timestamp_is_not_that_of_a_deleted_record_of_a_batch() {
    let mut log = Fixture::new(&[]).open();
    log.put(timed(&[1_000_003, 1_000_001, 1_000_001]));
    log.set_high_watermark(3);
    log.delete_records(1, 0).unwrap();
    assert_eq!(place(log.max_timestamp(3, ANY_GROWTH).unwrap()), Some((1, 1_000_001)));
    // An earlier batch with less of it left does not hide a later one.
    log.put(timed(&[1_000_002]));
    assert_eq!(place(log.max_timestamp(4, ANY_GROWTH).unwrap()), Some((3, 1_000_002)));
}

#[test]
fn largest_timestamp_that_is_there_twice_is_that_of_the_record_left() {
    let mut log = Fixture::new(&[]).open();
    log.put(timed(&[1_000_003, 1_000_003]));
    log.put(timed(&[1_000_003]));
    log.set_high_watermark(3);
    log.delete_records(1, 0).unwrap();
    assert_eq!(place(log.max_timestamp(3, ANY_GROWTH).unwrap()), Some((1, 1_000_003)));
}
