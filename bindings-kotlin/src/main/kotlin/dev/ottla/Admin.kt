package dev.ottla

import dev.ottla.internal.Native
import dev.ottla.internal.background
import dev.ottla.internal.blocking
import dev.ottla.internal.cleaner
import dev.ottla.internal.create
import dev.ottla.internal.timeoutArgument
import dev.ottla.internal.wholeMilliseconds
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import java.lang.ref.Reference
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock
import kotlin.time.Duration

/**
 * Administers a cluster: topics, configurations, groups, offsets, records. For any number of threads and coroutines. What it
 * takes and gives is in `dev.ottla.admin`.
 *
 * `config` has Kafka's names ([Options] has them as constants). A cancelled call gives up the waiting: a change under way may
 * then take effect or not.
 */
public class Admin(config: Map<String, Any>) : AdminOperations(), AutoCloseable {
    public constructor(vararg config: Pair<String, Any>) : this(config.toMap())

    private val handle = create("admin", config)
    private val lock = ReentrantLock()
    private var closing: Deferred<Unit>? = null

    init {
        val handle = handle
        cleaner.register(this) { Native.release(handle) }
    }

    override suspend fun call(operation: String, arguments: Map<String, Any?>): Any? =
        try {
            dev.ottla.internal.call(handle, operation, arguments)
        } finally {
            // An admin client that nobody else holds must not be cleaned up while it works.
            Reference.reachabilityFence(this)
        }

    /**
     * Closes all connections, by `timeout`. Calls under way end with a [ClosedException]. Goes on when the caller is cancelled.
     * Closing twice is one close.
     */
    public suspend fun close(timeout: Duration) {
        timeout.wholeMilliseconds
        val closing = lock.withLock { closing ?: background.async { finish(timeout) }.also { closing = it } }
        closing.await()
    }

    private suspend fun finish(timeout: Duration) {
        try {
            call("close", timeoutArgument(timeout))
        } finally {
            Native.release(handle)
        }
    }

    /** As `close(30.seconds)`, blocking the calling thread. For `use { }`. */
    override fun close(): Unit = blocking("close the admin client") { close(DEFAULT_TIMEOUT) }
}
