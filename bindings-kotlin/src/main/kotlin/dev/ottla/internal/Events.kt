package dev.ottla.internal

import dev.ottla.KafkaException
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong

/** Waits for the outcome of an operation. Called on the thread of events: it only passes on. */
internal interface Outcome {
    /** What the operation gave: JSON as bytes, or a block of records. */
    fun done(bytes: ByteArray)

    fun failed(error: KafkaException)
}

/** Is told what became of the records of a producer. */
internal interface Reported {
    fun reports(block: ByteArray, errors: ByteArray?)
}

/**
 * The one thread that fetches what happened in the native library and passes it on: a daemon, started with the first client.
 * Suspended coroutines go on in their own dispatchers.
 */
internal object Events {
    private const val DONE = 1L
    private const val FAILED = 2L
    private const val RECORDS = 3L
    private const val REPORTS = 4L
    private const val LOGS = 5L
    private const val FOREVER_MS = 3_600_000L

    private val outcomes = ConcurrentHashMap<Long, Outcome>()
    private val producers = ConcurrentHashMap<Long, Reported>()
    private val tokens = AtomicLong()

    private val thread = Thread(null, ::run, "ottla-events").apply { isDaemon = true }

    /** How many operations were begun so far. */
    val begun: Long get() = tokens.get()

    /** Whether the calling thread is the one of events. */
    val isOwnThread: Boolean get() = Thread.currentThread() === thread

    init {
        thread.start()
    }

    /** A token under which `outcome` will be told. */
    fun expect(outcome: Outcome): Long {
        val token = tokens.incrementAndGet()
        outcomes[token] = outcome
        return token
    }

    /** From here on nothing is told under `token`. */
    fun forget(token: Long): Boolean = outcomes.remove(token) != null

    /** Tells the producer of its reports until [unregister]. */
    fun register(handle: Long, producer: Reported) {
        producers[handle] = producer
    }

    fun unregister(handle: Long) {
        producers.remove(handle)
    }

    private fun run() {
        while (true) {
            try {
                pass(Native.nextEvents(FOREVER_MS) ?: continue)
            } catch (failure: Throwable) {
                // Whatever it is, others wait for their events.
                Logs.broken("events could not be passed on", failure)
            }
        }
    }

    private fun pass(events: Array<Any?>) {
        val heads = events[0] as LongArray
        for (index in 0 until heads.size / 2) {
            val block = events[1 + index * 2] as ByteArray?
            val text = events[2 + index * 2] as ByteArray?
            try {
                pass(heads[index * 2], heads[index * 2 + 1], block, text)
            } catch (failure: Throwable) {
                Logs.broken("an event could not be passed on", failure)
            }
        }
    }

    private fun pass(kind: Long, token: Long, block: ByteArray?, text: ByteArray?) {
        when (kind) {
            DONE -> outcomes.remove(token)?.done(text!!)
            FAILED -> outcomes.remove(token)?.failed(KafkaException.of(Json.parse(text!!)))
            RECORDS -> outcomes.remove(token)?.done(block!!)
            REPORTS -> producers[token]?.reports(block!!, text)
            LOGS -> Logs.pass(text!!)
        }
    }
}
