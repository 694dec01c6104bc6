/* Checks statements: the last stage of the demo (demo/README.md says what it is told and what it reports). Every order must
 * be there once, each customer's in order, and every account must stand where the orders so far have brought it. */

#include <inttypes.h>
#include <ottla.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CUSTOMERS 20000
#define PARTITIONS 6
#define CLOSE_TIMEOUT_MS 30000

static const uint64_t PRICES_CENTS[8] = {34900, 12950, 2150, 495, 8990, 1275, 4600, 890};

typedef struct {
    uint64_t order_id, sequence, net_cents, orders, spent_cents;
} statement_t;

typedef struct {
    uint64_t orders, spent_cents;
} account_t;

typedef struct {
    uint64_t lost, doubled, out_of_order, altered;
} findings_t;

static account_t accounts[CUSTOMERS];
static findings_t findings;
static uint64_t records, seen, bytes;
static unsigned char *known;
static double started;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void report(int done) {
    printf("{\"stage\":\"verify\",\"records\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"seconds\":%.3f,\"done\":%s", seen, bytes,
           now() - started, done ? "true" : "false");
    if (done)
        printf(",\"findings\":{\"lost\":%" PRIu64 ",\"doubled\":%" PRIu64 ",\"out_of_order\":%" PRIu64
               ",\"altered\":%" PRIu64 "}",
               findings.lost, findings.doubled, findings.out_of_order, findings.altered);
    printf("}\n");
    fflush(stdout);
}

/* SplitMix64's output function: what is ordered follows from the order's number. */
static uint64_t scatter(uint64_t number) {
    uint64_t mixed = number + UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static uint64_t expected_net_cents(uint64_t order_id) {
    uint64_t dice = scatter(order_id), count = 1 + dice % 3, net = 0;
    while (count-- > 0) {
        dice = scatter(dice);
        net += (1 + (dice >> 32) % 4) * PRICES_CENTS[dice % 8];
    }
    return net;
}

/* The number behind `"name":`; whether there is one. */
static int number(const char *json, size_t length, const char *name, uint64_t *value) {
    size_t name_length = strlen(name);
    for (size_t at = 0; at + name_length + 3 < length; at++) {
        if (json[at] != '"' || memcmp(json + at + 1, name, name_length) != 0) continue;
        if (json[at + 1 + name_length] != '"' || json[at + 2 + name_length] != ':') continue;
        size_t digit = at + 3 + name_length;
        if (digit >= length || json[digit] < '0' || json[digit] > '9') return 0;
        for (*value = 0; digit < length && json[digit] >= '0' && json[digit] <= '9'; digit++)
            *value = *value * 10 + (uint64_t)(json[digit] - '0');
        return 1;
    }
    return 0;
}

static int parse(const ottla_record_t *record, statement_t *statement) {
    const char *json = record->value;
    size_t length = record->value_len;
    return json != NULL && number(json, length, "order_id", &statement->order_id) &&
           number(json, length, "sequence", &statement->sequence) &&
           number(json, length, "net_cents", &statement->net_cents) && number(json, length, "orders", &statement->orders) &&
           number(json, length, "spent_cents", &statement->spent_cents);
}

/* The customer's account with the orders up to the `sequence`-th, from what it was when one was last seen. */
static account_t account_after(uint64_t customer, uint64_t place, uint64_t sequence) {
    account_t account = accounts[customer];
    if (account.orders > sequence) {
        findings.out_of_order++;
        account = (account_t){0, 0};
    }
    for (; account.orders <= sequence; account.orders++)
        account.spent_cents += expected_net_cents(account.orders * CUSTOMERS + place);
    return account;
}

static void note(const ottla_record_t *record) {
    statement_t statement;
    bytes += record->value_len;
    if (!parse(record, &statement) || statement.order_id >= records) {
        findings.altered++;
        return;
    }
    unsigned char bit = (unsigned char)(1u << (statement.order_id % 8));
    if (known[statement.order_id / 8] & bit) {
        findings.doubled++;
        return;
    }
    known[statement.order_id / 8] |= bit;
    seen++;
    uint64_t place = statement.order_id % CUSTOMERS, sequence = statement.order_id / CUSTOMERS;
    uint64_t customer = (place * 7919 + 13) % CUSTOMERS;
    char key[sizeof "customer-00000"];
    snprintf(key, sizeof key, "customer-%05u", (unsigned)(customer % CUSTOMERS));
    account_t account = account_after(customer, place, sequence);
    accounts[customer] = account;
    if (record->key_len != strlen(key) || memcmp(record->key, key, record->key_len) != 0 || statement.sequence != sequence ||
        statement.net_cents != expected_net_cents(statement.order_id) || statement.orders != account.orders ||
        statement.spent_cents != account.spent_cents)
        findings.altered++;
}

static void check(ottla_error_t *error) {
    if (error == NULL) return;
    fprintf(stderr, "%s\n", ottla_error_text(error));
    ottla_error_free(error);
    exit(1);
}

/* One poll; how many records it gave. */
static size_t read_some(ottla_consumer_t *consumer, int64_t patience_ms) {
    ottla_records_t *polled = NULL;
    ottla_error_t *error = NULL;
    ottla_consumer_poll(consumer, patience_ms, 10000, &polled, &error);
    check(error);
    size_t count = ottla_records_count(polled);
    for (size_t index = 0; index < count; index++) note(ottla_records_get(polled, index));
    ottla_records_free(polled);
    return count;
}

/* Whether something lies behind what was read. */
static int is_behind(ottla_consumer_t *consumer, const ottla_offsets_t *ends) {
    for (size_t index = 0; index < ottla_offsets_count(ends); index++) {
        const ottla_offset_t *end = ottla_offsets_get(ends, index);
        int64_t position = 0;
        ottla_error_t *error = NULL;
        ottla_consumer_position(consumer, end->topic, end->partition, &position, &error);
        check(error);
        if (position < end->offset) return 1;
    }
    return 0;
}

static const char *told(int count, char **arguments, const char *name) {
    for (int index = 1; index + 1 < count; index += 2)
        if (strcmp(arguments[index], name) == 0) return arguments[index + 1];
    fprintf(stderr, "%s is missing\n", name);
    exit(2);
}

int main(int count, char **arguments) {
    const char *topic = told(count, arguments, "--input");
    int64_t patience_ms = strtoll(told(count, arguments, "--patience-ms"), NULL, 10);
    records = strtoull(told(count, arguments, "--records"), NULL, 10);
    known = calloc(records / 8 + 1, 1);
    if (known == NULL) return 1;

    const char *options[] = {"bootstrap.servers", told(count, arguments, "--bootstrap"), "auto.offset.reset", "earliest",
                             "enable.auto.commit", "false", NULL, NULL};
    ottla_config_t *config = ottla_config_of(options);
    ottla_consumer_t *consumer = NULL;
    ottla_error_t *error = NULL;
    ottla_consumer_new(config, &consumer, &error);
    check(error);
    ottla_config_free(config);
    ottla_topic_partition_t partitions[PARTITIONS];
    for (int32_t partition = 0; partition < PARTITIONS; partition++)
        partitions[partition] = (ottla_topic_partition_t){topic, partition};
    ottla_consumer_assign(consumer, partitions, PARTITIONS, &error);
    check(error);

    started = now();
    uint64_t reported = 0;
    while (seen < records && read_some(consumer, patience_ms) > 0) {
        if (seen - reported < 50000) continue;
        reported = seen;
        report(0);
    }
    /* Whatever lies behind the last expected record would be a double: read to the very end. */
    ottla_offsets_t *ends = NULL;
    ottla_consumer_end_offsets(consumer, partitions, PARTITIONS, patience_ms, &ends, &error);
    check(error);
    while (is_behind(consumer, ends) && read_some(consumer, patience_ms) > 0) {
    }
    ottla_offsets_free(ends);
    ottla_consumer_close(consumer, CLOSE_TIMEOUT_MS, &error);
    check(error);
    ottla_consumer_free(consumer);
    findings.lost = records - seen;
    report(1);
    free(known);
    return 0;
}
