package dev.ottla.internal

import dev.ottla.KafkaException
import java.nio.ByteBuffer

/** What a native function throws: the error as JSON. [native] makes the public exception of it. */
internal class NativeFailure(json: String) : RuntimeException(json)

/**
 * The functions of the native library. Texts cross as UTF-8 bytes, control calls as JSON; none of these waits but
 * [nextEvents], which [Events] alone calls. They throw [NativeFailure]: call them within [native].
 */
internal object Native {
    init {
        Library.load()
    }

    @JvmStatic external fun version(): ByteArray

    @JvmStatic external fun create(sort: ByteArray, config: ByteArray): Long

    @JvmStatic external fun ask(handle: Long, operation: ByteArray, arguments: ByteArray): ByteArray

    @JvmStatic external fun begin(handle: Long, operation: ByteArray, arguments: ByteArray, token: Long)

    @JvmStatic external fun cancel(token: Long)

    @JvmStatic external fun release(handle: Long)

    /** `[LongArray of kind and token for each event, block of the first, text of the first, block of the second …]`. */
    @JvmStatic external fun nextEvents(timeoutMs: Long): Array<Any?>?

    @JvmStatic external fun sendPacked(handle: Long, block: ByteBuffer, length: Int): Int

    @JvmStatic external fun sendPackedWaiting(handle: Long, block: ByteArray, skip: Int, token: Long)

    @JvmStatic external fun poll(handle: Long, timeoutMs: Long, maxRecords: Int, token: Long)

    @JvmStatic external fun seen(handle: Long, count: Int)

    @JvmStatic external fun untold(handle: Long): ByteArray?

    @JvmStatic external fun told(handle: Long)

    @JvmStatic external fun setLogLevel(level: Int)
}

/** Calls the native library; what it throws becomes a [KafkaException]. */
internal inline fun <T> native(call: () -> T): T =
    try {
        call()
    } catch (failure: NativeFailure) {
        throw KafkaException.of(Json.parse(failure.message!!))
    }
