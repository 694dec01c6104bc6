//! Options of the Java client and of librdkafka that mean nothing here: each is refused with what to do instead.
//! Where a value asks for what happens anyway, that value is taken, so that a copied configuration works.

use super::DefaultValue::{Null, Text as D};
use super::ValueType::Text;
use super::{Kinds, OptionRow};

const fn row(
    name: &'static str,
    kinds: Kinds,
    why: &'static str,
    harmless: &'static [&'static str],
    doc: &'static str,
) -> OptionRow {
    let default = match harmless {
        [first, ..] => D(first),
        [] => Null,
    };
    OptionRow::new(name, kinds, Text, default, doc).refused(why, harmless)
}

const ALL: Kinds = Kinds::ALL;
const P: Kinds = Kinds::PRODUCER;
const C: Kinds = Kinds::CONSUMER;
const PC: Kinds = Kinds::PRODUCER_CONSUMER;

const BYTES: &str = "keys and values are bytes here: serialize before sending, deserialize after receiving";
const CALLBACK: &str = "callbacks are not configuration here: use the client's own methods";
const LOGGING: &str = "logging goes through the `tracing` crate: set the filter of its subscriber, such as RUST_LOG=ottla=debug";
const METRICS: &str = "metrics are read from the client, without reporters or sampling windows";
const LEGACY: &str = "it works around brokers older than 0.10, which are not supported; remove it";
const THREADS: &str = "it tunes the inside of librdkafka, which works differently here; remove it";
const OFFSETS: &str = "offsets are stored by the group coordinator only; remove it";

pub(super) const ROWS: &[OptionRow] = &[
    // The Java client's.
    row("key.serializer", P, BYTES, &[], "Java class that serializes keys."),
    row("value.serializer", P, BYTES, &[], "Java class that serializes values."),
    row("key.deserializer", C, BYTES, &[], "Java class that deserializes keys."),
    row("value.deserializer", C, BYTES, &[], "Java class that deserializes values."),
    row(
        "interceptor.classes",
        PC,
        "Java classes cannot be loaded: wrap the client instead",
        &[""],
        "Java classes that see each record.",
    ),
    row(
        "config.providers",
        ALL,
        "values are not looked up elsewhere: resolve them before building the client",
        &[""],
        "Java classes that resolve placeholders in values.",
    ),
    row(
        "metric.reporters",
        ALL,
        METRICS,
        &["", "org.apache.kafka.common.metrics.JmxReporter"],
        "Java classes that report metrics.",
    ),
    row("metrics.num.samples", ALL, METRICS, &["2"], "Number of samples a metric is computed from."),
    row("metrics.recording.level", ALL, METRICS, &["INFO"], "Which metrics are recorded."),
    row("metrics.sample.window.ms", ALL, METRICS, &["30000"], "Window of a metric's sample."),
    row(
        "partitioner.class",
        P,
        "Java classes cannot be loaded: choose one with `partitioner`, or set each record's partition",
        &["org.apache.kafka.clients.producer.internals.DefaultPartitioner"],
        "Java class that places records.",
    ),
    row(
        "buffer.memory.allocation.strategy",
        P,
        "buffers grow as needed here; remove it",
        &["full"],
        "How the Java producer allocates buffers.",
    ),
    row(
        "internal.throw.on.fetch.stable.offset.unsupported",
        C,
        "it is internal to the Java client; remove it",
        &["false"],
        "Internal to the Java client.",
    ),
    // librdkafka's logging, statistics and callbacks.
    row("debug", ALL, LOGGING, &[""], "librdkafka's debug contexts."),
    row("log_level", ALL, LOGGING, &["6"], "librdkafka's log level."),
    row("log.queue", ALL, LOGGING, &["false"], "librdkafka's log queue."),
    row("log.thread.name", ALL, LOGGING, &["true"], "Thread names in librdkafka's log."),
    row("log.connection.close", ALL, LOGGING, &["true"], "Whether librdkafka logs closed connections."),
    row("statistics.interval.ms", ALL, METRICS, &["0"], "Pause between librdkafka's statistics events."),
    row("enabled_events", ALL, CALLBACK, &["0"], "librdkafka's event mask."),
    row("error_cb", ALL, CALLBACK, &[], "librdkafka's error callback."),
    row("throttle_cb", ALL, CALLBACK, &[], "librdkafka's throttle callback."),
    row("stats_cb", ALL, CALLBACK, &[], "librdkafka's statistics callback."),
    row("log_cb", ALL, LOGGING, &[], "librdkafka's log callback."),
    row("background_event_cb", ALL, CALLBACK, &[], "librdkafka's background event callback."),
    row("socket_cb", ALL, CALLBACK, &[], "librdkafka's socket callback."),
    row("connect_cb", ALL, CALLBACK, &[], "librdkafka's connect callback."),
    row("closesocket_cb", ALL, CALLBACK, &[], "librdkafka's close callback."),
    row("open_cb", ALL, CALLBACK, &[], "librdkafka's file callback."),
    row("resolve_cb", ALL, CALLBACK, &[], "librdkafka's resolver callback."),
    row("consume_cb", C, CALLBACK, &[], "librdkafka's consume callback."),
    row("rebalance_cb", C, CALLBACK, &[], "librdkafka's rebalance callback."),
    row("offset_commit_cb", C, CALLBACK, &[], "librdkafka's commit callback."),
    row(
        "dr_cb",
        P,
        "each send returns its own delivery report",
        &[],
        "librdkafka's delivery report callback.",
    ),
    row(
        "dr_msg_cb",
        P,
        "each send returns its own delivery report",
        &[],
        "librdkafka's delivery report callback.",
    ),
    row(
        "partitioner_cb",
        P,
        "set each record's partition instead",
        &[],
        "librdkafka's partitioner callback.",
    ),
    row("msg_order_cmp", P, CALLBACK, &[], "librdkafka's queue order callback."),
    row("oauthbearer_token_refresh_cb", ALL, CALLBACK, &[], "librdkafka's token refresh callback."),
    row("ssl.certificate.verify_cb", ALL, CALLBACK, &[], "librdkafka's certificate callback."),
    row("ssl_engine_callback_data", ALL, CALLBACK, &[], "librdkafka's TLS engine data."),
    row("ssl_key", ALL, CALLBACK, &[], "librdkafka's key object.").secret(),
    row("ssl_certificate", ALL, CALLBACK, &[], "librdkafka's certificate object."),
    row("ssl_ca", ALL, CALLBACK, &[], "librdkafka's authority object."),
    row("opaque", ALL, CALLBACK, &[], "librdkafka's callback argument."),
    row(
        "default_topic_conf",
        ALL,
        "set topic options directly",
        &[],
        "librdkafka's default topic configuration.",
    ),
    row("interceptors", ALL, "wrap the client instead", &[], "librdkafka's interceptors."),
    row(
        "plugin.library.paths",
        ALL,
        "plugins are not loaded; wrap the client instead",
        &[""],
        "librdkafka's plugins.",
    ),
    row(
        "builtin.features",
        ALL,
        "what was compiled in cannot be chosen; remove it",
        &[],
        "Features compiled into librdkafka.",
    ),
    // librdkafka's own machinery.
    row(
        "message.copy.max.bytes",
        P,
        "records are copied once into their batch, whatever their size; remove it",
        &["65535"],
        "Size up to which librdkafka copies a message.",
    ),
    row(
        "topic.metadata.refresh.fast.interval.ms",
        ALL,
        "use retry.backoff.ms",
        &["100"],
        "Pause between librdkafka's fast metadata refreshes.",
    ),
    row(
        "topic.metadata.refresh.fast.cnt",
        ALL,
        LEGACY,
        &["10"],
        "Count of librdkafka's fast metadata refreshes.",
    ),
    row(
        "topic.metadata.refresh.sparse",
        ALL,
        "only topics in use are asked for; remove it",
        &["true"],
        "Whether librdkafka asks only for known topics.",
    ),
    row(
        "topic.metadata.propagation.max.ms",
        ALL,
        "a missing topic is reported after a few refreshes; remove it",
        &["30000"],
        "How long librdkafka waits for a new topic to appear.",
    ),
    row(
        "topic.blacklist",
        ALL,
        "leave such topics out of the subscription's pattern",
        &[""],
        "Topics librdkafka ignores.",
    ),
    row("socket.blocking.max.ms", ALL, THREADS, &["1000"], "How long librdkafka's socket calls may block."),
    row(
        "socket.keepalive.enable",
        ALL,
        "idle connections end by connections.max.idle.ms and every request has a deadline; remove it",
        &["false"],
        "Whether TCP keep-alive is on.",
    ),
    row(
        "socket.nagle.disable",
        ALL,
        "Nagle's algorithm is always off",
        &["true"],
        "Whether Nagle's algorithm is off.",
    ),
    row(
        "socket.max.fails",
        ALL,
        "one request without an answer closes the connection",
        &["1"],
        "Failed requests after which librdkafka disconnects.",
    ),
    row(
        "broker.address.ttl",
        ALL,
        "names are resolved for each connection",
        &["1000"],
        "How long librdkafka caches resolved addresses.",
    ),
    row(
        "reconnect.backoff.jitter.ms",
        ALL,
        "the jitter is 20 % of the pause; remove it",
        &["0"],
        "Jitter of librdkafka's reconnects.",
    ),
    row("enable.random.seed", ALL, THREADS, &["true"], "Whether librdkafka seeds random numbers."),
    row("internal.termination.signal", ALL, THREADS, &["0"], "Signal librdkafka uses to end its threads."),
    row("api.version.request", ALL, LEGACY, &["true"], "Whether the broker is asked for its versions."),
    row(
        "api.version.request.timeout.ms",
        ALL,
        "use socket.connection.setup.timeout.ms, which covers the handshake",
        &["10000"],
        "Timeout of the version request.",
    ),
    row("api.version.fallback.ms", ALL, LEGACY, &["0"], "How long broker.version.fallback is used."),
    row("broker.version.fallback", ALL, LEGACY, &["0.10.0"], "Version assumed of brokers that cannot say."),
    row(
        "group.protocol.type",
        C,
        "the type is always `consumer`",
        &["consumer"],
        "Protocol type of the group.",
    ),
    row(
        "coordinator.query.interval.ms",
        C,
        "the coordinator is looked up when it moves; remove it",
        &["600000"],
        "Pause between librdkafka's coordinator look-ups.",
    ),
    row(
        "queued.min.messages",
        C,
        "prefetching is bounded in bytes: use queued.max.messages.kbytes",
        &["100000"],
        "Messages librdkafka prefetches.",
    ),
    row(
        "fetch.queue.backoff.ms",
        C,
        "fetching goes on as soon as there is room; remove it",
        &["1000"],
        "Pause of librdkafka's fetcher when its queue is full.",
    ),
    row(
        "fetch.error.backoff.ms",
        C,
        "use retry.backoff.ms",
        &["500"],
        "Pause of librdkafka's fetcher after an error.",
    ),
    row("offset.store.method", C, OFFSETS, &["broker"], "Where librdkafka stores offsets."),
    row("offset.store.path", C, OFFSETS, &["."], "Directory of librdkafka's offset files."),
    row("offset.store.sync.interval.ms", C, OFFSETS, &["-1"], "How often librdkafka syncs offset files."),
    row(
        "consume.callback.max.messages",
        C,
        "use max.poll.records",
        &["0"],
        "Messages handed to one librdkafka callback.",
    ),
    row(
        "enable.gapless.guarantee",
        P,
        "an idempotent producer keeps order; handle a failed delivery report instead",
        &["false"],
        "Whether librdkafka stops at the first failed message.",
    ),
    row(
        "queue.buffering.max.messages",
        P,
        "the queue is bounded in bytes: use buffer.memory",
        &["100000"],
        "Messages librdkafka queues.",
    ),
    row(
        "queue.buffering.max.kbytes",
        P,
        "use buffer.memory, which is in bytes (this value × 1024)",
        &[],
        "Bound of librdkafka's queue in KiB.",
    ),
    row(
        "queue.buffering.backpressure.threshold",
        P,
        THREADS,
        &["1"],
        "librdkafka's back-pressure threshold.",
    ),
    row(
        "batch.num.messages",
        P,
        "batches are bounded in bytes: use batch.size",
        &["10000"],
        "Messages in one librdkafka batch.",
    ),
    row(
        "delivery.report.only.error",
        P,
        "a delivery report nobody looks at costs nothing; remove it",
        &["false"],
        "Whether librdkafka reports only failures.",
    ),
    row(
        "sticky.partitioning.linger.ms",
        P,
        "a partition is kept for one batch.size of records; remove it",
        &["10"],
        "How long librdkafka keeps one partition.",
    ),
    row(
        "queuing.strategy",
        P,
        "records leave in the order they came",
        &["fifo"],
        "Order of librdkafka's queue.",
    ),
    row(
        "produce.offset.report",
        P,
        "delivery reports always carry offsets",
        &["true", "false"],
        "Whether librdkafka reports offsets.",
    ),
];
