package dev.ottla.internal

import dev.ottla.ConsumerRecord
import dev.ottla.ConsumerRecords
import dev.ottla.ErrorKind
import dev.ottla.InvalidStateException
import dev.ottla.KafkaException
import dev.ottla.RebalanceListener
import dev.ottla.TopicPartition
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicReference
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * What a consumer is: its handle, whose turn it is to tell the listener, and how much of the last poll the application was
 * given.
 *
 * Every poll of the core is a held one: records count as handed out when a poll returns them, or a flow has emitted them. A
 * poll that is cancelled with its records on the way loses none.
 */
internal class ConsumerCore(config: Map<String, Any?>) {
    private val handle = create("consumer", config)
    private val isPolling = AtomicBoolean()
    private val telling = Mutex()
    private val closing = AtomicReference<Deferred<Unit>?>()

    @Volatile var listener: RebalanceListener? = null

    /** What a flow goes through: how many of the polled records were handled, and which is with the collector now. */
    class Held(val records: ConsumerRecords) {
        @Volatile var handled = 0
        @Volatile var current: ConsumerRecord? = null

        /** The record that was told as handed out although its collector has not come back, so that it must come again if it fails. */
        @Volatile var passed: ConsumerRecord? = null

        /** How many were given to the collector. */
        val emitted: Int get() = handled + if (current == null) 0 else 1
    }

    /** Null when nothing is held any more. */
    @Volatile private var held: Held? = null

    /** Polls until there are records or the time is over; the listener is told in between, in this coroutine. */
    suspend fun poll(timeout: Duration, maxRecords: Int?): ConsumerRecords = polling {
        val records = next(timeout, maxRecords)
        // No suspension from here to the caller's own code: what is handed out is not lost to a cancellation.
        if (records.isNotEmpty()) native { Native.seen(handle, records.size) }
        records
    }

    /** As [poll], but nothing counts as handed out until [Held.handled] says so. */
    suspend fun hold(timeout: Duration, maxRecords: Int?): Held = polling {
        Held(next(timeout, maxRecords)).also { held = it }
    }

    fun isHeld(block: Held): Boolean = held === block

    private suspend fun <T> polling(poll: suspend () -> T): T {
        refuseWithinCallback("poll")
        if (!isPolling.compareAndSet(false, true)) {
            throw KafkaException.own(
                ErrorKind.INVALID_STATE, "poll", "another coroutine or thread is polling this consumer",
                "one at a time may poll; close() may be called at any time",
            )
        }
        try {
            return poll()
        } finally {
            isPolling.set(false)
        }
    }

    private suspend fun next(timeout: Duration, maxRecords: Int?): ConsumerRecords {
        require(maxRecords == null || maxRecords > 0) { "a poll for no record at all" }
        timeout.wholeMilliseconds
        val started = TimeSource.Monotonic.markNow()
        tellSeen()
        held = null
        while (true) {
            // What a cancelled poll had found.
            tellRebalances()
            val left = (timeout - started.elapsedNow()).coerceAtLeast(Duration.ZERO)
            val block = awaiting { token -> Native.poll(handle, left.wholeMilliseconds, maxRecords ?: 0, token) }
            val records = ConsumerRecords(block)
            val isTold = tellRebalances()
            if (records.isNotEmpty() || !isTold || !started.elapsedNow().isShorterThan(timeout)) return records
        }
    }

    private fun Duration.isShorterThan(other: Duration) = this < other

    /** Tells the listener what polls brought, and whether there was any. What a cancellation kept from it is told the next time. */
    private suspend fun tellRebalances(): Boolean {
        var isTold = false
        while (untold() != null) {
            withinCallback {
                // Another caller may have told it meanwhile.
                val event = untold() ?: return@withinCallback
                native { Native.told(handle) }
                isTold = true
                tell(event)
            }
        }
        return isTold
    }

    private fun untold(): Any? = native { Native.untold(handle) }?.let { Json.parse(it) }

    private suspend fun tell(event: Any?) {
        val partitions = event.list("partitions").map { partitionOf(it) }
        when (event.text("type")) {
            "assigned" -> listener?.onAssigned(partitions)
            "revoked" -> listener?.onRevoked(partitions)
            else -> listener?.onLost(partitions)
        }
    }

    private suspend fun withinCallback(tell: suspend () -> Unit) =
        telling.withLock { withContext(WithinCallback(this)) { tell() } }

    private class WithinCallback(val of: ConsumerCore) : AbstractCoroutineContextElement(Key) {
        companion object Key : CoroutineContext.Key<WithinCallback>
    }

    private suspend fun refuseWithinCallback(operation: String) {
        if (currentCoroutineContext()[WithinCallback]?.of === this) {
            throw KafkaException.own(
                ErrorKind.INVALID_STATE, operation, "the rebalance listener is running",
                "do this when the call that runs the listener has returned",
            )
        }
    }

    /** Says how much of what a flow goes through was handled. */
    private fun tellSeen() {
        val held = held ?: return
        native { Native.seen(handle, held.handled) }
    }

    /** A call that does not wait. */
    fun ask(operation: String, arguments: Map<String, Any?> = emptyMap()): Any? {
        tellSeen()
        return ask(handle, operation, arguments)
    }

    /**
     * As [ask], for what changes positions or what they depend on: what is held is polled again, behind the record that is
     * with the collector.
     */
    fun reposition(operation: String, arguments: Map<String, Any?>) {
        val held = held ?: return ask(handle, operation, arguments).let {}
        native { Native.seen(handle, held.emitted) }
        held.passed = held.current.takeIf { operation == "pause" }
        ask(handle, operation, arguments)
        this.held = null
    }

    /** The collector failed with this record: it comes again. */
    fun putBack(block: Held, record: ConsumerRecord) {
        if (block.passed !== record) return
        try {
            ask(handle, "seek", jsonOf(record.topicPartition) + ("offset" to record.offset))
        } catch (_: InvalidStateException) {
            // Another member has the partition by now, and reads it from what was committed.
        }
    }

    /** The next offset to hand out, behind the record that is with the collector. */
    fun position(partition: TopicPartition): Long? {
        val known = ask("position", jsonOf(partition)) as Long?
        val current = held?.current?.takeIf { it.topicPartition == partition } ?: return known
        return current.offset + 1
    }

    /** How far [position] is from the end. */
    fun lag(partition: TopicPartition): Long? {
        val lag = ask("lag", jsonOf(partition)) as Long? ?: return null
        val known = ask("position", jsonOf(partition)) as Long? ?: return lag
        return (lag - ((position(partition) ?: known) - known)).coerceAtLeast(0)
    }

    /** A call that may wait. */
    suspend fun call(operation: String, arguments: Map<String, Any?> = emptyMap()): Any? {
        tellSeen()
        return call(handle, operation, arguments)
    }

    /** Commits; without offsets everything handed out, the record that is with the collector as well. */
    suspend fun commit(offsets: List<Map<String, Any?>>?) {
        held?.let { held -> native { Native.seen(handle, if (offsets == null) held.emitted else held.handled) } }
        call(handle, "commit", mapOf("offsets" to offsets))
    }

    fun wakeup() {
        ask(handle, "wakeup")
    }

    suspend fun unsubscribe() {
        refuseWithinCallback("unsubscribe")
        tellSeen()
        tellGivingUp()
        call(handle, "unsubscribe")
        held = null
    }

    private suspend fun tellGivingUp() {
        tellRebalances()
        if (listener == null) return
        for (event in ask(handle, "giving_up") as List<*>) withinCallback { tell(event) }
    }

    /** Closes once; later calls wait for the first. The listener hears in this coroutine what is given up. */
    suspend fun close(timeout: Duration, remain: Boolean) {
        timeout.wholeMilliseconds
        refuseWithinCallback("close the consumer")
        val closed = CompletableDeferred<Unit>()
        if (!closing.compareAndSet(null, closed)) {
            closing.get()!!.await()
            return
        }
        var failure: Throwable? = null
        val started = TimeSource.Monotonic.markNow()
        try {
            tellSeen()
            withTimeoutOrNull(timeout) { tellGivingUp() }
        } catch (thrown: Throwable) {
            // The listener's own, or a cancellation: the consumer is closed all the same.
            failure = thrown
        }
        val left = (timeout - started.elapsedNow()).coerceAtLeast(Duration.ZERO)
        val finishing = background.async {
            try {
                call(handle, "close", timeoutArgument(left) + ("remain" to remain))
            } finally {
                Native.release(handle)
            }
        }
        finishing.invokeOnCompletion { thrown ->
            if (thrown == null) closed.complete(Unit) else closed.completeExceptionally(thrown)
        }
        closed.await()
        failure?.let { throw it }
    }

    /** The application has dropped its consumer: it leaves the group in the background and commits nothing. */
    fun abandon() {
        if (!closing.compareAndSet(null, CompletableDeferred(Unit))) return
        Native.release(handle)
    }

    companion object {
        /** How long one poll of a flow lasts; how often it looks whether it was cancelled has nothing to do with it. */
        val FLOW_POLL: Duration = 60.seconds
    }
}

internal fun partitionOf(json: Any?): TopicPartition = TopicPartition(json.text("topic"), json.int("partition"))

internal fun jsonOf(partition: TopicPartition): Map<String, Any?> =
    mapOf("topic" to partition.topic, "partition" to partition.partition)
