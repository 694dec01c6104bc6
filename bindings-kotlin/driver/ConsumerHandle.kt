package dev.ottla.driver

import com.google.gson.JsonObject
import dev.ottla.Consumer
import dev.ottla.ConsumerRecord
import dev.ottla.OffsetAndMetadata
import dev.ottla.RebalanceListener
import dev.ottla.TimestampType
import dev.ottla.TopicPartition
import kotlin.time.Duration.Companion.milliseconds

/** Commands for a consumer. */
internal class ConsumerHandle : Client, RebalanceListener {
    // Commands of another thread use it, too.
    @Volatile private var created: Consumer? = null
    private val consumer: Consumer get() = created ?: throw Fault("ILLEGAL_STATE", "no consumer")
    private val events = ArrayList<JsonObject>()

    /** What the listener was told to have: what comes between two polls is told with the next one. Null without a listener. */
    private var told: MutableSet<TopicPartition>? = null

    override suspend fun onAssigned(partitions: List<TopicPartition>) {
        told?.addAll(partitions)
        event("assigned", partitions)
    }

    override suspend fun onRevoked(partitions: List<TopicPartition>) {
        told?.removeAll(partitions.toSet())
        event("revoked", partitions)
    }

    override suspend fun onLost(partitions: List<TopicPartition>) {
        told?.removeAll(partitions.toSet())
        event("lost", partitions)
    }

    private fun event(type: String, partitions: List<TopicPartition>) {
        events.add(json("type" to type, "partitions" to partitions.map { show(it) }))
    }

    override fun wakeup() = consumer.wakeup()

    override fun interrupt(command: Command): Boolean {
        if (command.op != "consumer.wakeup") return false
        consumer.wakeup()
        return true
    }

    override suspend fun execute(command: Command): JsonObject {
        when (command.op) {
            "consumer.create" -> created = Consumer(command.config("max.block.ms"))
            "consumer.subscribe" -> {
                told = told ?: LinkedHashSet()
                when (val pattern = command.field("pattern")) {
                    null -> consumer.subscribe(command.texts("topics"), this)
                    else -> consumer.subscribePattern(pattern.asString, this)
                }
            }
            "consumer.unsubscribe" -> {
                consumer.unsubscribe()
                told = null
            }
            "consumer.assign" -> {
                told = null
                consumer.assign(command.partitions("partitions"))
                for (json in command.list("partitions")) json.long("offset")?.let { consumer.seek(partition(json), it) }
            }
            "consumer.assignment" -> return assignment()
            "consumer.poll" -> return poll(command)
            "consumer.seek" -> command.list("offsets").forEach { consumer.seek(partition(it), it["offset"].asLong) }
            "consumer.seek_to_beginning" -> consumer.seekToBeginning(command.partitions("partitions"))
            "consumer.seek_to_end" -> consumer.seekToEnd(command.partitions("partitions"))
            "consumer.pause" -> consumer.pause(command.partitions("partitions"))
            "consumer.resume" -> consumer.resume(command.partitions("partitions"))
            "consumer.position" -> return offsets(command) { consumer.position(it) }
            "consumer.beginning_offsets" ->
                return consumer.beginningOffsets(command.partitions("partitions")).let { offsets(command, it::get) }
            "consumer.end_offsets" ->
                return consumer.endOffsets(command.partitions("partitions")).let { offsets(command, it::get) }
            "consumer.committed" -> return committed(command)
            "consumer.offsets_for_times" -> return offsetsForTimes(command)
            "consumer.commit" -> consumer.commit(
                command.field("offsets")?.let {
                    command.list("offsets").associate { json ->
                        val metadata = json["metadata"]?.takeUnless { it.isJsonNull }?.asString.orEmpty()
                        partition(json) to OffsetAndMetadata(json["offset"].asLong, metadata)
                    }
                },
            )
            "consumer.close" -> consumer.close(command.patience)
            else -> throw Fault("UNSUPPORTED", command.op)
        }
        return json()
    }

    private suspend fun poll(command: Command): JsonObject {
        val timeout = (command.field("timeout_ms")?.asLong ?: 100).milliseconds
        val records = consumer.poll(timeout, command.field("max_records")?.asInt)
        val since = events.toList()
        events.clear()
        return json(
            "records" to records.map { show(it) },
            "events" to since,
            "assignment" to (told ?: consumer.assignment()).sorted().map { show(it) },
        )
    }

    private fun assignment() = json("assignment" to consumer.assignment().map { show(it) })

    private fun show(record: ConsumerRecord) = json(
        "topic" to record.topic, "partition" to record.partition, "offset" to record.offset,
        "timestamp_ms" to record.timestampMs,
        "timestamp_type" to if (record.timestampType == TimestampType.LOG_APPEND_TIME) "log_append" else "create",
        "key" to show(record.key), "value" to show(record.value),
        "headers" to record.headers.map { json("key" to it.key, "value" to show(it.value)) },
    )

    private fun offsets(command: Command, offset: (TopicPartition) -> Long?) = json(
        "offsets" to command.partitions("partitions").map { show(it).apply { add("offset", element(offset(it))) } },
    )

    private suspend fun committed(command: Command): JsonObject {
        val partitions = command.partitions("partitions")
        val found = consumer.committed(partitions)
        return json(
            "offsets" to partitions.map {
                json(
                    "topic" to it.topic, "partition" to it.partition, "offset" to found[it]?.offset,
                    "metadata" to found[it]?.metadata,
                )
            },
        )
    }

    private suspend fun offsetsForTimes(command: Command): JsonObject {
        val times = command.list("times").associate { partition(it) to it["timestamp_ms"].asLong }
        val found = consumer.offsetsForTimes(times)
        return json(
            "offsets" to command.partitions("times").map {
                json(
                    "topic" to it.topic, "partition" to it.partition, "offset" to found[it]?.offset,
                    "timestamp_ms" to found[it]?.timestampMs,
                )
            },
        )
    }

    companion object {
        val OPERATIONS = listOf(
            "create", "subscribe", "unsubscribe", "assign", "assignment", "poll", "wakeup", "seek", "seek_to_beginning",
            "seek_to_end", "pause", "resume", "position", "committed", "beginning_offsets", "end_offsets",
            "offsets_for_times", "commit", "wakeup", "close",
        ).map { "consumer.$it" }
    }
}
