/* Reads orders as a member of a group, commits what was handled, and follows rebalances.
 *
 *   consume_group [host:port [count]]      without an address, from a broker of its own that it fills first
 */
#include <ottla.h>

#include <stdio.h>
#include <stdlib.h>

static void check(ottla_status_t status, ottla_error_t *error) {
    if (status != OTTLA_OK) {
        fprintf(stderr, "%s\n", ottla_error_text(error));
        ottla_error_free(error);
        exit(1);
    }
}

/* Something to read. */
static void fill(const char *servers, int count) {
    ottla_error_t *error = NULL;
    ottla_producer_t *producer = NULL;
    ottla_config_t *config = OTTLA_CONFIG("bootstrap.servers", servers);
    check(ottla_producer_new(config, &producer, &error), error);
    ottla_config_free(config);
    for (int i = 0; i < count; ++i) {
        const ottla_producer_record_t record = {.topic = "orders", .value = "paid", .value_len = 4};
        check(ottla_producer_send(producer, &record, 30000, &error), error);
    }
    check(ottla_producer_close(producer, 30000, &error), error);
    ottla_producer_free(producer);
}

/* Told within poll and close, on this thread. */
static void on_rebalance(ottla_consumer_t *consumer, const ottla_rebalance_event_t *event, void *user_data) {
    static const char *const names[] = {"assigned", "revoked", "lost"};
    (void)user_data;
    for (size_t i = 0; i < event->partition_count; ++i) {
        printf("%s %s-%d\n", names[event->event_type], event->partitions[i].topic, event->partitions[i].partition);
    }
    if (event->event_type == OTTLA_REVOKED) {
        /* The last chance to commit what was handled; the next owner goes on from there. */
        ottla_error_t *error = NULL;
        check(ottla_consumer_commit(consumer, NULL, 0, 10000, &error), error);
    }
}

int main(int argc, char **argv) {
    ottla_error_t *error = NULL;
    ottla_test_broker_t *broker = NULL;
    const char *servers = argc > 1 ? argv[1] : NULL;
    size_t left = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    if (servers == NULL) {
        check(ottla_test_broker_start(NULL, 10000, &broker, &error), error);
        servers = ottla_test_broker_bootstrap(broker);
        check(ottla_test_broker_create_topic(broker, "orders", 3, NULL, 10000, &error), error);
        fill(servers, (int)left);
    }

    ottla_consumer_t *consumer = NULL;
    ottla_config_t *config = OTTLA_CONFIG("bootstrap.servers", servers, "group.id", "billing", "auto.offset.reset",
                                          "earliest", "enable.auto.commit", "false");
    check(ottla_consumer_new(config, &consumer, &error), error);
    ottla_config_free(config);
    const char *topic = "orders";
    check(ottla_consumer_on_rebalance(consumer, on_rebalance, NULL, &error), error);
    check(ottla_consumer_subscribe(consumer, &topic, 1, &error), error);

    while (left > 0) {
        ottla_records_t *records = NULL;
        check(ottla_consumer_poll(consumer, 1000, left, &records, &error), error);
        const size_t count = ottla_records_count(records);
        for (size_t i = 0; i < count; ++i) {
            const ottla_record_t *record = ottla_records_get(records, i);
            if (left - i <= 3) {
                printf("%s-%d@%lld: %.*s\n", record->topic, record->partition, (long long)record->offset,
                       (int)record->value_len, (const char *)record->value);
            }
        }
        ottla_records_free(records);
        left -= count;
        if (count > 0) {
            check(ottla_consumer_commit(consumer, NULL, 0, 10000, &error), error);
        }
    }
    check(ottla_consumer_close(consumer, 10000, &error), error);
    ottla_consumer_free(consumer);
    ottla_test_broker_free(broker);
    return 0;
}
