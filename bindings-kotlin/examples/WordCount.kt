// Counts words: reads lines from one topic and writes running counts to another. Usage: WordCountKt [host:port]
// Without an address it starts a broker of its own and feeds it some lines.

import dev.ottla.Consumer
import dev.ottla.Producer
import dev.ottla.ProducerRecord
import dev.ottla.testing.TestBroker
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch

suspend fun main(arguments: Array<String>) {
    if (arguments.isNotEmpty()) return countWords(arguments[0])
    TestBroker.start().use { broker ->
        val lines = listOf("the quick brown fox", "jumps over the lazy dog", "the end")
        Producer("bootstrap.servers" to broker.bootstrap).use { it.sendAll(lines.map { line -> ProducerRecord("lines", line) }) }
        coroutineScope {
            val counting = launch { countWords(broker.bootstrap) }
            val words = lines.sumOf { it.split(' ').size }
            Consumer("bootstrap.servers" to broker.bootstrap, "group.id" to "print", "auto.offset.reset" to "earliest").use { counts ->
                counts.subscribe("counts")
                val last = counts.records().take(words).toList().associate { it.keyText to it.valueText }
                println("the: ${last["the"]}, fox: ${last["fox"]}")
            }
            counting.cancel()
        }
    }
}

/** Runs until it is cancelled. */
private suspend fun countWords(bootstrap: String) {
    val counts = HashMap<String, Int>()
    Producer("bootstrap.servers" to bootstrap, "linger.ms" to 5).use { producer ->
        Consumer("bootstrap.servers" to bootstrap, "group.id" to "count", "auto.offset.reset" to "earliest").use { lines ->
            lines.subscribe("lines")
            lines.records().collect { line ->
                for (word in line.valueText!!.split(' ')) {
                    producer.enqueue(ProducerRecord("counts", counts.merge(word, 1, Int::plus).toString(), key = word))
                }
            }
        }
    }
}
