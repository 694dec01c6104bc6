package dev.ottla

import dev.ottla.internal.Events
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class FlowTest {
    private val t0 = TopicPartition("t", 0)

    @Test
    fun `a flow crosses into the library once for each batch, not for each record`() = withBroker { broker ->
        broker.sendNumbers("t", 10_000)
        broker.consumer("max.poll.records" to 1000).use { consumer ->
            consumer.assign(listOf(t0))
            val before = Events.begun
            assertEquals(numbers(0 until 10_000), consumer.take(10_000).values())
            val crossings = Events.begun - before
            assertTrue(crossings < 100, "$crossings crossings for 10,000 records")
        }
    }

    @Test
    fun `a collector that does not come back is handed out nothing more`() = withBroker { broker ->
        broker.sendNumbers("t", 100)
        broker.consumer().use { consumer ->
            consumer.assign(listOf(t0))
            val reached = CompletableDeferred<Unit>()
            val collecting = launch {
                consumer.records().collect {
                    if (it.offset == 4L) {
                        reached.complete(Unit)
                        awaitCancellation()
                    }
                }
            }
            reached.await()
            assertEquals(5, consumer.position(t0))
            collecting.cancelAndJoin()
            // The one whose collector never came back counts as not handled.
            assertEquals(numbers(4..99), consumer.take(96).values())
        }
    }

    @Test
    fun `an exception in the collector is thrown, nothing of its record is committed, and it comes again`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        val consumer = broker.consumer("group.id" to "g")
        consumer.subscribe("t")
        val thrown = failure<IllegalStateException> {
            consumer.records().collect { if (it.valueText == "5") error("cannot handle 5") }
        }
        assertEquals("cannot handle 5", thrown.message)
        consumer.close(LIMIT)
        broker.consumer("group.id" to "g").use {
            assertEquals(5, it.committed(listOf(t0)).getValue(t0).offset)
            it.subscribe("t")
            assertEquals(numbers(5..9), it.take(5).values())
        }
    }

    @Test
    fun `a record whose collector pauses and then throws comes again`() = withBroker { broker ->
        broker.sendNumbers("t", 4)
        broker.consumer().use { consumer ->
            consumer.assign(listOf(t0))
            failure<IllegalStateException> {
                consumer.records().collect {
                    if (it.offset == 1L) {
                        consumer.pause(listOf(t0))
                        error("not now")
                    }
                }
            }
            consumer.resume(listOf(t0))
            assertEquals(numbers(1..3), consumer.take(3).values())
        }
    }

    @Test
    fun `a collection that ends early goes on where it ended`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        broker.consumer("group.id" to "g").use { consumer ->
            consumer.subscribe("t")
            assertEquals(numbers(0..2), consumer.records().map { it.valueText!! }.take(3).toList())
            consumer.commit()
            assertEquals(3, consumer.committed(listOf(t0)).getValue(t0).offset)
            assertEquals(numbers(3..9), consumer.take(7).values())
        }
    }

    @Test
    fun `a seek in the collector counts from the next record on`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        broker.consumer().use { consumer ->
            consumer.assign(listOf(t0))
            var sought = false
            val seen = consumer.records().map {
                if (it.offset == 3L && !sought) {
                    sought = true
                    consumer.seek(t0, 8)
                }
                it.valueText
            }.take(6).toList()
            assertEquals(listOf("0", "1", "2", "3", "8", "9"), seen)
        }
    }

    @Test
    fun `cancelling the scope ends the collection and closes the consumer, which leaves its group`() = withBroker { broker ->
        broker.sendNumbers("t", 3)
        val reached = CompletableDeferred<Unit>()
        val working = launch {
            broker.consumer("group.id" to "g").use { consumer ->
                consumer.subscribe("t")
                consumer.records().collect { if (it.offset == 2L) reached.complete(Unit) }
            }
        }
        reached.await()
        working.cancelAndJoin()
        broker.admin().use { admin ->
            val group = admin.describeConsumerGroups(listOf("g")).getValue("g")
            assertEquals(emptyList<Any>(), group.members, "the group has been left")
            val offsets = admin.listConsumerGroupOffsets(listOf(dev.ottla.admin.GroupOffsetsQuery("g"))).getValue("g")
            assertEquals(3, offsets.single().offset)
        }
    }
}
