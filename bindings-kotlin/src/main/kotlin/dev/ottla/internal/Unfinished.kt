package dev.ottla.internal

import kotlinx.coroutines.withTimeoutOrNull
import java.util.concurrent.ConcurrentHashMap
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** Producers that were not closed: when the process ends, what they hold is sent, for a moment, and losses are told. */
internal object Unfinished {
    private val patience = 5.seconds
    private val producers: MutableSet<ProducerCore> = ConcurrentHashMap.newKeySet()

    init {
        Runtime.getRuntime().addShutdownHook(Thread(::finish, "ottla-shutdown"))
    }

    fun add(producer: ProducerCore) {
        producers.add(producer)
    }

    fun remove(producer: ProducerCore) {
        producers.remove(producer)
    }

    private fun finish() {
        val left = producers.filter { it.pending > 0 }
        if (left.isEmpty()) return
        val failedBefore = left.sumOf { it.failed.get() }
        val started = TimeSource.Monotonic.markNow()
        for (producer in left) {
            try {
                blocking("flush") {
                    withTimeoutOrNull(patience) {
                        producer.flush((patience - started.elapsedNow()).coerceAtLeast(kotlin.time.Duration.ZERO))
                    }
                }
            } catch (_: Exception) {
                // What it means is told below.
            }
        }
        val lost = left.sumOf { it.pending + it.failed.get() } - failedBefore
        if (lost > 0) {
            Logs.warn("the process ends with $lost records that were not acknowledged: close producers before")
        }
    }
}
