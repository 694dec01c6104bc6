package dev.ottla

import dev.ottla.admin.AlterConfigOp
import dev.ottla.admin.AlterConfigOpType
import dev.ottla.admin.CommittedOffset
import dev.ottla.admin.ConfigChanges
import dev.ottla.admin.ConfigResource
import dev.ottla.admin.ConfigResourceType
import dev.ottla.admin.ConfigSource
import dev.ottla.admin.GroupOffsetsQuery
import dev.ottla.admin.GroupType
import dev.ottla.admin.NewPartitions
import dev.ottla.admin.NewTopic
import dev.ottla.admin.OffsetQuery
import dev.ottla.admin.OffsetSpec
import dev.ottla.admin.RecordsToDelete
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.seconds

class AdminTest {
    private val t0 = TopicPartition("t", 0)

    @Test
    fun `topics are created, listed, described, widened and deleted`() = withBroker { broker ->
        broker.admin().use { admin ->
            val created = admin.createTopics(listOf(NewTopic("t", 2, 1, configs = mapOf("cleanup.policy" to "compact"))), timeout = 20.seconds)
            assertEquals(2, created.getValue("t").numPartitions)
            assertEquals(setOf("t"), admin.listTopics().keys)
            admin.createPartitions(listOf(NewPartitions("t", 3)))
            val described = admin.describeTopics(listOf("t")).getValue("t")
            assertEquals(listOf(0, 1, 2), described.partitions.map { it.partition })
            assertEquals(listOf(1), described.partitions[2].replicas)
            assertNull(described.partitions[0].error)
            assertEquals(described, admin.describeTopics(topicIds = listOf(described.id!!)).values.single())
            admin.deleteTopics(listOf("t"))
            until("it is gone") { admin.listTopics().isEmpty() }
        }
    }

    @Test
    fun `one item that fails is thrown, and hides nothing of the others`() = withBroker { broker ->
        broker.createTopic("there")
        broker.admin().use { admin ->
            val error = failure<KafkaException> { admin.createTopics(listOf(NewTopic("new"), NewTopic("there"))) }
            assertEquals("TOPIC_ALREADY_EXISTS", error.codeName)
            assertEquals(setOf<Any>("new", "there"), error.results.keys)
            assertTrue(error.results["there"] is KafkaException)
            assertTrue(error.results["new"] is dev.ottla.admin.CreatedTopic)
            assertEquals(setOf("new", "there"), admin.listTopics().keys)
            val gone = failure<UnknownTopicOrPartitionException> { admin.deleteTopics(listOf("new", "none")) }
            assertEquals(Unit, gone.results["new"])
        }
    }

    @Test
    fun `configurations are described and changed one by one`() = withBroker { broker ->
        broker.createTopic("t")
        val resource = ConfigResource(ConfigResourceType.TOPIC, "t")
        broker.admin().use { admin ->
            admin.incrementalAlterConfigs(listOf(ConfigChanges(resource, listOf(AlterConfigOp("retention.ms", "1234")))))
            val entry = admin.describeConfigs(listOf(resource), includeSynonyms = true).getValue(resource).getValue("retention.ms")
            assertEquals("1234" to ConfigSource.DYNAMIC_TOPIC_CONFIG, entry.value to entry.source)
            val back = AlterConfigOp("retention.ms", op = AlterConfigOpType.DELETE)
            admin.incrementalAlterConfigs(listOf(ConfigChanges(resource, listOf(back))))
            assertEquals("604800000", admin.describeConfigs(listOf(resource)).getValue(resource).getValue("retention.ms").value)
            val wrong = failure<KafkaException> {
                admin.incrementalAlterConfigs(listOf(ConfigChanges(resource, listOf(AlterConfigOp("retention.ms", "soon")))))
            }
            assertEquals("INVALID_CONFIG", wrong.codeName)
        }
    }

    @Test
    fun `records are deleted and offsets found`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        broker.admin().use { admin ->
            assertEquals(4, admin.deleteRecords(listOf(RecordsToDelete("t", 0, 4))).getValue(t0).lowWatermark)
            assertEquals(4, admin.listOffsets(listOf(OffsetQuery("t", 0, OffsetSpec.EARLIEST))).getValue(t0).offset)
            val latest = admin.listOffsets(listOf(OffsetQuery("t", 0, OffsetSpec.LATEST))).getValue(t0)
            assertEquals(10 to null, latest.offset?.toInt() to latest.timestampMs)
            failure<InvalidArgumentException> { admin.listOffsets(listOf(OffsetQuery("t", 0, OffsetSpec.FOR_TIMESTAMP))) }
        }
    }

    @Test
    fun `groups are listed, described, moved and deleted`() = withBroker { broker ->
        broker.sendNumbers("t", 10)
        val consumer = broker.consumer("group.id" to "g", "client.id" to "me")
        consumer.subscribe("t")
        consumer.take(10)
        broker.admin().use { admin ->
            val listed = admin.listGroups(types = listOf(GroupType.CLASSIC)).getValue("g")
            assertEquals(listOf("consumer", "Stable"), listOf(listed.protocolType, listed.state))
            val group = admin.describeConsumerGroups(listOf("g")).getValue("g")
            assertEquals(listOf("me" to listOf(t0)), group.members.map { it.clientId to it.assignment })
            assertEquals("NON_EMPTY_GROUP", failure<KafkaException> { admin.deleteConsumerGroups(listOf("g")) }.codeName)
            consumer.close(LIMIT)
            val query = listOf(GroupOffsetsQuery("g", listOf(t0)))
            assertEquals(10, admin.listConsumerGroupOffsets(query).getValue("g").single().offset)
            admin.alterConsumerGroupOffsets("g", listOf(CommittedOffset("t", 0, 3, metadata = "by hand")))
            assertEquals("by hand", admin.listConsumerGroupOffsets(query).getValue("g").single().metadata)
            admin.deleteConsumerGroupOffsets("g", listOf(t0))
            assertEquals(emptyList<Any>(), admin.listConsumerGroupOffsets(query).getValue("g"))
            admin.deleteConsumerGroups(listOf("g"))
            assertEquals(emptySet<String>(), admin.listGroups().keys)
        }
    }

    @Test
    fun `the cluster tells its nodes and features, and a closed client says so`() = withBroker { broker ->
        val admin = broker.admin()
        val cluster = admin.describeCluster()
        assertEquals(listOf(broker.bootstrap), cluster.nodes.map { "${it.host}:${it.port}" })
        assertTrue(admin.describeFeatures().apiVersions.getValue("Produce").max >= 9)
        admin.close(LIMIT)
        admin.close()
        failure<ClosedException> { admin.describeCluster() }
    }
}
