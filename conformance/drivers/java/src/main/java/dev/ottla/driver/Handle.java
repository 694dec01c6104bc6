package dev.ottla.driver;

import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** One client instance with the one thread that calls it. */
abstract class Handle {
    private final ExecutorService worker;

    Handle(String name) {
        worker = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    static Handle create(String op, String name, Map<String, Handle> handles) {
        return switch (op) {
            case "producer.create" -> new ProducerHandle(name, handles);
            case "consumer.create" -> new ConsumerHandle(name);
            case "admin.create" -> new AdminHandle(name);
            default -> throw new UnsupportedOperationException(op);
        };
    }

    /** Does the command's work; answers it, or arranges that somebody will. */
    abstract void execute(Command command) throws Exception;

    /** Ends the poll under way, from another thread. */
    void wakeup() {
        throw new UnsupportedOperationException("consumer.wakeup");
    }

    final void submit(Command command) {
        if (command.op().equals("consumer.wakeup")) {
            // Does not wait for its turn: what it ends is under way.
            wakeup();
            command.succeed();
            return;
        }
        worker.execute(() -> {
            try {
                execute(command);
            } catch (Throwable error) {
                command.fail(error);
            } finally {
                if (command.op().endsWith(".close")) {
                    worker.shutdown();
                }
            }
        });
    }
}
