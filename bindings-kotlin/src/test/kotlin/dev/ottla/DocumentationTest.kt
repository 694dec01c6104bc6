package dev.ottla

import dev.ottla.Child.end
import dev.ottla.testing.TestBroker
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Path
import kotlin.io.path.readText

/** What README, guide and examples show is what happens. Their programs were compiled beforehand: `xtask bindings kotlin`. */
class DocumentationTest {
    private fun run(main: String, temporary: Path, vararg arguments: String): Child.Ended {
        val command = listOf(Child.java, "-XX:TieredStopAtLevel=1") + Child.jarFlags(temporary) + main + arguments
        return ProcessBuilder(command).start().end()
    }

    @Test
    fun `the first program of the README runs as it stands, and ends by itself`(@TempDir temporary: Path) {
        val ended = run("SnippetKt", temporary)
        assertEquals(0, ended.status, ended.errors)
        assertEquals("greetings@0: en = hello\n", ended.output)
        val program = Path.of("README.md").readText().substringAfter("```kotlin\n").substringBefore("```").trim()
        assertTrue(program.lines().count { it.isNotBlank() } <= 12, program)
    }

    @Test
    fun `examples run without a cluster and with one`(@TempDir temporary: Path) = withBroker { broker ->
        val counted = run("WordCountKt", temporary)
        assertEquals(0 to "the: 3, fox: 1\n", counted.status to counted.output, counted.errors)
        for (arguments in listOf(emptyArray(), arrayOf(broker.bootstrap))) {
            val sent = run("SendAndReceive", temporary, *arguments)
            assertEquals(0, sent.status, sent.errors)
            assertEquals("100 orders were acknowledged\n100 orders were read\n", sent.output)
        }
    }

    @TestFactory
    fun `every task of the guide does what stands below it`(): List<DynamicTest> {
        val page = Path.of("docs/guide.md").readText()
        val tasks = tasks()
        assertEquals(10, tasks.size)
        return tasks.map { (title, task) ->
            dynamicTest(title) {
                val printed = page.substringAfter("## $title\n").substringBefore("\n## ").substringAfter("```text\n").substringBefore("```")
                assertEquals(printed, output { broker -> task(broker) }, title)
            }
        }
    }

    @Suppress("UNCHECKED_CAST") // What the page was made into.
    private fun tasks() =
        Class.forName("dev.ottla.guide.GuideKt").getMethod("getTasks").invoke(null) as Map<String, suspend (String) -> Unit>

    /** What the task prints, with a broker of its own that has orders. */
    private fun output(task: suspend (String) -> Unit): String {
        val printed = ByteArrayOutputStream()
        val before = System.out
        TestBroker.startBlocking().use { broker ->
            runBlocking {
                broker.producer().use { producer -> producer.sendAll((0 until 10_000).map { ProducerRecord("orders", "order $it") }) }
            }
            System.setOut(PrintStream(printed, true))
            try {
                runBlocking { withTimeout(LIMIT) { task(broker.bootstrap) } }
            } finally {
                System.setOut(before)
            }
        }
        return printed.toString()
    }
}
