package dev.ottla

import dev.ottla.internal.ConsumerCore
import dev.ottla.internal.blocking
import dev.ottla.internal.cleaner
import dev.ottla.internal.int
import dev.ottla.internal.jsonOf
import dev.ottla.internal.long
import dev.ottla.internal.member
import dev.ottla.internal.partitionOf
import dev.ottla.internal.text
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.isActive
import java.lang.ref.Reference
import kotlin.time.Duration

/**
 * Told of changes of the assignment, in the coroutine that polls, unsubscribes or closes, before that call returns. May use
 * the consumer, except to poll, unsubscribe or close it. What a function throws, that call throws.
 */
public interface RebalanceListener {
    /** These partitions came in addition; nothing of them has been handed out. A good moment to seek. */
    public suspend fun onAssigned(partitions: List<TopicPartition>) {}

    /** These are given up when this returns. Nothing of them is handed out any more; commits still count. */
    public suspend fun onRevoked(partitions: List<TopicPartition>) {}

    /** These were taken away without asking: others may read them already, and commits for them fail. */
    public suspend fun onLost(partitions: List<TopicPartition>) {}
}

/**
 * Reads records from topics, alone or as a member of a group. One coroutine at a time may poll or collect; everything else may
 * be called from anywhere, at any time.
 *
 * `config` has Kafka's names ([Options] has them as constants). A consumer that is dropped without being closed leaves its
 * group in the background and commits nothing.
 */
public class Consumer(config: Map<String, Any>) : AutoCloseable {
    public constructor(vararg config: Pair<String, Any>) : this(config.toMap())

    private val core = ConsumerCore(config)

    init {
        val core = core
        cleaner.register(this) { core.abandon() }
    }

    /** Reads these topics as a member of the group, in place of what was read before. */
    public fun subscribe(topics: Collection<String>, listener: RebalanceListener? = null) {
        core.listener = listener
        core.reposition("subscribe", mapOf("topics" to topics.toList()))
    }

    /** Reads these topics as a member of the group. */
    public fun subscribe(vararg topics: String): Unit = subscribe(topics.toList())

    /** As above; the functions are told of changes of the assignment, see [RebalanceListener]. */
    public fun subscribe(
        topics: Collection<String>,
        onAssigned: suspend (List<TopicPartition>) -> Unit = {},
        onRevoked: suspend (List<TopicPartition>) -> Unit = {},
        onLost: suspend (List<TopicPartition>) -> Unit = {},
    ): Unit = subscribe(
        topics,
        object : RebalanceListener {
            override suspend fun onAssigned(partitions: List<TopicPartition>) = onAssigned(partitions)
            override suspend fun onRevoked(partitions: List<TopicPartition>) = onRevoked(partitions)
            override suspend fun onLost(partitions: List<TopicPartition>) = onLost(partitions)
        },
    )

    /** Reads every topic whose whole name matches the pattern (in Rust's syntax of regular expressions), as they come and go. */
    public fun subscribePattern(pattern: String, listener: RebalanceListener? = null) {
        core.listener = listener
        core.reposition("subscribe_pattern", mapOf("pattern" to pattern))
    }

    /** Stops reading and leaves the group. The listener is told of what is given up. */
    public suspend fun unsubscribe(): Unit = core.unsubscribe()

    /** Reads exactly these partitions, outside the group's rebalancing; none stops reading. */
    public fun assign(partitions: Collection<TopicPartition>): Unit = core.reposition("assign", chosen(partitions))

    /** The partitions being read. */
    public fun assignment(): Set<TopicPartition> = partitions("assignment")

    /** The subscribed topics. */
    public fun subscription(): Set<String> = (core.ask("subscription") as List<*>).mapTo(LinkedHashSet()) { it as String }

    /**
     * Records that are there, or come within `timeout`: at most `maxRecords` (`max.poll.records` if null), none when none came.
     * Asking for more says that what was given before has been handled: that is what background commits commit. Cancelling
     * loses no record.
     *
     * Throws [MaxPollExceededException] when the poll before was too long ago (this one joined the group again),
     * [OffsetOutOfRangeException] and [LogTruncationException] without a reset policy, [CorruptException] for bytes that
     * cannot be read (seek past them to go on), [AuthorizationException], [FencedException].
     */
    public suspend fun poll(timeout: Duration, maxRecords: Int? = null): ConsumerRecords =
        try {
            core.poll(timeout, maxRecords)
        } finally {
            // A consumer that nobody else holds must not be cleaned up while it polls.
            Reference.reachabilityFence(this)
        }

    /**
     * Every record, one by one, without end; the next ones are fetched when these were taken. A record counts as handed out
     * when the collector comes back; [commit] in there covers it before. One whose collector throws, or is cancelled, is
     * neither committed nor passed over, but comes again with the next collection. An operator such as `buffer` in between
     * takes records ahead of their handling.
     *
     * Cancelling the collector ends it at once; the consumer stays usable.
     */
    public fun records(): Flow<ConsumerRecord> = flow {
        while (true) {
            val block = core.hold(ConsumerCore.FLOW_POLL, null)
            for (record in block.records) {
                block.current = record
                try {
                    emit(record)
                } catch (thrown: Throwable) {
                    block.current = null
                    if (isHandled(thrown)) block.handled++ else core.putBack(block, record)
                    throw thrown
                }
                block.current = null
                block.handled++
                // A seek, a pause or a new subscription in the collector: the rest of the block is not what comes next.
                if (!core.isHeld(block)) break
            }
            Reference.reachabilityFence(this@Consumer)
        }
    }

    /** Operators such as `take` and `first` end a flow with a cancellation of their own, after they passed the record on. */
    private suspend fun isHandled(thrown: Throwable) =
        thrown is CancellationException && thrown !is TimeoutCancellationException && currentCoroutineContext().isActive

    /** Makes a poll under way, or else the next one, return at once and empty. */
    public fun wakeup(): Unit = core.wakeup()

    /** Commits `offsets`, each the next to read; without them the positions of everything handed out. */
    public suspend fun commit(offsets: Map<TopicPartition, OffsetAndMetadata>? = null) {
        core.commit(offsets?.map { (partition, offset) -> jsonOf(partition) + jsonOf(offset) })
    }

    /** Commits the offset behind this record. */
    public suspend fun commit(record: ConsumerRecord): Unit =
        commit(mapOf(record.topicPartition to OffsetAndMetadata(record.offset + 1, leaderEpoch = record.leaderEpoch)))

    /** The group's committed offsets of these partitions; those without one are left out. */
    public suspend fun committed(partitions: Collection<TopicPartition>): Map<TopicPartition, OffsetAndMetadata> =
        found("committed", chosen(partitions)) {
            OffsetAndMetadata(it.long("offset"), it.text("metadata"), (it.member("leader_epoch") as Long?)?.toInt())
        }

    /** The next offset to hand out; null while it is not known. */
    public fun position(partition: TopicPartition): Long? = core.position(partition)

    /** How many offsets lie between the position and the end as of the last fetch; null before that. */
    public fun lag(partition: TopicPartition): Long? = core.lag(partition)

    /** Goes on at this offset with the next poll. */
    public fun seek(partition: TopicPartition, offset: Long): Unit = seek(partition, OffsetAndMetadata(offset))

    /** As above; with the leader's epoch, truncation is noticed. */
    public fun seek(partition: TopicPartition, offset: OffsetAndMetadata): Unit =
        core.reposition("seek", jsonOf(partition) + jsonOf(offset))

    /** Goes on at the beginning of these partitions, of all assigned ones when none is named. */
    public fun seekToBeginning(partitions: Collection<TopicPartition> = emptyList()): Unit =
        core.reposition("seek_to_beginning", chosen(partitions))

    /** Goes on at the end of these partitions, of all assigned ones when none is named. */
    public fun seekToEnd(partitions: Collection<TopicPartition> = emptyList()): Unit =
        core.reposition("seek_to_end", chosen(partitions))

    /** Hands out nothing of these partitions until [resume]. */
    public fun pause(partitions: Collection<TopicPartition>): Unit = core.reposition("pause", chosen(partitions))

    /** Ends a [pause]. */
    public fun resume(partitions: Collection<TopicPartition>) {
        core.ask("resume", chosen(partitions))
    }

    /** The partitions that are paused. */
    public fun paused(): Set<TopicPartition> = partitions("paused")

    /** The first offset of each partition. */
    public suspend fun beginningOffsets(partitions: Collection<TopicPartition>): Map<TopicPartition, Long> =
        found("beginning_offsets", chosen(partitions)) { it.long("offset") }

    /** The offset behind the last readable record of each partition. */
    public suspend fun endOffsets(partitions: Collection<TopicPartition>): Map<TopicPartition, Long> =
        found("end_offsets", chosen(partitions)) { it.long("offset") }

    /** For each partition the first offset whose timestamp is at least the given one; those without are left out. */
    public suspend fun offsetsForTimes(timesMs: Map<TopicPartition, Long>): Map<TopicPartition, OffsetAndTimestamp> {
        val times = timesMs.map { (partition, time) -> jsonOf(partition) + ("timestamp_ms" to time) }
        return found("offsets_for_times", mapOf("times" to times)) {
            OffsetAndTimestamp(it.long("offset"), it.long("timestamp_ms"), (it.member("leader_epoch") as Long?)?.toInt())
        }
    }

    /** Who this consumer is in its group; null without one. */
    public fun groupMetadata(): GroupMetadata? = core.ask("group_metadata")?.let {
        GroupMetadata(
            it.text("group_id"), it.int("generation_id"), it.text("member_id"), it.member("group_instance_id") as String?,
        )
    }

    /**
     * Commits (with `enable.auto.commit`), tells the listener what is given up, leaves the group unless `remain`, and
     * disconnects; by `timeout`. A poll under way ends with a [ClosedException]. Goes on when the caller is cancelled. Closing
     * twice is one close.
     */
    public suspend fun close(timeout: Duration, remain: Boolean = false): Unit = core.close(timeout, remain)

    /** As `close(30.seconds)`, blocking the calling thread. For `use { }`. */
    override fun close(): Unit = blocking("close the consumer") { core.close(DEFAULT_TIMEOUT, remain = false) }

    private fun chosen(partitions: Collection<TopicPartition>) = mapOf("partitions" to partitions.map { jsonOf(it) })

    private fun partitions(operation: String): Set<TopicPartition> =
        (core.ask(operation) as List<*>).mapTo(LinkedHashSet()) { partitionOf(it) }

    private suspend fun <T> found(
        operation: String,
        arguments: Map<String, Any?>,
        read: (Any?) -> T,
    ): Map<TopicPartition, T> =
        (core.call(operation, arguments) as List<*>).associate { partitionOf(it) to read(it) }
}

private fun jsonOf(offset: OffsetAndMetadata): Map<String, Any?> =
    mapOf("offset" to offset.offset, "leader_epoch" to offset.leaderEpoch, "metadata" to offset.metadata)
