import dev.ottla.ConsumerRecord;
import dev.ottla.ProducerRecord;
import dev.ottla.RecordMetadata;
import dev.ottla.java.Consumer;
import dev.ottla.java.Producer;
import dev.ottla.testing.TestBroker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Sends orders and reads them in a group. Usage: SendAndReceive [host:port]; without an address it starts a broker. */
final class SendAndReceive {
    private static final int COUNT = 100;

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length > 0) {
            run(arguments[0]);
            return;
        }
        try (TestBroker broker = TestBroker.startBlocking()) {
            run(broker.getBootstrap());
        }
    }

    private static void run(String bootstrap) throws InterruptedException {
        try (Producer producer = new Producer(Map.of("bootstrap.servers", bootstrap, "linger.ms", 5))) {
            List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
            for (int order = 0; order < COUNT; order++) {
                sent.add(producer.send(ProducerRecord.to("orders").key("order-" + order).value("paid").build()));
            }
            CompletableFuture.allOf(sent.toArray(new CompletableFuture<?>[0])).join();
            System.out.println(sent.size() + " orders were acknowledged");
        }
        Map<String, Object> options =
            Map.of("bootstrap.servers", bootstrap, "group.id", "billing", "auto.offset.reset", "earliest");
        try (Consumer consumer = new Consumer(options)) {
            consumer.subscribe(List.of("orders"));
            int read = 0;
            while (read < COUNT) {
                for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) {
                    if (!"paid".equals(record.getValueText())) throw new AssertionError(record);
                    read++;
                }
            }
            System.out.println(read + " orders were read");
        }
    }
}
