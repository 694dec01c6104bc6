package dev.ottla.internal

import kotlinx.coroutines.future.future as launchFuture
import java.util.concurrent.CompletableFuture

/** What a coroutine gives, for Java. Cancelling the future cancels the coroutine. */
internal fun <T> future(block: suspend () -> T): CompletableFuture<T> = background.launchFuture { block() }

/** As [future], of what gives nothing. */
internal fun done(block: suspend () -> Unit): CompletableFuture<Void?> = background.launchFuture {
    block()
    null
}
