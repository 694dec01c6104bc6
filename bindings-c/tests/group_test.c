/* Consuming as a member of a group: rebalances as values and by callback. */
#include "support/broker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ottla_consumer_t *member_of(const char *group, const char *topic) {
    ottla_consumer_t *consumer = CONSUMER("group.id", group, "enable.auto.commit", "false", "heartbeat.interval.ms",
                                          "100", "partition.assignment.strategy", "range");
    OK(ottla_consumer_subscribe(consumer, &topic, 1, &error));
    return consumer;
}

/* What a member was told. */
typedef struct told_t {
    size_t assigned, revoked, lost;
    /* Partitions that are its own by what it was told. */
    int own;
} told_t;

static void note(const ottla_rebalance_event_t *event, told_t *told) {
    const int count = (int)event->partition_count;
    told->assigned += event->event_type == OTTLA_ASSIGNED;
    told->revoked += event->event_type == OTTLA_REVOKED;
    told->lost += event->event_type == OTTLA_LOST;
    told->own += event->event_type == OTTLA_ASSIGNED ? count : -count;
}

static void poll_once(ottla_consumer_t *consumer, told_t *told) {
    ottla_records_t *records = NULL;
    OK(ottla_consumer_poll(consumer, 20, 0, &records, &error));
    for (size_t i = 0; i < ottla_records_event_count(records); ++i) {
        note(ottla_records_event(records, i), told);
    }
    CHECK(ottla_records_event(records, ottla_records_event_count(records)) == NULL);
    ottla_records_free(records);
}

static void rebalances_are_values_of_the_polls_around_them(void) {
    const char *topic = new_topic(4), *group = new_name("group");
    ottla_consumer_t *first = member_of(group, topic);
    told_t told = {0, 0, 0, 0}, others = {0, 0, 0, 0};
    UNTIL((poll_once(first, &told), told.own == 4));
    CHECK(told.assigned == 1 && told.revoked == 0);
    ottla_consumer_t *second = member_of(group, topic);
    UNTIL((poll_once(first, &told), poll_once(second, &others), told.own == 2 && others.own == 2));
    CHECK(told.revoked == 1 && told.lost == 0 && others.revoked == 0);
    end_consumer(second);
    UNTIL((poll_once(first, &told), told.own == 4));
    ottla_group_metadata_t *metadata = NULL;
    OK(ottla_consumer_group_metadata(first, &metadata, &error));
    CHECK(strcmp(ottla_group_metadata_group_id(metadata), group) == 0);
    CHECK(ottla_group_metadata_generation_id(metadata) >= 3);
    CHECK(ottla_group_metadata_member_id(metadata)[0] != '\0');
    CHECK(ottla_group_metadata_group_instance_id(metadata) == NULL);
    ottla_group_metadata_free(metadata);
    OK(ottla_consumer_unsubscribe(first, LIMIT_MS, &error));
    ottla_texts_t *topics = NULL;
    OK(ottla_consumer_subscription(first, &topics, &error));
    CHECK(ottla_texts_count(topics) == 0);
    ottla_texts_free(topics);
    end_consumer(first);
}

/* What a callback did and saw. */
typedef struct listener_t {
    told_t told;
    pthread_t thread;
    bool commits, wakes;
    atomic_bool is_running, may_return;
    bool blocks;
} listener_t;

static void listen_to(ottla_consumer_t *consumer, const ottla_rebalance_event_t *event, void *data) {
    listener_t *listener = (listener_t *)data;
    CHECK(pthread_equal(pthread_self(), listener->thread));
    note(event, &listener->told);
    ottla_records_t *records = NULL;
    FAILS(OTTLA_INVALID_STATE, "callback is running", ottla_consumer_poll(consumer, 0, 0, &records, &error));
    FAILS(OTTLA_INVALID_STATE, "callback is running", ottla_consumer_close(consumer, 0, &error));
    FAILS(OTTLA_INVALID_STATE, "callback is running", ottla_consumer_unsubscribe(consumer, 0, &error));
    if (listener->commits && event->event_type == OTTLA_REVOKED) {
        OK(ottla_consumer_commit(consumer, NULL, 0, LIMIT_MS, &error));
    }
    if (listener->wakes) {
        OK(ottla_consumer_wakeup(consumer, &error));
    }
    if (listener->blocks) {
        atomic_store(&listener->is_running, true);
        UNTIL(atomic_load(&listener->may_return));
    }
}

static void listening(listener_t *listener) {
    memset(listener, 0, sizeof *listener);
    listener->thread = pthread_self();
}

static void a_callback_may_commit_what_is_given_up(void) {
    const char *topic = new_topic(1), *group = new_name("group");
    fill(topic, 0, 5);
    listener_t listener;
    listening(&listener);
    listener.commits = true;
    ottla_consumer_t *consumer = member_of(group, topic);
    OK(ottla_consumer_on_rebalance(consumer, listen_to, &listener, &error));
    take(consumer, 3, NULL, NULL);
    CHECK(listener.told.own == 1 && listener.told.assigned == 1);
    end_consumer(consumer);
    CHECK(listener.told.own == 0 && listener.told.revoked == 1);
    /* The next member goes on where the callback committed. */
    consumer = member_of(group, topic);
    const ottla_record_t *record = NULL;
    OK(ottla_consumer_next(consumer, LIMIT_MS, &record, &error));
    CHECK(record != NULL && record->offset == 3);
    end_consumer(consumer);
}

static void what_a_callback_was_told_is_in_the_records_too(void) {
    const char *topic = new_topic(2);
    fill(topic, 1, 1);
    listener_t listener;
    listening(&listener);
    ottla_consumer_t *consumer = member_of(new_name("group"), topic);
    OK(ottla_consumer_on_rebalance(consumer, listen_to, &listener, &error));
    ottla_records_t *records = NULL;
    OK(ottla_consumer_poll(consumer, LIMIT_MS, 0, &records, &error));
    CHECK(ottla_records_count(records) == 1 && ottla_records_event_count(records) == 1);
    CHECK(ottla_records_event(records, 0)->partition_count == 2 && listener.told.assigned == 1);
    CHECK(strcmp(ottla_records_event(records, 0)->partitions[1].topic, topic) == 0);
    ottla_records_free(records);
    end_consumer(consumer);
}

static void a_wakeup_in_the_callback_returns_before_the_first_record(void) {
    const char *topic = new_topic(1);
    fill(topic, 0, 2);
    listener_t listener;
    listening(&listener);
    listener.wakes = true;
    ottla_consumer_t *consumer = member_of(new_name("group"), topic);
    OK(ottla_consumer_on_rebalance(consumer, listen_to, &listener, &error));
    const ottla_record_t *record = NULL;
    OK(ottla_consumer_next(consumer, LIMIT_MS, &record, &error));
    CHECK(record == NULL && listener.told.assigned == 1);
    int64_t position = -1;
    OK(ottla_consumer_position(consumer, topic, 0, &position, &error));
    CHECK(position <= 0);
    OK(ottla_consumer_next(consumer, LIMIT_MS, &record, &error));
    CHECK(record != NULL && record->offset == 0);
    end_consumer(consumer);
}

static void an_event_loop_is_told_of_every_rebalance(void) {
    const char *topic = new_topic(1);
    fill(topic, 0, 1);
    ottla_consumer_t *consumer = member_of(new_name("group"), topic);
    const ottla_topic_partition_t partition = {topic, 0};
    int fd = -1;
    told_t told = {0, 0, 0, 0};
    OK(ottla_consumer_event_fd(consumer, &fd, &error));
    ottla_partitions_t *assigned = NULL;
    poll_once(consumer, &told);
    /* The poll in the background brings the assignment; a pause in between may not swallow it. */
    do {
        ottla_partitions_free(assigned);
        OK(ottla_consumer_assignment(consumer, &assigned, &error));
        pause_briefly();
    } while (ottla_partitions_count(assigned) == 0);
    ottla_partitions_free(assigned);
    OK(ottla_consumer_pause(consumer, &partition, 1, &error));
    OK(ottla_consumer_resume(consumer, &partition, 1, &error));
    UNTIL((poll_once(consumer, &told), told.own == 1));
    CHECK(told.assigned == 1);
    end_consumer(consumer);
}

static void a_pattern_finds_topics_that_come_later(void) {
    ottla_consumer_t *consumer =
        CONSUMER("group.id", new_name("group"), "metadata.max.age.ms", "100", "heartbeat.interval.ms", "100");
    OK(ottla_consumer_subscribe_pattern(consumer, "late-[0-9]+", &error));
    told_t told = {0, 0, 0, 0};
    poll_once(consumer, &told);
    OK(ottla_test_broker_create_topic(broker(), "late-1", 3, NULL, LIMIT_MS, &error));
    OK(ottla_test_broker_create_topic(broker(), "too-late-1", 3, NULL, LIMIT_MS, &error));
    UNTIL((poll_once(consumer, &told), told.own == 3));
    end_consumer(consumer);
}

typedef struct closing_t {
    ottla_consumer_t *consumer;
    int64_t timeout_ms, took_ms;
    ottla_status_t expected;
} closing_t;

static void *close_elsewhere(void *data) {
    closing_t *closing = (closing_t *)data;
    ottla_error_t *error = NULL;
    const int64_t started = now_ms();
    const ottla_status_t status = ottla_consumer_close(closing->consumer, closing->timeout_ms, &error);
    closing->took_ms = now_ms() - started;
    if (status != closing->expected) {
        check_not_failed_so(__FILE__, __LINE__, "close", closing->expected, status, "", error);
    }
    ottla_error_free(error);
    return NULL;
}

static void *poll_elsewhere(void *data) {
    ottla_records_t *records = NULL;
    ottla_error_t *error = NULL;
    (void)ottla_consumer_poll((ottla_consumer_t *)data, LIMIT_MS, 0, &records, &error);
    ottla_records_free(records);
    ottla_error_free(error);
    return NULL;
}

static void closing_beside_a_running_callback_waits_for_it_by_the_deadline(void) {
    const char *topic = new_topic(1);
    for (int i = 0; i < 2; ++i) {
        const bool is_late = i == 1;
        listener_t listener;
        listening(&listener);
        listener.blocks = true;
        closing_t closing = {member_of(new_name("group"), topic), is_late ? 200 : LIMIT_MS, 0,
                             is_late ? OTTLA_TIMEOUT : OTTLA_OK};
        OK(ottla_consumer_on_rebalance(closing.consumer, listen_to, &listener, &error));
        pthread_t polling, closes;
        /* The callback checks whose thread it is on. */
        CHECK(pthread_create(&polling, NULL, poll_elsewhere, closing.consumer) == 0);
        listener.thread = polling;
        UNTIL(atomic_load(&listener.is_running));
        if (is_late) {
            (void)close_elsewhere(&closing);
            CHECK(closing.took_ms >= 200 && closing.took_ms < LIMIT_MS / 2);
            atomic_store(&listener.may_return, true);
        } else {
            OK(ottla_consumer_on_rebalance(closing.consumer, NULL, NULL, &error));
            CHECK(pthread_create(&closes, NULL, close_elsewhere, &closing) == 0);
            atomic_store(&listener.may_return, true);
            CHECK(pthread_join(closes, NULL) == 0);
        }
        CHECK(pthread_join(polling, NULL) == 0);
        ottla_consumer_free(closing.consumer);
    }
}

RUN_TESTS(TEST(rebalances_are_values_of_the_polls_around_them), TEST(a_callback_may_commit_what_is_given_up),
          TEST(what_a_callback_was_told_is_in_the_records_too),
          TEST(a_wakeup_in_the_callback_returns_before_the_first_record),
          TEST(an_event_loop_is_told_of_every_rebalance), TEST(a_pattern_finds_topics_that_come_later),
          TEST(closing_beside_a_running_callback_waits_for_it_by_the_deadline))
