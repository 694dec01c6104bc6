package dev.ottla.java

import dev.ottla.ConsumerRecord
import dev.ottla.ConsumerRecords
import dev.ottla.GroupMetadata
import dev.ottla.OffsetAndMetadata
import dev.ottla.OffsetAndTimestamp
import dev.ottla.TopicPartition
import dev.ottla.internal.blocking
import dev.ottla.internal.done
import dev.ottla.internal.future
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.time.toKotlinDuration

/**
 * Told of changes of the assignment, on the thread that polls (or one of the library's, with [Consumer.pollAsync]), before
 * that call returns. May use the consumer, except to poll, unsubscribe or close it. What a method throws, that call throws.
 */
public interface RebalanceListener {
    /** These partitions came in addition; nothing of them has been handed out. A good moment to seek. */
    public fun onAssigned(partitions: List<TopicPartition>) {}

    /** These are given up when this returns. Nothing of them is handed out any more; commits still count. */
    public fun onRevoked(partitions: List<TopicPartition>) {}

    /** These were taken away without asking: others may read them already, and commits for them fail. */
    public fun onLost(partitions: List<TopicPartition>) {}
}

/**
 * Reads records, for Java: [dev.ottla.Consumer] with a blocking [poll], which virtual threads may call, and futures. One thread
 * at a time may poll; everything else may be called from anywhere, at any time.
 */
public class Consumer(config: Map<String, Any>) : AutoCloseable {
    private val consumer = dev.ottla.Consumer(config)

    /** Reads these topics as a member of the group, in place of what was read before. */
    @JvmOverloads
    public fun subscribe(topics: Collection<String>, listener: RebalanceListener? = null): Unit =
        consumer.subscribe(topics, listener?.let { Listening(it) })

    /** Reads every topic whose whole name matches the pattern (in Rust's syntax of regular expressions). */
    @JvmOverloads
    public fun subscribePattern(pattern: String, listener: RebalanceListener? = null): Unit =
        consumer.subscribePattern(pattern, listener?.let { Listening(it) })

    private class Listening(private val listener: RebalanceListener) : dev.ottla.RebalanceListener {
        override suspend fun onAssigned(partitions: List<TopicPartition>) = listener.onAssigned(partitions)
        override suspend fun onRevoked(partitions: List<TopicPartition>) = listener.onRevoked(partitions)
        override suspend fun onLost(partitions: List<TopicPartition>) = listener.onLost(partitions)
    }

    /** Stops reading and leaves the group. The listener is told of what is given up. */
    public fun unsubscribe(): CompletableFuture<Void?> = done { consumer.unsubscribe() }

    /** Reads exactly these partitions, outside the group's rebalancing; none stops reading. */
    public fun assign(partitions: Collection<TopicPartition>): Unit = consumer.assign(partitions)

    /** The partitions being read. */
    public fun assignment(): Set<TopicPartition> = consumer.assignment()

    /** The subscribed topics. */
    public fun subscription(): Set<String> = consumer.subscription()

    /**
     * Records that are there, or come within `timeout`: at most `maxRecords` (`max.poll.records` if null), none when none came.
     * Blocks the calling thread. Asking for more says that what was given before has been handled: that is what background
     * commits commit. An interrupted poll loses no record.
     *
     * Throws what [dev.ottla.Consumer.poll] does.
     */
    @JvmOverloads
    @Throws(InterruptedException::class)
    public fun poll(timeout: Duration, maxRecords: Int? = null): ConsumerRecords =
        blocking("poll") { consumer.poll(timeout.toKotlinDuration(), maxRecords) }

    /**
     * As [poll], without blocking. Records count as handed out when the future has them: handle those of a future that was
     * cancelled too late, or do not cancel; [wakeup] ends it early.
     */
    @JvmOverloads
    public fun pollAsync(timeout: Duration, maxRecords: Int? = null): CompletableFuture<ConsumerRecords> =
        future { consumer.poll(timeout.toKotlinDuration(), maxRecords) }

    /** Makes a poll under way, or else the next one, return at once and empty. */
    public fun wakeup(): Unit = consumer.wakeup()

    /** Commits `offsets`, each the next to read; without them the positions of everything handed out. */
    @JvmOverloads
    public fun commit(offsets: Map<TopicPartition, OffsetAndMetadata>? = null): CompletableFuture<Void?> =
        done { consumer.commit(offsets) }

    /** Commits the offset behind this record. */
    public fun commit(record: ConsumerRecord): CompletableFuture<Void?> = done { consumer.commit(record) }

    /** The group's committed offsets of these partitions; those without one are left out. */
    public fun committed(
        partitions: Collection<TopicPartition>,
    ): CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> = future { consumer.committed(partitions) }

    /** The next offset to hand out; null while it is not known. */
    public fun position(partition: TopicPartition): Long? = consumer.position(partition)

    /** How many offsets lie between the position and the end as of the last fetch; null before that. */
    public fun lag(partition: TopicPartition): Long? = consumer.lag(partition)

    /** Goes on at this offset with the next poll. */
    public fun seek(partition: TopicPartition, offset: Long): Unit = consumer.seek(partition, offset)

    /** As above; with the leader's epoch, truncation is noticed. */
    public fun seek(partition: TopicPartition, offset: OffsetAndMetadata): Unit = consumer.seek(partition, offset)

    /** Goes on at the beginning of these partitions, of all assigned ones when none is named. */
    @JvmOverloads
    public fun seekToBeginning(partitions: Collection<TopicPartition> = emptyList()): Unit =
        consumer.seekToBeginning(partitions)

    /** Goes on at the end of these partitions, of all assigned ones when none is named. */
    @JvmOverloads
    public fun seekToEnd(partitions: Collection<TopicPartition> = emptyList()): Unit = consumer.seekToEnd(partitions)

    /** Hands out nothing of these partitions until [resume]. */
    public fun pause(partitions: Collection<TopicPartition>): Unit = consumer.pause(partitions)

    /** Ends a [pause]. */
    public fun resume(partitions: Collection<TopicPartition>): Unit = consumer.resume(partitions)

    /** The partitions that are paused. */
    public fun paused(): Set<TopicPartition> = consumer.paused()

    /** The first offset of each partition. */
    public fun beginningOffsets(partitions: Collection<TopicPartition>): CompletableFuture<Map<TopicPartition, Long>> =
        future { consumer.beginningOffsets(partitions) }

    /** The offset behind the last readable record of each partition. */
    public fun endOffsets(partitions: Collection<TopicPartition>): CompletableFuture<Map<TopicPartition, Long>> =
        future { consumer.endOffsets(partitions) }

    /** For each partition the first offset whose timestamp is at least the given one; those without are left out. */
    public fun offsetsForTimes(
        timesMs: Map<TopicPartition, Long>,
    ): CompletableFuture<Map<TopicPartition, OffsetAndTimestamp>> = future { consumer.offsetsForTimes(timesMs) }

    /** Who this consumer is in its group; null without one. */
    public fun groupMetadata(): GroupMetadata? = consumer.groupMetadata()

    /**
     * Commits (with `enable.auto.commit`), tells the listener what is given up, leaves the group unless `remain`, and
     * disconnects; by `timeout`. A poll under way ends with a [dev.ottla.ClosedException].
     */
    @JvmOverloads
    public fun closeAsync(timeout: Duration, remain: Boolean = false): CompletableFuture<Void?> =
        done { consumer.close(timeout.toKotlinDuration(), remain) }

    /** As `closeAsync` with 30 seconds, blocking the calling thread. */
    override fun close(): Unit = consumer.close()
}
