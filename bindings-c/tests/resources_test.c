/* Threads, descriptors and memory: constant however many clients there are and were, and bounded by what was set. */
#include "support/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void one_cycle(const char *topic) {
    ottla_producer_t *producer = PRODUCER("linger.ms", "0");
    ottla_producer_record_t record = record_of(topic, NULL, "x");
    ottla_consumer_t *consumer = CONSUMER("group.id", "cycles");
    ottla_admin_t *admin = admin_of(OTTLA_CONFIG("bootstrap.servers", servers()));
    int fd = -1;
    OK(ottla_producer_event_fd(producer, &fd, &error));
    OK(ottla_consumer_event_fd(consumer, &fd, &error));
    OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    end_producer(producer);
    end_consumer(consumer);
    end_admin(admin);
}

/* `count` cycles; beside the last one what the process has. */
static void cycles(const char *topic, int count) {
    for (int i = 0; i < count; ++i) {
        one_cycle(topic);
    }
}

static void a_thousand_cycles_leave_nothing_behind(void) {
    const char *topic = new_topic(1);
    cycles(topic, 100);
    const size_t threads = thread_count(), descriptors = descriptor_count(), resident = resident_kib();
    cycles(topic, 1000);
    /* Connections end in the background. */
    UNTIL(thread_count() <= threads && descriptor_count() <= descriptors);
    const size_t grown = resident_kib() > resident ? resident_kib() - resident : 0;
    printf("        %zu threads, %zu descriptors, %zu KiB and %zu more\n", threads, descriptors, resident, grown);
    /* 3,000 clients: a leak of 4 KiB each would be 12 MiB. What the broker keeps of 1,000 records is far less. */
    CHECK(grown < 6 * 1024);
}

static void many_clients_share_the_threads_of_one(void) {
    enum { CLIENTS = 50 };
    const char *topic = new_topic(1);
    one_cycle(topic);
    const size_t threads = thread_count();
    ottla_producer_t *producers[CLIENTS];
    ottla_consumer_t *consumers[CLIENTS];
    const ottla_topic_partition_t partition = {topic, 0};
    for (int i = 0; i < CLIENTS; ++i) {
        producers[i] = PRODUCER("linger.ms", "0");
        consumers[i] = CONSUMER("client.id", "many");
        ottla_producer_record_t record = record_of(topic, NULL, "x");
        OK(ottla_producer_send(producers[i], &record, LIMIT_MS, &error));
        OK(ottla_producer_flush(producers[i], LIMIT_MS, &error));
        OK(ottla_consumer_assign(consumers[i], &partition, 1, &error));
        take(consumers[i], 1, NULL, NULL);
        CHECK(thread_count() <= threads);
    }
    for (int i = 0; i < CLIENTS; ++i) {
        end_producer(producers[i]);
        end_consumer(consumers[i]);
    }
}

static void many_brokers_take_no_threads(void) {
    enum { BROKERS = 200 };
    char addresses[BROKERS * 24] = "";
    const size_t threads = (one_cycle(new_topic(1)), thread_count());
    for (int i = 0; i < BROKERS; ++i) {
        char address[24];
        another_black_hole(address, sizeof address);
        strcat(strcat(addresses, i == 0 ? "" : ","), address);
    }
    ottla_producer_t *producer = producer_of(OTTLA_CONFIG("bootstrap.servers", addresses, "socket.connection.setup.timeout.ms",
                                                          "10", "reconnect.backoff.ms", "1", "request.timeout.ms", "10"));
    ottla_producer_record_t record = record_of("orders", NULL, "x");
    CHECK(ottla_producer_send(producer, &record, 500, NULL) != OTTLA_OK);
    CHECK(thread_count() <= threads);
    ottla_producer_free(producer);
}

enum { VALUE_BYTES = 100000, BUFFER_KIB = 8192 };

static void producing_ten_times_the_buffer_stays_within_it(void) {
    static char value[VALUE_BYTES];
    ottla_test_broker_t *own = NULL;
    OK(ottla_test_broker_start(NULL, LIMIT_MS, &own, &error));
    OK(ottla_test_broker_create_topic(own, "orders", 1, NULL, LIMIT_MS, &error));
    ottla_producer_t *producer =
        producer_of(OTTLA_CONFIG("bootstrap.servers", ottla_test_broker_bootstrap(own), "buffer.memory", "8388608",
                                 "batch.size", "200000", "compression.type", "none", "linger.ms", "0"));
    ottla_partition_infos_t *infos = NULL;
    OK(ottla_producer_partitions_for(producer, "orders", LIMIT_MS, &infos, &error));
    ottla_partition_infos_free(infos);
    /* From here on nobody takes what is sent. */
    OK(ottla_test_broker_stop(own, LIMIT_MS, &error));
    ottla_test_broker_free(own);
    memset(value, 'x', sizeof value);
    ottla_producer_record_t record = record_of("orders", NULL, NULL);
    record.value = value;
    record.value_len = sizeof value;
    const size_t before = resident_kib();
    size_t taken = 0, refused = 0;
    for (int i = 0; i < 840; ++i) {
        ottla_error_t *error = NULL;
        const ottla_status_t status = ottla_producer_send(producer, &record, 0, &error);
        CHECK(status == OTTLA_OK || status == OTTLA_QUEUE_FULL);
        taken += status == OTTLA_OK;
        refused += status != OTTLA_OK;
        ottla_error_free(error);
    }
    const size_t grown = resident_kib() > before ? resident_kib() - before : 0;
    printf("        %zu taken, %zu refused, %zu KiB more\n", taken, refused, grown);
    CHECK(refused > 0 && taken * VALUE_BYTES <= BUFFER_KIB * 1024);
    CHECK(grown <= BUFFER_KIB * 13 / 10);
    ottla_producer_free(producer);
}

RUN_TESTS(TEST(a_thousand_cycles_leave_nothing_behind), TEST(many_clients_share_the_threads_of_one),
          TEST(many_brokers_take_no_threads),
          TEST(producing_ten_times_the_buffer_stays_within_it))
