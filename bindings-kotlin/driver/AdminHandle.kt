package dev.ottla.driver

import com.google.gson.JsonObject
import dev.ottla.Admin
import dev.ottla.KafkaException
import dev.ottla.TopicPartition
import dev.ottla.admin.AlterConfigOp
import dev.ottla.admin.AlterConfigOpType
import dev.ottla.admin.CommittedOffset
import dev.ottla.admin.ConfigChanges
import dev.ottla.admin.ConfigResource
import dev.ottla.admin.ConfigResourceType
import dev.ottla.admin.ConfigSource
import dev.ottla.admin.DeletedRecords
import dev.ottla.admin.GroupDescription
import dev.ottla.admin.GroupOffsetsQuery
import dev.ottla.admin.ListOffsetsResultInfo
import dev.ottla.admin.NewPartitions
import dev.ottla.admin.NewTopic
import dev.ottla.admin.OffsetQuery
import dev.ottla.admin.OffsetSpec
import dev.ottla.admin.RecordsToDelete
import dev.ottla.admin.TopicDescription

/** Commands for an admin client. */
internal class AdminHandle : Client {
    private lateinit var admin: Admin

    override suspend fun execute(command: Command): JsonObject {
        val timeout = command.patience
        val validateOnly = command.flag("validate_only")
        return when (command.op) {
            "admin.create" -> json().also { admin = Admin(command.config("max.block.ms")) }
            "admin.create_topics" -> {
                val topics = command.list("topics").map { newTopic(it) }
                val results = outcomes { admin.createTopics(topics, timeout, validateOnly) }
                json("topics" to topics.map { show("name", it.name, results[it.name]) })
            }
            "admin.delete_topics" -> named("topics", "name", command.texts("topics")) { admin.deleteTopics(it, timeout = timeout) }
            "admin.list_topics" -> json("topics" to admin.listTopics(timeout = timeout).keys)
            "admin.describe_topics" -> {
                val names = command.texts("topics")
                val results = outcomes { admin.describeTopics(names, timeout = timeout) }
                json("topics" to names.map { show("name", it, results[it]) })
            }
            "admin.create_partitions" -> {
                val topics = command.list("topics").map { NewPartitions(it["name"].asString, it["count"].asInt) }
                named("topics", "name", topics.map { it.topic }) { admin.createPartitions(topics, timeout, validateOnly) }
            }
            "admin.describe_configs" -> {
                val asked = command.list("resources").associateWith { resource(it) }
                val results = outcomes { admin.describeConfigs(asked.values, timeout) }
                json("resources" to asked.map { (json, resource) -> show(json, results[resource]) })
            }
            "admin.alter_configs" -> {
                val changes = command.list("resources").associateWith { ConfigChanges(resource(it), changes(it)) }
                val results = outcomes { admin.incrementalAlterConfigs(changes.values, timeout, validateOnly) }
                json("resources" to changes.map { (json, change) -> show(json, results[change.resource]) })
            }
            "admin.delete_records" -> {
                val records = command.list("offsets").map {
                    RecordsToDelete(it["topic"].asString, it["partition"].asInt, it["offset"].asLong)
                }
                val results = outcomes { admin.deleteRecords(records, timeout) }
                json("results" to command.partitions("offsets").map { show(it, results[it]) })
            }
            "admin.list_offsets" -> {
                val queries = command.list("specs").map { query(it) }
                val results = outcomes { admin.listOffsets(queries, timeout) }
                json("offsets" to command.partitions("specs").map { show(it, results[it]) })
            }
            "admin.list_groups" -> json(
                "groups" to admin.listGroups(timeout = timeout).values.map {
                    json("group" to it.groupId, "state" to it.state, "type" to it.groupType.name.lowercase())
                },
            )
            "admin.describe_groups" -> {
                val names = command.texts("groups")
                val results = outcomes { admin.describeConsumerGroups(names, timeout) }
                json("groups" to names.map { show("group", it, results[it]) })
            }
            "admin.delete_groups" ->
                named("groups", "group", command.texts("groups")) { admin.deleteConsumerGroups(it, timeout) }
            "admin.list_group_offsets" -> listGroupOffsets(command)
            "admin.alter_group_offsets" -> {
                val offsets = command.list("offsets").map {
                    val metadata = it["metadata"]?.takeUnless { text -> text.isJsonNull }?.asString.orEmpty()
                    CommittedOffset(it["topic"].asString, it["partition"].asInt, it["offset"].asLong, null, metadata)
                }
                val results = outcomes { admin.alterConsumerGroupOffsets(command.text("group"), offsets, timeout) }
                json("offsets" to command.partitions("offsets").map { show(it, results[it]) })
            }
            "admin.delete_group_offsets" -> {
                val partitions = command.partitions("partitions")
                val results = outcomes { admin.deleteConsumerGroupOffsets(command.text("group"), partitions, timeout) }
                json("offsets" to partitions.map { show(it, results[it]) })
            }
            "admin.describe_cluster" -> admin.describeCluster(timeout).let { cluster ->
                val brokers = cluster.nodes.map { json("id" to it.id, "host" to it.host, "port" to it.port) }
                json("cluster_id" to cluster.clusterId, "controller" to cluster.controller, "brokers" to brokers)
            }
            "admin.close" -> json().also { admin.close(timeout) }
            else -> throw Fault("UNSUPPORTED", command.op)
        }
    }

    /** What became of each item, also where some failed; nothing is known of those that give nothing. */
    private suspend fun outcomes(call: suspend () -> Any): Map<*, *> =
        try {
            call() as? Map<*, *> ?: emptyMap<Any, Any>()
        } catch (failure: KafkaException) {
            failure.results.ifEmpty { throw failure }
        }

    private suspend fun named(list: String, name: String, names: List<String>, call: suspend (List<String>) -> Any): JsonObject {
        val results = outcomes { call(names) }
        return json(list to names.map { show(name, it, results[it]) })
    }

    private fun show(field: String, name: String, outcome: Any?) = shown(outcome).apply { addProperty(field, name) }

    private fun show(partition: TopicPartition, outcome: Any?) = shown(outcome).apply {
        addProperty("topic", partition.topic)
        addProperty("partition", partition.partition)
    }

    private fun show(resource: JsonObject, outcome: Any?) = shown(outcome).apply {
        add("type", resource["type"])
        add("name", resource["name"])
    }

    /** Named apart from the functions for single types: called by their name, it would be taken instead of them. */
    private fun shown(outcome: Any?): JsonObject = when (outcome) {
        is KafkaException -> json("error" to show(outcome as Throwable))
        is TopicDescription -> show(outcome)
        is GroupDescription -> show(outcome)
        is DeletedRecords -> json("low_watermark" to outcome.lowWatermark)
        is ListOffsetsResultInfo -> json("offset" to outcome.offset, "timestamp_ms" to outcome.timestampMs)
        is Map<*, *> -> json("configs" to configs(outcome))
        else -> json()
    }

    private fun show(topic: TopicDescription) = json(
        "topic_id" to topic.id,
        "partitions" to topic.partitions.map {
            json("partition" to it.partition, "leader" to it.leader, "replicas" to it.replicas, "isr" to it.isr)
        },
    )

    private fun show(group: GroupDescription) = json(
        "state" to group.state,
        "assignor" to group.assignor,
        "members" to group.members.map {
            json(
                "member_id" to it.memberId, "instance_id" to it.groupInstanceId, "client_id" to it.clientId,
                "assignment" to it.assignment.map { partition -> show(partition) },
            )
        },
    )

    private fun configs(entries: Map<*, *>) = JsonObject().apply {
        for ((name, entry) in entries) {
            entry as dev.ottla.admin.ConfigEntry
            // The protocol has Kafka's own name for this one.
            val source = if (entry.source == ConfigSource.DYNAMIC_GROUP_CONFIG) "GROUP_CONFIG" else entry.source.name
            val shown = json(
                "value" to entry.value, "source" to source, "read_only" to entry.isReadOnly, "sensitive" to entry.isSensitive,
            )
            add(name as String, shown)
        }
    }

    private fun newTopic(json: JsonObject) = NewTopic(
        json["name"].asString,
        json.long("partitions")?.toInt(),
        json.long("replication_factor")?.toInt()?.toShort(),
        configs = json["config"]?.takeUnless { it.isJsonNull }?.asJsonObject?.entrySet().orEmpty()
            .associate { (name, value) -> name to value.asString },
    )

    private fun resource(json: JsonObject) = when (val type = json["type"].asString) {
        "topic" -> ConfigResource(ConfigResourceType.TOPIC, json["name"].asString)
        "broker" -> ConfigResource(ConfigResourceType.BROKER, json["name"].asString)
        else -> throw Fault("INVALID_ARGUMENT", "no resource type $type")
    }

    private fun changes(json: JsonObject) = json["ops"].asJsonArray.map { it.asJsonObject }.map { change ->
        val op = AlterConfigOpType.valueOf(change["op"].asString.uppercase())
        val value = change["value"]?.takeUnless { it.isJsonNull }?.asString
        AlterConfigOp(change["name"].asString, value.takeUnless { op == AlterConfigOpType.DELETE }, op)
    }

    private fun query(json: JsonObject): OffsetQuery {
        val spec = json["spec"].asString
        val timestampMs = spec.toLongOrNull()
        val which = if (timestampMs != null) OffsetSpec.FOR_TIMESTAMP else OffsetSpec.valueOf(spec.uppercase())
        return OffsetQuery(json["topic"].asString, json["partition"].asInt, which, timestampMs)
    }

    private suspend fun listGroupOffsets(command: Command): JsonObject {
        val asked = command.field("partitions")?.let { command.partitions("partitions") }
        val group = command.text("group")
        val offsets = admin.listConsumerGroupOffsets(listOf(GroupOffsetsQuery(group, asked)), command.patience).getValue(group)
        val found = offsets.associateBy { TopicPartition(it.topic, it.partition) }
        return json(
            "offsets" to (asked ?: found.keys).map {
                show(it).apply {
                    add("offset", element(found[it]?.offset))
                    add("metadata", element(found[it]?.metadata))
                }
            },
        )
    }

    companion object {
        val OPERATIONS = listOf(
            "create", "create_topics", "delete_topics", "list_topics", "describe_topics", "create_partitions",
            "describe_configs", "alter_configs", "delete_records", "list_offsets", "list_groups", "describe_groups",
            "delete_groups", "list_group_offsets", "alter_group_offsets", "delete_group_offsets", "describe_cluster", "close",
        ).map { "admin.$it" }
    }
}
