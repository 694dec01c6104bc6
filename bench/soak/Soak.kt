// The soak of the Kotlin binding (bench/soak/README.md says what it is told, does and reports).

import dev.ottla.Admin
import dev.ottla.Consumer
import dev.ottla.ConsumerRecord
import dev.ottla.Header
import dev.ottla.KafkaException
import dev.ottla.Producer
import dev.ottla.ProducerRecord
import dev.ottla.RecordMetadata
import dev.ottla.RecordTooLargeException
import dev.ottla.TimeoutException
import dev.ottla.TopicPartition
import dev.ottla.UnknownTopicOrPartitionException
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

private const val PARTITIONS = 3
private val TICK = 50.milliseconds
private val PATIENCE = 60.seconds
private val CLOSE_TIMEOUT = 30.seconds
/** Larger than max.request.size. */
private val TOO_LARGE = ByteArray(2_000_000)
private val COUNTS = listOf(
    "sent", "acknowledged", "failed", "read", "doubled", "lost", "out_of_order", "handovers", "clients", "refused",
    "cancelled", "dropped", "unexpected",
)

private class Soak(private val bootstrap: String, private val topic: String, private val rate: Int) {
    private val side = "$topic-side"
    private val counts = COUNTS.associateWith { 0L }.toMutableMap()
    private val deliveries = ArrayDeque<Deferred<RecordMetadata>>()
    private val acknowledgedTo = LongArray(PARTITIONS)
    private val readTo = LongArray(PARTITIONS)
    private val lastNumber = LongArray(PARTITIONS) { -1 }
    private val producer = Producer("bootstrap.servers" to bootstrap, "linger.ms" to 5)
    private val consumer = member()
    private var second: Consumer? = null

    private fun count(name: String, more: Long = 1) {
        counts[name] = counts.getValue(name) + more
    }

    fun report(done: Boolean) {
        println(counts.entries.joinToString(",", "{", ",\"done\":$done}") { (name, value) -> "\"$name\":$value" })
    }

    /** A member of the group; both count into the same places. */
    private fun member(): Consumer {
        count("clients")
        val member = Consumer(
            "bootstrap.servers" to bootstrap,
            "group.id" to topic,
            "auto.offset.reset" to "earliest",
            "enable.auto.commit" to false,
        )
        member.subscribe(
            listOf(topic),
            onRevoked = {
                count("handovers", it.size.toLong())
                member.commit()
            },
        )
        return member
    }

    private suspend fun send(records: Int) = repeat(records) {
        val number = counts.getValue("sent").toString()
        val key = "key-${number.toLong() % 97}"
        val record = ProducerRecord(topic, number.padEnd(100, '.'), key, headers = listOf(Header("number", number)))
        deliveries += producer.enqueue(record)
        count("sent")
    }

    @OptIn(ExperimentalCoroutinesApi::class)
    private fun learnFates() {
        while (deliveries.firstOrNull()?.isCompleted == true) {
            val delivery = deliveries.removeFirst()
            if (delivery.getCompletionExceptionOrNull() != null) {
                count("failed")
                continue
            }
            val where = delivery.getCompleted()
            count("acknowledged")
            acknowledgedTo[where.partition] = maxOf(acknowledgedTo[where.partition], where.offset!! + 1)
        }
    }

    private suspend fun read(from: Consumer, timeout: Duration): Int {
        val records = from.poll(timeout)
        records.forEach(::note)
        return records.size
    }

    private fun note(record: ConsumerRecord) {
        count("read")
        val partition = record.partition
        val expected = readTo[partition]
        if (record.offset < expected) {
            count("doubled")
            return
        }
        count("lost", record.offset - expected)
        readTo[partition] = record.offset + 1
        val number = record.valueText!!.trimEnd('.')
        val header = record.headers.single().value?.decodeToString()
        if (number.toLong() <= lastNumber[partition] || header != number) count("out_of_order")
        lastNumber[partition] = number.toLong()
    }

    private suspend fun shortLived() {
        Producer("bootstrap.servers" to bootstrap).use { it.send(side, "short-lived", partition = 0) }
        Consumer("bootstrap.servers" to bootstrap, "auto.offset.reset" to "earliest").use {
            it.assign(listOf(TopicPartition(side, 0)))
            it.poll(PATIENCE, maxRecords = 10)
        }
        Admin("bootstrap.servers" to bootstrap).use { if (topic !in it.listTopics()) count("unexpected") }
        count("clients", 3)
    }

    private suspend fun refused() {
        expectRefused({ it is RecordTooLargeException }) { producer.send(topic, TOO_LARGE) }
        Producer("bootstrap.servers" to bootstrap, "max.block.ms" to 200).use {
            // The latter on a machine so busy that metadata takes longer than max.block.ms.
            expectRefused({ error -> error is UnknownTopicOrPartitionException || error is TimeoutException }) { it.send(topic, "", partition = PARTITIONS + 96) }
        }
        count("clients")
    }

    private inline fun expectRefused(isExpected: (KafkaException) -> Boolean, call: () -> Unit) =
        try {
            call()
            count("unexpected")
        } catch (error: KafkaException) {
            if (!isExpected(error)) throw error
            count("refused")
        }

    /** A poll that is given up loses no record: whatever it had found comes with the next one. */
    private suspend fun cancelled() = coroutineScope {
        val poll = launch { read(consumer, PATIENCE) }
        yield()
        poll.cancelAndJoin()
        count("cancelled")
    }

    /** Clients that nobody closes; records under way are delivered all the same. */
    private suspend fun dropped() {
        Producer("bootstrap.servers" to bootstrap).send(side, "dropped", partition = 0)
        val reader = Consumer("bootstrap.servers" to bootstrap)
        reader.assign(listOf(TopicPartition(side, 0)))
        reader.poll(Duration.ZERO)
        count("dropped", 2)
    }

    private suspend fun changeMembers() {
        val leaving = second
        if (leaving == null) {
            second = member()
            return
        }
        leaving.commit()
        leaving.close(CLOSE_TIMEOUT)
        second = null
    }

    suspend fun tick(number: Int) {
        val ends = TimeSource.Monotonic.markNow() + TICK
        send((rate * TICK.inWholeMilliseconds / 1000).toInt())
        learnFates()
        if (number % 20 == 5) shortLived()
        if (number % 40 == 15) {
            refused()
            cancelled()
        }
        if (number % 60 == 25) dropped()
        if (number % 100 == 35) changeMembers()
        val members = listOfNotNull(consumer, second)
        val left = maxOf(-ends.elapsedNow(), 2.milliseconds)
        for (from in members) read(from, left / members.size)
        if (number % 10 == 0) for (from in members) from.commit()
        delay(-ends.elapsedNow())
    }

    private fun missing() = (0 until PARTITIONS).sumOf { maxOf(acknowledgedTo[it] - readTo[it], 0) }

    suspend fun finish() {
        producer.flush(PATIENCE)
        learnFates()
        if (second != null) changeMembers()
        var patience = TimeSource.Monotonic.markNow() + PATIENCE
        while (patience.hasNotPassedNow() && missing() > 0) {
            if (read(consumer, 500.milliseconds) > 0) patience = TimeSource.Monotonic.markNow() + PATIENCE
        }
        count("lost", missing())
        consumer.commit()
        consumer.close(CLOSE_TIMEOUT)
        producer.close(CLOSE_TIMEOUT)
    }
}

/** Whether the end was asked for; its status is 0 all the same, as that of [main] is. */
private object Stop {
    @Volatile
    var asked = false
    val over = CountDownLatch(1)

    fun listen() = Runtime.getRuntime().addShutdownHook(
        Thread {
            asked = true
            over.await()
            Runtime.getRuntime().halt(0)
        },
    )
}

fun main(arguments: Array<String>) {
    val told = arguments.toList().chunked(2).associate { (name, value) -> name to value }
    Stop.listen()
    try {
        runBlocking {
            val soak = Soak(told.getValue("--bootstrap"), told.getValue("--topic"), told.getValue("--rate").toInt())
            val ends = TimeSource.Monotonic.markNow() + told.getValue("--seconds").toInt().seconds
            var number = 1
            while (ends.hasNotPassedNow() && !Stop.asked) {
                soak.tick(number)
                if (number++ % 60 == 0) soak.report(done = false)
            }
            soak.finish()
            soak.report(done = true)
        }
    } catch (failure: Throwable) {
        // Said here, as the hook ends the process with success.
        failure.printStackTrace()
        Runtime.getRuntime().halt(1)
    }
    Stop.over.countDown()
}
