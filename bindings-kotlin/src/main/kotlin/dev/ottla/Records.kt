package dev.ottla

/** A partition of a topic. */
public data class TopicPartition(val topic: String, val partition: Int) : Comparable<TopicPartition> {
    override fun compareTo(other: TopicPartition): Int =
        compareValuesBy(this, other, TopicPartition::topic, TopicPartition::partition)

    override fun toString(): String = "$topic-$partition"
}

/** A header: names may occur more than once. A null value differs from an empty one. */
public class Header(public val key: String, public val value: ByteArray?) {
    public constructor(key: String, value: String) : this(key, value.toByteArray())

    override fun toString(): String = "Header($key, ${value?.size} bytes)"
}

/**
 * A record to send. Null keys and values differ from empty ones. Without a partition the key chooses it as Kafka's Java
 * client does (murmur2), or whatever `partitioner` says; without a timestamp, in milliseconds since the epoch, it gets the
 * time of sending. The arrays must not change before the call that takes it returns.
 */
public class ProducerRecord @JvmOverloads constructor(
    public val topic: String,
    public val value: ByteArray?,
    public val key: ByteArray? = null,
    public val partition: Int? = null,
    public val timestampMs: Long? = null,
    public val headers: List<Header> = emptyList(),
) {
    @JvmOverloads
    public constructor(
        topic: String,
        value: String?,
        key: String? = null,
        partition: Int? = null,
        timestampMs: Long? = null,
        headers: List<Header> = emptyList(),
    ) : this(topic, value?.toByteArray(), key?.toByteArray(), partition, timestampMs, headers)

    override fun toString(): String =
        "ProducerRecord(topic=$topic, partition=$partition, key ${key?.size} bytes, value ${value?.size} bytes)"

    /** Makes a record part by part, by name: `ProducerRecord.to("orders").key("42").value("paid").build()`. */
    public class Builder internal constructor(private val topic: String) {
        private var key: ByteArray? = null
        private var value: ByteArray? = null
        private var partition: Int? = null
        private var timestampMs: Long? = null
        private val headers = ArrayList<Header>()

        /** The key; null, or left out: none. */
        public fun key(key: ByteArray?): Builder = apply { this.key = key }

        /** The key, as UTF-8. */
        public fun key(key: String): Builder = key(key.toByteArray())

        /** The value; null, or left out: a tombstone. */
        public fun value(value: ByteArray?): Builder = apply { this.value = value }

        /** The value, as UTF-8. */
        public fun value(value: String): Builder = value(value.toByteArray())

        /** The partition, whatever the key. */
        public fun partition(partition: Int): Builder = apply { this.partition = partition }

        /** Milliseconds since the epoch. */
        public fun timestampMs(timestampMs: Long): Builder = apply { this.timestampMs = timestampMs }

        /** One header more. */
        public fun header(key: String, value: ByteArray?): Builder = apply { headers += Header(key, value) }

        /** One header more, as UTF-8. */
        public fun header(key: String, value: String): Builder = header(key, value.toByteArray())

        /** The record. */
        public fun build(): ProducerRecord =
            ProducerRecord(topic, value, key, partition, timestampMs, headers.toList())
    }

    public companion object {
        /** Begins a record for this topic. */
        @JvmStatic
        public fun to(topic: String): Builder = Builder(topic)
    }
}

/** Where a record went. [offset] is null when the broker does not say it (`acks=0`). */
public data class RecordMetadata(
    val topic: String,
    val partition: Int,
    val offset: Long?,
    /** Milliseconds since the epoch: the log's own time where the topic is configured so, else the record's. */
    val timestampMs: Long,
)

/** A committed offset: the next to read, not the last one read. */
public data class OffsetAndMetadata @JvmOverloads constructor(
    val offset: Long,
    /** Text of the application's own. */
    val metadata: String = "",
    /** Epoch of the leader that wrote the record before it, where it is known: lets truncation be noticed. */
    val leaderEpoch: Int? = null,
)

/** The first offset whose record is no older than the time asked for. */
public data class OffsetAndTimestamp(val offset: Long, val timestampMs: Long, val leaderEpoch: Int? = null)

/** Who a consumer is in its group. */
public data class GroupMetadata(
    val groupId: String,
    /** -1 outside a generation. */
    val generationId: Int,
    /** Empty before the first join. */
    val memberId: String,
    val groupInstanceId: String?,
)

/** A partition as the cluster's metadata shows it. Brokers are told by their ids. */
public data class PartitionInfo(
    val topic: String,
    val partition: Int,
    /** Null while there is none. */
    val leader: Int?,
    val leaderEpoch: Int?,
    /** The preferred leader first. */
    val replicas: List<Int>,
    val inSyncReplicas: List<Int>,
    val offlineReplicas: List<Int>,
)

/** What a record's timestamp is. */
public enum class TimestampType { CREATE_TIME, LOG_APPEND_TIME }
