/* Produces or consumes with Ottla's C API and prints what it cost as one JSON line (bench/README.md).
 * Shapes of producing: "each" hands over one by one, "many" arrays; both learn the fate of each from the reports.
 * Of consuming: "record" asks for the next, "batch" polls. */

#include "harness.h"
#include "ottla.h"

#define TIMEOUT_MS 120000
#define MANY 500

static void must(ottla_status_t status, const char *what, ottla_error_t *error) {
    if (status != OTTLA_OK) die(what, error ? ottla_error_text(error) : ottla_status_name(status));
}

static void set(ottla_config_t *config, const char *name, const char *text) {
    ottla_error_t *error = NULL;
    must(ottla_config_set(config, name, text, &error), name, error);
}

/* What a report says counts for each of its records; how many there were. */
static void told(const ottla_report_t *report, void *user_data) {
    tally_t *tally = user_data;
    if (report->error) tally->failed += report->count;
    else tally->records += report->count;
}

static tally_t send_records(ottla_producer_t *producer, const work_t *work, const char *bytes, uint64_t count, bool many) {
    ottla_error_t *error = NULL;
    tally_t tally = {0, 0};
    ottla_producer_record_t records[MANY];
    memset(records, 0, sizeof records);
    for (size_t index = 0; index < MANY; index++) {
        records[index].topic = work->topic;
        records[index].value = bytes;
        records[index].value_len = work->record_bytes;
    }
    for (uint64_t sent = 0; sent < count;) {
        if (many) {
            size_t some = count - sent < MANY ? (size_t)(count - sent) : MANY, taken = 0;
            for (size_t index = 0; index < some; index++) records[index].tag = sent + index + 1;
            must(ottla_producer_send_many(producer, records, some, TIMEOUT_MS, &taken, &error), "send_many", error);
            sent += taken;
        } else {
            records[0].tag = ++sent;
            must(ottla_producer_send(producer, records, TIMEOUT_MS, &error), "send", error);
            if (sent % 1000 != 0) continue;
        }
        must(ottla_producer_serve_reports(producer, 0, told, &tally, NULL, &error), "reports", error);
    }
    must(ottla_producer_flush(producer, TIMEOUT_MS, &error), "flush", error);
    while (tally.records + tally.failed < count) {
        size_t served = 0;
        must(ottla_producer_serve_reports(producer, 10000, told, &tally, &served, &error), "reports", error);
        if (served == 0) die("reports", "records without a fate");
    }
    return tally;
}

static void produce(const work_t *work) {
    ottla_error_t *error = NULL;
    ottla_config_t *config = ottla_config_new();
    set(config, "bootstrap.servers", work->bootstrap);
    if (work->batch_bytes) set(config, "batch.size", work->batch_bytes);
    if (work->linger_ms) set(config, "linger.ms", work->linger_ms);
    ottla_producer_t *producer = NULL;
    must(ottla_producer_new(config, &producer, &error), "producer", error);
    ottla_config_free(config);
    char *bytes = value(work->record_bytes);
    bool many = !strcmp(work->shape, "many");
    send_records(producer, work, bytes, work->warmup, many);
    usage_t start = usage();
    tally_t tally = send_records(producer, work, bytes, work->records, many);
    report(start, tally.records, tally.failed);
    must(ottla_producer_close(producer, TIMEOUT_MS, &error), "close", error);
    ottla_producer_free(producer);
    free(bytes);
}

/* Reads from the beginning until `count` records were seen. */
static seen_t read_records(const work_t *work, uint64_t count) {
    ottla_error_t *error = NULL;
    seen_t seen = {{0}, 0, 0};
    ottla_config_t *config = ottla_config_new();
    set(config, "bootstrap.servers", work->bootstrap);
    set(config, "auto.offset.reset", "earliest");
    set(config, "enable.auto.commit", "false");
    ottla_consumer_t *consumer = NULL;
    must(ottla_consumer_new(config, &consumer, &error), "consumer", error);
    ottla_config_free(config);
    ottla_topic_partition_t partitions[PARTITIONS];
    for (int32_t partition = 0; partition < PARTITIONS; partition++) {
        partitions[partition].topic = work->topic;
        partitions[partition].partition = partition;
    }
    must(ottla_consumer_assign(consumer, partitions, PARTITIONS, &error), "assign", error);
    bool batch = !strcmp(work->shape, "batch");
    while (seen.records < count) {
        if (batch) {
            ottla_records_t *records = NULL;
            must(ottla_consumer_poll(consumer, 10000, 0, &records, &error), "poll", error);
            size_t got = ottla_records_count(records);
            if (got == 0) die("poll", "no record in time");
            for (size_t index = 0; index < got; index++) {
                const ottla_record_t *record = ottla_records_get(records, index);
                see(&seen, record->partition, record->offset, record->value_len, work->record_bytes);
            }
            ottla_records_free(records);
        } else {
            const ottla_record_t *record = NULL;
            must(ottla_consumer_next(consumer, 10000, &record, &error), "next", error);
            if (!record) die("next", "no record in time");
            see(&seen, record->partition, record->offset, record->value_len, work->record_bytes);
        }
    }
    must(ottla_consumer_close(consumer, TIMEOUT_MS, &error), "close", error);
    ottla_consumer_free(consumer);
    return seen;
}

int main(int argc, char **argv) {
    work_t work = arguments(argc, (const char *const *)argv);
    if (!strcmp(work.verb, "produce")) {
        produce(&work);
    } else {
        read_records(&work, work.warmup);
        usage_t start = usage();
        seen_t seen = read_records(&work, work.records);
        report(start, seen.records, seen.wrong);
    }
    return 0;
}
