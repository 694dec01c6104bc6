package dev.ottla

import dev.ottla.testing.TestBroker
import jdk.jfr.consumer.RecordedEvent
import jdk.jfr.consumer.RecordingStream
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit

class VirtualThreadsTest {
    /** Virtual ones where the JDK has them. */
    private fun threads(): ExecutorService =
        try {
            Executors::class.java.getMethod("newVirtualThreadPerTaskExecutor").invoke(null) as ExecutorService
        } catch (_: NoSuchMethodException) {
            Executors.newCachedThreadPool()
        }

    private fun work(broker: TestBroker, number: Int) {
        val options = mapOf("bootstrap.servers" to broker.bootstrap, "group.id" to "g$number", "auto.offset.reset" to "earliest")
        dev.ottla.java.Producer(options - "group.id" - "auto.offset.reset").use { producer ->
            repeat(20) { producer.send(ProducerRecord.to("t$number").value("$it").build()).join() }
        }
        dev.ottla.java.Consumer(options).use { consumer ->
            consumer.subscribe(listOf("t$number"))
            var seen = 0
            while (seen < 20) seen += consumer.poll(Duration.ofMillis(500)).size
            consumer.commit().join()
        }
    }

    @Test
    fun `blocking calls do not pin virtual threads`() {
        TestBroker.startBlocking().use { broker ->
            // Loading classes pins, wherever they come from.
            work(broker, 0)
            val pinned = ConcurrentLinkedQueue<RecordedEvent>()
            RecordingStream().use { recording ->
                recording.enable("jdk.VirtualThreadPinned").withStackTrace().withThreshold(Duration.ofMillis(50))
                recording.onEvent("jdk.VirtualThreadPinned") { pinned += it }
                recording.startAsync()
                val threads = threads()
                val done = (1..16).map { number -> threads.submit { work(broker, number) } }
                done.forEach { it.get(LIMIT.inWholeSeconds, TimeUnit.SECONDS) }
                threads.shutdown()
                recording.close()
            }
            assertEquals(emptyList<RecordedEvent>(), pinned.toList())
        }
    }
}
