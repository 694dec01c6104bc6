package dev.ottla.driver

import com.google.gson.JsonArray
import com.google.gson.JsonElement
import com.google.gson.JsonNull
import com.google.gson.JsonObject
import com.google.gson.JsonPrimitive
import dev.ottla.ErrorKind
import dev.ottla.KafkaException
import dev.ottla.TopicPartition
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import java.io.PrintStream
import java.util.Base64
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** An error of the driver's own: a name of the protocol and a text. */
internal class Fault(val name: String, text: String) : Exception(text)

/** One command and its one answer. */
internal class Command(private val json: JsonObject, private val output: PrintStream) {
    val op: String = json["op"].asString
    val deadline: Duration = json["deadline_ms"].asLong.milliseconds

    /** How long a client call may take, so that its own error is the one told. */
    val patience: Duration get() = (deadline - MARGIN).coerceAtLeast(Duration.ZERO)

    fun succeed(result: JsonObject) = print(json("id" to json["id"], "ok" to result))

    fun fail(fault: Throwable) = print(json("id" to json["id"], "error" to show(fault)))

    private fun print(line: JsonObject) = synchronized(output) {
        output.print("$line\n")
        output.flush()
    }

    fun field(name: String): JsonElement? = json[name]?.takeUnless { it.isJsonNull }

    fun text(name: String): String = field(name)?.asString ?: throw Fault("INVALID_ARGUMENT", "missing text $name")

    fun flag(name: String): Boolean = field(name)?.asBoolean ?: false

    fun list(name: String): List<JsonObject> = elements(name).map { it.asJsonObject }

    fun texts(name: String): List<String> = elements(name).map { it.asString }

    fun partitions(name: String): List<TopicPartition> = list(name).map { partition(it) }

    private fun elements(name: String): JsonArray =
        field(name)?.asJsonArray ?: throw Fault("INVALID_ARGUMENT", "missing list $name")

    /** The options but those the protocol allows this client to drop. */
    fun config(vararg dropped: String): Map<String, Any> =
        (field("config")?.asJsonObject ?: JsonObject()).entrySet().filter { it.key !in dropped }
            .associate { (name, value) -> name to value.asString }

    private companion object {
        val MARGIN = 50.milliseconds
    }
}

/** A client with the coroutine that does its commands, one after the other. */
internal class Handle(private val client: Client, scope: CoroutineScope) {
    private val commands = Channel<Command>(Channel.UNLIMITED)

    init {
        scope.launch {
            for (command in commands) {
                try {
                    withTimeout(command.deadline) { client.execute(command) }?.let { command.succeed(it) }
                } catch (_: TimeoutCancellationException) {
                    command.fail(Fault("TIMEOUT", "deadline passed"))
                } catch (fault: Exception) {
                    command.fail(fault)
                }
            }
        }
    }

    fun submit(command: Command) {
        if (command.op == "consumer.wakeup") {
            // Does not wait for its turn: what it ends is under way.
            client.wakeup()
            command.succeed(json())
        } else {
            commands.trySend(command)
        }
    }
}

internal interface Client {
    /** The answer; null when it comes later. */
    suspend fun execute(command: Command): JsonObject?

    /** Does a command that does not wait for its turn; false for any other. */
    fun interrupt(command: Command): Boolean = false

    /** Ends the poll under way, from another thread. */
    fun wakeup(): Unit = throw Fault("UNSUPPORTED", "consumer.wakeup")
}

internal fun json(vararg members: Pair<String, Any?>): JsonObject = JsonObject().apply {
    for ((name, value) in members) add(name, element(value))
}

internal fun element(value: Any?): JsonElement = when (value) {
    null -> JsonNull.INSTANCE
    is JsonElement -> value
    is Number -> JsonPrimitive(value)
    is Boolean -> JsonPrimitive(value)
    is Iterable<*> -> JsonArray().apply { value.forEach { add(element(it)) } }
    else -> JsonPrimitive(value.toString())
}

internal fun partition(json: JsonObject): TopicPartition =
    TopicPartition(json["topic"].asString, json["partition"].asInt)

internal fun show(partition: TopicPartition): JsonObject =
    json("topic" to partition.topic, "partition" to partition.partition)

internal fun bytes(json: JsonElement?): ByteArray? =
    if (json == null || json.isJsonNull) null else Base64.getDecoder().decode(json.asString)

internal fun show(bytes: ByteArray?): String? = bytes?.let { Base64.getEncoder().encodeToString(it) }

internal fun JsonObject.long(name: String): Long? = get(name)?.takeUnless { it.isJsonNull }?.asLong

internal fun show(fault: Throwable): JsonObject = when (fault) {
    is KafkaException -> json(
        "code" to code(fault), "name" to name(fault), "retriable" to fault.retriable, "fatal" to fault.fatal,
        "message" to fault.message,
    )
    is Fault -> own(fault.name, fault)
    is IllegalArgumentException -> own("INVALID_ARGUMENT", fault)
    else -> own("OTHER", fault)
}

private fun own(name: String, fault: Throwable) =
    json("code" to null, "name" to name, "retriable" to false, "fatal" to false, "message" to fault.toString())

/** The protocol's code, also where the client found out by itself. */
private fun code(error: KafkaException): Int? = error.code ?: when (error.kind) {
    ErrorKind.RECORD_TOO_LARGE -> 10
    ErrorKind.UNKNOWN_TOPIC_OR_PARTITION -> 3
    ErrorKind.OFFSET_OUT_OF_RANGE -> 1
    else -> null
}

/** The suite fills in the name from a code. */
private fun name(error: KafkaException): String? = if (code(error) != null) error.codeName else when (error.kind) {
    ErrorKind.TIMEOUT, ErrorKind.NOT_SENT, ErrorKind.OUTCOME_UNKNOWN -> "TIMEOUT"
    ErrorKind.CONFIG, ErrorKind.INVALID_ARGUMENT -> "INVALID_ARGUMENT"
    ErrorKind.INVALID_STATE, ErrorKind.CLOSED -> "ILLEGAL_STATE"
    ErrorKind.FENCED -> "FENCED"
    ErrorKind.UNSUPPORTED -> "UNSUPPORTED"
    else -> "OTHER"
}
