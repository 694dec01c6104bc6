package dev.ottla;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ottla.admin.CommittedOffset;
import dev.ottla.admin.GroupOffsetsQuery;
import dev.ottla.admin.NewTopic;
import dev.ottla.java.Admin;
import dev.ottla.java.Consumer;
import dev.ottla.java.Producer;
import dev.ottla.java.RebalanceListener;
import dev.ottla.testing.TestBroker;
import dev.ottla.testing.WithTestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** Everything, as Java has it. */
@WithTestBroker(properties = "num.partitions=2")
class JavaTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final TestBroker broker;
    private String topic;

    JavaTest(TestBroker broker) {
        this.broker = broker;
    }

    @BeforeEach
    void chooseTopic(TestInfo test, TestBroker same) {
        assertSame(broker, same);
        topic = test.getTestMethod().orElseThrow().getName();
    }

    private Producer producer() {
        return new Producer(Map.of(Options.BOOTSTRAP_SERVERS, broker.getBootstrap()));
    }

    private Consumer consumer(String group) {
        return new Consumer(Map.of(
            Options.BOOTSTRAP_SERVERS, broker.getBootstrap(), Options.GROUP_ID, group, Options.AUTO_OFFSET_RESET, "earliest",
            Options.ENABLE_AUTO_COMMIT, false));
    }

    private List<ConsumerRecord> take(Consumer consumer, int count) throws InterruptedException {
        List<ConsumerRecord> records = new ArrayList<>();
        while (records.size() < count) records.addAll(consumer.poll(LIMIT));
        return records;
    }

    @Test
    void recordsAreSentAndRead() throws Exception {
        try (Producer producer = producer(); Consumer consumer = consumer(topic)) {
            ProducerRecord record = ProducerRecord.to(topic).key("k").value("v").partition(1).timestampMs(1234)
                .header("a", "1").header("b", (byte[]) null).build();
            RecordMetadata sent = producer.send(record).join();
            assertEquals(new RecordMetadata(topic, 1, 0L, 1234), sent);
            producer.send(ProducerRecord.to(topic).partition(1).build());
            producer.flush(LIMIT).join();
            assertEquals(2, producer.metrics().getRecordsAcknowledged());
            assertEquals(2, producer.partitionsFor(topic).join().size());

            List<String> told = new ArrayList<>();
            consumer.subscribe(List.of(topic), new RebalanceListener() {
                @Override
                public void onAssigned(List<TopicPartition> partitions) {
                    told.add("assigned " + partitions.size());
                }
            });
            List<ConsumerRecord> read = take(consumer, 2);
            assertEquals(List.of("assigned 2"), told);
            assertEquals("k", read.get(0).getKeyText());
            assertArrayEquals(new byte[] {'v'}, read.get(0).getValue());
            assertEquals(List.of("a", "b"), read.get(0).getHeaders().stream().map(Header::getKey).toList());
            assertNull(read.get(0).getHeaders().get(1).getValue());
            assertNull(read.get(1).getValue());

            consumer.commit(read.get(0)).join();
            TopicPartition partition = new TopicPartition(topic, 1);
            assertEquals(1, consumer.committed(List.of(partition)).join().get(partition).getOffset());
            assertEquals(2, consumer.endOffsets(List.of(partition)).join().get(partition));
            consumer.seek(partition, 1);
            assertEquals(1, consumer.pollAsync(LIMIT, 1).join().get(0).getOffset());
            assertEquals(2L, consumer.position(partition));
        }
    }

    @Test
    void theClusterIsAdministered() throws Exception {
        try (Admin admin = new Admin(Map.of("bootstrap.servers", broker.getBootstrap()))) {
            var created = admin.createTopics(List.of(new NewTopic(topic, 3)), LIMIT).join();
            assertNotNull(created.get(topic).getId());
            assertEquals(3, admin.describeTopics(List.of(topic)).join().get(topic).getPartitions().size());
            admin.alterConsumerGroupOffsets("moved", List.of(new CommittedOffset(topic, 0, 0))).join();
            var offsets = admin.listConsumerGroupOffsets(List.of(new GroupOffsetsQuery("moved"))).join();
            assertEquals(0, offsets.get("moved").get(0).getOffset());
            var failed = assertThrows(CompletionException.class, () -> admin.createTopics(List.of(new NewTopic(topic))).join());
            var error = assertInstanceOf(KafkaException.class, failed.getCause());
            assertEquals("TOPIC_ALREADY_EXISTS", error.getCodeName());
            admin.closeAsync(LIMIT).join();
        }
    }

    @Test
    void errorsAreThrownWhereTheyBelong() {
        assertThrows(ConfigException.class, () -> new Producer(Map.of("bootstrap.server", "localhost:1")));
        Producer producer = producer();
        producer.close();
        assertThrows(ClosedException.class, () -> producer.send(ProducerRecord.to(topic).value("v").build()));
        Consumer consumer = consumer(topic);
        consumer.subscribe(List.of(topic));
        CompletableFuture<ConsumerRecords> polled = consumer.pollAsync(LIMIT);
        consumer.closeAsync(LIMIT).join();
        assertInstanceOf(ClosedException.class, assertThrows(CompletionException.class, polled::join).getCause());
    }

    @Test
    void anInterruptedPollLosesNothing() throws Exception {
        try (Producer producer = producer(); Consumer consumer = consumer(topic)) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> consumer.poll(LIMIT));
            assertTrue(!Thread.currentThread().isInterrupted());
            producer.send(ProducerRecord.to(topic).value("v").partition(0).build()).join();
            assertEquals("v", take(consumer, 1).get(0).getValueText());
        }
    }
}
