package dev.ottla

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

/** What clients leave behind, and what happens to those that nobody closes. */
class LifecycleTest {
    private fun count(folder: String) = File("/proc/self/$folder").list()!!.size

    /** Memory in use, of the process as a whole. */
    private fun residentBytes(): Long {
        System.gc()
        return File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter { it.isDigit() }.toLong() * 1024
    }

    @Test
    fun `a thousand clients leave no thread, no file and no memory behind`() = withBroker { broker ->
        broker.sendNumbers("t", 1)
        suspend fun cycle(number: Int) {
            val producer = broker.producer()
            val consumer = broker.consumer("group.id" to "g")
            if (number % 50 == 0) {
                producer.send("t", "v", partition = 0)
                consumer.assign(listOf(TopicPartition("t", 0)))
                consumer.take(1)
            }
            producer.close(LIMIT)
            consumer.close(LIMIT)
        }
        repeat(200) { cycle(it) }
        val before = Triple(count("task"), count("fd"), residentBytes())
        repeat(1000) { cycle(it) }
        val memory = residentBytes() - before.third
        // Some of either belongs to connections that are still ending, and to the JVM's own pools.
        until("threads and files are as many as before") { count("task") <= before.first + 8 && count("fd") <= before.second + 8 }
        assertTrue(memory < 48 shl 20, "memory grew by $memory bytes")
    }

    @Test
    fun `a producer that is dropped delivers what it was given`() = withBroker { broker ->
        broker.createTopic("t")
        fun drop(): List<kotlinx.coroutines.Deferred<RecordMetadata>> {
            val producer = broker.producer("linger.ms" to 50)
            return (0 until 500).map { producer.trySend(ProducerRecord("t", "$it", partition = 0))!! }
        }
        val fates = drop()
        System.gc()
        assertEquals((0L until 500L).toList(), fates.awaitAll().map { it.offset })
    }

    @Test
    fun `a consumer that is dropped leaves its group`() = withBroker { broker ->
        broker.sendNumbers("t", 1)
        suspend fun drop() {
            val consumer = broker.consumer("group.id" to "g")
            consumer.subscribe("t")
            consumer.take(1)
        }
        drop()
        broker.admin().use { admin ->
            until("the group is left") {
                System.gc()
                admin.describeConsumerGroups(listOf("g")).getValue("g").members.isEmpty()
            }
        }
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    @Test
    fun `a handler that throws keeps no fate from others`() = withBroker { broker ->
        val producer = broker.producer("linger.ms" to 20)
        val fates = (0 until 100).map { producer.enqueue(ProducerRecord("t", "$it", partition = 0)) }
        fates.first().invokeOnCompletion { error("this handler is broken, as the test wants it") }
        fates.awaitAll()
        assertEquals(99, fates.last().getCompleted().offset)
        producer.close(LIMIT)
    }

    @Test
    fun `coroutines without a dispatcher may block wherever they were resumed`() = withBroker { broker ->
        val done = CompletableDeferred<Long?>()
        launch(kotlinx.coroutines.Dispatchers.Unconfined) {
            val producer = broker.producer()
            val sent = producer.enqueue(ProducerRecord("t", "v", partition = 0)).await()
            // Each of these blocks the thread that the line before was resumed in.
            kotlinx.coroutines.runBlocking { producer.flush() }
            producer.close()
            broker.admin().use { it.listTopics() }
            done.complete(sent.offset)
        }
        assertEquals(0, done.await())
    }

    @Test
    fun `cancelling a send that waits for its record neither loses it nor holds up others`() = withBroker { broker ->
        val producer = broker.producer("linger.ms" to 60_000)
        coroutineScope {
            val handed = CompletableDeferred<Unit>()
            val sending = launch {
                val fate = producer.enqueue(ProducerRecord("t", "first", partition = 0))
                handed.complete(Unit)
                fate.await()
            }
            handed.await()
            sending.cancelAndJoin()
            val second = async { producer.send("t", "second", partition = 0) }
            until("it is on its way") { producer.metrics().batchesIncomplete > 0 }
            kotlinx.coroutines.yield()
            producer.flush()
            assertEquals(1, second.await().offset)
        }
        producer.close(LIMIT)
        broker.consumer().use {
            it.assign(listOf(TopicPartition("t", 0)))
            assertEquals(listOf("first", "second"), it.take(2).values())
        }
    }

    @Test
    fun `close goes on when its caller is cancelled`() = withBroker { broker ->
        val producer = broker.producer("linger.ms" to 60_000)
        val fate = producer.enqueue(ProducerRecord("t", "v", partition = 0))
        val closing = launch(start = kotlinx.coroutines.CoroutineStart.UNDISPATCHED) { producer.close(LIMIT) }
        closing.cancelAndJoin()
        assertEquals(0, fate.await().offset)
        producer.close()
    }
}
