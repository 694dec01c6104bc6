//! What a consumer sees of transactions, against a broker that has them: Apache Kafka, or the one that
//! `OTTLA_TEST_BOOTSTRAP` names.

use crate::raw::{LIMIT, Raw, topic_name};
use bytes::{Bytes, BytesMut};
use ottla::consumer::Consumer;
use ottla::record::TopicPartition;
use ottla_conformance::kafka::ApacheKafka;
use ottla_wire::ErrorCode;
use ottla_wire::batch::{BatchBuilder, BatchOptions, ProducerStamp};
use ottla_wire::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use ottla_wire::messages::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::messages::{
    AddPartitionsToTxnRequest, EndTxnRequest, FindCoordinatorRequest, InitProducerIdRequest, ProduceRequest,
    ProducerId, TransactionalId,
};
use ottla_wire::protocol::StrBytes;
use std::time::{Duration, Instant};

struct Transactions {
    id: TransactionalId,
    producer: (ProducerId, i16),
    sequence: i32,
    topic: String,
}

impl Transactions {
    async fn start(raw: &mut Raw, topic: &str) -> Self {
        let id = TransactionalId(StrBytes::from_string(format!("x-{topic}")));
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(id.clone()))
            .with_transaction_timeout_ms(60_000)
            .with_producer_id(ProducerId(-1))
            .with_producer_epoch(-1);
        let limit = Instant::now() + LIMIT;
        loop {
            // Looking for the coordinator creates its topic.
            let find = FindCoordinatorRequest::default().with_key(id.0.clone()).with_key_type(1);
            raw.call(3, &find).await;
            let answer = raw.call(4, &request).await;
            if answer.error_code == 0 {
                let producer = (answer.producer_id, answer.producer_epoch);
                return Self { id, producer, sequence: 0, topic: topic.to_owned() };
            }
            assert!(ErrorCode(answer.error_code).is_retriable() && Instant::now() < limit, "{answer:?}");
        }
    }

    async fn write(&mut self, raw: &mut Raw, values: &[&str]) {
        let topic =
            AddPartitionsToTxnTopic::default().with_name(topic_name(&self.topic)).with_partitions(vec![0]);
        let add = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(self.id.clone())
            .with_v3_and_below_producer_id(self.producer.0)
            .with_v3_and_below_producer_epoch(self.producer.1)
            .with_v3_and_below_topics(vec![topic]);
        let limit = Instant::now() + LIMIT;
        loop {
            let answer = raw.call(3, &add).await;
            let code = ErrorCode(
                answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code,
            );
            if code.is_ok() {
                break;
            }
            // The end of the transaction before is still being written.
            assert!(code.is_retriable() && Instant::now() < limit, "{answer:?}");
        }
        let data = PartitionProduceData::default().with_records(Some(self.batch(values)));
        let topic =
            TopicProduceData::default().with_name(topic_name(&self.topic)).with_partition_data(vec![data]);
        let request = ProduceRequest::default()
            .with_transactional_id(Some(self.id.clone()))
            .with_acks(-1)
            .with_timeout_ms(10_000)
            .with_topic_data(vec![topic]);
        let answer = raw.call(9, &request).await;
        assert_eq!(answer.responses[0].partition_responses[0].error_code, 0, "{answer:?}");
    }

    fn batch(&mut self, values: &[&str]) -> Bytes {
        let mut builder = BatchBuilder::new(BatchOptions::default(), BytesMut::new());
        for value in values {
            builder.append(1_000, None, Some(value.as_bytes()), &[]);
        }
        let stamp = ProducerStamp {
            producer_id: self.producer.0.0,
            producer_epoch: self.producer.1,
            base_sequence: self.sequence,
            transactional: true,
            control: false,
        };
        self.sequence += values.len() as i32;
        builder.finish(stamp).unwrap()
    }

    async fn end(&self, raw: &mut Raw, commit: bool) {
        let request = EndTxnRequest::default()
            .with_transactional_id(self.id.clone())
            .with_producer_id(self.producer.0)
            .with_producer_epoch(self.producer.1)
            .with_committed(commit);
        let answer = raw.call(3, &request).await;
        assert_eq!(answer.error_code, 0);
    }
}

#[tokio::test]
async fn read_committed_skips_aborted_and_waits_for_open_transactions() {
    let (_own, bootstrap) = match std::env::var("OTTLA_TEST_BOOTSTRAP") {
        Ok(bootstrap) => (None, bootstrap),
        Err(_) => {
            let kafka = ApacheKafka::start().await.unwrap();
            let bootstrap = kafka.bootstrap_servers();
            (Some(kafka), bootstrap)
        }
    };
    let mut raw = Raw::connect_to(&bootstrap).await;
    let topic = format!("x-{}", uuid::Uuid::new_v4());
    raw.create_topic(&topic, 1).await;
    raw.produce_numbers(&topic, 0, 0, 1, 1).await;
    let mut transactions = Transactions::start(&mut raw, &topic).await;
    for (values, commit) in [(["a", "b"], true), (["c", "d"], false), (["e", "f"], true)] {
        transactions.write(&mut raw, &values).await;
        transactions.end(&mut raw, commit).await;
    }
    transactions.write(&mut raw, &["open"]).await;
    raw.produce_numbers(&topic, 0, 9, 1, 1).await;

    let read = async |isolation: &str, count: usize| {
        let consumer = Consumer::builder()
            .set("bootstrap.servers", &bootstrap)
            .set("auto.offset.reset", "earliest")
            .set("isolation.level", isolation)
            .set("fetch.max.wait.ms", 50)
            .build()
            .await
            .unwrap();
        consumer.assign([TopicPartition::new(&*topic, 0)]).unwrap();
        let mut values = Vec::new();
        let limit = Instant::now() + LIMIT;
        while values.len() < count && Instant::now() < limit {
            let records = consumer.poll(Duration::from_millis(100)).await.unwrap();
            values.extend(records.iter().map(|r| String::from_utf8_lossy(r.value().unwrap()).into_owned()));
        }
        (consumer, values)
    };
    let (_, all) = read("read_uncommitted", 9).await;
    assert_eq!(all, ["0", "a", "b", "c", "d", "e", "f", "open", "9"]);
    let (consumer, committed) = read("read_committed", 5).await;
    assert_eq!(committed, ["0", "a", "b", "e", "f"]);
    let more = consumer.poll(Duration::from_millis(200)).await.unwrap();
    assert!(more.is_empty(), "nothing behind an open transaction");
    transactions.end(&mut raw, false).await;
    let limit = Instant::now() + LIMIT;
    loop {
        let records = consumer.poll(Duration::from_millis(100)).await.unwrap();
        if let Some(record) = records.iter().next() {
            assert_eq!(record.value(), Some(&b"9"[..]), "the aborted record is left out");
            break;
        }
        assert!(Instant::now() < limit, "the transaction's end set nothing free");
    }
    consumer.close(LIMIT).await.unwrap();
}
