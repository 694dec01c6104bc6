package dev.ottla.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Produces or consumes with the Java client and prints what it cost as one JSON line (bench/README.md). */
public final class Bench {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private static final int PARTITIONS = 6;

    public static void main(String[] arguments) throws Exception {
        Map<String, String> flags = new HashMap<>();
        for (int i = 1; i + 1 < arguments.length; i += 2) flags.put(arguments[i].substring(2), arguments[i + 1]);
        String bootstrap = flags.getOrDefault("bootstrap", "127.0.0.1:9092");
        String topic = flags.getOrDefault("topic", "bench");
        long records = Long.parseLong(flags.getOrDefault("records", "1000000"));
        long warmup = Long.parseLong(flags.getOrDefault("warmup", "100000"));
        int size = Integer.parseInt(flags.getOrDefault("record-bytes", "100"));
        int batch = Integer.parseInt(flags.getOrDefault("batch-bytes", "0"));
        int linger = Integer.parseInt(flags.getOrDefault("linger-ms", "-1"));
        switch (arguments[0]) {
            case "produce" -> produce(bootstrap, topic, warmup, records, size, batch, linger);
            case "consume" -> consume(bootstrap, topic, warmup, records, size);
            default -> throw new IllegalArgumentException("produce or consume, not " + arguments[0]);
        }
    }

    private static void produce(String bootstrap, String topic, long warmup, long records, int size, int batch, int linger) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("acks", "all");
        if (batch > 0) config.put("batch.size", batch);
        if (linger >= 0) config.put("linger.ms", linger);
        byte[] value = new byte[size];
        for (int i = 0; i < size; i++) value[i] = (byte) ('a' + i % 26);
        try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            AtomicLong acked = new AtomicLong();
            AtomicLong failed = new AtomicLong();
            send(producer, topic, value, warmup, acked, failed);
            acked.set(0);
            long wall = System.nanoTime();
            long cpu = SYSTEM.getProcessCpuTime();
            send(producer, topic, value, records, acked, failed);
            report("produce", wall, cpu, acked.get(), failed.get());
        }
    }

    private static void send(KafkaProducer<byte[], byte[]> producer, String topic, byte[] value, long count,
            AtomicLong acked, AtomicLong failed) {
        for (long i = 0; i < count; i++) {
            producer.send(new ProducerRecord<>(topic, value), (metadata, error) -> {
                if (error == null) acked.incrementAndGet();
                else failed.incrementAndGet();
            });
        }
        producer.flush();
    }

    private static void consume(String bootstrap, String topic, long warmup, long records, int size) {
        read(bootstrap, topic, warmup, size);
        long wall = System.nanoTime();
        long cpu = SYSTEM.getProcessCpuTime();
        long[] counts = read(bootstrap, topic, records, size);
        report("consume", wall, cpu, counts[0], counts[1]);
    }

    /**
     * Reads from the beginning until {@code count} records were seen; how many were, and how many were not the next of
     * their partition.
     */
    private static long[] read(String bootstrap, String topic, long count, int size) {
        Properties config = new Properties();
        config.put("bootstrap.servers", bootstrap);
        config.put("enable.auto.commit", "false");
        try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                    .mapToObj(partition -> new TopicPartition(topic, partition)).collect(Collectors.toList());
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long[] next = new long[PARTITIONS];
            long seen = 0;
            long wrong = 0;
            while (seen < count) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(10))) {
                    if (record.offset() != next[record.partition()] || record.value().length != size) wrong++;
                    next[record.partition()] = record.offset() + 1;
                    seen++;
                }
            }
            return new long[] {seen, wrong};
        }
    }

    private static void report(String verb, long wall, long cpu, long records, long failed) {
        System.out.printf("{\"client\":\"java\",\"verb\":\"%s\",\"records\":%d,\"failed\":%d,\"seconds\":%.6f,\"cpu_seconds\":%.6f}%n",
                verb, records, failed, (System.nanoTime() - wall) / 1e9, (SYSTEM.getProcessCpuTime() - cpu) / 1e9);
    }

    private Bench() {}
}
