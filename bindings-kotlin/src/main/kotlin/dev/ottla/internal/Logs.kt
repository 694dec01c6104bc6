package dev.ottla.internal

import org.slf4j.Logger
import org.slf4j.LoggerFactory
import org.slf4j.spi.SLF4JServiceProvider
import java.util.ServiceConfigurationError
import java.util.ServiceLoader

/**
 * Log lines of the native library, for SLF4J's logger `dev.ottla`. As much is asked for as that logger takes; without a
 * provider of SLF4J's on the class path, nothing, and SLF4J is not woken to complain about it.
 */
internal object Logs {
    private const val ERROR = 1
    private const val WARN = 2
    private const val INFO = 3
    private const val DEBUG = 4
    private const val TRACE = 5

    private val logger: Logger? = if (hasProvider()) LoggerFactory.getLogger("dev.ottla") else null

    @Volatile private var level = 0

    private fun hasProvider(): Boolean =
        try {
            System.getProperty("slf4j.provider") != null ||
                ServiceLoader.load(SLF4JServiceProvider::class.java, LoggerFactory::class.java.classLoader).iterator().hasNext()
        } catch (_: LinkageError) {
            // An SLF4J before version 2, which finds its providers another way.
            true
        } catch (_: ServiceConfigurationError) {
            // SLF4J says what is wrong with it.
            true
        }

    /** Looks at how much the logger takes now; each new client does. */
    fun start() {
        val wanted = when {
            logger == null -> 0
            logger.isTraceEnabled -> TRACE
            logger.isDebugEnabled -> DEBUG
            logger.isInfoEnabled -> INFO
            logger.isWarnEnabled -> WARN
            logger.isErrorEnabled -> ERROR
            else -> 0
        }
        if (wanted != level) {
            level = wanted
            native { Native.setLogLevel(wanted) }
        }
    }

    fun pass(lines: ByteArray) {
        if (logger == null) return
        for (line in Json.parse(lines) as List<*>) {
            val (level, target, message) = line as List<*>
            val text = "[$target] $message"
            when ((level as Long).toInt()) {
                ERROR -> logger.error(text)
                WARN -> logger.warn(text)
                INFO -> logger.info(text)
                DEBUG -> logger.debug(text)
                else -> logger.trace(text)
            }
        }
    }

    fun broken(what: String, failure: Throwable) {
        try {
            logger?.error(what, failure)
        } catch (_: Throwable) {
            // A logger that fails must not end the thread that others depend on.
        }
    }

    /** What must not go unheard: without a logger it goes to standard error. */
    fun warn(text: String) {
        if (logger != null) logger.warn(text) else System.err.println("ottla: $text")
    }
}
