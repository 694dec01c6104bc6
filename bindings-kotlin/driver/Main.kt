/** The conformance driver for Ottla's Kotlin client: reads commands from standard input, one JSON object a line. */
package dev.ottla.driver

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintStream

private val FEATURES = listOf(
    "compression.gzip", "compression.snappy", "compression.lz4", "compression.zstd", "assignor.range",
    "assignor.roundrobin", "assignor.sticky", "assignor.cooperative-sticky", "group.static", "partitioner.murmur2",
    "consumer.pattern",
)

fun main() {
    // Nothing but answers may reach standard output.
    val output = PrintStream(FileOutputStream(FileDescriptor.out), false, Charsets.UTF_8)
    System.setOut(System.err)
    val driver = Driver(output)
    System.`in`.bufferedReader().lineSequence().forEach { driver.accept(JsonParser.parseString(it).asJsonObject) }
    // Whoever told us what to do is gone: no client is worth a graceful end.
    Runtime.getRuntime().halt(0)
}

private class Driver(private val output: PrintStream) {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)
    private val handles = HashMap<String, Handle>()

    fun accept(json: JsonObject) {
        val command = Command(json, output)
        try {
            submit(command)
        } catch (fault: Exception) {
            command.fail(fault)
        }
    }

    private fun submit(command: Command) {
        if (command.op == "hello") return command.succeed(hello())
        val name = command.text("handle")
        if (command.op.endsWith(".create")) {
            if (name in handles) throw Fault("ILLEGAL_STATE", "handle $name exists")
            val client = when (command.op) {
                "producer.create" -> ProducerHandle(scope)
                "consumer.create" -> ConsumerHandle()
                "admin.create" -> AdminHandle()
                else -> throw Fault("UNSUPPORTED", command.op)
            }
            handles[name] = Handle(client, scope).also { it.submit(command) }
            return
        }
        val handle = handles[name] ?: throw Fault("ILLEGAL_STATE", "no handle $name")
        handle.submit(command)
        if (command.op.endsWith(".close")) handles.remove(name)
    }

    private fun hello(): JsonObject = json(
        "driver" to "kotlin", "client" to "ottla", "version" to "0.1.0", "protocol" to 1,
        "capabilities" to ProducerHandle.OPERATIONS + ConsumerHandle.OPERATIONS + AdminHandle.OPERATIONS + FEATURES,
    )
}
