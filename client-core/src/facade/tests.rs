//! The facade against a broker, as a binding uses it: from threads that are no runtime's.
#![allow(clippy::disallowed_methods)] // A host's clock is the machine's.

use super::{Consumer, Operation, Producer, runtime};
use crate::consumer::{OffsetAndMetadata, RebalanceEvent, Records};
use crate::error::{Error, ErrorKind};
use crate::packed::produce::Packer;
use crate::producer::Report;
use crate::record::{Record, TopicPartition};
use ottla_broker::{Broker, BrokerConfig};
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(20);

/// A broker on the facade's runtime.
struct TestBroker(Option<Broker>);

impl TestBroker {
    fn start() -> Self {
        let config = BrokerConfig::in_memory().with("num.partitions", "2").unwrap();
        Self(Some(runtime().unwrap().handle().block_on(Broker::start(config)).unwrap()))
    }

    fn options(&self, more: &[(&str, &str)]) -> Vec<(String, String)> {
        let bootstrap = self.0.as_ref().unwrap().bootstrap_servers();
        let own = [("bootstrap.servers", bootstrap.as_str())];
        own.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn producer(&self, more: &[(&str, &str)]) -> Producer {
        Producer::start(self.options(more)).unwrap()
    }

    fn consumer(&self, more: &[(&str, &str)]) -> Consumer {
        let own = [("auto.offset.reset", "earliest"), ("fetch.max.wait.ms", "100")];
        Consumer::start(self.options(&[&own, more].concat())).unwrap()
    }

    fn send_numbers(&self, topic: &str, count: usize) {
        let producer = self.producer(&[]);
        for number in 0..count {
            let mut record = Record::to(topic).value(number.to_string());
            record.partition = Some(0);
            producer.send(record).wait_done().unwrap();
        }
        producer.flush(LIMIT).wait_done().unwrap();
    }
}

impl Drop for TestBroker {
    fn drop(&mut self) {
        if let Some(broker) = self.0.take() {
            runtime().unwrap().handle().block_on(broker.stop(LIMIT)).unwrap();
        }
    }
}

fn values(records: &Records) -> Vec<String> {
    records.iter().map(|record| String::from_utf8_lossy(record.value().unwrap()).into_owned()).collect()
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

/// Polls until there are records.
fn held(consumer: &Consumer, max_records: usize) -> Vec<String> {
    loop {
        let records = consumer.poll(LIMIT, Some(max_records)).wait_done().unwrap();
        consumer.told(records.rebalances().len()).unwrap();
        if !records.is_empty() {
            return values(&records);
        }
        assert!(!records.rebalances().is_empty(), "nothing came");
    }
}

/// As [`held`], and the application is given them.
fn taken(consumer: &Consumer, max_records: usize) -> Vec<String> {
    let values = held(consumer, max_records);
    consumer.seen(values.len()).unwrap();
    values
}

fn reports_of(producer: &Producer, count: u32) -> BTreeMap<u64, Result<Option<i64>, Error>> {
    let mut fates = BTreeMap::new();
    while fates.len() < count as usize {
        assert!(producer.reports().wait(LIMIT), "{} of {count} fates came", fates.len());
        let mut reports: Vec<Report> = Vec::new();
        producer.reports().drain(&mut reports);
        for report in reports {
            for run in &report.runs {
                for k in 0..run.count {
                    let offset = |base: i64| base + i64::from(run.first_index + k);
                    let fate = report.outcome.clone().map(|appended| appended.base_offset.map(offset));
                    assert!(
                        fates.insert(run.first_tag + u64::from(k), fate).is_none(),
                        "a fate was told twice"
                    );
                }
            }
        }
    }
    fates
}

#[test]
fn packed_records_arrive_in_order_and_every_fate_is_told_under_its_tag() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[]);
    let topic = producer.topic_number("t");
    assert_eq!((topic, producer.topic_number("u"), producer.topic_number("t")), (0, 1, 0));
    let mut packer = Packer::new();
    for tag in 0..1000u64 {
        packer.push(topic, Some(1), None, None, Some(tag.to_string().as_bytes()), &[(b"h", None)], tag);
    }
    let block = packer.finish();
    // Nothing is known of the topic yet: the first block has to wait.
    assert_eq!(producer.send_packed(&block).unwrap(), 0);
    producer.send_packed_waiting(block.clone(), 10).wait_done().unwrap();
    let fates = reports_of(&producer, 990);
    assert_eq!(fates[&10].as_ref().unwrap(), &Some(0));
    assert_eq!(fates[&999].as_ref().unwrap(), &Some(989));
    assert_eq!(producer.send_packed(&block).unwrap(), 1000);
    assert_eq!(reports_of(&producer, 1000)[&999].as_ref().unwrap(), &Some(1989));
    producer.close(LIMIT).wait_done().unwrap();

    let consumer = broker.consumer(&[]);
    consumer.assign(vec![TopicPartition::new("t", 1)]).unwrap();
    let mut read = Vec::new();
    while read.len() < 1990 {
        read.extend(taken(&consumer, 700));
    }
    assert_eq!(read, [numbers(10..1000), numbers(0..1000)].concat());
    consumer.close(LIMIT).wait_done().unwrap();
}

#[test]
fn blocks_that_name_a_topic_without_number_send_nothing() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[]);
    let topic = producer.topic_number("t");
    producer.partitions_for("t").wait_done().unwrap();
    let mut packer = Packer::new();
    for (tag, topic) in [(0, topic), (1, topic + 1)] {
        packer.push(topic, Some(0), None, None, Some(b"v"), &[], tag);
    }
    let block = packer.finish();
    assert_eq!(producer.send_packed(&block).unwrap_err().kind(), ErrorKind::InvalidArgument);
    let waiting = producer.send_packed_waiting(block, 0).wait_done();
    assert_eq!(waiting.unwrap_err().kind(), ErrorKind::InvalidArgument);
    producer.close(LIMIT).wait_done().unwrap();
    let mut reports: Vec<Report> = Vec::new();
    producer.reports().drain(&mut reports);
    assert!(reports.is_empty());
}

#[test]
fn a_full_buffer_stops_a_block_and_the_rest_waits_its_turn() {
    let broker = TestBroker::start();
    // There is room for one open batch; ten records do not fill it, so nothing leaves before somebody waits.
    let producer =
        broker.producer(&[("buffer.memory", "20000"), ("batch.size", "16384"), ("linger.ms", "60000")]);
    let topic = producer.topic_number("t");
    producer.partitions_for("t").wait_done().unwrap();
    let value = [b'x'; 1000];
    let mut packer = Packer::new();
    for tag in 0..300 {
        packer.push(topic, Some((tag / 10 % 2) as i32), None, None, Some(&value), &[], tag);
    }
    let block = packer.finish();
    assert_eq!(producer.send_packed(&block).unwrap(), 10, "the other partition's batch has no room");
    producer.send_packed_waiting(block, 10).wait_done().unwrap();
    producer.flush(LIMIT).wait_done().unwrap();
    let fates = reports_of(&producer, 300);
    for (tag, fate) in fates {
        assert_eq!(fate.unwrap(), Some((tag / 20 * 10 + tag % 10) as i64));
    }
    producer.close(LIMIT).wait_done().unwrap();
}

#[test]
fn records_sent_in_turn_keep_their_order_while_the_first_of_them_waits() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[("buffer.memory", "70000"), ("linger.ms", "1")]);
    let mut most_waiting = 0;
    let mut deliveries: Vec<_> = (0..500)
        .map(|number: u32| {
            let mut record = Record::to("t").value([number.to_string(), "x".repeat(1000)].concat());
            record.partition = Some(0);
            let delivery = producer.send_in_turn(record);
            most_waiting = most_waiting.max(producer.waiting_in_turn());
            delivery
        })
        .collect();
    assert!(most_waiting > 0, "the topic is not known yet, nor is there room for all");
    producer.flush(LIMIT).wait_done().unwrap();
    for (number, delivery) in deliveries.iter_mut().enumerate() {
        let mut delivery = delivery.wait(LIMIT).unwrap().unwrap();
        assert_eq!(delivery.try_result().unwrap().unwrap().offset, Some(number as i64));
    }
    producer.close(LIMIT).wait_done().unwrap();
}

#[test]
fn a_producer_whose_records_waited_in_turn_is_gone_once_it_was_closed_and_dropped() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[]);
    // It waits: the topic is not known yet.
    producer.send_in_turn(Record::to("t").value("v")).wait_done().unwrap();
    let core = Arc::downgrade(producer.reports());
    producer.close(LIMIT).wait_done().unwrap();
    drop(producer);
    let gone = async {
        while core.upgrade().is_some() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let waiting = async { tokio::time::timeout(LIMIT, gone).await };
    runtime().unwrap().handle().block_on(waiting).expect("something keeps the producer");
}

#[test]
fn records_in_turn_wait_together_not_one_after_the_other() {
    let options = [("bootstrap.servers", "127.0.0.1:1"), ("max.block.ms", "200")];
    let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let producer = Producer::start(options.to_vec()).unwrap();
    let waiting: Vec<_> = (0..1000).map(|_| producer.send_in_turn(Record::to("t").value("v"))).collect();
    let started = std::time::Instant::now();
    for delivery in waiting {
        delivery.wait_done().unwrap_err();
    }
    assert!(started.elapsed() < Duration::from_secs(20), "a thousand times max.block.ms would be 200 s");
}

#[test]
fn records_of_a_block_wait_together_and_what_it_waited_before_counts() {
    for (max_block_ms, waited) in [("200", Duration::ZERO), ("3600000", Duration::from_secs(3600))] {
        let options = [("bootstrap.servers", "127.0.0.1:1"), ("max.block.ms", max_block_ms)];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let producer = Producer::start(options.to_vec()).unwrap();
        let topic = producer.topic_number("t");
        let mut packer = Packer::new();
        for tag in 0..1000 {
            packer.push(topic, Some(0), None, None, Some(b"v"), &[], tag);
        }
        let started = std::time::Instant::now();
        producer.send_packed_waited(packer.finish(), 0, waited).wait_done().unwrap();
        assert!(started.elapsed() < Duration::from_secs(20), "a thousand times 200 ms would be 200 s");
        assert!(reports_of(&producer, 1000).values().all(Result::is_err));
    }
}

#[test]
fn waiting_without_a_limit_is_allowed_everywhere() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[]);
    producer.send_in_turn(Record::to("t").value("v")).wait_done().unwrap();
    producer.flush(Duration::MAX).wait_done().unwrap();
    producer.close(Duration::MAX).wait_done().unwrap();
    let consumer = broker.consumer(&[("group.id", "g")]);
    consumer.subscribe(vec!["t".to_owned()]).unwrap();
    while consumer.poll(Duration::MAX, None).wait_done().unwrap().is_empty() {
        consumer.told(1).unwrap();
    }
    consumer.close(Duration::MAX).wait_done().unwrap();
    let admin = super::Admin::start(broker.options(&[])).unwrap();
    admin
        .call("describe_topics", serde_json::json!({"topics": ["t"], "timeout": i64::MAX}))
        .wait_done()
        .unwrap();
    admin.close(Duration::MAX).wait_done().unwrap();
}

#[test]
fn a_record_that_can_never_be_sent_is_reported_and_holds_nothing_up() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[("max.request.size", "2000")]);
    let topic = producer.topic_number("t");
    producer.partitions_for("t").wait_done().unwrap();
    let mut packer = Packer::new();
    packer.push(topic, Some(0), None, None, Some(&[0; 5000]), &[], 1);
    packer.push(topic, Some(0), None, None, Some(b"small"), &[], 2);
    assert_eq!(producer.send_packed(&packer.finish()).unwrap(), 2);
    let fates = reports_of(&producer, 2);
    assert_eq!(fates[&1].as_ref().unwrap_err().kind(), ErrorKind::RecordTooLarge);
    assert_eq!(fates[&2].as_ref().unwrap(), &Some(0));
    let malformed = producer.send_packed(&[1, 0, 0, 0, 9, 0, 0, 0]).unwrap_err();
    assert_eq!(malformed.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn what_was_held_and_not_seen_is_not_committed_and_comes_again() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 10);
    let member = [("group.id", "g"), ("enable.auto.commit", "false")];
    let consumer = broker.consumer(&member);
    consumer.subscribe(vec!["t".to_owned()]).unwrap();
    assert_eq!(held(&consumer, 6), numbers(0..6));
    let partition = TopicPartition::new("t", 0);
    assert_eq!(consumer.position(&partition).unwrap(), Some(0));
    consumer.seen(4).unwrap();
    assert_eq!(consumer.position(&partition).unwrap(), Some(4));
    consumer.commit(None).wait_done().unwrap();
    // What was held comes again, and what was fetched meanwhile with it, up to what is asked for.
    assert_eq!(held(&consumer, 100), numbers(4..10));
    assert_eq!(held(&consumer, 2), numbers(4..6));
    assert_eq!(consumer.position(&partition).unwrap(), Some(4));
    consumer.seen(1).unwrap();
    assert_eq!(held(&consumer, 2), numbers(5..7));
    consumer.seen(1).unwrap();
    assert_eq!(held(&consumer, 100), numbers(6..10));
    consumer.seen(1).unwrap();
    consumer.seek(&partition, OffsetAndMetadata::new(2)).unwrap();
    assert_eq!(held(&consumer, 100), numbers(2..10));
    let giving_up = consumer.giving_up().unwrap();
    assert!(matches!(giving_up.as_slice(), [RebalanceEvent::Revoked(owned)] if owned.contains(&partition)));
    consumer.close(LIMIT).wait_done().unwrap();

    let second = broker.consumer(&member);
    second.subscribe(vec!["t".to_owned()]).unwrap();
    assert_eq!(held(&second, 100), numbers(4..10));
    second.close(LIMIT).wait_done().unwrap();
}

#[test]
fn what_was_held_and_not_seen_is_not_committed_in_the_background_either() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 10);
    let consumer = broker.consumer(&[("group.id", "g"), ("auto.commit.interval.ms", "5")]);
    consumer.subscribe(vec!["t".to_owned()]).unwrap();
    assert_eq!(held(&consumer, 6), numbers(0..6));
    consumer.seen(4).unwrap();
    assert_eq!(held(&consumer, 100), numbers(4..10));
    let partition = TopicPartition::new("t", 0);
    let committed = loop {
        let committed = consumer.committed(vec![partition.clone()]).wait_done().unwrap();
        match committed.get(&partition) {
            Some(found) if found.offset > 0 => break found.offset,
            _ => {}
        }
    };
    assert_eq!(committed, 4);
    consumer.close(LIMIT).wait_done().unwrap();
    let second = broker.consumer(&[("group.id", "g")]);
    second.subscribe(vec!["t".to_owned()]).unwrap();
    assert_eq!(held(&second, 100), numbers(4..10), "closing commits what was seen");
    second.close(LIMIT).wait_done().unwrap();
}

#[test]
fn rebalances_come_again_until_the_application_was_told_of_them() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 1);
    let consumer = broker.consumer(&[("group.id", "g")]);
    consumer.subscribe(vec!["t".to_owned()]).unwrap();
    let rebalances = || {
        let polled = consumer.poll(LIMIT, None).wait_done().unwrap();
        polled.rebalances().to_vec()
    };
    let first = rebalances();
    assert!(matches!(&first[..], [RebalanceEvent::Assigned(_)]), "{first:?}");
    // A host that lost the outcome polls again.
    assert_eq!(rebalances(), first);
    assert_eq!(consumer.untold().unwrap().as_ref(), first.first());
    consumer.told(1).unwrap();
    assert_eq!(consumer.untold().unwrap(), None);
    assert_eq!(rebalances(), []);
    consumer.close(LIMIT).wait_done().unwrap();
}

#[test]
fn a_commit_has_the_positions_of_its_call_whatever_is_polled_before_it_is_done() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 300);
    let consumer = broker.consumer(&[("group.id", "g"), ("enable.auto.commit", "false")]);
    let partition = TopicPartition::new("t", 0);
    consumer.assign(vec![partition.clone()]).unwrap();
    for first in (0..300).step_by(2) {
        assert_eq!(taken(&consumer, 1), numbers(first..first + 1));
        let committing = consumer.commit(None);
        assert_eq!(taken(&consumer, 1), numbers(first + 1..first + 2));
        committing.wait_done().unwrap();
        let committed = consumer.committed(vec![partition.clone()]).wait_done().unwrap();
        assert_eq!(committed[&partition].offset, first as i64 + 1);
    }
    consumer.close(LIMIT).wait_done().unwrap();
}

#[test]
fn a_closed_consumer_keeps_nothing_of_what_it_had_fetched() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 100);
    let consumer = broker.consumer(&[]);
    consumer.assign(vec![TopicPartition::new("t", 0)]).unwrap();
    assert_eq!(taken(&consumer, 1), ["0"]);
    assert!(consumer.buffered_bytes().unwrap() > 0);
    consumer.close(LIMIT).wait_done().unwrap();
    assert_eq!(consumer.buffered_bytes().unwrap(), 0);
}

#[test]
fn a_wakeup_and_a_close_end_a_poll_from_another_thread() {
    let broker = TestBroker::start();
    let consumer = std::sync::Arc::new(broker.consumer(&[]));
    consumer.assign(vec![TopicPartition::new("t", 0)]).unwrap();
    consumer.wakeup();
    assert!(consumer.poll(LIMIT, None).wait_done().unwrap().is_empty());
    let (sender, receiver) = mpsc::channel();
    let canceller = consumer.poll(Duration::MAX, None).on_done(move |polled| sender.send(polled).unwrap());
    assert!(receiver.try_recv().is_err());
    consumer.wakeup();
    assert!(receiver.recv_timeout(LIMIT).unwrap().unwrap().is_empty());
    canceller.cancel();

    let (sender, receiver) = mpsc::channel();
    consumer.poll(Duration::MAX, None).on_done(move |polled| sender.send(polled).unwrap());
    consumer.close(LIMIT).wait_done().unwrap();
    let closed = receiver.recv_timeout(LIMIT).unwrap().unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::Closed);
}

#[test]
fn a_cancelled_poll_tells_nothing_and_loses_nothing() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 1);
    let consumer = broker.consumer(&[]);
    consumer.assign(vec![TopicPartition::new("t", 1)]).unwrap();
    let (sender, receiver) = mpsc::channel::<Result<Records, Error>>();
    consumer.poll(Duration::MAX, None).on_done(move |polled| drop(sender.send(polled))).cancel();
    // The sender goes with the operation, and nothing was sent.
    assert_eq!(receiver.recv_timeout(LIMIT).unwrap_err(), mpsc::RecvTimeoutError::Disconnected);
    consumer.assign(vec![TopicPartition::new("t", 0)]).unwrap();
    assert_eq!(held(&consumer, 10), ["0"]);
}

#[test]
fn a_poll_may_begin_as_soon_as_another_one_was_cancelled() {
    let broker = TestBroker::start();
    broker.send_numbers("t", 1);
    let consumer = broker.consumer(&[]);
    consumer.assign(vec![TopicPartition::new("t", 1)]).unwrap();
    for _ in 0..200 {
        let first = consumer.poll(Duration::MAX, None).on_done(drop);
        first.cancel();
        assert!(consumer.poll(Duration::ZERO, None).wait_done().unwrap().is_empty());
    }
}

#[test]
fn waiting_comes_back_in_slices_and_gives_the_outcome_once() {
    let runtime = runtime().unwrap();
    let (sender, receiver) = tokio::sync::oneshot::channel::<u8>();
    let mut operation =
        Operation::start(&runtime, async { receiver.await.map_err(|_| Error::closed("test")) });
    assert!(operation.wait(Duration::from_millis(1)).is_none());
    assert!(operation.try_take().is_none());
    sender.send(7).unwrap();
    assert_eq!(operation.wait(LIMIT).unwrap().unwrap(), 7);
    assert_eq!(operation.wait(LIMIT).unwrap().unwrap_err().kind(), ErrorKind::InvalidState);
}

#[test]
fn a_panic_inside_is_an_error_outside() {
    let runtime = runtime().unwrap();
    let at_once = Operation::<()>::start(&runtime, async { panic!("at once") }).wait_done().unwrap_err();
    assert_eq!(at_once.kind(), ErrorKind::Internal);
    assert!(at_once.to_string().contains("at once"), "{at_once}");
    let later = Operation::<()>::detached(&runtime, async {
        tokio::task::yield_now().await;
        panic!("{}", "later")
    });
    assert!(later.wait_done().unwrap_err().to_string().contains("later"));
}

#[test]
fn detached_operations_see_themselves_through() {
    let broker = TestBroker::start();
    let producer = broker.producer(&[("linger.ms", "60000")]);
    producer.send(Record::to("t").value("v")).wait_done().unwrap();
    let reports = producer.send_tagged(Record::to("t").value("w"), 5);
    reports.wait_done().unwrap();
    drop(producer.close(LIMIT));
    assert!(reports_of(&producer, 1)[&5].is_ok());
}

#[test]
fn log_lines_come_as_values_once_they_are_wanted() {
    use super::{Level, log_queue, set_log_level};
    set_log_level(Level::Warn);
    tracing::warn!(target: "ottla::test_of_logging", broker = 3, "gone");
    tracing::info!(target: "ottla::test_of_logging", "too fine");
    set_log_level(Level::Off);
    tracing::error!(target: "ottla::test_of_logging", "off");
    let mut lines = Vec::new();
    log_queue().drain(&mut lines);
    let own: Vec<_> = lines.iter().filter(|line| line.target == "ottla::test_of_logging").collect();
    assert_eq!(own.len(), 1, "{lines:?}");
    assert_eq!((own[0].level, own[0].message.as_str()), (Level::Warn, "gone broker=3"));
}
