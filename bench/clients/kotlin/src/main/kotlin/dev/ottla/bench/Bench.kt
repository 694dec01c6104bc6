package dev.ottla.bench

import com.sun.management.OperatingSystemMXBean
import dev.ottla.Consumer
import dev.ottla.ConsumerRecord
import dev.ottla.KafkaException
import dev.ottla.Producer
import dev.ottla.ProducerRecord
import dev.ottla.RecordMetadata
import dev.ottla.TopicPartition
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.runBlocking
import java.lang.management.ManagementFactory
import kotlin.time.Duration.Companion.seconds

private val SYSTEM = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
private val TIMEOUT = 120.seconds
private const val PARTITIONS = 6

/** How many sends may be without a fate before the oldest is awaited. */
private const val IN_FLIGHT = 10_000

private class Work(val topic: String, val bootstrap: String, val bytes: Int, val shape: String, val batch: String?, val linger: String?)

/**
 * Produces or consumes with Ottla's Kotlin binding and prints what it cost as one JSON line (bench/README.md).
 * Shapes of producing: `each` has a `Deferred` for every record, `many` sends lists. Of consuming: `record` collects the
 * flow, `batch` polls.
 */
fun main(arguments: Array<String>): Unit = runBlocking {
    val flags = arguments.drop(1).chunked(2).associate { (name, text) -> name.removePrefix("--") to text }
    val work = Work(
        flags["topic"] ?: "bench", flags["bootstrap"] ?: "127.0.0.1:9092", (flags["record-bytes"] ?: "100").toInt(),
        flags["shape"] ?: "", flags["batch-bytes"], flags["linger-ms"],
    )
    val records = (flags["records"] ?: "1000000").toLong()
    val warmup = (flags["warmup"] ?: "100000").toLong()
    when (arguments[0]) {
        "produce" -> {
            val config = buildMap {
                put("bootstrap.servers", work.bootstrap)
                work.batch?.let { put("batch.size", it) }
                work.linger?.let { put("linger.ms", it) }
            }
            Producer(config).use { producer ->
                send(producer, work, warmup)
                val start = Usage()
                send(producer, work, records).report(start)
            }
        }
        "consume" -> {
            read(work, warmup)
            val start = Usage()
            read(work, records).report(start)
        }
        else -> error("produce or consume, not ${arguments[0]}")
    }
}

private class Counts(var records: Long = 0, var failed: Long = 0) {
    fun report(start: Usage) {
        val (wall, cpu) = start.spent()
        println("""{"records":$records,"failed":$failed,"seconds":$wall,"cpu_seconds":$cpu}""")
    }
}

private class Usage {
    private val wall = System.nanoTime()
    private val cpu = SYSTEM.processCpuTime

    fun spent() = (System.nanoTime() - wall) / 1e9 to (SYSTEM.processCpuTime - cpu) / 1e9
}

private suspend fun send(producer: Producer, work: Work, count: Long): Counts {
    val value = ByteArray(work.bytes) { ('a' + it % 26).code.toByte() }
    val counts = Counts()
    if (work.shape == "many") {
        var sent = 0L
        while (sent < count) {
            // As many as may be under way with the other shape, so that both leave the client as much to do at a time.
            val records = List(minOf(IN_FLIGHT.toLong(), count - sent).toInt()) { ProducerRecord(work.topic, value) }
            try {
                counts.records += producer.sendAll(records).size
            } catch (_: KafkaException) {
                counts.failed += records.size
            }
            sent += records.size
        }
        return counts
    }
    val waiting = ArrayDeque<Deferred<RecordMetadata>>()
    val settle = suspend {
        try {
            waiting.removeFirst().await()
            counts.records++
        } catch (_: KafkaException) {
            counts.failed++
        }
    }
    repeat(count.toInt()) {
        waiting += producer.enqueue(ProducerRecord(work.topic, value))
        if (waiting.size > IN_FLIGHT) settle()
    }
    producer.flush(TIMEOUT)
    while (waiting.isNotEmpty()) settle()
    return counts
}

/** Reads from the beginning until `count` records were seen; how many were, and how many were not the next of their partition. */
private suspend fun read(work: Work, count: Long): Counts {
    val config = mapOf("bootstrap.servers" to work.bootstrap, "auto.offset.reset" to "earliest", "enable.auto.commit" to "false")
    return Consumer(config).use { consumer ->
        consumer.assign((0 until PARTITIONS).map { TopicPartition(work.topic, it) })
        val next = LongArray(PARTITIONS)
        val counts = Counts()
        val see = { record: ConsumerRecord ->
            if (record.offset != next[record.partition] || record.value?.size != work.bytes) counts.failed++
            next[record.partition] = record.offset + 1
            counts.records++
        }
        if (work.shape == "batch") {
            while (counts.records < count) for (record in consumer.poll(10.seconds)) see(record)
        } else {
            consumer.records().take(count.toInt()).collect { see(it) }
        }
        counts
    }
}
