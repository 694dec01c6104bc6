package dev.ottla.internal

import org.slf4j.Logger
import org.slf4j.LoggerFactory

/** Log lines of the native library, for SLF4J's logger `dev.ottla`. As much is asked for as that logger takes. */
internal object Logs {
    private const val ERROR = 1
    private const val WARN = 2
    private const val INFO = 3
    private const val DEBUG = 4
    private const val TRACE = 5

    private val logger: Logger = LoggerFactory.getLogger("dev.ottla")

    @Volatile private var level = 0

    /** Looks at how much the logger takes now; each new client does. */
    fun start() {
        val wanted = when {
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
            logger.error(what, failure)
        } catch (_: Throwable) {
            // A logger that fails must not end the thread that others depend on.
        }
    }

    fun warn(text: String): Unit = logger.warn(text)
}
