/* The soak of the C binding (bench/soak/README.md says what it is told, does and reports). */

#include <inttypes.h>
#include <ottla.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PARTITIONS 3
#define TICK_MS 50
#define CLOSE_TIMEOUT_MS 30000
#define PATIENCE_MS 60000
#define TOO_LARGE_BYTES 2000000 /* Larger than max.request.size. */

static struct {
    uint64_t sent, acknowledged, failed, read, doubled, lost, out_of_order, handovers, clients, refused, cancelled, dropped,
        unexpected;
} counts;
static int64_t acknowledged_to[PARTITIONS], read_to[PARTITIONS], last_number[PARTITIONS] = {-1, -1, -1};
static const char *bootstrap, *topic;
static char side[256];
static char *too_large;
static ottla_producer_t *producer;
static ottla_consumer_t *consumer, *second;
static volatile sig_atomic_t stopped;

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void on_signal(int number) {
    (void)number;
    stopped = 1;
}

static void check(ottla_error_t *error) {
    if (error == NULL) return;
    fprintf(stderr, "%s\n", ottla_error_text(error));
    ottla_error_free(error);
    exit(1);
}

static void report(int done) {
    printf("{\"sent\":%" PRIu64 ",\"acknowledged\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"read\":%" PRIu64 ",\"doubled\":%" PRIu64
           ",\"lost\":%" PRIu64 ",\"out_of_order\":%" PRIu64 ",\"handovers\":%" PRIu64 ",\"clients\":%" PRIu64
           ",\"refused\":%" PRIu64 ",\"cancelled\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"unexpected\":%" PRIu64
           ",\"done\":%s}\n",
           counts.sent, counts.acknowledged, counts.failed, counts.read, counts.doubled, counts.lost, counts.out_of_order,
           counts.handovers, counts.clients, counts.refused, counts.cancelled, counts.dropped, counts.unexpected,
           done ? "true" : "false");
    fflush(stdout);
}

static ottla_producer_t *new_producer(const char *option, const char *value) {
    ottla_error_t *error = NULL;
    ottla_producer_t *made = NULL;
    ottla_config_t *config = OTTLA_CONFIG("bootstrap.servers", bootstrap, option, value);
    ottla_producer_new(config, &made, &error);
    check(error);
    ottla_config_free(config);
    return made;
}

static ottla_consumer_t *new_consumer(const char *option, const char *value) {
    ottla_error_t *error = NULL;
    ottla_consumer_t *made = NULL;
    ottla_config_t *config =
        OTTLA_CONFIG("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "enable.auto.commit", "false", option, value);
    ottla_consumer_new(config, &made, &error);
    check(error);
    ottla_config_free(config);
    return made;
}

static void close_producer(ottla_producer_t *closed) {
    ottla_error_t *error = NULL;
    ottla_producer_close(closed, CLOSE_TIMEOUT_MS, &error);
    check(error);
    ottla_producer_free(closed);
}

static void close_consumer(ottla_consumer_t *closed) {
    ottla_error_t *error = NULL;
    ottla_consumer_close(closed, CLOSE_TIMEOUT_MS, &error);
    check(error);
    ottla_consumer_free(closed);
}

static void commit(ottla_consumer_t *of) {
    ottla_error_t *error = NULL;
    ottla_consumer_commit(of, NULL, 0, CLOSE_TIMEOUT_MS, &error);
    check(error);
}

static void on_rebalance(ottla_consumer_t *of, const ottla_rebalance_event_t *event, void *user_data) {
    (void)user_data;
    if (event->event_type != OTTLA_REVOKED) return;
    counts.handovers += event->partition_count;
    commit(of);
}

/* A member of the group; both count into the same places. */
static ottla_consumer_t *member(void) {
    counts.clients++;
    ottla_error_t *error = NULL;
    ottla_consumer_t *made = new_consumer("group.id", topic);
    ottla_consumer_on_rebalance(made, on_rebalance, NULL, &error);
    check(error);
    ottla_consumer_subscribe(made, &topic, 1, &error);
    check(error);
    return made;
}

static void send_some(uint64_t count) {
    for (; count > 0; count--) {
        char key[32], value[101], number[24];
        snprintf(number, sizeof number, "%" PRIu64, counts.sent);
        snprintf(key, sizeof key, "key-%u", (unsigned)(counts.sent % 97));
        memset(value, '.', sizeof value);
        memcpy(value, number, strlen(number));
        const ottla_header_t header = {"number", OTTLA_NUL_TERMINATED, number, OTTLA_NUL_TERMINATED};
        const ottla_producer_record_t record = {
            .topic = topic,
            .key = key, .key_len = OTTLA_NUL_TERMINATED,
            .value = value, .value_len = sizeof value - 1,
            .headers = &header, .header_count = 1,
            .tag = counts.sent + 1,
        };
        ottla_error_t *error = NULL;
        ottla_producer_send(producer, &record, PATIENCE_MS, &error);
        check(error);
        counts.sent++;
    }
}

static void on_report(const ottla_report_t *told, void *user_data) {
    (void)user_data;
    if (told->error != NULL) {
        counts.failed += told->count;
        return;
    }
    counts.acknowledged += told->count;
    int64_t end = told->first_offset + (int64_t)told->count;
    if (end > acknowledged_to[told->partition]) acknowledged_to[told->partition] = end;
}

static void learn_fates(void) {
    ottla_error_t *error = NULL;
    ottla_producer_serve_reports(producer, 0, on_report, NULL, NULL, &error);
    check(error);
}

static void note(const ottla_record_t *record) {
    counts.read++;
    int64_t *expected = &read_to[record->partition];
    if (record->offset < *expected) {
        counts.doubled++;
        return;
    }
    counts.lost += (uint64_t)(record->offset - *expected);
    *expected = record->offset + 1;
    char number[24];
    const int64_t found = strtoll(record->value, NULL, 10);
    snprintf(number, sizeof number, "%" PRId64, found);
    const ottla_header_t *header = record->headers;
    if (found <= last_number[record->partition] || record->header_count != 1 || header->value_len != strlen(number) ||
        memcmp(header->value, number, header->value_len) != 0)
        counts.out_of_order++;
    last_number[record->partition] = found;
}

static size_t read_some(ottla_consumer_t *from, int64_t timeout_ms) {
    ottla_records_t *polled = NULL;
    ottla_error_t *error = NULL;
    ottla_consumer_poll(from, timeout_ms, 0, &polled, &error);
    check(error);
    size_t count = ottla_records_count(polled);
    for (size_t index = 0; index < count; index++) note(ottla_records_get(polled, index));
    ottla_records_free(polled);
    return count;
}

static void send_one(ottla_producer_t *with, const char *value) {
    ottla_error_t *error = NULL;
    ottla_delivery_t *delivery = NULL;
    const ottla_producer_record_t record = {.topic = side, .has_partition = true, .value = value, .value_len = OTTLA_NUL_TERMINATED};
    ottla_producer_send_tracked(with, &record, PATIENCE_MS, &delivery, &error);
    check(error);
    ottla_delivery_wait(delivery, PATIENCE_MS, NULL, &error);
    check(error);
    ottla_delivery_free(delivery);
}

static void read_side(ottla_consumer_t *from, int64_t timeout_ms) {
    ottla_error_t *error = NULL;
    ottla_records_t *polled = NULL;
    const ottla_topic_partition_t partition = {side, 0};
    ottla_consumer_assign(from, &partition, 1, &error);
    check(error);
    ottla_consumer_poll(from, timeout_ms, 10, &polled, &error);
    check(error);
    ottla_records_free(polled);
}

static void short_lived(void) {
    ottla_producer_t *sender = new_producer("linger.ms", "0");
    send_one(sender, "short-lived");
    close_producer(sender);
    ottla_consumer_t *reader = new_consumer("client.id", "short-lived");
    read_side(reader, PATIENCE_MS);
    close_consumer(reader);
    ottla_error_t *error = NULL;
    ottla_admin_t *admin = NULL;
    ottla_config_t *config = OTTLA_CONFIG("bootstrap.servers", bootstrap);
    ottla_admin_new(config, &admin, &error);
    check(error);
    ottla_config_free(config);
    const ottla_list_topics_arguments_t all = {0};
    const ottla_topic_listing_map_t *topics = NULL;
    ottla_admin_list_topics(admin, &all, PATIENCE_MS, &topics, &error);
    check(error);
    if (topics->count == 0) counts.unexpected++;
    ottla_admin_result_free(topics);
    ottla_admin_close(admin, CLOSE_TIMEOUT_MS, &error);
    check(error);
    ottla_admin_free(admin);
    counts.clients += 3;
}

static void expect_refused(ottla_status_t expected, ottla_status_t or_else, ottla_producer_t *with,
                           const ottla_producer_record_t *record) {
    ottla_error_t *error = NULL;
    ottla_status_t status = ottla_producer_send(with, record, PATIENCE_MS, &error);
    if (status == expected || status == or_else) {
        counts.refused++;
    } else {
        fprintf(stderr, "expected status %d, found %d: %s\n", (int)expected, (int)status, ottla_error_text(error));
        counts.unexpected++;
    }
    ottla_error_free(error);
}

static void refused(void) {
    const ottla_producer_record_t large = {.topic = topic, .value = too_large, .value_len = TOO_LARGE_BYTES};
    expect_refused(OTTLA_RECORD_TOO_LARGE, OTTLA_RECORD_TOO_LARGE, producer, &large);
    ottla_producer_t *sender = new_producer("max.block.ms", "200");
    const ottla_producer_record_t missing = {.topic = topic, .has_partition = true, .partition = PARTITIONS + 96};
    /* The latter on a machine so busy that metadata takes longer than max.block.ms. */
    expect_refused(OTTLA_UNKNOWN_TOPIC_OR_PARTITION, OTTLA_TIMEOUT, sender, &missing);
    close_producer(sender);
    counts.clients++;
    /* A poll that is woken up loses no record: whatever it would have given comes with the next one. */
    ottla_error_t *error = NULL;
    ottla_consumer_wakeup(consumer, &error);
    check(error);
    read_some(consumer, PATIENCE_MS);
    counts.cancelled++;
}

/* Clients that nobody closes. */
static void dropped(void) {
    ottla_producer_t *sender = new_producer("linger.ms", "0");
    send_one(sender, "dropped");
    ottla_producer_free(sender);
    ottla_consumer_t *reader = new_consumer("client.id", "dropped");
    read_side(reader, 0);
    ottla_consumer_free(reader);
    counts.dropped += 2;
}

static void change_members(void) {
    if (second == NULL) {
        second = member();
        return;
    }
    commit(second);
    close_consumer(second);
    second = NULL;
}

static int64_t left_until(int64_t ends) {
    int64_t left = ends - now_ms();
    return left > 0 ? left : 0;
}

static void tick(uint64_t number, uint64_t rate) {
    int64_t ends = now_ms() + TICK_MS;
    send_some(rate * TICK_MS / 1000);
    learn_fates();
    if (number % 20 == 5) short_lived();
    if (number % 40 == 15) refused();
    if (number % 60 == 25) dropped();
    if (number % 100 == 35) change_members();
    int64_t left = left_until(ends) / (second == NULL ? 1 : 2);
    read_some(consumer, left > 2 ? left : 2);
    if (second != NULL) read_some(second, left > 2 ? left : 2);
    if (number % 10 == 0) {
        commit(consumer);
        if (second != NULL) commit(second);
    }
    left = left_until(ends);
    nanosleep(&(struct timespec){0, (long)left * 1000000}, NULL);
}

static uint64_t missing(void) {
    uint64_t sum = 0;
    for (int index = 0; index < PARTITIONS; index++)
        if (acknowledged_to[index] > read_to[index]) sum += (uint64_t)(acknowledged_to[index] - read_to[index]);
    return sum;
}

static void finish(void) {
    ottla_error_t *error = NULL;
    ottla_producer_flush(producer, PATIENCE_MS, &error);
    check(error);
    learn_fates();
    if (second != NULL) change_members();
    int64_t patience = now_ms() + PATIENCE_MS;
    while (now_ms() < patience && missing() > 0)
        if (read_some(consumer, 500) > 0) patience = now_ms() + PATIENCE_MS;
    counts.lost += missing();
    commit(consumer);
    close_consumer(consumer);
    close_producer(producer);
}

static const char *told(int count, char **arguments, const char *name) {
    for (int index = 1; index + 1 < count; index += 2)
        if (strcmp(arguments[index], name) == 0) return arguments[index + 1];
    fprintf(stderr, "%s is missing\n", name);
    exit(2);
}

int main(int count, char **arguments) {
    bootstrap = told(count, arguments, "--bootstrap");
    topic = told(count, arguments, "--topic");
    const int64_t ends = now_ms() + strtoll(told(count, arguments, "--seconds"), NULL, 10) * 1000;
    const uint64_t rate = strtoull(told(count, arguments, "--rate"), NULL, 10);
    snprintf(side, sizeof side, "%s-side", topic);
    too_large = calloc(TOO_LARGE_BYTES, 1);
    if (too_large == NULL) return 1;
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    sigaction(SIGTERM, &action, NULL);

    producer = new_producer("linger.ms", "5");
    consumer = member();
    for (uint64_t number = 1; now_ms() < ends && !stopped; number++) {
        tick(number, rate);
        if (number % 60 == 0) report(0);
    }
    finish();
    report(1);
    free(too_large);
    return 0;
}
