package dev.ottla

import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class ProducerTest {
    @Test
    fun `a record comes back as it was sent`() = withBroker { broker ->
        broker.createTopic("t", 3)
        val producer = broker.producer()
        val headers = listOf(Header("a", "1"), Header("a", null as ByteArray?), Header("schlüssel", byteArrayOf(-1)))
        val sent = producer.send("t", "wört", key = "k", partition = 2, timestampMs = 1_700_000_000_000, headers = headers)
        assertEquals(RecordMetadata("t", 2, 0, 1_700_000_000_000), sent)
        val empty = producer.send("t", ByteArray(0), key = null, partition = 2)
        assertEquals(1, empty.offset)
        producer.close(LIMIT)

        broker.consumer().use { consumer ->
            consumer.assign(listOf(TopicPartition("t", 2)))
            val (first, second) = consumer.take(2)
            assertEquals(listOf("wört", "k", 0L, 1_700_000_000_000), listOf(first.valueText, first.keyText, first.offset, first.timestampMs))
            assertEquals(listOf("a", "a", "schlüssel"), first.headers.map { it.key })
            assertNull(first.headers[1].value)
            assertArrayEquals(byteArrayOf(-1), first.headers[2].value)
            assertNull(second.key)
            assertEquals(0, second.value!!.size)
            assertEquals(TimestampType.CREATE_TIME, second.timestampType)
        }
    }

    @Test
    fun `records of one coroutine keep their order and have their offsets`() = withBroker { broker ->
        val producer = broker.producer("linger.ms" to 1)
        val fates = (0 until 20_000).map { producer.enqueue(ProducerRecord("t", "$it", partition = 0)) }
        assertEquals((0L until 20_000L).toList(), fates.awaitAll().map { it.offset })
        producer.close(LIMIT)
    }

    @Test
    fun `a full buffer holds senders up and loses nothing`() = withBroker { broker ->
        val producer = broker.producer("buffer.memory" to 70_000, "batch.size" to 16_384)
        val value = "x".repeat(1000)
        val fates = (0 until 50).map { coroutine ->
            async { (0 until 40).map { producer.send("t", "$coroutine $value", partition = 0).offset!! } }
        }
        assertEquals((0L until 2000L).toList(), fates.awaitAll().flatten().sorted())
        producer.close(LIMIT)
        assertEquals(2000, producerCount(broker))
    }

    private suspend fun producerCount(broker: dev.ottla.testing.TestBroker): Int = broker.consumer().use { consumer ->
        consumer.assign(listOf(TopicPartition("t", 0)))
        consumer.take(2000).size
    }

    @Test
    fun `trySend says when it would have to wait`() = withBroker { broker ->
        val producer = broker.producer("buffer.memory" to 70_000, "linger.ms" to 0, "max.block.ms" to 20_000)
        val value = ByteArray(1000)
        val fates = generateSequence { producer.trySend(ProducerRecord("t", value, partition = 0)) }.take(200_000).toList()
        assertTrue(fates.size in 10_000 until 200_000, "${fates.size} records were taken")
        fates.awaitAll()
        producer.close(LIMIT)
    }

    @Test
    fun `what can never be sent fails alone`() = withBroker { broker ->
        val producer = broker.producer("max.request.size" to 2000)
        val error = assertThrows<RecordTooLargeException> { kotlinx.coroutines.runBlocking { producer.send("t", "x".repeat(5000)) } }
        assertEquals(ErrorKind.RECORD_TOO_LARGE, error.kind)
        assertEquals(0, producer.send("t", "small", partition = 0).offset)
        producer.close(LIMIT)
    }

    @Test
    fun `a wrong option is an error that names the right one`() {
        val error = assertThrows<ConfigException> { Producer("bootstrap.servers" to "localhost:1", "lingerms" to 5) }
        assertTrue("linger.ms" in error.message!!, error.message)
        assertTrue(!error.retriable && !error.fatal)
    }

    @Test
    fun `metadata, metrics and flushing`() = withBroker { broker ->
        broker.createTopic("t", 3)
        val producer = broker.producer("linger.ms" to 60_000)
        assertEquals(listOf(0, 1, 2), producer.partitionsFor("t").map { it.partition })
        assertEquals(listOf(1), producer.partitionsFor("t").map { it.replicas.size }.distinct())
        val fate = producer.enqueue(ProducerRecord("t", "v"))
        producer.flush()
        assertEquals("t", fate.await().topic)
        assertEquals(1, producer.metrics().recordsAcknowledged)
        producer.close(LIMIT)
    }

    @Test
    fun `a closed producer refuses records and closing again is nothing`() = withBroker { broker ->
        val producer = broker.producer()
        val fate = producer.enqueue(ProducerRecord("t", "v"))
        producer.close(LIMIT)
        assertEquals(0, fate.await().offset)
        producer.close()
        assertThrows<ClosedException> { kotlinx.coroutines.runBlocking { producer.send("t", "v") } }
        assertThrows<ClosedException> { producer.metrics() }
    }
}
