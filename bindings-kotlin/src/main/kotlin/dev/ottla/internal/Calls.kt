package dev.ottla.internal

import dev.ottla.ErrorKind
import dev.ottla.KafkaException
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine
import java.lang.ref.Cleaner
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resumeWithException
import kotlin.time.Duration

/** Ends what was dropped without being closed. */
internal val cleaner: Cleaner = Cleaner.create()

/** What must go on although the caller's scope was cancelled: closing, and what Java's futures stand for. */
internal val background: CoroutineScope = CoroutineScope(SupervisorJob() + Dispatchers.Default + CoroutineName("ottla"))

/** Blocks the calling thread, which may be a virtual one, until `block` is done. */
internal fun <T> blocking(operation: String, block: suspend () -> T): T {
    if (Events.isOwnThread) {
        throw KafkaException.own(
            ErrorKind.INVALID_STATE, operation, "this thread is the one that everything waits for",
            "call this from a thread of your own",
        )
    }
    return runBlocking { block() }
}

/** Whole milliseconds of a time to wait; what is longer than the core counts waits as long as that goes. */
internal val Duration.wholeMilliseconds: Long
    get() {
        require(!isNegative()) { "a timeout cannot be negative" }
        return inWholeMilliseconds.coerceAtMost(MOST_MS)
    }

/** A hundred years. */
private const val MOST_MS = 100L * 365 * 24 * 3600 * 1000

/** The handle of a new client with these options. */
internal fun create(sort: String, config: Map<String, Any?>): Long {
    Logs.start()
    val texts = config.entries.associate { (name, value) ->
        name to when (value) {
            is Iterable<*> -> value.joinToString(",")
            is Class<*> -> value.name
            else -> value.toString()
        }
    }
    return native { Native.create(sort.toByteArray(), Json.bytes(texts)) }
}

/** A call that does not wait. */
internal fun ask(handle: Long, operation: String, arguments: Map<String, Any?> = emptyMap()): Any? =
    Json.parse(native { Native.ask(handle, operation.toByteArray(), Json.bytes(arguments)) })

/** A call that may wait. Cancelling gives up the waiting. */
internal suspend fun call(handle: Long, operation: String, arguments: Map<String, Any?> = emptyMap()): Any? =
    Json.parse(awaiting { token -> Native.begin(handle, operation.toByteArray(), Json.bytes(arguments), token) })

/** Begins an operation and waits for what is told under its token. */
internal suspend fun awaiting(begin: (token: Long) -> Unit): ByteArray =
    try {
        told(begin)
    } catch (error: KafkaException) {
        // It was made where it was told; whoever reads the trace looks for where it is thrown.
        error.fillInStackTrace()
        throw error
    }

private suspend fun told(begin: (token: Long) -> Unit): ByteArray = suspendCancellableCoroutine { waiting ->
    val token = Events.expect(Resuming(waiting))
    waiting.invokeOnCancellation {
        if (Events.forget(token)) Native.cancel(token)
    }
    try {
        native { begin(token) }
        // Cancelled before it began: nobody waits, so that it must not stay under way.
        if (waiting.isCancelled) Native.cancel(token)
    } catch (failure: Throwable) {
        Events.forget(token)
        waiting.resumeWithException(failure)
    }
}

private class Resuming(private val waiting: CancellableContinuation<ByteArray>) : Outcome {
    // Resuming one that was cancelled does nothing.
    override fun done(bytes: ByteArray) = resume { waiting.resume(bytes) { _, _, _ -> } }

    override fun failed(error: KafkaException) = resume { waiting.resumeWithException(error) }

    /**
     * A coroutine without a dispatcher, as `suspend fun main` is one, goes on in whichever thread resumes it, and may block
     * that: never the thread of events.
     */
    private fun resume(resume: () -> Unit) {
        val dispatcher = waiting.context[ContinuationInterceptor]
        if (dispatcher == null || dispatcher === Dispatchers.Unconfined) elsewhere(resume) else resume()
    }
}

/** Does it in a thread that may be blocked. */
internal fun elsewhere(run: () -> Unit): Unit = Dispatchers.IO.dispatch(EmptyCoroutineContext, Runnable(run))
