//! Options of the consumer.

use super::DefaultValue::{Null, Text as D};
use super::ValueType::{Boolean, Choice, List, NonEmptyText, Text};
use super::{INT, INT_MAX, Kinds, OptionRow, int};

const fn row(
    name: &'static str,
    value_type: super::ValueType,
    default: super::DefaultValue,
    doc: &'static str,
) -> OptionRow {
    OptionRow::new(name, Kinds::CONSUMER, value_type, default, doc)
}

pub(super) const ROWS: &[OptionRow] = &[
    row("group.id", NonEmptyText, Null, "The consumer group; needed to subscribe and to commit.").high(),
    row("group.instance.id", NonEmptyText, Null, "Identity of a static member: a restart within the session timeout causes no rebalance.").medium(),
    row("group.protocol", Choice(&["classic", "consumer"]), D("classic"), "Rebalance protocol: members assign (classic) or the coordinator does (consumer, KIP-848).").high(),
    row("group.remote.assignor", Text, Null, "Name of the coordinator's assignor with group.protocol=consumer.").medium(),
    row("partition.assignment.strategy", List, D("range,cooperative-sticky"), "Assignors with group.protocol=classic in order of preference: range, roundrobin, sticky, cooperative-sticky.").medium(),
    row("session.timeout.ms", int(1, INT_MAX), D("45000"), "A member whose heartbeats stay away for this long is removed from its group.").high(),
    row("heartbeat.interval.ms", int(1, INT_MAX), D("3000"), "Pause between heartbeats; below a third of session.timeout.ms.").high(),
    row("max.poll.interval.ms", int(1, INT_MAX), D("300000"), "An application that does not poll for this long leaves its group.").medium(),
    row("max.poll.records", int(1, INT_MAX), D("500"), "How many records one poll hands out at most.").medium(),
    row("enable.auto.commit", Boolean, D("true"), "Whether positions handed out are committed in the background.")
        .medium()
        .aliases(&["auto.commit.enable"]),
    row("auto.commit.interval.ms", INT, D("5000"), "Pause between background commits."),
    row("auto.offset.reset", Text, D("latest"), "Where to start without a committed offset: latest, earliest, none (an error), by_duration:PnDTnHnMnS.").medium(),
    row("isolation.level", Choice(&["read_uncommitted", "read_committed"]), D("read_uncommitted"), "Whether records of open and aborted transactions are handed out.").medium(),
    row("check.crcs", Boolean, D("true"), "Whether the checksum of each batch is verified."),
    row("exclude.internal.topics", Boolean, D("true"), "Whether a pattern subscription leaves out Kafka's own topics.").medium(),
    row("fetch.min.bytes", INT, D("1"), "A broker holds back its answer until it has this much, or fetch.max.wait.ms passed.").high(),
    row("fetch.max.bytes", INT, D("52428800"), "How much one fetch answer may carry; a single larger batch still comes.").medium(),
    row("fetch.max.wait.ms", INT, D("500"), "How long a broker holds back its answer while there is less than fetch.min.bytes.").aliases(&["fetch.wait.max.ms"]),
    row("max.partition.fetch.bytes", INT, D("1048576"), "How much of one partition a fetch answer may carry; a single larger batch still comes.")
        .high()
        .aliases(&["fetch.message.max.bytes"]),
    row("queued.max.messages.kbytes", int(1, 2_097_151), D("65536"), "Bound of fetched data waiting to be polled, in KiB.").medium(),
    row("enable.auto.offset.store", Boolean, D("true"), "Whether handing a record out marks it for the next background commit.").not_yet(&["true"]),
    row("enable.partition.eof", Boolean, D("false"), "Whether reaching the end of a partition is reported.")
        .refused("the end of a partition is no event here: compare positions with end offsets instead", &["false"]),
    row("share.acknowledgement.mode", Choice(&["implicit", "explicit"]), D("implicit"), "How a share consumer acknowledges records.").not_yet(&["implicit"]),
    row("share.acquire.mode", Choice(&["batch_optimized", "record_limit"]), D("batch_optimized"), "How a share consumer acquires records.").not_yet(&["batch_optimized"]),
];
