/* The broker for tests, and log lines. */
#include "support/broker.h"

#include <stdio.h>
#include <string.h>

static void a_broker_is_there_at_once_and_gone_when_stopped(void) {
    ottla_test_broker_t *own = NULL;
    ottla_config_t *properties = OTTLA_CONFIG("message.max.bytes", "5000");
    OK(ottla_test_broker_start(properties, LIMIT_MS, &own, &error));
    ottla_config_free(properties);
    CHECK(strncmp(ottla_test_broker_bootstrap(own), "127.0.0.1:", 10) == 0);
    OK(ottla_test_broker_create_topic(own, "orders", 3, NULL, LIMIT_MS, &error));
    FAILS(OTTLA_BROKER_ERROR, "orders", ottla_test_broker_create_topic(own, "orders", 3, NULL, LIMIT_MS, &error));
    FAILS(OTTLA_BROKER_ERROR, "INVALID_PARTITIONS",
          ottla_test_broker_create_topic(own, "none", 0, NULL, LIMIT_MS, &error));
    OK(ottla_test_broker_stop(own, LIMIT_MS, &error));
    OK(ottla_test_broker_stop(own, LIMIT_MS, &error));
    FAILS(OTTLA_CLOSED, "", ottla_test_broker_create_topic(own, "late", 1, NULL, LIMIT_MS, &error));
    ottla_test_broker_free(own);
}

static void a_property_that_cannot_be_is_named(void) {
    ottla_test_broker_t *own = NULL;
    ottla_config_t *properties = OTTLA_CONFIG("num.partitionz", "3");
    FAILS(OTTLA_CONFIG_ERROR, "num.partitions", ottla_test_broker_start(properties, LIMIT_MS, &own, &error));
    CHECK(own == NULL);
    ottla_config_free(properties);
}

static void brokers_side_by_side_know_nothing_of_each_other(void) {
    enum { BROKERS = 10 };
    ottla_test_broker_t *brokers[BROKERS];
    for (int i = 0; i < BROKERS; ++i) {
        OK(ottla_test_broker_start(NULL, LIMIT_MS, &brokers[i], &error));
        OK(ottla_test_broker_create_topic(brokers[i], "same", 1, NULL, LIMIT_MS, &error));
        for (int j = 0; j < i; ++j) {
            CHECK(strcmp(ottla_test_broker_bootstrap(brokers[i]), ottla_test_broker_bootstrap(brokers[j])) != 0);
        }
    }
    for (int i = 0; i < BROKERS; ++i) {
        ottla_test_broker_free(brokers[i]);
    }
}

static void note_line(ottla_log_level_t level, const char *target, const char *message, void *data) {
    int *lines = (int *)data;
    CHECK(level >= OTTLA_LOG_ERROR && level <= OTTLA_LOG_DEBUG && target[0] != '\0' && message[0] != '\0');
    ++*lines;
}

static void log_lines_wait_until_they_are_taken(void) {
    const char *topic = new_topic(1);
    int lines = 0, fd = -1;
    uint64_t dropped = 1;
    fill(topic, 0, 1);
    OK(ottla_log_event_fd(&fd, &error));
    OK(ottla_poll_logs(0, note_line, &lines, &dropped, &error));
    CHECK(fd >= 0 && lines == 0 && dropped == 0);
    OK(ottla_set_log_level(OTTLA_LOG_DEBUG, &error));
    fill(topic, 0, 1);
    UNTIL((ottla_poll_logs(100, note_line, &lines, &dropped, NULL) == OTTLA_OK) && lines > 0);
    FAILS(OTTLA_INVALID_ARGUMENT, "level", ottla_set_log_level(9, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "callback", ottla_poll_logs(0, NULL, NULL, NULL, &error));
    OK(ottla_set_log_level(OTTLA_LOG_OFF, &error));
    CHECK(strcmp(ottla_log_level_name(OTTLA_LOG_WARN), "warn") == 0);
}

static void the_version_is_the_packages(void) { CHECK(strcmp(ottla_version(), OTTLA_PACKAGE_VERSION) == 0); }

RUN_TESTS(TEST(a_broker_is_there_at_once_and_gone_when_stopped), TEST(a_property_that_cannot_be_is_named),
          TEST(brokers_side_by_side_know_nothing_of_each_other), TEST(log_lines_wait_until_they_are_taken),
          TEST(the_version_is_the_packages))
