package dev.ottla

import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import kotlin.time.Duration.Companion.milliseconds

/** A broker that takes connections and never answers: every call comes back by its own deadline. */
class DeadlineTest {
    private val soon = 200.milliseconds
    private val t0 = TopicPartition("t", 0)

    private fun withBlackHole(test: suspend (String) -> Unit) = runBlocking {
        BlackHole().use { hole -> withTimeout(LIMIT) { test(hole.bootstrap) } }
    }

    @Test
    fun `of a producer`() = withBlackHole { bootstrap ->
        val producer = Producer("bootstrap.servers" to bootstrap, "max.block.ms" to 200)
        val error = failure<KafkaException> { producer.send("t", "v") }
        assertTrue(error.kind == ErrorKind.TIMEOUT || error.kind == ErrorKind.NOT_SENT, "$error")
        assertTrue(error.retriable)
        failure<KafkaException> { producer.partitionsFor("t") }
        val patient = Producer("bootstrap.servers" to bootstrap)
        val fate = patient.enqueue(ProducerRecord("t", "v"))
        failure<TimeoutException> { patient.flush(soon) }
        patient.close(soon)
        failure<KafkaException> { fate.await() }
        producer.close(soon)
    }

    @Test
    fun `of a consumer`() = withBlackHole { bootstrap ->
        val consumer = Consumer("bootstrap.servers" to bootstrap, "group.id" to "g", "default.api.timeout.ms" to 200, "enable.auto.commit" to false)
        consumer.subscribe("t")
        assertEquals(0, consumer.poll(soon).size)
        consumer.unsubscribe()
        consumer.assign(listOf(t0))
        failure<TimeoutException> { consumer.commit(mapOf(t0 to OffsetAndMetadata(1))) }
        failure<TimeoutException> { consumer.committed(listOf(t0)) }
        failure<TimeoutException> { consumer.endOffsets(listOf(t0)) }
        // It may tell once more that the commit above has no answer.
        runCatching { consumer.close(soon) }.onFailure { assertTrue(it is TimeoutException, "$it") }
    }

    @Test
    fun `of an admin client`() = withBlackHole { bootstrap ->
        Admin("bootstrap.servers" to bootstrap).use { admin ->
            val error = failure<TimeoutException> { admin.describeCluster(timeout = soon) }
            assertTrue("metadata" in error.message!!, error.message)
            failure<TimeoutException> { admin.listTopics(timeout = soon) }
        }
    }

    @Test
    fun `a timeout may be as long as one likes, but not negative`() = withBroker { broker ->
        val producer = broker.producer()
        producer.flush(kotlin.time.Duration.INFINITE)
        assertThrows<IllegalArgumentException> { runBlocking { producer.flush((-1).milliseconds) } }
        producer.close(kotlin.time.Duration.INFINITE)
    }
}
