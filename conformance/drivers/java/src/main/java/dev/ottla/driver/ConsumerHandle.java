package dev.ottla.driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A KafkaConsumer. */
final class ConsumerHandle extends Handle implements ConsumerRebalanceListener {
    static final List<String> OPERATIONS = List.of(
            "consumer.create", "consumer.subscribe", "consumer.unsubscribe", "consumer.assign", "consumer.assignment",
            "consumer.poll", "consumer.wakeup", "consumer.seek", "consumer.seek_to_beginning", "consumer.seek_to_end", "consumer.pause",
            "consumer.resume", "consumer.position", "consumer.committed", "consumer.beginning_offsets",
            "consumer.end_offsets", "consumer.offsets_for_times", "consumer.commit", "consumer.close");

    private static final Map<String, String> ASSIGNORS = Map.of(
            "range", "org.apache.kafka.clients.consumer.RangeAssignor",
            "roundrobin", "org.apache.kafka.clients.consumer.RoundRobinAssignor",
            "sticky", "org.apache.kafka.clients.consumer.StickyAssignor",
            "cooperative-sticky", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");

    private KafkaConsumer<byte[], byte[]> consumer;
    private JsonArray events = new JsonArray();
    /** Records a poll returned beyond what its command asked for. */
    private final Deque<ConsumerRecord<byte[], byte[]>> leftover = new ArrayDeque<>();

    ConsumerHandle(String name) {
        super(name);
    }

    @Override
    void execute(Command command) {
        switch (command.op()) {
            case "consumer.create" -> create(command);
            case "consumer.subscribe" -> {
                if (command.has("pattern")) {
                    consumer.subscribe(Pattern.compile(command.text("pattern")), this);
                } else {
                    consumer.subscribe(command.texts("topics"), this);
                }
                command.succeed();
            }
            case "consumer.unsubscribe" -> {
                consumer.unsubscribe();
                command.succeed();
            }
            case "consumer.assign" -> assign(command);
            case "consumer.assignment" -> {
                JsonObject result = new JsonObject();
                result.add("assignment", Command.array(consumer.assignment()));
                command.succeed(result);
            }
            case "consumer.poll" -> poll(command);
            case "consumer.seek" -> {
                for (JsonObject offset : command.objects("offsets")) {
                    consumer.seek(Command.partition(offset), offset.get("offset").getAsLong());
                }
                leftover.clear();
                command.succeed();
            }
            case "consumer.seek_to_beginning" -> {
                consumer.seekToBeginning(command.partitions("partitions"));
                leftover.clear();
                command.succeed();
            }
            case "consumer.seek_to_end" -> {
                consumer.seekToEnd(command.partitions("partitions"));
                leftover.clear();
                command.succeed();
            }
            case "consumer.pause" -> {
                consumer.pause(command.partitions("partitions"));
                command.succeed();
            }
            case "consumer.resume" -> {
                consumer.resume(command.partitions("partitions"));
                command.succeed();
            }
            case "consumer.position" -> {
                Map<TopicPartition, Long> offsets = new HashMap<>();
                for (TopicPartition partition : command.partitions("partitions")) {
                    offsets.put(partition, consumer.position(partition, command.patience()));
                }
                succeedWithOffsets(command, offsets);
            }
            case "consumer.committed" -> committed(command);
            case "consumer.beginning_offsets" ->
                succeedWithOffsets(command, consumer.beginningOffsets(command.partitions("partitions"), command.patience()));
            case "consumer.end_offsets" ->
                succeedWithOffsets(command, consumer.endOffsets(command.partitions("partitions"), command.patience()));
            case "consumer.offsets_for_times" -> offsetsForTimes(command);
            case "consumer.commit" -> {
                if (command.has("offsets")) {
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    command.objects("offsets").forEach(json -> offsets.put(Command.partition(json), offset(json)));
                    consumer.commitSync(offsets, command.patience());
                } else {
                    consumer.commitSync(command.patience());
                }
                command.succeed();
            }
            case "consumer.close" -> {
                if (consumer != null) {
                    consumer.close(command.patience());
                }
                command.succeed();
            }
            default -> throw new UnsupportedOperationException(command.op());
        }
    }

    ConsumerGroupMetadata groupMetadata() {
        return consumer.groupMetadata();
    }

    static OffsetAndMetadata offset(JsonObject json) {
        String metadata = json.has("metadata") ? json.get("metadata").getAsString() : "";
        return new OffsetAndMetadata(json.get("offset").getAsLong(), metadata);
    }

    private void create(Command command) {
        Map<String, Object> config = new HashMap<>(command.config());
        Object strategy = config.get(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG);
        if (strategy != null) {
            config.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, Arrays.stream(strategy.toString().split(","))
                    .map(name -> ASSIGNORS.getOrDefault(name.trim(), name.trim()))
                    .collect(Collectors.joining(",")));
        }
        config.putIfAbsent("default.api.timeout.ms", "10000");
        config.remove("max.block.ms");
        consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        command.succeed();
    }

    private void assign(Command command) {
        List<JsonObject> partitions = command.objects("partitions");
        consumer.assign(partitions.stream().map(Command::partition).toList());
        for (JsonObject partition : partitions) {
            if (partition.has("offset")) {
                consumer.seek(Command.partition(partition), partition.get("offset").getAsLong());
            }
        }
        leftover.clear();
        command.succeed();
    }

    @Override
    void wakeup() {
        consumer.wakeup();
    }

    private void poll(Command command) {
        int limit = command.number("max_records", Integer.MAX_VALUE);
        if (leftover.isEmpty()) {
            try {
                consumer.poll(Duration.ofMillis(command.number("timeout_ms", 100))).forEach(leftover::add);
            } catch (WakeupException woken) {
                // That is what was asked for: there are no records.
            }
        }
        // What was fetched for a partition that has gone since must not be shown.
        Set<TopicPartition> owned = consumer.assignment();
        leftover.removeIf(record -> !owned.contains(new TopicPartition(record.topic(), record.partition())));
        JsonArray records = new JsonArray();
        while (!leftover.isEmpty() && records.size() < limit) {
            records.add(json(leftover.poll()));
        }
        JsonObject result = new JsonObject();
        result.add("records", records);
        result.add("events", events);
        result.add("assignment", Command.array(owned));
        events = new JsonArray();
        command.succeed(result);
    }

    private static JsonObject json(ConsumerRecord<byte[], byte[]> record) {
        JsonObject json = new JsonObject();
        json.addProperty("topic", record.topic());
        json.addProperty("partition", record.partition());
        json.addProperty("offset", record.offset());
        json.addProperty("timestamp_ms", record.timestamp());
        json.addProperty("timestamp_type", record.timestampType() == TimestampType.LOG_APPEND_TIME ? "log_append" : "create");
        json.addProperty("key", Command.base64(record.key()));
        json.addProperty("value", Command.base64(record.value()));
        JsonArray headers = new JsonArray();
        record.headers().forEach(header -> {
            JsonObject object = new JsonObject();
            object.addProperty("key", header.key());
            object.addProperty("value", Command.base64(header.value()));
            headers.add(object);
        });
        json.add("headers", headers);
        return json;
    }

    private static void succeedWithOffsets(Command command, Map<TopicPartition, Long> offsets) {
        JsonArray array = new JsonArray();
        for (TopicPartition partition : command.partitions("partitions")) {
            JsonObject object = Command.object(partition);
            object.addProperty("offset", offsets.get(partition));
            array.add(object);
        }
        JsonObject result = new JsonObject();
        result.add("offsets", array);
        command.succeed(result);
    }

    private void committed(Command command) {
        List<TopicPartition> partitions = command.partitions("partitions");
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions), command.patience());
        JsonArray array = new JsonArray();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata offset = committed.get(partition);
            JsonObject object = Command.object(partition);
            object.addProperty("offset", offset == null ? null : offset.offset());
            object.addProperty("metadata", offset == null ? null : offset.metadata());
            array.add(object);
        }
        JsonObject result = new JsonObject();
        result.add("offsets", array);
        command.succeed(result);
    }

    private void offsetsForTimes(Command command) {
        Map<TopicPartition, Long> times = new HashMap<>();
        command.objects("times").forEach(json -> times.put(Command.partition(json), json.get("timestamp_ms").getAsLong()));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times, command.patience());
        JsonArray array = new JsonArray();
        for (JsonObject time : command.objects("times")) {
            TopicPartition partition = Command.partition(time);
            OffsetAndTimestamp offset = found.get(partition);
            JsonObject object = Command.object(partition);
            object.addProperty("offset", offset == null ? null : offset.offset());
            object.addProperty("timestamp_ms", offset == null ? null : offset.timestamp());
            array.add(object);
        }
        JsonObject result = new JsonObject();
        result.add("offsets", array);
        command.succeed(result);
    }

    private void event(String type, Collection<TopicPartition> partitions) {
        JsonObject event = new JsonObject();
        event.addProperty("type", type);
        event.add("partitions", Command.array(new ArrayList<>(partitions)));
        events.add(event);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        event("assigned", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        event("revoked", partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        event("lost", partitions);
    }
}
