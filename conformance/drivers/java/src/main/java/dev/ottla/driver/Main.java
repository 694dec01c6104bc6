package dev.ottla.driver;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Reads commands from standard input, one JSON object a line, and hands each to the worker of its handle. */
public final class Main {
    private static final List<String> FEATURES = List.of(
            "compression.gzip", "compression.snappy", "compression.lz4", "compression.zstd",
            "assignor.range", "assignor.roundrobin", "assignor.sticky", "assignor.cooperative-sticky",
            "group.protocol.consumer", "group.static", "partitioner.murmur2", "consumer.pattern");

    private final PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    private final Map<String, Handle> handles = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws Exception {
        // Nothing but answers may reach standard output.
        Main main = new Main();
        System.setOut(System.err);
        main.run();
    }

    private void run() throws Exception {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                accept(JsonParser.parseString(line).getAsJsonObject());
            }
        }
        // Whoever told us what to do is gone: no client is worth a graceful end.
        Runtime.getRuntime().halt(0);
    }

    private void accept(JsonObject json) {
        Command command = new Command(json, this::answer);
        try {
            if (command.op().equals("hello")) {
                command.succeed(hello());
                return;
            }
            String name = command.text("handle");
            if (command.op().endsWith(".create")) {
                Handle handle = Handle.create(command.op(), name, handles);
                if (handles.putIfAbsent(name, handle) != null) {
                    throw new IllegalStateException("handle " + name + " exists");
                }
                handle.submit(command);
                return;
            }
            Handle handle = handles.get(name);
            if (handle == null) {
                throw new IllegalStateException("no handle " + name);
            }
            if (command.op().endsWith(".close")) {
                handles.remove(name);
            }
            handle.submit(command);
        } catch (Throwable error) {
            command.fail(error);
        }
    }

    private JsonObject hello() {
        JsonArray capabilities = new JsonArray();
        Stream.of(ProducerHandle.OPERATIONS, ConsumerHandle.OPERATIONS, AdminHandle.OPERATIONS, FEATURES)
                .flatMap(List::stream)
                .forEach(capabilities::add);
        JsonObject hello = new JsonObject();
        hello.addProperty("driver", "java");
        hello.addProperty("client", "kafka-clients");
        hello.addProperty("version", version());
        hello.addProperty("protocol", 1);
        hello.add("capabilities", capabilities);
        return hello;
    }

    /** The client's own version, as its jar states it. */
    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = Main.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException error) {
            System.err.println("cannot read the client's version: " + error);
        }
        return properties.getProperty("version", "unknown");
    }

    private synchronized void answer(JsonObject json) {
        out.println(json);
        out.flush();
    }
}
