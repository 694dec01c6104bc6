package dev.ottla.driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/** One command and its one answer; the answer is a timeout when nobody gave another by the deadline. */
final class Command {
    private static final ScheduledExecutorService TIMER = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "deadlines");
        thread.setDaemon(true);
        return thread;
    });

    private final JsonObject json;
    private final Consumer<JsonObject> out;
    private final long deadlineNanos;
    private final AtomicBoolean answered = new AtomicBoolean();
    private final Future<?> timer;

    Command(JsonObject json, Consumer<JsonObject> out) {
        this.json = json;
        this.out = out;
        long deadlineMs = json.get("deadline_ms").getAsLong();
        this.deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(deadlineMs);
        this.timer = TIMER.schedule(() -> fail(new TimeoutException("deadline passed")), deadlineMs, TimeUnit.MILLISECONDS);
    }

    String op() {
        return text("op");
    }

    /** What is left until the deadline; a little less, so that a client's own timeout is the one reported. */
    Duration patience() {
        long left = deadlineNanos - System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(50);
        return Duration.ofNanos(Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
    }

    String text(String name) {
        JsonElement element = json.get(name);
        if (element == null || element.isJsonNull()) {
            throw new IllegalArgumentException("missing field " + name);
        }
        return element.getAsString();
    }

    boolean has(String name) {
        return json.has(name) && !json.get(name).isJsonNull();
    }

    boolean flag(String name) {
        return has(name) && json.get(name).getAsBoolean();
    }

    int number(String name, int otherwise) {
        return has(name) ? json.get(name).getAsInt() : otherwise;
    }

    List<JsonObject> objects(String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (JsonElement element : json.getAsJsonArray(name)) {
            objects.add(element.getAsJsonObject());
        }
        return objects;
    }

    List<String> texts(String name) {
        return texts(json.getAsJsonArray(name));
    }

    static List<String> texts(JsonArray array) {
        List<String> texts = new ArrayList<>();
        array.forEach(element -> texts.add(element.getAsString()));
        return texts;
    }

    List<TopicPartition> partitions(String name) {
        return objects(name).stream().map(Command::partition).toList();
    }

    Map<String, String> config() {
        return map(json.getAsJsonObject("config"));
    }

    static Map<String, String> map(JsonObject object) {
        Map<String, String> map = new HashMap<>();
        if (object != null) {
            object.entrySet().forEach(entry -> map.put(entry.getKey(), entry.getValue().getAsString()));
        }
        return map;
    }

    static TopicPartition partition(JsonObject object) {
        return new TopicPartition(object.get("topic").getAsString(), object.get("partition").getAsInt());
    }

    static JsonObject object(TopicPartition partition) {
        JsonObject object = new JsonObject();
        object.addProperty("topic", partition.topic());
        object.addProperty("partition", partition.partition());
        return object;
    }

    static JsonArray array(Iterable<TopicPartition> partitions) {
        JsonArray array = new JsonArray();
        partitions.forEach(partition -> array.add(object(partition)));
        return array;
    }

    static byte[] bytes(JsonObject object, String name) {
        JsonElement element = object.get(name);
        return element == null || element.isJsonNull() ? null : Base64.getDecoder().decode(element.getAsString());
    }

    static String base64(byte[] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    void succeed() {
        succeed(new JsonObject());
    }

    void succeed(JsonObject result) {
        answer("ok", result);
    }

    void fail(Throwable error) {
        answer("error", Errors.describe(error));
    }

    private void answer(String kind, JsonObject content) {
        if (!answered.compareAndSet(false, true)) {
            return;
        }
        timer.cancel(false);
        JsonObject line = new JsonObject();
        line.add("id", json.get("id"));
        line.add(kind, content);
        out.accept(line);
    }
}
