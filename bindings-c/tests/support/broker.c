#include "broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static ottla_test_broker_t *shared = NULL;
static int names = 0;

int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_briefly(void) {
    const struct timespec moment = {0, 2000000};
    nanosleep(&moment, NULL);
}

ottla_test_broker_t *broker(void) {
    if (shared == NULL) {
        ottla_config_t *options = OTTLA_CONFIG("auto.create.topics.enable", "false");
        OK(ottla_test_broker_start(options, LIMIT_MS, &shared, &error));
        ottla_config_free(options);
    }
    return shared;
}

const char *servers(void) { return ottla_test_broker_bootstrap(broker()); }

void stop_broker(void) {
    if (shared != NULL) {
        OK(ottla_test_broker_stop(shared, LIMIT_MS, &error));
        ottla_test_broker_free(shared);
        shared = NULL;
    }
}

const char *new_name(const char *of) {
    static char buffers[256][64];
    CHECK(names < 256);
    char *name = buffers[names];
    snprintf(name, sizeof buffers[0], "%s-%d", of, ++names);
    return name;
}

const char *new_topic(int32_t partitions) {
    const char *name = new_name("topic");
    OK(ottla_test_broker_create_topic(broker(), name, partitions, NULL, LIMIT_MS, &error));
    return name;
}

ottla_producer_t *producer_of(ottla_config_t *options) {
    ottla_producer_t *producer = NULL;
    OK(ottla_producer_new(options, &producer, &error));
    ottla_config_free(options);
    return producer;
}

ottla_consumer_t *consumer_of(ottla_config_t *options) {
    ottla_consumer_t *consumer = NULL;
    OK(ottla_consumer_new(options, &consumer, &error));
    ottla_config_free(options);
    return consumer;
}

ottla_admin_t *admin_of(ottla_config_t *options) {
    ottla_admin_t *admin = NULL;
    OK(ottla_admin_new(options, &admin, &error));
    ottla_config_free(options);
    return admin;
}

void end_producer(ottla_producer_t *producer) {
    OK(ottla_producer_close(producer, LIMIT_MS, &error));
    ottla_producer_free(producer);
}

void end_consumer(ottla_consumer_t *consumer) {
    OK(ottla_consumer_close(consumer, LIMIT_MS, &error));
    ottla_consumer_free(consumer);
}

void end_admin(ottla_admin_t *admin) {
    OK(ottla_admin_close(admin, LIMIT_MS, &error));
    ottla_admin_free(admin);
}

ottla_producer_record_t record_of(const char *topic, const char *key, const char *value) {
    ottla_producer_record_t record;
    memset(&record, 0, sizeof record);
    record.topic = topic;
    record.key = key;
    record.key_len = OTTLA_NUL_TERMINATED;
    record.value = value;
    record.value_len = OTTLA_NUL_TERMINATED;
    return record;
}

void fill(const char *topic, int32_t partition, int count) {
    ottla_producer_t *producer = PRODUCER("linger.ms", "0");
    for (int i = 0; i < count; ++i) {
        char value[16];
        snprintf(value, sizeof value, "%d", i);
        ottla_producer_record_t record = record_of(topic, NULL, value);
        record.has_partition = true;
        record.partition = partition;
        OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
    }
    end_producer(producer);
}

void take(ottla_consumer_t *consumer, size_t count, void (*seen)(const ottla_record_t *, void *), void *data) {
    const int64_t until = now_ms() + LIMIT_MS;
    for (size_t taken = 0; taken < count;) {
        CHECK(now_ms() < until);
        ottla_records_t *records = NULL;
        OK(ottla_consumer_poll(consumer, 1000, count - taken, &records, &error));
        for (size_t i = 0; i < ottla_records_count(records); ++i) {
            if (seen != NULL) {
                seen(ottla_records_get(records, i), data);
            }
        }
        taken += ottla_records_count(records);
        ottla_records_free(records);
    }
}

bool is_text(const void *data, size_t len, const char *text) {
    if (data == NULL || text == NULL) {
        return data == NULL && text == NULL && len == 0;
    }
    return len == strlen(text) && memcmp(data, text, len) == 0;
}
