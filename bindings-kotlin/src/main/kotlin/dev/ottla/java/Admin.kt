package dev.ottla.java

import dev.ottla.internal.done
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlin.time.toKotlinDuration

/**
 * Administers a cluster, for Java: [dev.ottla.Admin] with futures. For any number of threads. What it takes and gives is in
 * `dev.ottla.admin`.
 */
public class Admin(config: Map<String, Any>) : AdminOperations(), AutoCloseable {
    override val admin: dev.ottla.Admin = dev.ottla.Admin(config)

    /** Closes all connections, by `timeout`. Calls under way end with a [dev.ottla.ClosedException]. */
    public fun closeAsync(timeout: Duration): CompletableFuture<Void?> = done { admin.close(timeout.toKotlinDuration()) }

    /** As `closeAsync` with 30 seconds, blocking the calling thread. */
    override fun close(): Unit = admin.close()
}
