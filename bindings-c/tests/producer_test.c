/* Producing: every way in, every way to learn what became of a record. */
#include "support/broker.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a record of every part looks like; the header repeats a key, and has a null and an empty value. */
static const ottla_header_t headers[] = {
    {"trace", OTTLA_NUL_TERMINATED, "one", OTTLA_NUL_TERMINATED},
    {"trace", 5, "\0\xff", 2},
    {"null", OTTLA_NUL_TERMINATED, NULL, 0},
    {"empty", OTTLA_NUL_TERMINATED, "", 0},
};

enum { FULL, NULL_KEY, EMPTY_KEY, TOMBSTONE, BARE, SHAPES };

static ottla_producer_record_t shaped(int shape, const char *topic) {
    ottla_producer_record_t record = record_of(topic, "key", "value");
    record.has_partition = true;
    record.partition = 1;
    record.has_timestamp = true;
    record.timestamp_ms = 1700000000000 + shape;
    switch (shape) {
    case FULL:
        record.headers = headers;
        record.header_count = 4;
        break;
    case NULL_KEY:
        record.key = NULL;
        break;
    case EMPTY_KEY:
        record.key = "";
        record.value = "\0binary";
        record.value_len = 7;
        break;
    case TOMBSTONE:
        record.value = NULL;
        break;
    default:
        memset(&record, 0, sizeof record);
        record.topic = topic;
        record.has_partition = true;
        record.partition = 1;
        break;
    }
    return record;
}

static void check_shape(const ottla_record_t *record, void *data) {
    int *shape = (int *)data;
    CHECK(record->partition == 1 && record->offset == *shape);
    CHECK(record->timestamp_type == OTTLA_CREATE_TIME);
    CHECK(*shape == BARE ? record->timestamp_ms > 1700000000000 : record->timestamp_ms == 1700000000000 + *shape);
    switch (*shape) {
    case FULL:
        CHECK(is_text(record->key, record->key_len, "key") && is_text(record->value, record->value_len, "value"));
        CHECK(record->header_count == 4);
        CHECK(is_text(record->headers[0].key, record->headers[0].key_len, "trace"));
        CHECK(is_text(record->headers[0].value, record->headers[0].value_len, "one"));
        CHECK(is_text(record->headers[1].key, record->headers[1].key_len, "trace"));
        CHECK(record->headers[1].value_len == 2 && memcmp(record->headers[1].value, "\0\xff", 2) == 0);
        CHECK(record->headers[2].value == NULL && record->headers[2].value_len == 0);
        CHECK(record->headers[3].value != NULL && record->headers[3].value_len == 0);
        break;
    case NULL_KEY:
        CHECK(record->key == NULL && record->header_count == 0 && record->headers == NULL);
        break;
    case EMPTY_KEY:
        CHECK(record->key != NULL && record->key_len == 0);
        CHECK(record->value_len == 7 && memcmp(record->value, "\0binary", 7) == 0);
        break;
    case TOMBSTONE:
        CHECK(is_text(record->key, record->key_len, "key") && record->value == NULL && record->value_len == 0);
        break;
    default:
        CHECK(record->key == NULL && record->value == NULL);
        break;
    }
    ++*shape;
}

static void send_each(ottla_producer_t *producer, ottla_producer_record_t *records) {
    for (int i = 0; i < SHAPES; ++i) {
        OK(ottla_producer_send(producer, &records[i], LIMIT_MS, &error));
    }
}

static void send_together(ottla_producer_t *producer, ottla_producer_record_t *records) {
    size_t sent = 0;
    OK(ottla_producer_send_many(producer, records, SHAPES, LIMIT_MS, &sent, &error));
    CHECK(sent == SHAPES);
}

static void send_tagged(ottla_producer_t *producer, ottla_producer_record_t *records) {
    for (int i = 0; i < SHAPES; ++i) {
        records[i].tag = 7 + (uint64_t)i;
    }
    send_together(producer, records);
}

static void send_tracked(ottla_producer_t *producer, ottla_producer_record_t *records) {
    for (int i = 0; i < SHAPES; ++i) {
        ottla_delivery_t *delivery = NULL;
        ottla_record_metadata_t found;
        OK(ottla_producer_send_tracked(producer, &records[i], LIMIT_MS, &delivery, &error));
        OK(ottla_delivery_wait(delivery, LIMIT_MS, &found, &error));
        CHECK(found.partition == 1 && found.offset == i && strcmp(found.topic, records[i].topic) == 0);
        ottla_delivery_free(delivery);
    }
}

static void records_of_every_shape_arrive_unchanged_on_every_path(void) {
    void (*const paths[])(ottla_producer_t *, ottla_producer_record_t *) = {send_each, send_together, send_tagged,
                                                                            send_tracked};
    /* Fresh producers know no topic: their first record goes another way than the later ones. */
    for (int i = 0; i < 8; ++i) {
        const char *topic = new_topic(2);
        ottla_producer_record_t records[SHAPES];
        for (int shape = 0; shape < SHAPES; ++shape) {
            records[shape] = shaped(shape, topic);
        }
        ottla_producer_t *producer = PRODUCER("linger.ms", "0");
        if (i >= 4) {
            ottla_partition_infos_t *infos = NULL;
            OK(ottla_producer_partitions_for(producer, topic, LIMIT_MS, &infos, &error));
            ottla_partition_infos_free(infos);
        }
        paths[i % 4](producer, records);
        end_producer(producer);
        ottla_consumer_t *consumer = CONSUMER("client.id", "shapes");
        const ottla_topic_partition_t partition = {topic, 1};
        OK(ottla_consumer_assign(consumer, &partition, 1, &error));
        int shape = 0;
        take(consumer, SHAPES, check_shape, &shape);
        CHECK(shape == SHAPES);
        end_consumer(consumer);
    }
}

static void fates_of_tagged_records_come_as_ranges(void) {
    const char *topic = new_topic(1);
    ottla_producer_t *producer = PRODUCER("linger.ms", "5");
    bool told[100] = {false};
    int entries = 0, count = 0;
    for (uint64_t tag = 1; tag <= 100; ++tag) {
        ottla_producer_record_t record = record_of(topic, NULL, "x");
        record.tag = tag;
        OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    }
    while (count < 100) {
        ottla_reports_t *reports = NULL;
        OK(ottla_producer_poll_reports(producer, LIMIT_MS, &reports, &error));
        CHECK(ottla_reports_count(reports) > 0 && ottla_reports_get(reports, ottla_reports_count(reports)) == NULL);
        for (size_t i = 0; i < ottla_reports_count(reports); ++i) {
            const ottla_report_t *report = ottla_reports_get(reports, i);
            CHECK(report->error == NULL && strcmp(report->topic, topic) == 0 && report->partition == 0);
            for (uint64_t j = 0; j < report->count; ++j) {
                const uint64_t tag = report->first_tag + j;
                /* One producer, one partition, nothing else in it: offsets follow tags. */
                CHECK((uint64_t)report->first_offset + j == tag - 1 && !told[tag - 1]);
                told[tag - 1] = true;
                ++count;
            }
            ++entries;
        }
        ottla_reports_free(reports);
    }
    CHECK(entries < 100);
    ottla_reports_t *none = NULL;
    OK(ottla_producer_poll_reports(producer, 0, &none, &error));
    CHECK(ottla_reports_count(none) == 0);
    ottla_reports_free(none);
    end_producer(producer);
}

typedef struct served_t {
    ottla_producer_t *producer;
    pthread_t thread;
    uint64_t count;
    bool frees;
} served_t;

static void count_served(const ottla_report_t *report, void *data) {
    served_t *served = (served_t *)data;
    CHECK(pthread_equal(pthread_self(), served->thread) && report->error == NULL);
    served->count += report->count;
    if (served->frees && served->producer != NULL) {
        OK(ottla_producer_close(served->producer, LIMIT_MS, &error));
        ottla_producer_free(served->producer);
        served->producer = NULL;
    }
}

static void a_callback_runs_on_the_serving_thread_and_may_free_the_producer(void) {
    const char *topic = new_topic(1);
    served_t served = {PRODUCER("linger.ms", "0"), pthread_self(), 0, true};
    ottla_producer_record_t record = record_of(topic, NULL, "x");
    record.tag = 1;
    OK(ottla_producer_send(served.producer, &record, LIMIT_MS, &error));
    size_t entries = 0;
    OK(ottla_producer_serve_reports(served.producer, LIMIT_MS, count_served, &served, &entries, &error));
    CHECK(served.producer == NULL && entries == 1 && served.count == 1);
}

static bool is_readable(int fd, int timeout_ms) {
    struct pollfd watched = {fd, POLLIN, 0};
    return poll(&watched, 1, timeout_ms) == 1;
}

static void the_event_descriptor_is_readable_while_reports_wait(void) {
    const char *topic = new_topic(1);
    served_t served = {PRODUCER("linger.ms", "0"), pthread_self(), 0, false};
    int fd = -1, again = -1;
    OK(ottla_producer_event_fd(served.producer, &fd, &error));
    OK(ottla_producer_event_fd(served.producer, &again, &error));
    CHECK(fd >= 0 && fd == again && !is_readable(fd, 0));
    for (uint64_t round = 1; round <= 3; ++round) {
        ottla_producer_record_t record = record_of(topic, NULL, "x");
        record.tag = round;
        OK(ottla_producer_send(served.producer, &record, LIMIT_MS, &error));
        CHECK(is_readable(fd, LIMIT_MS));
        OK(ottla_producer_serve_reports(served.producer, 0, count_served, &served, NULL, &error));
        CHECK(served.count == round && !is_readable(fd, 0));
    }
    end_producer(served.producer);
}

static void a_delivery_may_be_looked_at_again_and_freed_early(void) {
    const char *topic = new_topic(1);
    ottla_producer_t *producer = PRODUCER("linger.ms", "60000");
    ottla_producer_record_t record = record_of(topic, NULL, "x");
    ottla_delivery_t *delivery = NULL, *dropped = NULL;
    OK(ottla_producer_send_tracked(producer, &record, LIMIT_MS, &delivery, &error));
    OK(ottla_producer_send_tracked(producer, &record, LIMIT_MS, &dropped, &error));
    ottla_delivery_free(dropped);
    CHECK(!ottla_delivery_is_done(delivery));
    FAILS(OTTLA_TIMEOUT, "not known yet", ottla_delivery_wait(delivery, 0, NULL, &error));
    OK(ottla_producer_flush(producer, LIMIT_MS, &error));
    OK(ottla_delivery_wait(delivery, LIMIT_MS, NULL, &error));
    CHECK(ottla_delivery_is_done(delivery));
    ottla_record_metadata_t found;
    OK(ottla_delivery_wait(delivery, 0, &found, &error));
    CHECK(found.offset == 0);
    ottla_producer_metrics_t metrics;
    OK(ottla_producer_metrics(producer, &metrics, sizeof metrics, &error));
    CHECK(metrics.records_acknowledged == 2);
    end_producer(producer);
    /* It outlives its producer. */
    OK(ottla_delivery_wait(delivery, 0, &found, &error));
    ottla_delivery_free(delivery);
}

static void a_full_buffer_says_how_many_were_taken_and_loses_none(void) {
    const char *topic = new_topic(1);
    char value[10000];
    memset(value, 'x', sizeof value);
    ottla_producer_t *producer =
        PRODUCER("buffer.memory", "65536", "batch.size", "16384", "linger.ms", "60000", "compression.type", "none");
    ottla_producer_record_t records[40];
    for (int i = 0; i < 40; ++i) {
        records[i] = record_of(topic, NULL, NULL);
        records[i].value = value;
        records[i].value_len = sizeof value;
    }
    ottla_partition_infos_t *infos = NULL;
    OK(ottla_producer_partitions_for(producer, topic, LIMIT_MS, &infos, &error));
    CHECK(ottla_partition_infos_count(infos) == 1 && ottla_partition_infos_get(infos, 0)->isr_count == 1);
    ottla_partition_infos_free(infos);
    size_t sent = 0, some = 0;
    FAILS(OTTLA_QUEUE_FULL, "buffer.memory", ottla_producer_send_many(producer, records, 40, 0, &sent, &error));
    CHECK(sent >= 1 && sent < 40);
    while (sent < 40) {
        OK(ottla_producer_send_many(producer, records + sent, 1, LIMIT_MS, &some, &error));
        sent += some;
    }
    end_producer(producer);
    ottla_consumer_t *consumer = CONSUMER("client.id", "full");
    const ottla_topic_partition_t partition = {topic, 0};
    OK(ottla_consumer_assign(consumer, &partition, 1, &error));
    take(consumer, 40, NULL, NULL);
    end_consumer(consumer);
}

static void a_failure_nobody_asked_about_is_told_by_flush(void) {
    const char *topic = new_name("small");
    ottla_config_t *configs = OTTLA_CONFIG("max.message.bytes", "500");
    OK(ottla_test_broker_create_topic(broker(), topic, 1, configs, LIMIT_MS, &error));
    ottla_config_free(configs);
    ottla_producer_t *producer = PRODUCER("linger.ms", "0", "compression.type", "none");
    char value[2000];
    memset(value, 'x', sizeof value);
    ottla_producer_record_t record = record_of(topic, NULL, NULL);
    record.value = value;
    record.value_len = sizeof value;
    OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    FAILS(OTTLA_RECORD_TOO_LARGE, topic, ottla_producer_flush(producer, LIMIT_MS, &error));
    OK(ottla_producer_flush(producer, LIMIT_MS, &error));
    /* The same by its tag. */
    record.tag = 5;
    OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    ottla_reports_t *reports = NULL;
    OK(ottla_producer_poll_reports(producer, LIMIT_MS, &reports, &error));
    const ottla_report_t *report = ottla_reports_get(reports, 0);
    CHECK(report->first_tag == 5 && report->count == 1 && report->first_offset == -1);
    CHECK(ottla_error_status(report->error) == OTTLA_RECORD_TOO_LARGE);
    CHECK(ottla_error_code(report->error) == OTTLA_CODE_MESSAGE_TOO_LARGE);
    CHECK(!ottla_error_is_outcome_unknown(report->error));
    ottla_reports_free(reports);
    end_producer(producer);
}

static void a_closed_producer_takes_nothing_and_still_tells(void) {
    const char *topic = new_topic(1);
    ottla_producer_t *producer = PRODUCER("linger.ms", "60000");
    ottla_producer_record_t record = record_of(topic, NULL, "x");
    record.tag = 1;
    OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    OK(ottla_producer_close(producer, LIMIT_MS, &error));
    OK(ottla_producer_close(producer, LIMIT_MS, &error));
    FAILS(OTTLA_CLOSED, "closed", ottla_producer_send(producer, &record, LIMIT_MS, &error));
    ottla_reports_t *reports = NULL;
    OK(ottla_producer_poll_reports(producer, LIMIT_MS, &reports, &error));
    CHECK(ottla_reports_count(reports) == 1 && ottla_reports_get(reports, 0)->error == NULL);
    ottla_producer_free(producer);
    CHECK(strcmp(ottla_reports_get(reports, 0)->topic, topic) == 0);
    ottla_reports_free(reports);
}

static void metrics_fill_what_an_older_caller_knows(void) {
    ottla_producer_t *producer = PRODUCER("buffer.memory", "1000000");
    ottla_producer_metrics_t metrics;
    memset(&metrics, 0xff, sizeof metrics);
    OK(ottla_producer_metrics(producer, &metrics, 2 * sizeof(uint64_t), &error));
    CHECK(metrics.records_acknowledged == 0 && metrics.records_failed == 0 && metrics.records_unknown == UINT64_MAX);
    OK(ottla_producer_metrics(producer, &metrics, sizeof metrics, &error));
    CHECK(metrics.buffer_total_bytes == 1000000 && metrics.buffer_available_bytes == 1000000);
    end_producer(producer);
}

static void arguments_that_cannot_be_are_refused(void) {
    ottla_producer_t *producer = PRODUCER("linger.ms", "0");
    ottla_producer_record_t record = record_of("topic", NULL, "x");
    ottla_producer_record_t wrong = record;
    FAILS(OTTLA_INVALID_ARGUMENT, "producer", ottla_producer_send(NULL, &record, 0, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "record", ottla_producer_send(producer, NULL, 0, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "timeout_ms", ottla_producer_send(producer, &record, -1, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "records", ottla_producer_send_many(producer, NULL, 1, 0, NULL, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "producer", ottla_producer_new(NULL, NULL, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "callback", ottla_producer_serve_reports(producer, 0, NULL, NULL, NULL, &error));
    wrong.topic = NULL;
    FAILS(OTTLA_INVALID_ARGUMENT, "record.topic", ottla_producer_send(producer, &wrong, 0, &error));
    wrong.topic = "\xff";
    FAILS(OTTLA_INVALID_ARGUMENT, "UTF-8", ottla_producer_send(producer, &wrong, 0, &error));
    wrong = record;
    wrong.partition = 1;
    FAILS(OTTLA_INVALID_ARGUMENT, "has_partition", ottla_producer_send(producer, &wrong, 0, &error));
    wrong = record;
    wrong.reserved[1] = 1;
    FAILS(OTTLA_INVALID_ARGUMENT, "set the record to zero", ottla_producer_send(producer, &wrong, 0, &error));
    wrong = record;
    wrong.key_len = 3;
    FAILS(OTTLA_INVALID_ARGUMENT, "record.key", ottla_producer_send(producer, &wrong, 0, &error));
    wrong = record;
    wrong.tag = 1;
    ottla_delivery_t *delivery = NULL;
    FAILS(OTTLA_INVALID_ARGUMENT, "not by both",
          ottla_producer_send_tracked(producer, &wrong, 0, &delivery, &error));
    /* Who asks for no error gets the status alone. */
    CHECK(ottla_producer_send(NULL, &record, 0, NULL) == OTTLA_INVALID_ARGUMENT);
    end_producer(producer);
}

static void what_is_null_is_freed_and_counted_as_nothing(void) {
    ottla_producer_free(NULL);
    ottla_consumer_free(NULL);
    ottla_admin_free(NULL);
    ottla_config_free(NULL);
    ottla_error_free(NULL);
    ottla_delivery_free(NULL);
    ottla_reports_free(NULL);
    ottla_records_free(NULL);
    ottla_offsets_free(NULL);
    ottla_partitions_free(NULL);
    ottla_partition_infos_free(NULL);
    ottla_texts_free(NULL);
    ottla_group_metadata_free(NULL);
    ottla_admin_result_free(NULL);
    ottla_test_broker_free(NULL);
    CHECK(ottla_reports_count(NULL) == 0 && ottla_reports_get(NULL, 0) == NULL);
    CHECK(ottla_records_count(NULL) == 0 && ottla_records_get(NULL, 0) == NULL);
    CHECK(ottla_offsets_count(NULL) == 0 && ottla_partitions_count(NULL) == 0 && ottla_texts_count(NULL) == 0);
    CHECK(ottla_partition_infos_count(NULL) == 0 && ottla_config_copy(NULL) == NULL && !ottla_delivery_is_done(NULL));
    CHECK(ottla_error_status(NULL) == OTTLA_OK && strcmp(ottla_error_text(NULL), "no error") == 0);
    CHECK(ottla_test_broker_bootstrap(NULL) == NULL && ottla_group_metadata_member_id(NULL) == NULL);
}

RUN_TESTS(TEST(records_of_every_shape_arrive_unchanged_on_every_path), TEST(fates_of_tagged_records_come_as_ranges),
          TEST(a_callback_runs_on_the_serving_thread_and_may_free_the_producer),
          TEST(the_event_descriptor_is_readable_while_reports_wait),
          TEST(a_delivery_may_be_looked_at_again_and_freed_early),
          TEST(a_full_buffer_says_how_many_were_taken_and_loses_none),
          TEST(a_failure_nobody_asked_about_is_told_by_flush), TEST(a_closed_producer_takes_nothing_and_still_tells),
          TEST(metrics_fill_what_an_older_caller_knows), TEST(arguments_that_cannot_be_are_refused),
          TEST(what_is_null_is_freed_and_counted_as_nothing))
