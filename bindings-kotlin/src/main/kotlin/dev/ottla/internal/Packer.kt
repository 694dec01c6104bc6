package dev.ottla.internal

import dev.ottla.ProducerRecord
import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Packs records into a block for the core. The layout is defined in `client-core/src/packed/produce.rs`; this is version 1.
 * Not for use by several threads at once.
 */
internal class Packer(capacity: Int) {
    var buffer: ByteBuffer = allocate(capacity)
        private set
    var count: Int = 0
        private set

    init {
        clear()
    }

    /** Bytes of the block so far. */
    val size: Int get() = buffer.position()

    fun clear() {
        // A buffer that one large record blew up is not kept.
        if (buffer.capacity() > KEPT_BYTES) buffer = allocate(KEPT_BYTES)
        buffer.clear()
        buffer.putInt(VERSION).putInt(0)
        count = 0
    }

    fun add(topic: Int, record: ProducerRecord, timestampMs: Long, tag: Long) {
        val key = record.key
        val value = record.value
        val headers = record.headers
        var needed = RECORD_HEAD_BYTES.toLong() + (key?.size ?: 0) + (value?.size ?: 0)
        val keys = if (headers.isEmpty()) NO_KEYS else Array(headers.size) { headers[it].key.toByteArray() }
        for (index in keys.indices) needed += 8L + keys[index].size + (headers[index].value?.size ?: 0)
        needed = (needed + 7) and 7L.inv()
        reserve(needed)
        val start = buffer.position()
        buffer.putInt(needed.toInt()).putInt(topic).putInt(record.partition ?: -1).putInt(key?.size ?: -1)
            .putLong(timestampMs).putLong(tag).putInt(value?.size ?: -1).putInt(headers.size)
        if (key != null) buffer.put(key)
        if (value != null) buffer.put(value)
        for (index in keys.indices) {
            val header = headers[index].value
            buffer.putInt(keys[index].size).putInt(header?.size ?: -1).put(keys[index])
            if (header != null) buffer.put(header)
        }
        while (buffer.position() < start + needed) buffer.put(0)
        count++
        buffer.putInt(COUNT_AT, count)
    }

    /** The block, copied. */
    fun bytes(): ByteArray {
        val bytes = ByteArray(size)
        buffer.duplicate().flip().get(bytes)
        return bytes
    }

    private fun reserve(needed: Long) {
        if (needed <= buffer.remaining()) return
        val wanted = buffer.position() + needed
        require(wanted <= Int.MAX_VALUE - 16) { "a block of records cannot have more than 2 GiB" }
        val grown = allocate(maxOf(wanted, minOf(buffer.capacity() * 2L, Int.MAX_VALUE / 2L)).toInt())
        buffer.flip()
        grown.put(buffer)
        buffer = grown
    }

    companion object {
        const val VERSION = 1
        private const val COUNT_AT = 4
        private const val RECORD_HEAD_BYTES = 40
        private const val KEPT_BYTES = 1 shl 20
        private val NO_KEYS = emptyArray<ByteArray>()

        private fun allocate(capacity: Int): ByteBuffer =
            ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN)
    }
}
