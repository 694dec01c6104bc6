package dev.ottla.driver

import com.google.gson.JsonObject
import dev.ottla.Header
import dev.ottla.Producer
import dev.ottla.ProducerRecord
import dev.ottla.RecordMetadata
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeoutOrNull

/** Commands for a producer. */
internal class ProducerHandle(private val scope: CoroutineScope) : Client {
    private lateinit var producer: Producer

    override suspend fun execute(command: Command): JsonObject? {
        when (command.op) {
            // murmur2 is how keys are placed anyway.
            "producer.create" -> producer = Producer(command.config("partitioner", "default.api.timeout.ms"))
            "producer.send" -> return send(command)
            "producer.flush" -> producer.flush(command.patience)
            "producer.partitions" ->
                return json("partitions" to producer.partitionsFor(command.text("topic")).map { it.partition }.sorted())
            "producer.close" -> producer.close(command.patience)
            else -> throw Fault("UNSUPPORTED", command.op)
        }
        return json()
    }

    /** Hands the records over in order; the answer comes when each has its fate. */
    private suspend fun send(command: Command): JsonObject? {
        val sent = command.list("records").map { json ->
            try {
                Result.success(producer.enqueue(record(json)))
            } catch (fault: Exception) {
                if (fault is kotlinx.coroutines.CancellationException) throw fault
                Result.failure(fault)
            }
        }
        scope.launch {
            val results = withTimeoutOrNull(command.deadline) { sent.map { settle(it) } }
            if (results == null) command.fail(Fault("TIMEOUT", "deadline passed")) else command.succeed(json("results" to results))
        }
        return null
    }

    private suspend fun settle(sent: Result<Deferred<RecordMetadata>>): JsonObject {
        val metadata = try {
            sent.getOrThrow().await()
        } catch (fault: Exception) {
            if (fault is kotlinx.coroutines.CancellationException) throw fault
            return json("error" to show(fault))
        }
        return json(
            "topic" to metadata.topic, "partition" to metadata.partition, "offset" to metadata.offset,
            "timestamp_ms" to metadata.timestampMs,
        )
    }

    private fun record(json: JsonObject) = ProducerRecord(
        json["topic"].asString, bytes(json["value"]), bytes(json["key"]), json.long("partition")?.toInt(),
        json.long("timestamp_ms"),
        json["headers"]?.takeUnless { it.isJsonNull }?.asJsonArray?.map {
            Header(it.asJsonObject["key"].asString, bytes(it.asJsonObject["value"]))
        }.orEmpty(),
    )

    companion object {
        val OPERATIONS =
            listOf("producer.create", "producer.send", "producer.flush", "producer.partitions", "producer.close")
    }
}
