package dev.ottla

import com.google.gson.JsonElement
import com.google.gson.JsonObject
import com.google.gson.JsonParser
import dev.ottla.internal.Packer
import dev.ottla.internal.Reports
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.File
import java.util.HexFormat

/** The encoder and the decoders against the vectors every language is tested with. */
class PackedTest {
    private val vectors = JsonParser.parseString(File("../client-core/tests/vectors/packed.json").readText()).asJsonObject

    @Test
    fun `records are packed to the bytes of the vectors`() {
        val vector = vectors["produce"].asJsonObject
        val packer = Packer(64)
        for (json in vector["records"].asJsonArray.map { it.asJsonObject }) {
            val record = ProducerRecord(
                "t", octets(json["value"]), octets(json["key"]), json.long("partition")?.toInt(), headers = headers(json),
            )
            packer.add(json["topic"].asInt, record, json.long("timestamp_ms") ?: -1, json["tag"].asLong)
        }
        assertEquals(vector["records"].asJsonArray.size(), packer.count)
        assertEquals(vector["block"].asString, HexFormat.of().formatHex(packer.bytes()))
    }

    @Test
    fun `records are read from the bytes of the vectors`() {
        val vector = vectors["records"].asJsonObject
        val records = ConsumerRecords(octets(vector["block"])!!)
        val wanted = vector["records"].asJsonArray.map { it.asJsonObject }
        assertEquals(wanted.size, records.size)
        assertEquals(wanted.map { json -> seen(json) }, records.map { record -> seen(record) })
        assertEquals(seen(wanted.last()), seen(records[wanted.size - 1]))
    }

    @Test
    fun `reports are read from the bytes of the vectors`() {
        val vector = vectors["reports"].asJsonObject
        val told = ArrayList<List<Any>>()
        Reports.read(octets(vector["block"])!!) { tag, partition, error, offset, logAppendTimeMs ->
            told.add(listOf(tag, partition, error, offset, logAppendTimeMs))
        }
        val wanted = vector["reports"].asJsonArray.map { it.asJsonObject }.flatMap { report ->
            val base = report.long("base_offset")
            report["runs"].asJsonArray.map { run -> run.asJsonArray.map { it.asLong } }.flatMap { (tag, first, count) ->
                (0 until count).map { k ->
                    listOf<Any>(
                        tag + k, report["partition"].asInt, report.long("error")?.toInt() ?: -1,
                        base?.let { it + first + k } ?: -1L, report.long("log_append_time_ms") ?: -1L,
                    )
                }
            }
        }
        assertEquals(wanted, told)
    }

    private fun seen(json: JsonObject) = listOf(
        json["topic"].asString, json["partition"].asInt, json["offset"].asLong, json["timestamp_ms"].asLong,
        json.long("leader_epoch")?.toInt(), json["timestamp_type"].asString, hex(octets(json["key"])), hex(octets(json["value"])),
        headers(json).map { it.key to hex(it.value) },
    )

    private fun seen(record: ConsumerRecord) = listOf(
        record.topic, record.partition, record.offset, record.timestampMs, record.leaderEpoch,
        if (record.timestampType == TimestampType.CREATE_TIME) "create" else "log_append", hex(record.key), hex(record.value),
        record.headers.map { it.key to hex(it.value) },
    )

    private fun headers(json: JsonObject) = json["headers"].asJsonArray.map { it.asJsonArray.toList() }.map { (key, value) ->
        Header(String(octets(key)!!), octets(value))
    }

    private fun octets(json: JsonElement): ByteArray? = if (json.isJsonNull) null else HexFormat.of().parseHex(json.asString)

    private fun hex(bytes: ByteArray?): String? = bytes?.let { HexFormat.of().formatHex(it) }

    private fun JsonObject.long(name: String): Long? = this[name]?.takeUnless { it.isJsonNull }?.asLong
}
