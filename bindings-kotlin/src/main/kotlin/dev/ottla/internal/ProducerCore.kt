package dev.ottla.internal

import dev.ottla.ErrorKind
import dev.ottla.KafkaException
import dev.ottla.ProducerRecord
import dev.ottla.RecordMetadata
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * What a producer is: records on their way into the core, in order, and those whose fate is not known yet. Lives until all
 * fates are told, also when the application has dropped its producer.
 *
 * A record goes to the core at once where that takes it without waiting. Else it joins the lane: blocks that wait their turn
 * in the core, one after the other, so that order is kept. The lane is bounded; what finds it full waits on this side.
 */
internal class ProducerCore(config: Map<String, Any?>) : Reported {
    private val handle = create("producer", config)
    private val lock = ReentrantLock()
    private val fates = ConcurrentHashMap<Long, Fate>()
    private val topics = HashMap<String, Int>()
    private val single = Packer(FIRST_BYTES)
    private val lane = Packer(FIRST_BYTES)
    private var nextTag = 0L
    private var underWay = 0
    private var accepted = 0L
    private var passed = 0L
    private val barriers = ArrayDeque<Pair<Long, CompletableDeferred<Unit>>>()
    private var room: CompletableDeferred<Unit>? = null
    private var closing: Deferred<Unit>? = null
    @Volatile private var released = false

    /** Where fates are told, in order. Whoever hung something on one may block there without holding up other clients. */
    private val telling = Dispatchers.IO.limitedParallelism(1)

    init {
        Events.register(handle, this)
        Unfinished.add(this)
    }

    private class Fate(val topic: String, val timestampMs: Long) {
        val told = CompletableDeferred<RecordMetadata>()
    }

    /** Records without a fate. */
    val pending: Int get() = fates.size

    /** Records that were told as failed. */
    val failed = AtomicLong()

    /** Takes the record; null when the lane is full. */
    fun offer(record: ProducerRecord): Deferred<RecordMetadata>? = lock.withLock {
        if (closing != null) throw KafkaException.closed(SEND)
        if (isFull()) return null
        val topic = topics.getOrPut(record.topic) {
            (ask(handle, "topic_number", mapOf("topic" to record.topic)) as Long).toInt()
        }
        val fate = Fate(record.topic, record.timestampMs ?: System.currentTimeMillis())
        val tag = nextTag++
        if (underWay > 0) {
            lane.add(topic, record, fate.timestampMs, tag)
            accepted++
            fates[tag] = fate
            return fate.told
        }
        single.clear()
        single.add(topic, record, fate.timestampMs, tag)
        // Before it is sent: its report may be there before this thread goes on.
        fates[tag] = fate
        try {
            val taken = native { Native.sendPacked(handle, single.buffer, single.size) }
            if (taken == 0) {
                accepted++
                send(single)
            }
        } catch (failure: Throwable) {
            fates.remove(tag)
            throw failure
        }
        return fate.told
    }

    /** Takes the record, waiting while the lane is full. */
    suspend fun put(record: ProducerRecord): Deferred<RecordMetadata> {
        while (true) {
            offer(record)?.let { return it }
            val gate = lock.withLock {
                if (isFull()) room ?: CompletableDeferred<Unit>().also { room = it } else null
            }
            gate?.await()
        }
    }

    private fun isFull() = lane.count >= LANE_RECORDS || lane.size >= LANE_BYTES

    /** Gives a block to the core, which takes its records as there is room. Under the lock. */
    private fun send(block: Packer) {
        val count = block.count
        val token = Events.expect(object : Outcome {
            override fun done(bytes: ByteArray) = proceed(count)

            // A block is refused as a whole only when the core is gone or the binding packed it wrong.
            override fun failed(error: KafkaException) {
                failAll(error)
                proceed(count)
            }
        })
        try {
            native { Native.sendPackedWaiting(handle, block.bytes(), 0, token) }
        } catch (failure: Throwable) {
            Events.forget(token)
            throw failure
        }
        underWay = count
    }

    /** A block had its turn: the next one. */
    private fun proceed(count: Int) {
        val finished = ArrayList<CompletableDeferred<Unit>>()
        lock.withLock {
            passed += count
            underWay = 0
            while (barriers.isNotEmpty() && barriers.first().first <= passed) {
                finished += barriers.removeFirst().second
            }
            if (lane.count > 0) {
                try {
                    send(lane)
                } catch (failure: KafkaException) {
                    failAll(failure)
                    passed = accepted
                    finished += barriers.map { it.second }
                    barriers.clear()
                }
                lane.clear()
                room?.let { finished += it }
                room = null
            }
        }
        if (finished.isNotEmpty()) elsewhere { finished.forEach { it.complete(Unit) } }
    }

    private fun failAll(error: KafkaException) {
        for (tag in fates.keys) fates.remove(tag)?.let { fail(it, error) }
    }

    private fun fail(fate: Fate, error: KafkaException) {
        failed.incrementAndGet()
        tell { fate.told.completeExceptionally(error) }
    }

    /** The application may have hung a handler on what is told here: one that throws must not keep the others' from them. */
    private inline fun tell(tell: () -> Unit) {
        try {
            tell()
        } catch (thrown: Throwable) {
            Logs.broken("a handler of a record's fate threw", thrown)
        }
    }

    override fun reports(block: ByteArray, errors: ByteArray?) = tellInOrder { tellAll(block, errors) }

    private fun tellInOrder(tell: () -> Unit) {
        telling.dispatch(EmptyCoroutineContext) {
            teller.set(this)
            try {
                tell()
            } finally {
                teller.remove()
            }
        }
    }

    private fun tellAll(block: ByteArray, text: ByteArray?) {
        val errors = text?.let { json -> (Json.parse(json) as List<*>).map { KafkaException.of(it) } }.orEmpty()
        Reports.read(block) { tag, partition, error, offset, logAppendTimeMs ->
            val fate = fates.remove(tag)
            when {
                fate == null -> {}
                error >= 0 -> fail(fate, errors[error])
                else -> {
                    val timestampMs = if (logAppendTimeMs >= 0) logAppendTimeMs else fate.timestampMs
                    val metadata = RecordMetadata(fate.topic, partition, offset.takeIf { it >= 0 }, timestampMs)
                    tell { fate.told.complete(metadata) }
                }
            }
        }
        if (released && fates.isEmpty()) Events.unregister(handle)
    }

    /** Whether this thread tells the fates of this producer: what waits for them from here waits for itself. */
    private val isTeller: Boolean get() = teller.get() === this

    /** Waits, but no longer than this, until the fates that came before are told. */
    private suspend fun told(atMost: Duration) {
        val gate = CompletableDeferred<Unit>()
        tellInOrder { gate.complete(Unit) }
        withTimeoutOrNull(atMost.coerceAtMost(MOST_TELLING)) { gate.await() }
    }

    /** Waits until all records that were taken before went to the core. */
    private suspend fun drained() {
        val gate = lock.withLock {
            if (passed >= accepted) return
            CompletableDeferred<Unit>().also { barriers.addLast(accepted to it) }
        }
        gate.await()
    }

    suspend fun flush(timeout: Duration) {
        timeout.wholeMilliseconds
        val isTeller = isTeller
        val started = TimeSource.Monotonic.markNow()
        withTimeoutOrNull(timeout) { drained() } ?: throw KafkaException.own(
            ErrorKind.TIMEOUT, "flush", "records still waited for room in the buffer after $timeout; they go on",
        )
        call(handle, "flush", timeoutArgument(timeout - started.elapsedNow()))
        if (!isTeller) told(timeout - started.elapsedNow())
    }

    /** Closes once; later calls wait for the first. Goes on when the caller is cancelled. */
    suspend fun close(timeout: Duration) {
        timeout.wholeMilliseconds
        val isTeller = isTeller
        val closing = lock.withLock {
            closing ?: background.async { finish(timeout, isTeller) }.also { closing = it }
        }
        closing.await()
    }

    private suspend fun finish(timeout: Duration, isTeller: Boolean) {
        val started = TimeSource.Monotonic.markNow()
        try {
            withTimeoutOrNull(timeout) { drained() }
            call(handle, "close", timeoutArgument(timeout - started.elapsedNow()))
        } finally {
            // What still waits in the lane is refused by the closed core at once, record by record.
            withTimeoutOrNull(LAST_MS.milliseconds) { drained() }
            release()
            tellInOrder {
                failAll(KafkaException.closed(SEND))
                Events.unregister(handle)
            }
            if (!isTeller) told(LAST_MS.milliseconds)
        }
    }

    /** The application has dropped its producer: what was sent is delivered, in the background. */
    fun abandon() {
        lock.withLock {
            if (closing != null) return
            closing = CompletableDeferred(Unit)
        }
        background.launch {
            drained()
            release()
            if (fates.isEmpty()) Events.unregister(handle)
        }
    }

    private fun release() {
        released = true
        Unfinished.remove(this)
        Native.release(handle)
    }

    suspend fun call(operation: String, arguments: Map<String, Any?>): Any? = call(handle, operation, arguments)

    fun ask(operation: String): Any? = ask(handle, operation)

    private companion object {
        const val SEND = "send records"
        const val FIRST_BYTES = 4096
        const val LANE_RECORDS = 10_000
        const val LANE_BYTES = 16 shl 20
        const val LAST_MS = 2000

        /** Handlers that block on what they wait for themselves must not be waited for. */
        val MOST_TELLING = 10.seconds

        /** The producer whose fates this thread tells. */
        val teller = ThreadLocal<ProducerCore>()
    }
}

/** The argument of calls that have a deadline. */
internal fun timeoutArgument(timeout: Duration): Map<String, Any?> =
    mapOf("timeout_ms" to timeout.coerceAtLeast(Duration.ZERO).wholeMilliseconds)

/** Reads blocks of reports: `client-core/src/packed/reports.rs`, version 1. */
internal object Reports {
    fun interface Told {
        /** [error] is an index into the errors that come with the block, or -1; [offset] and the time are -1 if unknown. */
        fun told(tag: Long, partition: Int, error: Int, offset: Long, logAppendTimeMs: Long)
    }

    fun read(bytes: ByteArray, to: Told) {
        val block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
        check(block.getInt() == Packer.VERSION) { "a block of reports of another version" }
        repeat(block.getInt()) {
            val partition = block.getInt()
            val error = block.getInt()
            val base = block.getLong()
            val logAppendTimeMs = block.getLong()
            val runs = block.getInt()
            block.getInt()
            repeat(runs) {
                val tag = block.getLong()
                val first = block.getInt()
                val count = block.getInt()
                for (k in 0 until count) {
                    to.told(tag + k, partition, error, if (base < 0) -1 else base + first + k, logAppendTimeMs)
                }
            }
        }
    }
}
