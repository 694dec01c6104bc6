package dev.ottla.driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A KafkaProducer. */
final class ProducerHandle extends Handle {
    static final List<String> OPERATIONS = List.of(
            "producer.create", "producer.send", "producer.flush", "producer.partitions", "producer.init_transactions",
            "producer.begin_transaction", "producer.commit_transaction", "producer.abort_transaction",
            "producer.send_offsets", "producer.close");

    private final Map<String, Handle> handles;
    private KafkaProducer<byte[], byte[]> producer;

    ProducerHandle(String name, Map<String, Handle> handles) {
        super(name);
        this.handles = handles;
    }

    @Override
    void execute(Command command) throws Exception {
        switch (command.op()) {
            case "producer.create" -> {
                Map<String, Object> config = new HashMap<>(command.config());
                config.remove("partitioner");
                config.putIfAbsent("max.block.ms", "10000");
                config.remove("default.api.timeout.ms");
                producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
                command.succeed();
            }
            case "producer.send" -> send(command);
            case "producer.flush" -> {
                producer.flush();
                command.succeed();
            }
            case "producer.partitions" -> {
                JsonArray partitions = new JsonArray();
                producer.partitionsFor(command.text("topic")).stream().map(info -> info.partition()).sorted().forEach(partitions::add);
                JsonObject result = new JsonObject();
                result.add("partitions", partitions);
                command.succeed(result);
            }
            case "producer.init_transactions" -> {
                producer.initTransactions();
                command.succeed();
            }
            case "producer.begin_transaction" -> {
                producer.beginTransaction();
                command.succeed();
            }
            case "producer.commit_transaction" -> {
                producer.commitTransaction();
                command.succeed();
            }
            case "producer.abort_transaction" -> {
                producer.abortTransaction();
                command.succeed();
            }
            case "producer.send_offsets" -> sendOffsets(command);
            case "producer.close" -> {
                if (producer != null) {
                    producer.close(command.patience());
                }
                command.succeed();
            }
            default -> throw new UnsupportedOperationException(command.op());
        }
    }

    private void send(Command command) {
        List<JsonObject> records = command.objects("records");
        JsonObject[] results = new JsonObject[records.size()];
        AtomicInteger missing = new AtomicInteger(results.length);
        if (results.length == 0) {
            finish(command, results);
        }
        for (int i = 0; i < results.length; i++) {
            int index = i;
            try {
                producer.send(record(records.get(i)), (metadata, error) -> {
                    results[index] = error == null ? result(metadata) : failure(error);
                    if (missing.decrementAndGet() == 0) {
                        finish(command, results);
                    }
                });
            } catch (RuntimeException error) {
                results[index] = failure(error);
                if (missing.decrementAndGet() == 0) {
                    finish(command, results);
                }
            }
        }
    }

    private static void finish(Command command, JsonObject[] results) {
        JsonArray array = new JsonArray();
        for (JsonObject result : results) {
            array.add(result);
        }
        JsonObject answer = new JsonObject();
        answer.add("results", array);
        command.succeed(answer);
    }

    private static ProducerRecord<byte[], byte[]> record(JsonObject json) {
        RecordHeaders headers = new RecordHeaders();
        if (json.has("headers")) {
            json.getAsJsonArray("headers").forEach(element -> {
                JsonObject header = element.getAsJsonObject();
                headers.add(header.get("key").getAsString(), Command.bytes(header, "value"));
            });
        }
        return new ProducerRecord<>(
                json.get("topic").getAsString(),
                json.has("partition") ? json.get("partition").getAsInt() : null,
                json.has("timestamp_ms") ? json.get("timestamp_ms").getAsLong() : null,
                Command.bytes(json, "key"),
                Command.bytes(json, "value"),
                headers);
    }

    private static JsonObject result(RecordMetadata metadata) {
        JsonObject result = new JsonObject();
        result.addProperty("topic", metadata.topic());
        result.addProperty("partition", metadata.partition());
        result.addProperty("offset", metadata.hasOffset() ? metadata.offset() : null);
        result.addProperty("timestamp_ms", metadata.timestamp());
        return result;
    }

    private static JsonObject failure(Throwable error) {
        JsonObject result = new JsonObject();
        result.add("error", Errors.describe(error));
        return result;
    }

    private void sendOffsets(Command command) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (JsonObject offset : command.objects("offsets")) {
            offsets.put(Command.partition(offset), ConsumerHandle.offset(offset));
        }
        ConsumerHandle consumer = (ConsumerHandle) handles.get(command.text("consumer"));
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        command.succeed();
    }
}
