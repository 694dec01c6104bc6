/* Produces or consumes with librdkafka's C API and prints what it cost as one JSON line (bench/README.md). */

#include "harness.h"
#include "rdkafka.h"

#define BATCH 500

static void set(rd_kafka_conf_t *config, const char *name, const char *text) {
    char error[512];
    if (rd_kafka_conf_set(config, name, text, error, sizeof error) != RD_KAFKA_CONF_OK) die(name, error);
}

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    tally_t *tally = opaque;
    (void)producer;
    if (message->err) tally->failed++;
    else tally->records++;
}

static void send_records(rd_kafka_t *producer, rd_kafka_topic_t *topic, char *bytes, size_t size, uint64_t count) {
    for (uint64_t index = 0; index < count; index++) {
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, bytes, size, NULL, 0, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) die("produce", rd_kafka_err2str(rd_kafka_last_error()));
            rd_kafka_poll(producer, 1);
        }
        /* Reports are taken in bulk: a poll per record would be measured instead of librdkafka. */
        if (index % 1000 == 0) rd_kafka_poll(producer, 0);
    }
    if (rd_kafka_flush(producer, 120000) != RD_KAFKA_RESP_ERR_NO_ERROR) die("flush", "not all delivered");
}

static void produce(const work_t *work) {
    char error[512];
    tally_t tally = {0, 0};
    rd_kafka_conf_t *config = rd_kafka_conf_new();
    set(config, "bootstrap.servers", work->bootstrap);
    set(config, "acks", "all");
    set(config, "enable.idempotence", "true");
    set(config, "queue.buffering.max.messages", "1000000");
    set(config, "queue.buffering.max.kbytes", "32768");
    if (work->batch_bytes) set(config, "batch.size", work->batch_bytes);
    if (work->linger_ms) set(config, "linger.ms", work->linger_ms);
    rd_kafka_conf_set_dr_msg_cb(config, delivered);
    rd_kafka_conf_set_opaque(config, &tally);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, config, error, sizeof error);
    if (!producer) die("producer", error);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, work->topic, NULL);
    char *bytes = value(work->record_bytes);
    send_records(producer, topic, bytes, work->record_bytes, work->warmup);
    tally.records = 0;
    usage_t start = usage();
    send_records(producer, topic, bytes, work->record_bytes, work->records);
    report(start, tally.records, tally.failed);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(producer);
    free(bytes);
}

static void take(seen_t *seen, rd_kafka_message_t *message, const work_t *work) {
    if (!message) die("consume", "no record in time");
    if (message->err) die("consume", rd_kafka_message_errstr(message));
    see(seen, message->partition, message->offset, message->len, work->record_bytes);
    rd_kafka_message_destroy(message);
}

/* Reads from the beginning until `count` records were seen. */
static seen_t read_records(const work_t *work, uint64_t count) {
    char error[512];
    seen_t seen = {{0}, 0, 0};
    rd_kafka_conf_t *config = rd_kafka_conf_new();
    set(config, "bootstrap.servers", work->bootstrap);
    set(config, "group.id", "bench");
    set(config, "enable.auto.commit", "false");
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, config, error, sizeof error);
    if (!consumer) die("consumer", error);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(PARTITIONS);
    for (int32_t partition = 0; partition < PARTITIONS; partition++)
        rd_kafka_topic_partition_list_add(partitions, work->topic, partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    if (rd_kafka_assign(consumer, partitions) != RD_KAFKA_RESP_ERR_NO_ERROR) die("assign", "refused");
    rd_kafka_topic_partition_list_destroy(partitions);
    if (!strcmp(work->shape, "batch")) {
        rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
        rd_kafka_message_t *messages[BATCH];
        while (seen.records < count) {
            ssize_t got = rd_kafka_consume_batch_queue(queue, 10000, messages, BATCH);
            if (got <= 0) die("consume", "no record in time");
            for (ssize_t index = 0; index < got; index++) take(&seen, messages[index], work);
        }
        rd_kafka_queue_destroy(queue);
    } else {
        while (seen.records < count) take(&seen, rd_kafka_consumer_poll(consumer, 10000), work);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return seen;
}

int bench_main(int argc, const char *const *argv) {
    work_t work = arguments(argc, argv);
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
