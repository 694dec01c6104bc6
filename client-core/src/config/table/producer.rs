//! Options of the producer.

use super::DefaultValue::{Null, Text as D};
use super::ValueType::{Boolean, Choice, NonEmptyText};
use super::{INT, Kinds, LONG, OptionRow, int};

const fn row(
    name: &'static str,
    value_type: super::ValueType,
    default: super::DefaultValue,
    doc: &'static str,
) -> OptionRow {
    OptionRow::new(name, Kinds::PRODUCER, value_type, default, doc)
}

pub(super) const ROWS: &[OptionRow] = &[
    row("acks", Choice(&["all", "-1", "0", "1"]), D("all"), "Which replicas must have a record before it counts as sent: all in sync (all), the leader (1), none (0).")
        .aliases(&["request.required.acks"]),
    row("batch.size", INT, D("16384"), "Size at which a partition's open batch is sent without waiting for linger.ms.").medium(),
    row("buffer.memory", LONG, D("33554432"), "Bound of all bytes waiting to be sent; at the bound sends wait up to max.block.ms.").high(),
    row("compression.type", Choice(&["none", "gzip", "snappy", "lz4", "zstd"]), D("none"), "Codec of record batches.")
        .high()
        .aliases(&["compression.codec"]),
    row("compression.level", int(-1, 22), D("-1"), "Level of whichever codec compression.type names; -1 takes the codec's own option."),
    row("compression.gzip.level", int(-1, 9), D("-1"), "Level of gzip, 1 to 9; -1 is the codec's default.").medium(),
    row("compression.lz4.level", int(1, 17), D("9"), "Level of lz4, 1 to 17.").medium(),
    row("compression.zstd.level", int(-131_072, 22), D("3"), "Level of zstd, -131072 to 22.").medium(),
    row("delivery.timeout.ms", INT, D("120000"), "Time from send to the final report, retries included. Records of a producer that has never reached any broker fail after 5 s already, with the cause.")
        .medium()
        .aliases(&["message.timeout.ms"]),
    row("enable.idempotence", Boolean, D("true"), "Whether retries are recognised by the broker, so that none doubles or reorders a record."),
    row("linger.ms", LONG, D("5"), "How long an open batch waits for more records.").medium().aliases(&["queue.buffering.max.ms"]),
    row("max.block.ms", LONG, D("60000"), "How long a send may wait for metadata or buffer space.").medium(),
    row("max.in.flight.requests.per.connection", int(1, 1_000_000), D("5"), "How many produce requests to one broker may await their answers; at most 5 with idempotence.")
        .aliases(&["max.in.flight"]),
    row("max.request.size", INT, D("1048576"), "Largest request sent, and with it the largest record.")
        .medium()
        .aliases(&["message.max.bytes"]),
    row("metadata.max.idle.ms", int(5_000, super::LONG_MAX), D("300000"), "Forget the metadata of a topic nothing was sent to for this long."),
    row(
        "partitioner",
        Choice(&["default", "murmur2_random", "murmur2", "consistent_random", "consistent", "random", "round_robin"]),
        D("default"),
        "How a record without a partition finds one: default is the Java client's (murmur2 of the key, sticky and adaptive without), consistent_* use CRC-32 as librdkafka does.",
    )
    .medium(),
    row("partitioner.adaptive.partitioning.enable", Boolean, D("true"), "Whether records without a key favour brokers that answer faster."),
    row("partitioner.availability.timeout.ms", LONG, D("0"), "Records without a key avoid a partition whose broker took nothing for this long; 0 never."),
    row("partitioner.ignore.keys", Boolean, D("false"), "Whether records with a key are placed as if they had none.").medium(),
    row("partitioner.rack.aware", Boolean, D("false"), "Whether records without a key favour leaders in client.rack.").not_yet(&["false"]),
    row("transaction.timeout.ms", int(1, super::INT_MAX), D("60000"), "How long a transaction may stay open before the coordinator aborts it.")
        .not_yet(&["60000"])
        .remark("transactions are not supported yet, so no transaction can time out: remove transaction.timeout.ms"),
    row("transaction.two.phase.commit.enable", Boolean, D("false"), "Whether transactions take part in an external two-phase commit (KIP-939).").not_yet(&["false"]),
    row("transactional.id", NonEmptyText, Null, "Identity of a transactional producer over restarts; one running instance each.")
        .not_yet(&[])
        .remark(
            "transactions are not supported yet: without them a record is visible as soon as it is stored, alone; \
             remove transactional.id (enable.idempotence, the default, keeps retries from doubling records)",
        ),
];
