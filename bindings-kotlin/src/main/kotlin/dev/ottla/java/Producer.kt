package dev.ottla.java

import dev.ottla.PartitionInfo
import dev.ottla.ProducerMetrics
import dev.ottla.ProducerRecord
import dev.ottla.RecordMetadata
import dev.ottla.internal.blocking
import dev.ottla.internal.done
import dev.ottla.internal.future
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.future.asCompletableFuture
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.time.toKotlinDuration

/**
 * Sends records, for Java: [dev.ottla.Producer] with futures. For any number of threads. A future fails with a
 * [dev.ottla.KafkaException]; `join()` shows it as the cause of a `CompletionException`.
 */
public class Producer(config: Map<String, Any>) : AutoCloseable {
    private val producer = dev.ottla.Producer(config)

    /**
     * Hands a record over, in order, blocking only while the buffer is full; the future ends when the record is acknowledged.
     * Cancelling the future sends no record back. What is hung on it runs in threads of the library's, one after the other, and
     * may block, which holds up those of later records.
     *
     * Errors of the future: [dev.ottla.NotSentException], which means that it is in no log,
     * [dev.ottla.OutcomeUnknownException], which means that it may be, and others. Throws [dev.ottla.ClosedException].
     */
    @Throws(InterruptedException::class)
    public fun send(record: ProducerRecord): CompletableFuture<RecordMetadata> {
        val sent = producer.trySend(record) ?: blocking("send a record") { producer.enqueue(record) }
        return told(sent)
    }

    /** As [send], without blocking: null when so much waits already that this would have to wait, too. */
    public fun trySend(record: ProducerRecord): CompletableFuture<RecordMetadata>? =
        producer.trySend(record)?.let { told(it) }

    private fun told(sent: Deferred<RecordMetadata>): CompletableFuture<RecordMetadata> = sent.asCompletableFuture()

    /** Sends what is buffered; ends when every record sent before has its fate, by `timeout`. */
    public fun flush(timeout: Duration): CompletableFuture<Void?> = done { producer.flush(timeout.toKotlinDuration()) }

    /** A topic's partitions and their leaders. Waits for metadata up to `max.block.ms`. */
    public fun partitionsFor(topic: String): CompletableFuture<List<PartitionInfo>> = future { producer.partitionsFor(topic) }

    /** What was counted so far. */
    public fun metrics(): ProducerMetrics = producer.metrics()

    /** Takes no more records, delivers what was given, and ends; by `timeout`, after which what has no fate fails. */
    public fun closeAsync(timeout: Duration): CompletableFuture<Void?> = done { producer.close(timeout.toKotlinDuration()) }

    /** As `closeAsync` with 30 seconds, blocking the calling thread. */
    override fun close(): Unit = producer.close()
}
