/* One thread, one epoll loop: a consumer, a producer's reports and a timer, none of them ever waited for.
 *
 * Reads numbers, writes their squares, and ends when all reports are in.
 */
#include <ottla.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { NUMBERS = 100 };

static void check(ottla_status_t status, ottla_error_t *error) {
    if (status != OTTLA_OK) {
        fprintf(stderr, "%s\n", ottla_error_text(error));
        ottla_error_free(error);
        exit(1);
    }
}

static void watch(int loop, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
    if (epoll_ctl(loop, EPOLL_CTL_ADD, fd, &event) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

static void send_number(ottla_producer_t *producer, const char *topic, long number, uint64_t tag) {
    ottla_error_t *error = NULL;
    char value[32];
    const int len = snprintf(value, sizeof value, "%ld", number);
    const ottla_producer_record_t record = {.topic = topic, .value = value, .value_len = (size_t)len, .tag = tag};
    check(ottla_producer_send(producer, &record, 10000, &error), error);
}

static void count_report(const ottla_report_t *report, void *user_data) {
    if (report->error != NULL) {
        fprintf(stderr, "%s\n", ottla_error_text(report->error));
        exit(1);
    }
    *(uint64_t *)user_data += report->count;
}

int main(void) {
    ottla_error_t *error = NULL;
    ottla_test_broker_t *broker = NULL;
    check(ottla_test_broker_start(NULL, 10000, &broker, &error), error);
    check(ottla_test_broker_create_topic(broker, "numbers", 1, NULL, 10000, &error), error);
    check(ottla_test_broker_create_topic(broker, "squares", 1, NULL, 10000, &error), error);
    const char *servers = ottla_test_broker_bootstrap(broker);

    ottla_producer_t *producer = NULL;
    ottla_config_t *config = OTTLA_CONFIG("bootstrap.servers", servers);
    check(ottla_producer_new(config, &producer, &error), error);
    ottla_consumer_t *consumer = NULL;
    check(ottla_config_set(config, "auto.offset.reset", "earliest", &error), error);
    check(ottla_consumer_new(config, &consumer, &error), error);
    ottla_config_free(config);
    const ottla_topic_partition_t numbers = {"numbers", 0};
    check(ottla_consumer_assign(consumer, &numbers, 1, &error), error);
    for (long i = 1; i <= NUMBERS; ++i) {
        send_number(producer, "numbers", i, 0);
    }

    int records_fd = -1, reports_fd = -1;
    check(ottla_consumer_event_fd(consumer, &records_fd, &error), error);
    check(ottla_producer_event_fd(producer, &reports_fd, &error), error);
    const int timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const struct itimerspec each = {{0, 50000000}, {0, 50000000}};
    timerfd_settime(timer_fd, 0, &each, NULL);
    const int loop = epoll_create1(EPOLL_CLOEXEC);
    watch(loop, records_fd);
    watch(loop, reports_fd);
    watch(loop, timer_fd);

    uint64_t read_count = 0, reported = 0, ticks = 0;
    while (reported < NUMBERS) {
        struct epoll_event event;
        if (epoll_wait(loop, &event, 1, 30000) != 1) {
            fprintf(stderr, "nothing happened for 30 s\n");
            return 1;
        }
        if (event.data.fd == records_fd) {
            /* Until it gives nothing: that makes the descriptor unreadable, and lets the library fetch on. */
            for (size_t count = 1; count > 0;) {
                ottla_records_t *records = NULL;
                check(ottla_consumer_poll(consumer, 0, 0, &records, &error), error);
                count = ottla_records_count(records);
                for (size_t i = 0; i < count; ++i) {
                    const ottla_record_t *record = ottla_records_get(records, i);
                    char text[32];
                    snprintf(text, sizeof text, "%.*s", (int)record->value_len, (const char *)record->value);
                    const long number = strtol(text, NULL, 10);
                    send_number(producer, "squares", number * number, ++read_count);
                }
                ottla_records_free(records);
            }
        } else if (event.data.fd == reports_fd) {
            check(ottla_producer_serve_reports(producer, 0, count_report, &reported, NULL, &error), error);
        } else {
            uint64_t expired = 0;
            if (read(timer_fd, &expired, sizeof expired) == (ssize_t)sizeof expired) {
                ticks += expired;
            }
        }
    }
    printf("%llu squares written; the timer ticked on\n", (unsigned long long)reported);

    close(loop);
    close(timer_fd);
    check(ottla_consumer_close(consumer, 10000, &error), error);
    ottla_consumer_free(consumer);
    check(ottla_producer_close(producer, 10000, &error), error);
    ottla_producer_free(producer);
    ottla_test_broker_free(broker);
    return 0;
}
