package dev.ottla

import dev.ottla.Child.end
import dev.ottla.internal.Library
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.writeText

/** How processes end, and where they take the library from. */
class ProcessTest {
    private suspend fun endOf(broker: dev.ottla.testing.TestBroker): Long = broker.consumer().use { consumer ->
        val t0 = TopicPartition("t", 0)
        consumer.endOffsets(listOf(t0)).getValue(t0)
    }

    @Test
    fun `a program that ends without closing its producer has its records delivered`() = withBroker { broker ->
        broker.createTopic("t")
        val ended = Child.start("end-unclosed", broker.bootstrap).end()
        assertEquals(0, ended.status, ended.errors)
        assertEquals(1000, endOf(broker))
    }

    @Test
    fun `one that is told to end by a signal, too`() = withBroker { broker ->
        broker.createTopic("t")
        val child = Child.start("wait-unclosed", broker.bootstrap, "1000")
        assertEquals("sent", child.inputStream.bufferedReader().readLine())
        child.toHandle().destroy()
        val ended = child.end()
        assertEquals(143, ended.status, ended.errors)
        assertEquals(1000, endOf(broker))
    }

    @Test
    fun `what cannot be delivered at the end is told`() {
        BlackHole().use { hole ->
            val child = Child.start("wait-unclosed", hole.bootstrap, "7")
            assertEquals("sent", child.inputStream.bufferedReader().readLine())
            child.toHandle().destroy()
            val ended = child.end()
            assertEquals(143, ended.status, ended.errors)
            assertTrue("7 records that were not acknowledged" in ended.errors, ended.errors)
        }
    }

    @Test
    fun `ending in the middle of everything is no crash`() {
        val ended = Child.start("exit-while-busy").end()
        assertEquals(3, ended.status, ended.errors)
    }

    @Test
    fun `two class loaders have a library each, from a jar as from a file, and leave nothing behind`(@TempDir temporary: Path) {
        for (flags in listOf(Child.jarFlags(temporary), listOf("-Djava.io.tmpdir=$temporary") + Child.libraryFlags)) {
            val ended = Child.start("probe-twice", flags = flags).end()
            assertEquals(0, ended.status, ended.errors)
            assertEquals("0, 1, 2\n0, 1, 2\n", ended.output)
        }
        assertEquals(emptyList<Path>(), Files.list(temporary).toList().filter { "ottla" in it.toString() })
    }

    @Test
    fun `musl is known by its loader among what the process has mapped`(@TempDir temporary: Path) {
        val maps = temporary.resolve("maps")
        maps.writeText("7f10-7f20 r--p 00000000 00:21 1 /lib/ld-musl-x86_64.so.1\n7f30-7f40 r--p 0 00:21 2 /opt/jdk/lib/server/libjvm.so\n")
        assertTrue(Library.isMusl(maps.toFile()))
        maps.writeText("7f10-7f20 r--p 00000000 00:21 1 /usr/lib/x86_64-linux-gnu/libc.so.6\n")
        assertFalse(Library.isMusl(maps.toFile()))
        assertFalse(Library.isMusl(temporary.resolve("none").toFile()))
    }
}
