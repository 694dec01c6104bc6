package dev.ottla

import dev.ottla.testing.TestBroker
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource

class ConsumerTest {
    private val t0 = TopicPartition("t", 0)

    private fun TestBroker.member(vararg options: Pair<String, Any>) =
        consumer("group.id" to "g", "enable.auto.commit" to false, *options)

    @Test
    fun `positions are sought, partitions paused and resumed`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        broker.consumer().use { consumer ->
            consumer.assign(listOf(t0))
            assertEquals(setOf(t0), consumer.assignment())
            assertEquals(numbers(0..9), consumer.take(10).values())
            consumer.seek(t0, 7)
            assertEquals(listOf("7"), consumer.poll(LIMIT, maxRecords = 1).values())
            assertEquals(8, consumer.position(t0))
            assertEquals(2, consumer.lag(t0))
            consumer.pause(listOf(t0))
            assertEquals(setOf(t0), consumer.paused())
            assertTrue(consumer.poll(50.milliseconds).isEmpty())
            consumer.resume(listOf(t0))
            assertEquals(listOf("8", "9"), consumer.take(2).values())
            consumer.seekToBeginning()
            assertEquals(listOf("0"), consumer.take(1).values())
            consumer.seekToEnd(listOf(t0))
            until("the end is known") {
                assertTrue(consumer.poll(20.milliseconds).isEmpty())
                consumer.position(t0) == 10L
            }
        }
    }

    @Test
    fun `offsets are found by end and by time`() = withBroker { broker ->
        val producer = broker.producer()
        for (time in listOf(1000L, 2000L, 3000L)) producer.send("t", "$time", partition = 0, timestampMs = time)
        producer.close(LIMIT)
        broker.consumer().use { consumer ->
            assertEquals(mapOf(t0 to 0L), consumer.beginningOffsets(listOf(t0)))
            assertEquals(mapOf(t0 to 3L), consumer.endOffsets(listOf(t0)))
            val found = consumer.offsetsForTimes(mapOf(t0 to 1500L)).getValue(t0)
            assertEquals(1L to 2000L, found.offset to found.timestampMs)
            assertEquals(emptyMap<Any, Any>(), consumer.offsetsForTimes(mapOf(t0 to 9000L)))
        }
    }

    @Test
    fun `commits say where the group goes on`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        broker.member().use { consumer ->
            consumer.subscribe("t")
            assertEquals(setOf("t"), consumer.subscription())
            val records = consumer.take(6)
            consumer.commit(records[2])
            assertEquals(3, consumer.committed(listOf(t0)).getValue(t0).offset)
            consumer.commit()
            assertEquals(6, consumer.committed(listOf(t0)).getValue(t0).offset)
            consumer.commit(mapOf(t0 to OffsetAndMetadata(4, "half")))
            assertEquals("half", consumer.committed(listOf(t0)).getValue(t0).metadata)
            assertEquals("g", consumer.groupMetadata()!!.groupId)
        }
        broker.member().use { consumer ->
            consumer.subscribe("t")
            assertEquals(numbers(4..9), consumer.take(6).values())
        }
    }

    @Test
    fun `offsets committed while partitions are taken away count, and the other member goes on there`() = withBroker { broker ->
        broker.createTopic("t", 2)
        for (partition in 0..1) broker.sendNumbers("t", 50, partition)
        val first = broker.member()
        val told = ArrayList<String>()
        first.subscribe(
            listOf("t"),
            onAssigned = { told += "assigned ${it.size}" },
            onRevoked = {
                told += "revoked ${it.size}"
                first.commit()
            },
        )
        first.take(100)
        broker.member().use { second ->
            second.subscribe("t")
            coroutineScope {
                val polling = launch { while (second.assignment().isEmpty()) second.poll(50.milliseconds) }
                // As long as it takes until both have one each.
                while (polling.isActive || first.assignment().size != 1) first.poll(50.milliseconds)
            }
            assertEquals("assigned 2", told.first())
            assertTrue(told.any { it.startsWith("revoked") }, "$told")
            val partitions = listOf(t0, TopicPartition("t", 1))
            assertEquals(listOf(50L, 50L), second.committed(partitions).values.map { it.offset })
            first.close(LIMIT)
            assertEquals("revoked 1", told.last())
            until("the other member has both") {
                assertTrue(second.poll(20.milliseconds).isEmpty(), "records came twice")
                second.assignment().size == 2
            }
        }
    }

    @Test
    fun `what a listener throws is thrown by the poll, and the consumer goes on`() = withBroker { broker ->
        broker.sendNumbers("t", 3)
        broker.member().use { consumer ->
            var throws = true
            consumer.subscribe(listOf("t"), onAssigned = { if (throws) error("not today") })
            val thrown = failure<IllegalStateException> { while (true) consumer.poll(100.milliseconds) }
            assertEquals("not today", thrown.message)
            throws = false
            assertEquals(numbers(0..2), consumer.take(3).values())
        }
    }

    @Test
    fun `a listener may not poll, and two may not poll at once`() = withBroker { broker ->
        broker.sendNumbers("t", 1)
        broker.member().use { consumer ->
            var inListener: KafkaException? = null
            consumer.subscribe(listOf("t"), onAssigned = { inListener = failure<InvalidStateException> { consumer.poll(LIMIT) } })
            consumer.take(1)
            assertEquals("the rebalance listener is running", inListener!!.reason)
            coroutineScope {
                val polling = async(start = CoroutineStart.UNDISPATCHED) { consumer.poll(LIMIT) }
                failure<InvalidStateException> { consumer.poll(Duration.ZERO) }
                consumer.wakeup()
                assertTrue(polling.await().isEmpty())
            }
        }
    }

    @Test
    fun `a cancelled poll loses no change of the assignment`() = withBroker { broker ->
        broker.createTopic("t")
        val assigned = ArrayList<TopicPartition>()
        broker.consumer("group.id" to "g").use { consumer ->
            consumer.subscribe(listOf("t"), onAssigned = { assigned += it })
            val polling = async(start = CoroutineStart.UNDISPATCHED) { consumer.poll(LIMIT) }
            // The thread that the poll would go on in is busy until there is something to tell, and then the poll is cancelled.
            val patience = TimeSource.Monotonic.markNow() + LIMIT
            while (consumer.assignment().isEmpty() && patience.hasNotPassedNow()) Thread.onSpinWait()
            polling.cancelAndJoin()
            consumer.poll(100.milliseconds)
            assertEquals(consumer.assignment().toList(), assigned)
        }
        assertTrue(assigned.isNotEmpty())
    }

    @Test
    fun `a cancelled poll loses no record`() = withBroker { broker ->
        broker.createTopic("t")
        broker.consumer().use { consumer ->
            consumer.assign(listOf(t0))
            val producer = broker.producer("linger.ms" to 0)
            val got = ArrayList<String?>()
            var sent = 0
            while (sent < 300) {
                repeat(3) { producer.enqueue(ProducerRecord("t", "${sent++}", partition = 0)) }
                withTimeoutOrNull((sent % 4).milliseconds) { got += consumer.poll(LIMIT).values() }
            }
            producer.close(LIMIT)
            while (got.size < sent) got += consumer.poll(LIMIT).values()
            assertEquals(numbers(0 until sent), got)
        }
    }

    @Test
    fun `an offset out of range without a reset policy is told as that`() = withBroker { broker ->
        broker.sendNumbers("t", 2)
        broker.consumer("auto.offset.reset" to "none").use { consumer ->
            consumer.assign(listOf(t0))
            consumer.seek(t0, 100)
            val error = failure<OffsetOutOfRangeException> { consumer.poll(LIMIT) }
            assertEquals("0", error.context["partition"])
            consumer.seek(t0, 1)
            assertEquals(listOf("1"), consumer.poll(LIMIT).values())
        }
    }

    @Test
    fun `unsubscribing tells what is given up, and patterns find topics`() = withBroker { broker ->
        broker.sendNumbers("orders-eu", 1)
        broker.sendNumbers("other", 1)
        broker.member().use { consumer ->
            val told = ArrayList<String>()
            val listener = object : RebalanceListener {
                override suspend fun onRevoked(partitions: List<TopicPartition>) {
                    told += partitions.joinToString()
                }
            }
            consumer.subscribePattern("orders-.*", listener)
            assertEquals(listOf("orders-eu"), consumer.take(1).map { it.topic })
            consumer.unsubscribe()
            assertEquals(listOf("orders-eu-0"), told)
            assertEquals(emptySet<TopicPartition>(), consumer.assignment())
        }
    }

    @Test
    fun `closing commits by itself, ends a poll and is done once`() = withBroker { broker ->
        broker.sendNumbers("t", 5)
        val consumer = broker.consumer("group.id" to "g")
        consumer.subscribe("t")
        consumer.take(5)
        coroutineScope {
            val polling = async(start = CoroutineStart.UNDISPATCHED) { runCatching { consumer.poll(LIMIT) } }
            consumer.close(LIMIT)
            assertTrue(polling.await().exceptionOrNull() is ClosedException)
        }
        consumer.close()
        failure<ClosedException> { consumer.poll(LIMIT) }
        broker.consumer("group.id" to "g").use {
            assertEquals(5, it.committed(listOf(t0)).getValue(t0).offset)
            assertNull(it.position(t0))
        }
    }
}
