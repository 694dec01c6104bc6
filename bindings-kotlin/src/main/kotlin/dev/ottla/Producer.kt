package dev.ottla

import dev.ottla.internal.ProducerCore
import dev.ottla.internal.blocking
import dev.ottla.internal.cleaner
import dev.ottla.internal.int
import dev.ottla.internal.list
import dev.ottla.internal.long
import dev.ottla.internal.member
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.awaitAll
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** How long `close()` and `flush()` take at most, unless they are told. */
internal val DEFAULT_TIMEOUT: Duration = 30.seconds

/**
 * Sends records, in batches, in the background. For any number of threads and coroutines.
 *
 * `config` has Kafka's names ([Options] has them as constants); an unknown one is a [ConfigException] that tells the likeliest
 * one meant. A producer that is dropped without being closed delivers what it was given; when the process ends, for up to five
 * seconds.
 */
public class Producer(config: Map<String, Any>) : AutoCloseable {
    public constructor(vararg config: Pair<String, Any>) : this(config.toMap())

    private val core = ProducerCore(config)

    init {
        val core = core
        cleaner.register(this) { core.abandon() }
    }

    /**
     * Sends a record and suspends until it is acknowledged. Suspends before that while the buffer is full. Cancelling gives up
     * the waiting: the record may be sent all the same.
     *
     * Throws [KafkaException]: among others [NotSentException], which means that it is in no log, and
     * [OutcomeUnknownException], which means that it may be.
     */
    public suspend fun send(record: ProducerRecord): RecordMetadata = core.put(record).await()

    /** Sends a record of these bytes, see [ProducerRecord]. */
    public suspend fun send(
        topic: String,
        value: ByteArray?,
        key: ByteArray? = null,
        partition: Int? = null,
        timestampMs: Long? = null,
        headers: List<Header> = emptyList(),
    ): RecordMetadata = send(ProducerRecord(topic, value, key, partition, timestampMs, headers))

    /** Sends a record of these texts, as UTF-8. */
    public suspend fun send(
        topic: String,
        value: String?,
        key: String? = null,
        partition: Int? = null,
        timestampMs: Long? = null,
        headers: List<Header> = emptyList(),
    ): RecordMetadata = send(ProducerRecord(topic, value, key, partition, timestampMs, headers))

    /**
     * Hands a record over, in order, suspending only while the buffer is full; what is returned ends when the record is
     * acknowledged. This is the way to have many records under way from one coroutine. Handlers hung on it run in threads of the
     * library's, one after the other; they may block, which holds up those of later records.
     */
    public suspend fun enqueue(record: ProducerRecord): Deferred<RecordMetadata> = core.put(record)

    /** As [enqueue], without suspending: null when so much waits already that this would have to wait, too. */
    public fun trySend(record: ProducerRecord): Deferred<RecordMetadata>? = core.offer(record)

    /**
     * Hands all records over in order and suspends until each is acknowledged. Throws what the first one failed with that
     * fails; the others go on.
     */
    public suspend fun sendAll(records: Iterable<ProducerRecord>): List<RecordMetadata> =
        records.map { core.put(it) }.awaitAll()

    /** Sends what is buffered and suspends until every record sent before has its fate; by `timeout`. */
    public suspend fun flush(timeout: Duration = DEFAULT_TIMEOUT): Unit = core.flush(timeout)

    /** A topic's partitions and their leaders. Waits for metadata up to `max.block.ms`. */
    public suspend fun partitionsFor(topic: String): List<PartitionInfo> {
        val found = core.call("partitions_for", mapOf("topic" to topic)) as List<*>
        return found.map { json ->
            val brokers = { name: String -> json.list(name).map { (it as Long).toInt() } }
            PartitionInfo(
                topic, json.int("partition"), (json.member("leader") as Long?)?.toInt(),
                (json.member("leader_epoch") as Long?)?.toInt(), brokers("replicas"), brokers("isr"),
                brokers("offline_replicas"),
            )
        }
    }

    /** What was counted so far. */
    public fun metrics(): ProducerMetrics = core.ask("metrics").let {
        ProducerMetrics(
            it.long("records_acknowledged"), it.long("records_failed"), it.long("records_unknown"), it.long("requests"),
            it.long("batches"), it.long("bytes_sent"), it.long("retries"), it.long("splits"), it.long("epoch_bumps"),
            it.long("batches_incomplete"), it.long("buffer_total_bytes"), it.long("buffer_available_bytes"),
            it.long("waiting_count"),
        )
    }

    /**
     * Takes no more records, delivers what was given, and ends; by `timeout`, after which what has no fate fails. Goes on when
     * the caller is cancelled. Closing twice is one close.
     */
    public suspend fun close(timeout: Duration): Unit = core.close(timeout)

    /** As `close(30.seconds)`, blocking the calling thread. For `use { }`. */
    override fun close(): Unit = blocking("close the producer") { core.close(DEFAULT_TIMEOUT) }
}

/** What a producer counted since it was made. */
public data class ProducerMetrics(
    /** Records the brokers acknowledged. */
    val recordsAcknowledged: Long,
    /** Records told as failed: they are in no log. */
    val recordsFailed: Long,
    /** Records told as of unknown outcome. */
    val recordsUnknown: Long,
    /** Produce requests sent. */
    val requests: Long,
    /** Batches sent, retries included. */
    val batches: Long,
    /** Bytes of batches sent, after compression, retries included. */
    val bytesSent: Long,
    /** Batches sent again. */
    val retries: Long,
    /** Batches split because a broker found them too large. */
    val splits: Long,
    /** Times the producer's epoch was raised. */
    val epochBumps: Long,
    /** Batches that have no fate yet. */
    val batchesIncomplete: Long,
    /** `buffer.memory`. */
    val bufferTotalBytes: Long,
    /** What of it is free. */
    val bufferAvailableBytes: Long,
    /** Records that wait for room. */
    val waitingCount: Long,
)
