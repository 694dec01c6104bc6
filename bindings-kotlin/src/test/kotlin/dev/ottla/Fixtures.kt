package dev.ottla

import dev.ottla.testing.TestBroker
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** No step of a test takes this long: a test that hangs fails instead. */
internal val LIMIT: Duration = 30.seconds

/** Runs a test with a broker of its own. */
internal fun withBroker(vararg properties: Pair<String, Any>, test: suspend CoroutineScope.(TestBroker) -> Unit): Unit =
    runBlocking {
        withTimeout(LIMIT * 2) {
            val broker = TestBroker.start(properties.toMap())
            try {
                test(broker)
            } finally {
                broker.stop()
            }
        }
    }

internal fun TestBroker.producer(vararg options: Pair<String, Any>): Producer =
    Producer(mapOf("bootstrap.servers" to bootstrap) + options)

internal fun TestBroker.consumer(vararg options: Pair<String, Any>): Consumer =
    Consumer(mapOf("bootstrap.servers" to bootstrap, "auto.offset.reset" to "earliest", "fetch.max.wait.ms" to 100) + options)

internal suspend fun TestBroker.sendNumbers(topic: String, count: Int, partition: Int = 0) {
    val producer = producer()
    producer.sendAll((0 until count).map { ProducerRecord(topic, it.toString(), partition = partition) })
    producer.close(LIMIT)
}

internal fun Iterable<ConsumerRecord>.values(): List<String?> = map { it.valueText }

internal fun numbers(range: IntRange): List<String> = range.map { it.toString() }

internal suspend fun Consumer.take(count: Int): List<ConsumerRecord> = records().take(count).toList()

/** Waits for something to become true. */
internal suspend fun until(what: String, condition: suspend () -> Boolean) {
    kotlinx.coroutines.withTimeoutOrNull(LIMIT) {
        while (!condition()) delay(5.milliseconds)
    } ?: throw AssertionError("$what: did not happen within $LIMIT")
}

/** What the call throws, which must be of this class. */
internal suspend inline fun <reified T : Throwable> failure(call: suspend () -> Unit): T =
    try {
        call()
        throw AssertionError("no ${T::class.simpleName} was thrown")
    } catch (thrown: Throwable) {
        if (thrown !is T) throw thrown
        thrown
    }

internal fun TestBroker.admin(): Admin = Admin("bootstrap.servers" to bootstrap)

/** A peer that takes connections and never says anything. */
internal class BlackHole : AutoCloseable {
    private val socket = java.net.ServerSocket(0, 50, java.net.InetAddress.getLoopbackAddress())
    val bootstrap: String = "127.0.0.1:${socket.localPort}"

    override fun close() = socket.close()
}
