use super::*;
use crate::error::{Error, ErrorKind};
use std::time::Duration;

fn producer(options: &[(&str, &str)]) -> Result<ProducerConfig, Error> {
    ProducerConfig::from_map(options.iter().copied().chain([("bootstrap.servers", "localhost:9092")]))
}

fn consumer(options: &[(&str, &str)]) -> Result<ConsumerConfig, Error> {
    ConsumerConfig::from_map(options.iter().copied().chain([("bootstrap.servers", "localhost:9092")]))
}

#[test]
fn producer_defaults_are_kafkas() {
    let config = producer(&[]).unwrap();
    assert_eq!(config.acks, Acks::All);
    assert!(config.enable_idempotence);
    assert_eq!(config.linger, Duration::from_millis(5));
    assert_eq!(config.batch_size_bytes, 16_384);
    assert_eq!(config.buffer_memory_bytes, 33_554_432);
    assert_eq!(config.common.receive_buffer_bytes, Some(32_768));
    assert_eq!(config.common.client_id, "ottla-producer");
    assert_eq!(config.compression_level, None);
}

#[test]
fn consumer_defaults_are_kafkas() {
    let config = consumer(&[]).unwrap();
    assert_eq!(config.auto_offset_reset, AutoOffsetReset::Latest);
    assert_eq!(config.assignors, [AssignorName::Range, AssignorName::CooperativeSticky]);
    assert_eq!(config.common.connections_max_idle, Some(Duration::from_secs(540)));
    assert!(!config.enable_auto_commit, "there is no group to commit for");
    assert!(consumer(&[("group.id", "g")]).unwrap().enable_auto_commit);
}

#[test]
fn idempotence_gives_way_by_default_and_insists_when_asked_for() {
    assert!(!producer(&[("acks", "1")]).unwrap().enable_idempotence);
    let error = producer(&[("acks", "1"), ("enable.idempotence", "true")]).unwrap_err();
    assert!(error.to_string().contains("idempotence needs acks=all"), "{error}");
}

#[test]
fn transactions_are_refused_with_what_that_means() {
    for option in [("transactional.id", "t"), ("transaction.timeout.ms", "1000")] {
        let error = producer(&[option]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let text = error.to_string();
        assert!(text.contains("transactions are not supported yet") && text.contains("remove"), "{text}");
    }
    producer(&[("transaction.timeout.ms", "60000")]).unwrap();
}

#[test]
fn the_coordinators_protocol_is_refused_with_what_that_means() {
    let error = consumer(&[("group.protocol", "consumer")]).unwrap_err();
    assert!(error.to_string().contains("group.protocol means nothing without group.id"), "{error}");
    let error = consumer(&[("group.protocol", "consumer"), ("group.id", "g")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("use group.protocol=classic"), "{error}");
    consumer(&[("group.protocol", "classic")]).unwrap();
}

#[test]
fn canonical_names_are_refused_with_the_reason() {
    let error = producer(&[("client.dns.lookup", "resolve_canonical_bootstrap_servers_only")]).unwrap_err();
    assert!(error.to_string().contains("every address of every name is tried"), "{error}");
    producer(&[("client.dns.lookup", "use_all_dns_ips")]).unwrap();
}

#[test]
fn delivery_timeout_covers_linger_and_one_answer() {
    let error = producer(&[("delivery.timeout.ms", "1000")]).unwrap_err();
    assert!(error.to_string().contains("is below linger.ms + request.timeout.ms"), "{error}");
    let config = producer(&[("request.timeout.ms", "200000")]).unwrap();
    assert_eq!(config.delivery_timeout, Duration::from_millis(200_005));
}

#[test]
fn compression_levels_follow_their_codec() {
    let level = |options: &[(&str, &str)]| producer(options).unwrap().compression_level;
    assert_eq!(level(&[("compression.type", "zstd")]), Some(3));
    assert_eq!(level(&[("compression.type", "gzip")]), None);
    assert_eq!(level(&[("compression.type", "gzip"), ("compression.level", "4")]), Some(4));
    assert_eq!(level(&[("compression.type", "lz4"), ("compression.lz4.level", "2")]), Some(2));
    assert!(producer(&[("compression.type", "gzip"), ("compression.level", "15")]).is_err());
}

#[test]
fn options_of_the_other_group_protocol_are_refused() {
    let error =
        consumer(&[("group.id", "g"), ("group.protocol", "consumer"), ("session.timeout.ms", "6000")])
            .unwrap_err();
    assert!(error.to_string().contains("the coordinator decides"), "{error}");
    assert!(consumer(&[("group.id", "g"), ("group.remote.assignor", "uniform")]).is_err());
}

#[test]
fn assignors_are_known_by_javas_names_too() {
    let config = consumer(&[(
        "partition.assignment.strategy",
        "org.apache.kafka.clients.consumer.CooperativeStickyAssignor, roundrobin",
    )])
    .unwrap();
    assert_eq!(config.assignors, [AssignorName::CooperativeSticky, AssignorName::RoundRobin]);
    assert!(consumer(&[("partition.assignment.strategy", "com.example.Mine")]).is_err());
}

#[test]
fn offset_reset_reads_durations_and_old_words() {
    let reset = |text| consumer(&[("auto.offset.reset", text)]).map(|config| config.auto_offset_reset);
    assert_eq!(reset("smallest").unwrap(), AutoOffsetReset::Earliest);
    assert_eq!(
        reset("by_duration:P1DT2H3M4.5S").unwrap(),
        AutoOffsetReset::ByDuration(Duration::from_millis(93_784_500))
    );
    for wrong in ["by_duration:1h", "by_duration:P", "by_duration:PT", "by_duration:P1H", "never"] {
        assert!(reset(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn heartbeats_must_be_shorter_than_the_session() {
    let error = consumer(&[("group.id", "g"), ("session.timeout.ms", "3000")]).unwrap_err();
    assert!(error.to_string().contains("below session.timeout.ms"), "{error}");
}
