package dev.ottla

import java.nio.ByteBuffer
import java.nio.ByteOrder

/**
 * Records of one poll, in order. Keys, values and headers are made when they are asked for; until then they lie in one block,
 * which lives as long as any of its records.
 */
public class ConsumerRecords internal constructor(private val bytes: ByteArray) : AbstractList<ConsumerRecord>() {
    // The layout: client-core/src/packed/records.rs, version 1.
    private val block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)
    private val recordsAt: Int
    private val batches: Array<Batch>

    override val size: Int

    init {
        check(block.getInt(0) == VERSION) { "a block of records of another version" }
        val count = block.getInt(4)
        size = block.getInt(8)
        recordsAt = HEAD_BYTES + count * BATCH_BYTES
        batches = Array(count) { index ->
            val at = HEAD_BYTES + index * BATCH_BYTES
            val topic = String(bytes, block.getInt(at + 16), block.getInt(at + 20), Charsets.UTF_8)
            Batch(
                first = block.getInt(at),
                count = block.getInt(at + 4),
                partition = TopicPartition(topic, block.getInt(at + 8)),
                leaderEpoch = block.getInt(at + 12).takeIf { it >= 0 },
                timestampType = if (block.getInt(at + 24) == 1) TimestampType.LOG_APPEND_TIME else TimestampType.CREATE_TIME,
            )
        }
    }

    /** The partitions that have records here. */
    public val partitions: Set<TopicPartition> get() = batches.mapTo(LinkedHashSet()) { it.partition }

    override fun get(index: Int): ConsumerRecord {
        if (index < 0 || index >= size) throw IndexOutOfBoundsException("record $index of $size")
        var low = 0
        var high = batches.size - 1
        while (low < high) {
            val middle = (low + high + 1) ushr 1
            if (batches[middle].first <= index) low = middle else high = middle - 1
        }
        return record(batches[low], index)
    }

    override fun iterator(): Iterator<ConsumerRecord> = iterator {
        for (batch in batches) {
            for (index in batch.first until batch.first + batch.count) yield(record(batch, index))
        }
    }

    override fun toString(): String = "ConsumerRecords($size records of ${partitions.joinToString()})"

    private fun record(batch: Batch, index: Int) =
        ConsumerRecord(batch, block, bytes, recordsAt + index * RECORD_BYTES)

    internal class Batch(
        val first: Int,
        val count: Int,
        val partition: TopicPartition,
        val leaderEpoch: Int?,
        val timestampType: TimestampType,
    )

    internal companion object {
        private const val VERSION = 1
        private const val HEAD_BYTES = 16
        private const val BATCH_BYTES = 32
        private const val RECORD_BYTES = 40

        /** None. */
        val NONE: ConsumerRecords = ConsumerRecords(ByteArray(HEAD_BYTES).also { it[0] = VERSION.toByte() })
    }
}

/** A record that was read. */
public class ConsumerRecord internal constructor(
    private val batch: ConsumerRecords.Batch,
    private val block: ByteBuffer,
    private val bytes: ByteArray,
    private val at: Int,
) {
    public val topic: String get() = batch.partition.topic
    public val partition: Int get() = batch.partition.partition
    public val topicPartition: TopicPartition get() = batch.partition
    public val offset: Long get() = block.getLong(at)

    /** Milliseconds since the epoch, see [timestampType]. */
    public val timestampMs: Long get() = block.getLong(at + 8)
    public val timestampType: TimestampType get() = batch.timestampType

    /** Epoch of the leader that wrote it, where it is known. */
    public val leaderEpoch: Int? get() = batch.leaderEpoch

    /** The key, made once when it is asked for; null differs from empty. */
    public val key: ByteArray? by lazy(LazyThreadSafetyMode.PUBLICATION) { field(at + 16) }

    /** The value, made once when it is asked for; null differs from empty. */
    public val value: ByteArray? by lazy(LazyThreadSafetyMode.PUBLICATION) { field(at + 24) }

    /** The key as UTF-8 text. */
    public val keyText: String? get() = text(at + 16)

    /** The value as UTF-8 text. */
    public val valueText: String? get() = text(at + 24)

    /** The headers, in order. */
    public val headers: List<Header> by lazy(LazyThreadSafetyMode.PUBLICATION) { readHeaders() }

    private fun field(at: Int): ByteArray? {
        val length = block.getInt(at + 4)
        if (length < 0) return null
        val start = block.getInt(at)
        return bytes.copyOfRange(start, start + length)
    }

    private fun text(at: Int): String? {
        val length = block.getInt(at + 4)
        return if (length < 0) null else String(bytes, block.getInt(at), length, Charsets.UTF_8)
    }

    private fun readHeaders(): List<Header> {
        val count = block.getInt(at + 36)
        if (count == 0) return emptyList()
        var next = block.getInt(at + 32)
        return List(count) {
            val keyLength = block.getInt(next)
            val valueLength = block.getInt(next + 4)
            val keyAt = next + 8
            val valueAt = keyAt + keyLength
            next = valueAt + maxOf(valueLength, 0)
            val value = if (valueLength < 0) null else bytes.copyOfRange(valueAt, valueAt + valueLength)
            Header(String(bytes, keyAt, keyLength, Charsets.UTF_8), value)
        }
    }

    override fun toString(): String = "ConsumerRecord($topicPartition offset $offset)"
}
