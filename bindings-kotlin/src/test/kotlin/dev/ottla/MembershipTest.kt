package dev.ottla

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.milliseconds

/** What handlers that take long do to the membership. */
class MembershipTest {
    @Test
    fun `a handler that blocks for three session timeouts stays a member`() =
        withBroker("group.min.session.timeout.ms" to 100) { broker ->
            broker.sendNumbers("t", 2)
            val consumer = broker.consumer(
                "group.id" to "g", "session.timeout.ms" to 1000, "heartbeat.interval.ms" to 100, "enable.auto.commit" to false,
            )
            consumer.subscribe("t")
            val record = consumer.poll(LIMIT, maxRecords = 1).single()
            val before = consumer.groupMetadata()!!
            // The handler's thread is held up, as a computation would do it.
            Thread.sleep(3000)
            consumer.commit(record)
            assertEquals(before, consumer.groupMetadata())
            assertEquals(listOf("1"), consumer.poll(LIMIT).values())
            consumer.close(LIMIT)
        }

    @Test
    fun `a handler that takes longer than allowed is told so, and joins again`() =
        withBroker("group.min.session.timeout.ms" to 100) { broker ->
            broker.sendNumbers("t", 2)
            val lost = ArrayList<TopicPartition>()
            val consumer = broker.consumer("group.id" to "g", "max.poll.interval.ms" to 300, "session.timeout.ms" to 300, "heartbeat.interval.ms" to 50)
            consumer.subscribe(listOf("t"), onLost = { lost += it }, onRevoked = { lost += it })
            assertEquals(2, consumer.take(2).size)
            broker.admin().use { admin ->
                until("the group has no member") { admin.describeConsumerGroups(listOf("g")).getValue("g").members.isEmpty() }
            }
            val error = failure<MaxPollExceededException> { while (true) consumer.poll(100.milliseconds) }
            assertTrue("max.poll.interval.ms" in error.message!!, error.message)
            until("it is a member again") {
                consumer.poll(20.milliseconds)
                consumer.assignment().isNotEmpty()
            }
            assertEquals(listOf(TopicPartition("t", 0)), lost.distinct())
            consumer.close(LIMIT)
        }
}
