package dev.ottla.testing

import dev.ottla.internal.Logs
import dev.ottla.internal.Native
import dev.ottla.internal.blocking
import dev.ottla.internal.call
import dev.ottla.internal.cleaner
import dev.ottla.internal.long
import dev.ottla.internal.text
import dev.ottla.internal.timeoutArgument
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * A Kafka broker in this process, with all it holds in memory and a free port of 127.0.0.1: there in milliseconds, for any
 * client. One that is dropped stops in the background.
 */
public class TestBroker private constructor(private val handle: Long, bootstrap: String) : AutoCloseable {
    /** `host:port`, for a client's `bootstrap.servers`. */
    public val bootstrap: String = bootstrap

    private val isReleased = AtomicBoolean()

    init {
        val handle = handle
        cleaner.register(this) { Native.release(handle) }
    }

    /** Creates a topic and returns when every partition has a leader. `configs` are the topic's: `cleanup.policy` … */
    @JvmSynthetic
    public suspend fun createTopic(name: String, partitions: Int = 1, configs: Map<String, String> = emptyMap()) {
        call(handle, "create_topic", mapOf("name" to name, "partitions" to partitions, "configs" to configs))
    }

    /** As [createTopic], blocking the calling thread. */
    @JvmOverloads
    public fun createTopicBlocking(name: String, partitions: Int = 1, configs: Map<String, String> = emptyMap()): Unit =
        blocking("create a topic") { createTopic(name, partitions, configs) }

    /** Answers what is due and ends; by `timeout`, after which it goes on stopping in the background. */
    @JvmSynthetic
    public suspend fun stop(timeout: Duration = 10.seconds) {
        if (isReleased.get()) return
        call(handle, "stop", timeoutArgument(timeout))
        if (isReleased.compareAndSet(false, true)) Native.release(handle)
    }

    /** As [stop], blocking the calling thread. */
    override fun close(): Unit = blocking("stop the test broker") { stop() }

    public companion object {
        /** Starts a broker with these properties (`num.partitions` …), by the names of Kafka's brokers. */
        @JvmSynthetic
        public suspend fun start(properties: Map<String, Any> = emptyMap()): TestBroker {
            Logs.start()
            val started = call(0, "test_broker", properties.mapValues { it.value.toString() })
            return TestBroker(started.long("handle"), started.text("bootstrap"))
        }

        /** As [start], blocking the calling thread. */
        @JvmStatic
        @JvmOverloads
        public fun startBlocking(properties: Map<String, Any> = emptyMap()): TestBroker =
            blocking("start a test broker") { start(properties) }
    }
}
