package dev.ottla

import dev.ottla.testing.TestBroker
import kotlinx.coroutines.runBlocking
import java.net.URLClassLoader
import java.nio.file.Path

/** The whole library in a class loader of its own. */
internal object TwoLoaders {
    /** Loads everything anew, starts a broker, sends a record and reads it; gives its value. */
    fun probe(): String {
        val path = System.getProperty("java.class.path").split(':').map { Path.of(it).toUri().toURL() }
        val loader = URLClassLoader(path.toTypedArray(), ClassLoader.getPlatformClassLoader())
        val probe = loader.loadClass("dev.ottla.Probe")
        check(probe !== Probe::class.java)
        return probe.getMethod("run").invoke(null) as String
    }
}

/** What [TwoLoaders] runs. */
internal object Probe {
    @JvmStatic
    fun run(): String = runBlocking {
        TestBroker.start().use { broker ->
            broker.sendNumbers("t", 3)
            broker.consumer().use { consumer ->
                consumer.assign(listOf(TopicPartition("t", 0)))
                consumer.take(3).values().joinToString()
            }
        }
    }
}
