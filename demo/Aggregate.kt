// Adds invoices up to accounts: the third stage of the demo (demo/README.md says what it is told and what it reports).

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import dev.ottla.Consumer
import dev.ottla.ConsumerRecord
import dev.ottla.Producer
import dev.ottla.ProducerRecord
import kotlinx.coroutines.runBlocking
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.DurationUnit
import kotlin.time.TimeSource

private class Account(var orders: Long = 0, var spentCents: Long = 0)

private class Aggregate(private val output: String) {
    private val accounts = HashMap<String, Account>()
    private val started = TimeSource.Monotonic.markNow()
    private var bytes = 0L
    var seen = 0L
        private set

    /** The customer's account with this invoice. The invoice's headers and its time travel on. */
    fun statement(record: ConsumerRecord): ProducerRecord {
        val invoice = JsonParser.parseString(record.valueText).asJsonObject
        val account = accounts.getOrPut(record.keyText!!, ::Account)
        account.orders++
        account.spentCents += invoice["net_cents"].asLong
        invoice.addProperty("orders", account.orders)
        invoice.addProperty("spent_cents", account.spentCents)
        val value = invoice.toString().toByteArray()
        seen++
        bytes += value.size
        return ProducerRecord(output, value, record.key, null, record.timestampMs, record.headers)
    }

    fun report(done: Boolean) {
        val line = JsonObject()
        line.addProperty("stage", "aggregate")
        line.addProperty("records", seen)
        line.addProperty("bytes", bytes)
        line.addProperty("seconds", started.elapsedNow().toDouble(DurationUnit.SECONDS))
        line.addProperty("done", done)
        println(line)
    }
}

fun main(arguments: Array<String>): Unit = runBlocking {
    val told = arguments.toList().chunked(2).associate { (name, value) -> name to value }
    val records = told.getValue("--records").toLong()
    val patience = (told["--patience-ms"] ?: "60000").toLong().milliseconds
    val bootstrap = told.getValue("--bootstrap")

    val producer = Producer("bootstrap.servers" to bootstrap, "compression.type" to "lz4", "batch.size" to 65_536)
    val consumer = Consumer(
        "bootstrap.servers" to bootstrap,
        "group.id" to told.getValue("--group"),
        "auto.offset.reset" to "earliest",
        "enable.auto.commit" to false,
        "max.poll.records" to 10_000,
    )
    consumer.subscribe(told.getValue("--input"))

    val aggregate = Aggregate(told.getValue("--output"))
    var reported = 0L
    while (aggregate.seen < records) {
        val polled = consumer.poll(patience)
        check(polled.isNotEmpty()) { "nothing came for $patience; ${aggregate.seen} of $records invoices did" }
        for (record in polled) producer.enqueue(aggregate.statement(record))
        if (aggregate.seen - reported >= 50_000) {
            reported = aggregate.seen
            aggregate.report(done = false)
        }
    }
    // What was read counts as handled once what was made of it is safe.
    producer.flush(patience)
    val acknowledged = producer.metrics().recordsAcknowledged
    check(acknowledged == records) { "$acknowledged of $records statements were acknowledged" }
    consumer.commit()
    producer.close()
    consumer.close()
    aggregate.report(done = true)
}
