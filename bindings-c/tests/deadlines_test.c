/* Closing, destroying and waiting end by their deadline, whatever the other side does. */
#include "support/broker.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* What a call gets, and how much later it may return: it tells what it gave up, on a machine that may be busy. */
#define TIMEOUT_MS 300
#define SLACK_MS 5000

static int64_t started_ms = 0;

static void begin(void) { started_ms = now_ms(); }

/* The schedule that is running, of those that are random. */
static uint64_t schedule = 0;

static void check_in_time(void) {
    if (now_ms() - started_ms >= TIMEOUT_MS + SLACK_MS) {
        fprintf(stderr, "schedule %llu took too long\n", (unsigned long long)schedule);
        CHECK(now_ms() - started_ms < TIMEOUT_MS + SLACK_MS);
    }
}

/* Whatever it comes to, in time. */
#define IN_TIME(call)                                                                                                  \
    do {                                                                                                               \
        ottla_error_t *error = NULL;                                                                                   \
        begin();                                                                                                       \
        (void)(call);                                                                                                  \
        check_in_time();                                                                                               \
        ottla_error_free(error);                                                                                       \
    } while (0)

static ottla_config_t *options_for(const char *address) {
    return OTTLA_CONFIG("bootstrap.servers", address, "client.id", "deadlines");
}

static ottla_consumer_t *member_at(const char *address) {
    const char *topic = "orders";
    ottla_config_t *options = options_for(address);
    OK(ottla_config_set(options, "group.id", "deadlines", &error));
    ottla_consumer_t *consumer = consumer_of(options);
    OK(ottla_consumer_subscribe(consumer, &topic, 1, &error));
    return consumer;
}

static void every_call_to_a_silent_broker_ends_by_its_deadline(void) {
    const char *const addresses[] = {black_hole(), nobody()};
    for (int i = 0; i < 2; ++i) {
        ottla_producer_t *producer = producer_of(options_for(addresses[i]));
        ottla_producer_record_t record = record_of("orders", NULL, "x");
        ottla_partition_infos_t *infos = NULL;
        ottla_reports_t *reports = NULL;
        size_t sent = 0;
        IN_TIME(ottla_producer_send(producer, &record, TIMEOUT_MS, &error));
        IN_TIME(ottla_producer_send(producer, &record, 0, &error));
        IN_TIME(ottla_producer_send_many(producer, &record, 1, TIMEOUT_MS, &sent, &error));
        IN_TIME(ottla_producer_partitions_for(producer, "orders", TIMEOUT_MS, &infos, &error));
        IN_TIME(ottla_producer_poll_reports(producer, TIMEOUT_MS, &reports, &error));
        ottla_reports_free(reports);
        IN_TIME(ottla_producer_flush(producer, TIMEOUT_MS, &error));
        IN_TIME(ottla_producer_close(producer, TIMEOUT_MS, &error));
        ottla_producer_free(producer);

        ottla_consumer_t *consumer = member_at(addresses[i]);
        const ottla_topic_partition_t partition = {"orders", 0};
        ottla_records_t *records = NULL;
        ottla_offsets_t *offsets = NULL;
        const ottla_record_t *next = NULL;
        IN_TIME(ottla_consumer_poll(consumer, TIMEOUT_MS, 0, &records, &error));
        ottla_records_free(records);
        IN_TIME(ottla_consumer_next(consumer, TIMEOUT_MS, &next, &error));
        IN_TIME(ottla_consumer_committed(consumer, &partition, 1, TIMEOUT_MS, &offsets, &error));
        IN_TIME(ottla_consumer_end_offsets(consumer, &partition, 1, TIMEOUT_MS, &offsets, &error));
        IN_TIME(ottla_consumer_commit(consumer, NULL, 0, TIMEOUT_MS, &error));
        IN_TIME(ottla_consumer_unsubscribe(consumer, TIMEOUT_MS, &error));
        IN_TIME(ottla_consumer_close(consumer, TIMEOUT_MS, &error));
        ottla_consumer_free(consumer);

        ottla_admin_t *admin = admin_of(options_for(addresses[i]));
        ottla_describe_topics_arguments_t arguments;
        const ottla_topic_description_by_text_t *found = NULL;
        memset(&arguments, 0, sizeof arguments);
        arguments.topics.items = &partition.topic;
        arguments.topics.count = 1;
        IN_TIME(ottla_admin_describe_topics(admin, &arguments, TIMEOUT_MS, &found, &error));
        ottla_admin_result_free(found);
        IN_TIME(ottla_admin_close(admin, TIMEOUT_MS, &error));
        ottla_admin_free(admin);
    }
}

static void destroying_without_closing_is_at_once(void) {
    const char *const addresses[] = {black_hole(), nobody(), servers()};
    for (int i = 0; i < 3; ++i) {
        ottla_producer_t *producer = producer_of(options_for(addresses[i]));
        ottla_producer_record_t record = record_of("orders", NULL, "x");
        ottla_error_t *error = NULL;
        (void)ottla_producer_send(producer, &record, 0, &error);
        ottla_error_free(error);
        begin();
        ottla_producer_free(producer);
        check_in_time();
        ottla_consumer_t *consumer = member_at(addresses[i]);
        ottla_records_t *records = NULL;
        error = NULL;
        (void)ottla_consumer_poll(consumer, 0, 0, &records, &error);
        ottla_error_free(error);
        ottla_records_free(records);
        begin();
        ottla_consumer_free(consumer);
        check_in_time();
        ottla_admin_t *admin = admin_of(options_for(addresses[i]));
        begin();
        ottla_admin_free(admin);
        check_in_time();
    }
}

static void what_was_never_sent_is_told_when_closing_gives_up(void) {
    const char *topic = new_topic(1);
    ottla_test_broker_t *own = NULL;
    OK(ottla_test_broker_start(NULL, LIMIT_MS, &own, &error));
    OK(ottla_test_broker_create_topic(own, topic, 1, NULL, LIMIT_MS, &error));
    ottla_producer_t *producer = producer_of(
        OTTLA_CONFIG("bootstrap.servers", ottla_test_broker_bootstrap(own), "linger.ms", "60000"));
    ottla_producer_record_t record = record_of(topic, NULL, "x");
    record.tag = 1;
    OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    OK(ottla_test_broker_stop(own, LIMIT_MS, &error));
    ottla_test_broker_free(own);
    begin();
    FAILS(OTTLA_TIMEOUT, "", ottla_producer_close(producer, TIMEOUT_MS, &error));
    check_in_time();
    ottla_reports_t *reports = NULL;
    OK(ottla_producer_poll_reports(producer, LIMIT_MS, &reports, &error));
    CHECK(ottla_reports_count(reports) == 1 && ottla_reports_get(reports, 0)->error != NULL);
    ottla_reports_free(reports);
    ottla_producer_free(producer);
}

static void closing_while_a_rebalance_is_pending_ends_in_time(void) {
    const char *topic = new_topic(2), *group = new_name("group");
    ottla_consumer_t *members[3];
    for (int i = 0; i < 3; ++i) {
        members[i] = CONSUMER("group.id", group);
        OK(ottla_consumer_subscribe(members[i], &topic, 1, &error));
    }
    /* The first owns all; the others join, and the first never polls again: their join waits for it. */
    take(members[0], 0, NULL, NULL);
    ottla_partitions_t *assigned = NULL;
    const int64_t until = now_ms() + LIMIT_MS;
    do {
        ottla_records_t *records = NULL;
        ottla_partitions_free(assigned);
        OK(ottla_consumer_poll(members[0], 20, 0, &records, &error));
        ottla_records_free(records);
        OK(ottla_consumer_assignment(members[0], &assigned, &error));
        CHECK(now_ms() < until);
    } while (ottla_partitions_count(assigned) == 0);
    ottla_partitions_free(assigned);
    for (int i = 1; i < 3; ++i) {
        ottla_records_t *records = NULL;
        OK(ottla_consumer_poll(members[i], 50, 0, &records, &error));
        ottla_records_free(records);
    }
    for (int i = 2; i >= 0; --i) {
        IN_TIME(ottla_consumer_close(members[i], TIMEOUT_MS, &error));
        ottla_consumer_free(members[i]);
    }
}

static void *poll_long(void *data) {
    ottla_records_t *records = NULL;
    ottla_error_t *error = NULL;
    (void)ottla_consumer_poll((ottla_consumer_t *)data, LIMIT_MS * 10, 0, &records, &error);
    ottla_records_free(records);
    ottla_error_free(error);
    return NULL;
}

static void closing_ends_a_poll_of_another_thread(void) {
    const char *const addresses[] = {black_hole(), servers()};
    for (int i = 0; i < 2; ++i) {
        ottla_consumer_t *consumer = member_at(addresses[i]);
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, poll_long, consumer) == 0);
        IN_TIME(ottla_consumer_close(consumer, TIMEOUT_MS, &error));
        begin();
        CHECK(pthread_join(thread, NULL) == 0);
        check_in_time();
        ottla_consumer_free(consumer);
    }
}

static void handles_may_go_in_any_order(void) {
    const char *topic = new_topic(1);
    for (int order = 0; order < 6; ++order) {
        ottla_test_broker_t *own = NULL;
        OK(ottla_test_broker_start(NULL, LIMIT_MS, &own, &error));
        OK(ottla_test_broker_create_topic(own, topic, 1, NULL, LIMIT_MS, &error));
        const char *address = ottla_test_broker_bootstrap(own);
        ottla_producer_t *producer = producer_of(options_for(address));
        ottla_config_t *options = options_for(address);
        OK(ottla_config_set(options, "auto.offset.reset", "earliest", &error));
        ottla_consumer_t *consumer = consumer_of(options);
        const ottla_topic_partition_t partition = {topic, 0};
        OK(ottla_consumer_assign(consumer, &partition, 1, &error));
        ottla_producer_record_t record = record_of(topic, NULL, "x");
        ottla_delivery_t *delivery = NULL;
        OK(ottla_producer_send_tracked(producer, &record, LIMIT_MS, &delivery, &error));
        OK(ottla_delivery_wait(delivery, LIMIT_MS, NULL, &error));
        ottla_records_t *records = NULL;
        do {
            ottla_records_free(records);
            OK(ottla_consumer_poll(consumer, LIMIT_MS, 0, &records, &error));
        } while (ottla_records_count(records) == 0);
        for (int step = 0; step < 3; ++step) {
            switch ((order + step * (order < 3 ? 1 : 2)) % 3) {
            case 0:
                ottla_test_broker_free(own);
                break;
            case 1:
                ottla_producer_free(producer);
                break;
            default:
                ottla_consumer_free(consumer);
                break;
            }
        }
        ottla_record_metadata_t found;
        OK(ottla_delivery_wait(delivery, 0, &found, &error));
        CHECK(strcmp(found.topic, topic) == 0);
        ottla_delivery_free(delivery);
        CHECK(is_text(ottla_records_get(records, 0)->value, ottla_records_get(records, 0)->value_len, "x"));
        ottla_records_free(records);
    }
}

/* A small generator, so that a seed names a schedule. */
static uint32_t next_random(uint64_t *state, uint32_t below) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

static void random_schedule(uint64_t seed) {
    const char *const addresses[] = {black_hole(), nobody(), servers()};
    uint64_t state = seed;
    const char *address = addresses[next_random(&state, 3)];
    ottla_producer_t *producer = producer_of(options_for(address));
    ottla_consumer_t *consumer = member_at(address);
    ottla_producer_record_t record = record_of("orders", NULL, "x");
    pthread_t thread;
    const bool is_polled = next_random(&state, 2) == 0;
    if (is_polled) {
        CHECK(pthread_create(&thread, NULL, poll_long, consumer) == 0);
    }
    bool is_producer_open = true, is_consumer_open = true;
    while (is_producer_open || is_consumer_open) {
        const int64_t timeout_ms = next_random(&state, 2) == 0 ? 0 : next_random(&state, 50);
        ottla_error_t *error = NULL;
        ottla_records_t *records = NULL;
        ottla_reports_t *reports = NULL;
        record.tag = next_random(&state, 3);
        begin();
        switch (next_random(&state, 7)) {
        case 0:
            (void)ottla_producer_send(producer, &record, timeout_ms, &error);
            break;
        case 1:
            (void)ottla_producer_flush(producer, timeout_ms, &error);
            break;
        case 2:
            (void)ottla_producer_poll_reports(producer, timeout_ms, &reports, &error);
            break;
        case 3:
            (void)ottla_producer_close(producer, timeout_ms, &error);
            is_producer_open = false;
            break;
        case 4:
            (void)ottla_consumer_poll(consumer, timeout_ms, 0, &records, &error);
            break;
        case 5:
            (void)ottla_consumer_unsubscribe(consumer, timeout_ms, &error);
            break;
        default:
            (void)ottla_consumer_close(consumer, timeout_ms, &error);
            is_consumer_open = false;
            break;
        }
        check_in_time();
        ottla_error_free(error);
        ottla_records_free(records);
        ottla_reports_free(reports);
    }
    if (is_polled) {
        begin();
        CHECK(pthread_join(thread, NULL) == 0);
        check_in_time();
    }
    begin();
    ottla_producer_free(producer);
    ottla_consumer_free(consumer);
    check_in_time();
}

static void a_hundred_random_schedules_close_in_time(void) {
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        schedule = seed;
        random_schedule(seed);
    }
}

RUN_TESTS(TEST(every_call_to_a_silent_broker_ends_by_its_deadline), TEST(destroying_without_closing_is_at_once),
          TEST(what_was_never_sent_is_told_when_closing_gives_up),
          TEST(closing_while_a_rebalance_is_pending_ends_in_time), TEST(closing_ends_a_poll_of_another_thread),
          TEST(handles_may_go_in_any_order), TEST(a_hundred_random_schedules_close_in_time))
