/* Consuming without a group: positions, offsets, ways to wait. */
#include "support/broker.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static ottla_consumer_t *reader_of(const char *topic, int32_t partition) {
    ottla_consumer_t *consumer = CONSUMER("group.id", new_name("group"), "enable.auto.commit", "false");
    const ottla_topic_partition_t assigned = {topic, partition};
    OK(ottla_consumer_assign(consumer, &assigned, 1, &error));
    return consumer;
}

static void check_in_order(const ottla_record_t *record, void *data) {
    int *next = (int *)data;
    char value[16];
    snprintf(value, sizeof value, "%d", *next);
    CHECK(record->offset == *next && is_text(record->value, record->value_len, value));
    ++*next;
}

static void seek(ottla_consumer_t *consumer, const char *topic, int64_t to) {
    ottla_offset_t offset;
    memset(&offset, 0, sizeof offset);
    offset.topic = topic;
    offset.offset = to;
    OK(ottla_consumer_seek(consumer, &offset, &error));
}

static int64_t position(ottla_consumer_t *consumer, const char *topic) {
    int64_t found = 0;
    OK(ottla_consumer_position(consumer, topic, 0, &found, &error));
    return found;
}

static void seeks_and_positions_are_of_what_was_handed_out(void) {
    const char *topic = new_topic(1);
    fill(topic, 0, 20);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    const ottla_topic_partition_t partition = {topic, 0};
    int next = 0;
    take(consumer, 5, check_in_order, &next);
    CHECK(position(consumer, topic) == 5);
    seek(consumer, topic, 12);
    next = 12;
    take(consumer, 8, check_in_order, &next);
    int64_t lag = -1;
    OK(ottla_consumer_lag(consumer, topic, 0, &lag, &error));
    CHECK(lag == 0);
    OK(ottla_consumer_seek_to_beginning(consumer, &partition, 1, &error));
    next = 0;
    take(consumer, 20, check_in_order, &next);
    OK(ottla_consumer_seek_to_end(consumer, NULL, 0, &error));
    ottla_records_t *records = NULL;
    OK(ottla_consumer_poll(consumer, 0, 0, &records, &error));
    CHECK(ottla_records_count(records) == 0);
    ottla_records_free(records);
    end_consumer(consumer);
}

static void a_paused_partition_gives_nothing_and_the_other_goes_on(void) {
    const char *topic = new_topic(2);
    fill(topic, 0, 3);
    fill(topic, 1, 3);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    const ottla_topic_partition_t both[] = {{topic, 0}, {topic, 1}};
    OK(ottla_consumer_assign(consumer, both, 2, &error));
    OK(ottla_consumer_pause(consumer, both, 1, &error));
    ottla_partitions_t *found = NULL;
    OK(ottla_consumer_paused(consumer, &found, &error));
    CHECK(ottla_partitions_count(found) == 1 && ottla_partitions_get(found, 0)->partition == 0);
    ottla_partitions_free(found);
    for (int taken = 0; taken < 3;) {
        ottla_records_t *records = NULL;
        OK(ottla_consumer_poll(consumer, 1000, 0, &records, &error));
        for (size_t i = 0; i < ottla_records_count(records); ++i) {
            CHECK(ottla_records_get(records, i)->partition == 1);
        }
        taken += (int)ottla_records_count(records);
        ottla_records_free(records);
    }
    OK(ottla_consumer_resume(consumer, both, 1, &error));
    int next = 0;
    take(consumer, 3, check_in_order, &next);
    OK(ottla_consumer_assignment(consumer, &found, &error));
    CHECK(ottla_partitions_count(found) == 2 && strcmp(ottla_partitions_get(found, 1)->topic, topic) == 0);
    ottla_partitions_free(found);
    end_consumer(consumer);
}

static void offsets_are_listed_in_the_order_asked_for(void) {
    const char *topic = new_topic(2);
    fill(topic, 1, 4);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    const ottla_topic_partition_t both[] = {{topic, 1}, {topic, 0}};
    ottla_offsets_t *found = NULL;
    OK(ottla_consumer_beginning_offsets(consumer, both, 2, LIMIT_MS, &found, &error));
    CHECK(ottla_offsets_count(found) == 2 && ottla_offsets_get(found, 0)->offset == 0);
    ottla_offsets_free(found);
    OK(ottla_consumer_end_offsets(consumer, both, 2, LIMIT_MS, &found, &error));
    CHECK(ottla_offsets_get(found, 0)->partition == 1 && ottla_offsets_get(found, 0)->offset == 4);
    CHECK(ottla_offsets_get(found, 1)->partition == 0 && ottla_offsets_get(found, 1)->offset == 0);
    CHECK(ottla_offsets_get(found, 2) == NULL);
    ottla_offsets_free(found);
    const ottla_partition_time_t times[] = {{topic, 1, 0}, {topic, 1, INT64_MAX / 2}};
    OK(ottla_consumer_offsets_for_times(consumer, times, 1, LIMIT_MS, &found, &error));
    CHECK(ottla_offsets_get(found, 0)->offset == 0 && ottla_offsets_get(found, 0)->timestamp_ms > 0);
    ottla_offsets_free(found);
    OK(ottla_consumer_offsets_for_times(consumer, times + 1, 1, LIMIT_MS, &found, &error));
    CHECK(ottla_offsets_get(found, 0)->offset == OTTLA_NO_OFFSET && ottla_offsets_get(found, 0)->timestamp_ms == -1);
    ottla_offsets_free(found);
    end_consumer(consumer);
}

static int64_t committed(ottla_consumer_t *consumer, const char *topic, const char *metadata) {
    const ottla_topic_partition_t partition = {topic, 0};
    ottla_offsets_t *found = NULL;
    OK(ottla_consumer_committed(consumer, &partition, 1, LIMIT_MS, &found, &error));
    const int64_t offset = ottla_offsets_get(found, 0)->offset;
    CHECK(metadata == NULL || strcmp(ottla_offsets_get(found, 0)->metadata, metadata) == 0);
    ottla_offsets_free(found);
    return offset;
}

static void a_commit_covers_exactly_the_records_given_one_by_one(void) {
    const char *topic = new_topic(1);
    fill(topic, 0, 10);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    CHECK(committed(consumer, topic, NULL) == OTTLA_NO_OFFSET);
    for (int next = 0; next < 4;) {
        const ottla_record_t *record = NULL;
        OK(ottla_consumer_next(consumer, LIMIT_MS, &record, &error));
        CHECK(record != NULL);
        check_in_order(record, &next);
    }
    CHECK(position(consumer, topic) == 4);
    OK(ottla_consumer_commit(consumer, NULL, 0, LIMIT_MS, &error));
    CHECK(committed(consumer, topic, "") == 4);
    /* What was fetched but not given comes again, in order, also when the way of polling changes. */
    int next = 4;
    take(consumer, 6, check_in_order, &next);
    ottla_offset_t chosen;
    memset(&chosen, 0, sizeof chosen);
    chosen.topic = topic;
    chosen.offset = 7;
    chosen.metadata = "by hand";
    OK(ottla_consumer_commit(consumer, &chosen, 1, LIMIT_MS, &error));
    CHECK(committed(consumer, topic, "by hand") == 7);
    end_consumer(consumer);
}

static void records_outlive_their_consumer(void) {
    const char *topic = new_topic(1);
    fill(topic, 0, 1);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    ottla_records_t *records = NULL;
    do {
        ottla_records_free(records);
        OK(ottla_consumer_poll(consumer, LIMIT_MS, 0, &records, &error));
    } while (ottla_records_count(records) == 0);
    ottla_consumer_free(consumer);
    stop_broker();
    CHECK(is_text(ottla_records_get(records, 0)->value, ottla_records_get(records, 0)->value_len, "0"));
    CHECK(ottla_records_get(records, 1) == NULL && ottla_records_event_count(records) == 0);
    ottla_records_free(records);
}

typedef struct waker_t {
    ottla_consumer_t *consumer;
    bool is_by_record;
    bool is_back;
    pthread_mutex_t lock;
} waker_t;

static void *wait_for_records(void *data) {
    waker_t *waker = (waker_t *)data;
    if (waker->is_by_record) {
        const ottla_record_t *record = NULL;
        OK(ottla_consumer_next(waker->consumer, LIMIT_MS, &record, &error));
        CHECK(record == NULL);
    } else {
        ottla_records_t *records = NULL;
        OK(ottla_consumer_poll(waker->consumer, LIMIT_MS, 0, &records, &error));
        CHECK(ottla_records_count(records) == 0);
        ottla_records_free(records);
    }
    pthread_mutex_lock(&waker->lock);
    waker->is_back = true;
    pthread_mutex_unlock(&waker->lock);
    return NULL;
}

static bool is_back(waker_t *waker) {
    pthread_mutex_lock(&waker->lock);
    const bool found = waker->is_back;
    pthread_mutex_unlock(&waker->lock);
    return found;
}

static void a_wakeup_brings_the_polling_thread_back_empty(void) {
    const char *topic = new_topic(1);
    for (int way = 0; way < 4; ++way) {
        waker_t waker = {reader_of(topic, 0), way % 2 == 1, false, PTHREAD_MUTEX_INITIALIZER};
        if (way >= 2) {
            int fd = -1;
            OK(ottla_consumer_event_fd(waker.consumer, &fd, &error));
        }
        const int64_t started = now_ms();
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, wait_for_records, &waker) == 0);
        /* Whether it comes before or within the poll, it counts. */
        OK(ottla_consumer_wakeup(waker.consumer, &error));
        UNTIL(is_back(&waker));
        CHECK(pthread_join(thread, NULL) == 0 && now_ms() - started < LIMIT_MS / 2);
        end_consumer(waker.consumer);
    }
}

static bool is_readable(int fd, int timeout_ms) {
    struct pollfd watched = {fd, POLLIN, 0};
    return poll(&watched, 1, timeout_ms) == 1;
}

/* As an event loop does: when the descriptor is readable, polls until there is nothing. */
static void drain(ottla_consumer_t *consumer, int *next) {
    for (;;) {
        ottla_records_t *records = NULL;
        OK(ottla_consumer_poll(consumer, 0, 0, &records, &error));
        const size_t count = ottla_records_count(records);
        for (size_t i = 0; i < count; ++i) {
            check_in_order(ottla_records_get(records, i), next);
        }
        ottla_records_free(records);
        if (count == 0) {
            return;
        }
    }
}

static void an_event_loop_reads_by_the_descriptor_alone(void) {
    const char *topic = new_topic(1);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    int fd = -1, again = -1, next = 0;
    OK(ottla_consumer_event_fd(consumer, &fd, &error));
    OK(ottla_consumer_event_fd(consumer, &again, &error));
    CHECK(fd >= 0 && fd == again);
    const int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event watched;
    memset(&watched, 0, sizeof watched);
    watched.events = EPOLLIN;
    CHECK(loop >= 0 && epoll_ctl(loop, EPOLL_CTL_ADD, fd, &watched) == 0);
    /* Readable at first, so that the loop begins to poll. */
    CHECK(is_readable(fd, 0));
    drain(consumer, &next);
    for (int round = 1; round <= 3; ++round) {
        CHECK(!is_readable(fd, 0));
        ottla_producer_t *producer = PRODUCER("linger.ms", "0");
        for (int i = 0; i < 5; ++i) {
            char value[16];
            snprintf(value, sizeof value, "%d", (round - 1) * 5 + i);
            ottla_producer_record_t record = record_of(topic, NULL, value);
            OK(ottla_producer_send(producer, &record, LIMIT_MS, &error));
        }
        end_producer(producer);
        while (next < round * 5) {
            CHECK(epoll_wait(loop, &watched, 1, LIMIT_MS) == 1);
            drain(consumer, &next);
        }
        CHECK(position(consumer, topic) == next);
    }
    close(loop);
    end_consumer(consumer);
}

static void an_event_loop_may_seek_between_readiness_and_poll(void) {
    const char *topic = new_topic(1);
    fill(topic, 0, 10);
    ottla_consumer_t *consumer = reader_of(topic, 0);
    int fd = -1;
    OK(ottla_consumer_event_fd(consumer, &fd, &error));
    int next = 0;
    drain(consumer, &next);
    while (next < 10) {
        CHECK(is_readable(fd, LIMIT_MS));
        drain(consumer, &next);
    }
    seek(consumer, topic, 6);
    next = 6;
    while (next < 10) {
        CHECK(is_readable(fd, LIMIT_MS));
        drain(consumer, &next);
    }
    end_consumer(consumer);
}

static void calls_that_cannot_be_are_refused(void) {
    ottla_consumer_t *consumer = CONSUMER("client.id", "refused");
    ottla_records_t *records = NULL;
    ottla_group_metadata_t *metadata = NULL;
    const ottla_topic_partition_t wrong = {"topic", -1};
    FAILS(OTTLA_INVALID_STATE, "subscribe", ottla_consumer_poll(consumer, 0, 0, &records, &error));
    CHECK(records == NULL);
    FAILS(OTTLA_INVALID_ARGUMENT, "negative", ottla_consumer_assign(consumer, &wrong, 1, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "group.id", ottla_consumer_group_metadata(consumer, &metadata, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "nowhere to put", ottla_consumer_poll(consumer, 0, 0, NULL, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "consumer", ottla_consumer_poll(NULL, 0, 0, &records, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "timeout_ms", ottla_consumer_close(consumer, -5, &error));
    end_consumer(consumer);
}

RUN_TESTS(TEST(seeks_and_positions_are_of_what_was_handed_out),
          TEST(a_paused_partition_gives_nothing_and_the_other_goes_on), TEST(offsets_are_listed_in_the_order_asked_for),
          TEST(a_commit_covers_exactly_the_records_given_one_by_one), TEST(records_outlive_their_consumer),
          TEST(a_wakeup_brings_the_polling_thread_back_empty), TEST(an_event_loop_reads_by_the_descriptor_alone),
          TEST(an_event_loop_may_seek_between_readiness_and_poll), TEST(calls_that_cannot_be_are_refused))
