/* Typical mistakes: each is named soon, with the next step. */
#include "support/broker.h"

#include <stdio.h>
#include <string.h>

/* Far longer than it takes to tell a mistake, far shorter than anyone would wait for it. */
#define SOON_MS 10000

/* What is tried, with which options beside an address, and how it must fail. */
typedef struct mistake_t {
    const char *name;
    ottla_status_t (*make)(ottla_config_t *options, ottla_error_t **error);
    const char *address;
    const char *option, *value;
    ottla_status_t expected;
    /* All of these are in the text. */
    const char *texts[3];
} mistake_t;

static void check_error(const mistake_t *mistake, ottla_status_t status, ottla_error_t *error) {
    for (size_t i = 0; i < 3 && mistake->texts[i] != NULL; ++i) {
        if (status != mistake->expected || !has_text(ottla_error_text(error), mistake->texts[i])) {
                        check_not_failed_so(__FILE__, __LINE__, mistake->name, mistake->expected, status, mistake->texts[i], error);
        }
    }
    ottla_error_free(error);
}

static ottla_status_t make_producer(ottla_config_t *options, ottla_error_t **error) {
    ottla_producer_t *producer = NULL;
    const ottla_status_t status = ottla_producer_new(options, &producer, error);
    ottla_producer_free(producer);
    return status;
}

static ottla_status_t make_consumer(ottla_config_t *options, ottla_error_t **error) {
    ottla_consumer_t *consumer = NULL;
    const ottla_status_t status = ottla_consumer_new(options, &consumer, error);
    ottla_consumer_free(consumer);
    return status;
}

static ottla_status_t send_to(ottla_config_t *options, ottla_producer_record_t record, ottla_error_t **error) {
    ottla_producer_t *producer = NULL;
    OK(ottla_producer_new(options, &producer, &error));
    ottla_status_t status = ottla_producer_send(producer, &record, SOON_MS, error);
    if (status == OTTLA_OK) {
        status = ottla_producer_flush(producer, SOON_MS, error);
    }
    ottla_producer_free(producer);
    return status;
}

/* As send_to(); reaching the broker is no part of the time that a missing topic or partition is waited for. */
static ottla_status_t send_to_broker(ottla_config_t *options, ottla_producer_record_t record, ottla_error_t **failure) {
    ottla_producer_t *producer = NULL;
    ottla_partition_infos_t *infos = NULL;
    OK(ottla_producer_new(options, &producer, &error));
    const char *topic = new_topic(1);
    ottla_status_t status = OTTLA_TIMEOUT;
    for (const int64_t until = now_ms() + LIMIT_MS; status == OTTLA_TIMEOUT && now_ms() < until;) {
        status = ottla_producer_partitions_for(producer, topic, LIMIT_MS, &infos, NULL);
    }
    CHECK(status == OTTLA_OK);
    ottla_partition_infos_free(infos);
    status = ottla_producer_send(producer, &record, SOON_MS, failure);
    ottla_producer_free(producer);
    return status;
}

static ottla_status_t send_anywhere(ottla_config_t *options, ottla_error_t **error) {
    return send_to(options, record_of("orders", "k", "v"), error);
}

static ottla_status_t send_to_missing_topic(ottla_config_t *options, ottla_error_t **error) {
    return send_to_broker(options, record_of("no-such-topic", "k", "v"), error);
}

static ottla_status_t send_to_invalid_topic(ottla_config_t *options, ottla_error_t **error) {
    return send_to_broker(options, record_of("or ders?", "k", "v"), error);
}

static ottla_status_t send_to_missing_partition(ottla_config_t *options, ottla_error_t **error) {
    ottla_producer_record_t record = record_of(new_topic(1), "k", "v");
    record.has_partition = true;
    record.partition = 7;
    return send_to_broker(options, record, error);
}

static ottla_status_t send_too_much(ottla_config_t *options, ottla_error_t **error) {
    static char value[2000000];
    ottla_producer_record_t record = record_of(new_topic(1), NULL, NULL);
    record.value = value;
    record.value_len = sizeof value;
    return send_to(options, record, error);
}

static ottla_status_t send_after_close(ottla_config_t *options, ottla_error_t **error) {
    ottla_producer_t *producer = NULL;
    const ottla_producer_record_t record = record_of("orders", "k", "v");
    OK(ottla_producer_new(options, &producer, &error));
    OK(ottla_producer_close(producer, SOON_MS, &error));
    const ottla_status_t status = ottla_producer_send(producer, &record, SOON_MS, error);
    ottla_producer_free(producer);
    return status;
}

static ottla_status_t subscribe_without_group(ottla_config_t *options, ottla_error_t **error) {
    ottla_consumer_t *consumer = NULL;
    const char *topic = "orders";
    OK(ottla_consumer_new(options, &consumer, &error));
    const ottla_status_t status = ottla_consumer_subscribe(consumer, &topic, 1, error);
    ottla_consumer_free(consumer);
    return status;
}

static ottla_status_t poll_without_subscription(ottla_config_t *options, ottla_error_t **error) {
    ottla_consumer_t *consumer = NULL;
    ottla_records_t *records = NULL;
    OK(ottla_consumer_new(options, &consumer, &error));
    const ottla_status_t status = ottla_consumer_poll(consumer, SOON_MS, 0, &records, error);
    ottla_consumer_free(consumer);
    return status;
}

static ottla_status_t commit_without_group(ottla_config_t *options, ottla_error_t **error) {
    ottla_consumer_t *consumer = NULL;
    const ottla_topic_partition_t partition = {new_topic(1), 0};
    OK(ottla_consumer_new(options, &consumer, &error));
    OK(ottla_consumer_assign(consumer, &partition, 1, &error));
    const ottla_status_t status = ottla_consumer_commit(consumer, NULL, 0, SOON_MS, error);
    ottla_consumer_free(consumer);
    return status;
}

static ottla_status_t start_without_reset(ottla_config_t *options, ottla_error_t **error) {
    ottla_consumer_t *consumer = NULL;
    ottla_records_t *records = NULL;
    const ottla_topic_partition_t partition = {new_topic(1), 0};
    OK(ottla_consumer_new(options, &consumer, &error));
    OK(ottla_consumer_assign(consumer, &partition, 1, &error));
    const ottla_status_t status = ottla_consumer_poll(consumer, SOON_MS, 0, &records, error);
    ottla_records_free(records);
    ottla_consumer_free(consumer);
    return status;
}

static ottla_status_t poll_anywhere(ottla_config_t *options, ottla_error_t **error) {
    ottla_consumer_t *consumer = NULL;
    ottla_records_t *records = NULL;
    const ottla_topic_partition_t partition = {"orders", 0};
    OK(ottla_consumer_new(options, &consumer, &error));
    OK(ottla_consumer_assign(consumer, &partition, 1, &error));
    const ottla_status_t status = ottla_consumer_poll(consumer, SOON_MS, 0, &records, error);
    ottla_records_free(records);
    ottla_consumer_free(consumer);
    return status;
}

static ottla_status_t administer_anywhere(ottla_config_t *options, ottla_error_t **error) {
    ottla_admin_t *admin = NULL;
    const char *topic = "orders";
    ottla_describe_topics_arguments_t arguments;
    const ottla_topic_description_by_text_t *found = NULL;
    memset(&arguments, 0, sizeof arguments);
    arguments.topics.items = &topic;
    arguments.topics.count = 1;
    OK(ottla_admin_new(options, &admin, &error));
    const ottla_status_t status = ottla_admin_describe_topics(admin, &arguments, 1000, &found, error);
    ottla_admin_result_free(found);
    ottla_admin_free(admin);
    return status;
}

#define BROKER NULL

static void typical_mistakes_are_named_with_the_next_step(void) {
    const mistake_t mistakes[] = {
        {"a typo in an option", make_producer, BROKER, "linger.msec", "5", OTTLA_CONFIG_ERROR,
         {"linger.msec", "linger.ms"}},
        {"an option of the other client", make_consumer, BROKER, "linger.ms", "5", OTTLA_CONFIG_ERROR,
         {"linger.ms", "producer"}},
        {"a value that is no number", make_producer, BROKER, "linger.ms", "soon", OTTLA_CONFIG_ERROR,
         {"linger.ms", "soon"}},
        {"a value that is not among the choices", make_consumer, BROKER, "auto.offset.reset", "first",
         OTTLA_CONFIG_ERROR, {"auto.offset.reset", "first", "earliest"}},
        {"no address", make_producer, "", "linger.ms", "5", OTTLA_CONFIG_ERROR, {"bootstrap.servers"}},
        {"an address without a port", make_producer, "localhost", "linger.ms", "5", OTTLA_CONFIG_ERROR,
         {"bootstrap.servers", "localhost", "port"}},
        {"a wrong port, producing", send_anywhere, nobody(), "max.block.ms", "1000", OTTLA_NETWORK_ERROR,
         {nobody(), "refused", "bootstrap.servers"}},
        {"a wrong port, consuming", poll_anywhere, nobody(), "client.id", "x", OTTLA_NETWORK_ERROR,
         {nobody(), "refused", "bootstrap.servers"}},
        {"a wrong port, administering", administer_anywhere, nobody(), "client.id", "x", OTTLA_NETWORK_ERROR,
         {nobody(), "refused", "bootstrap.servers"}},
        {"a host that does not exist", send_anywhere, "no.such.host.invalid:9092", "max.block.ms", "1000",
         OTTLA_NETWORK_ERROR, {"no.such.host.invalid"}},
        {"a topic that does not exist", send_to_missing_topic, BROKER, "max.block.ms", "2000",
         OTTLA_UNKNOWN_TOPIC_OR_PARTITION, {"no-such-topic"}},
        {"a topic's name that cannot be", send_to_invalid_topic, BROKER, "max.block.ms", "2000", OTTLA_BROKER_ERROR,
         {"or ders?"}},
        {"a partition that does not exist", send_to_missing_partition, BROKER, "max.block.ms", "2000",
         OTTLA_UNKNOWN_TOPIC_OR_PARTITION, {"7"}},
        {"a record too large", send_too_much, BROKER, "client.id", "x", OTTLA_RECORD_TOO_LARGE, {"max.request.size"}},
        {"sending after closing", send_after_close, BROKER, "client.id", "x", OTTLA_CLOSED, {"closed"}},
        {"subscribing without a group", subscribe_without_group, BROKER, "client.id", "x", OTTLA_INVALID_STATE,
         {"group.id"}},
        {"polling before subscribing", poll_without_subscription, BROKER, "client.id", "x", OTTLA_INVALID_STATE,
         {"subscribe"}},
        {"committing without a group", commit_without_group, BROKER, "client.id", "x", OTTLA_INVALID_STATE,
         {"group.id"}},
        {"no position and no reset policy", start_without_reset, BROKER, "auto.offset.reset", "none",
         OTTLA_OFFSET_OUT_OF_RANGE, {"auto.offset.reset"}},
        {"a protocol that is not there yet", make_producer, BROKER, "security.protocol", "SSL", OTTLA_UNSUPPORTED,
         {"security.protocol", "plaintext"}},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; ++i) {
        const mistake_t *mistake = &mistakes[i];
        ottla_config_t *options = OTTLA_CONFIG(mistake->option, mistake->value);
        const char *address = mistake->address != NULL ? mistake->address : servers();
        if (address[0] != '\0') {
            OK(ottla_config_set(options, "bootstrap.servers", address, &error));
        }
        ottla_error_t *error = NULL;
        const int64_t started = now_ms();
        const ottla_status_t status = mistake->make(options, &error);
        const int64_t took = now_ms() - started;
        printf("        %lld ms  %s: %s\n", (long long)took, mistake->name, ottla_error_text(error));
        check_error(mistake, status, error);
        CHECK(took < SOON_MS);
        ottla_config_free(options);
    }
}

static void an_error_has_its_parts_apart(void) {
    ottla_config_t *options = OTTLA_CONFIG("bootstrap.servers", servers(), "max.block.ms", "1000");
    ottla_error_t *error = NULL;
    CHECK(send_to_missing_topic(options, &error) == OTTLA_UNKNOWN_TOPIC_OR_PARTITION);
    ottla_config_free(options);
    CHECK(has_text(ottla_error_text(error), ottla_error_message(error)));
    CHECK(has_text(ottla_error_text(error), ottla_error_operation(error)));
    CHECK(has_text(ottla_error_text(error), ottla_error_hint(error)));
    CHECK(strcmp(ottla_error_context(error, "topic"), "no-such-topic") == 0);
    CHECK(ottla_error_context(error, "no such fact") == NULL && ottla_error_context(error, NULL) == NULL);
    bool is_listed = false;
    for (size_t i = 0; i < ottla_error_context_count(error); ++i) {
        is_listed = is_listed || strcmp(ottla_error_context_name(error, i), "topic") == 0;
    }
    CHECK(is_listed && ottla_error_context_name(error, ottla_error_context_count(error)) == NULL);
    CHECK(!ottla_error_is_fatal(error) && !ottla_error_requires_abort(error));
    CHECK(!ottla_error_is_outcome_unknown(error));
    ottla_error_free(error);
    CHECK(strcmp(ottla_status_name(OTTLA_QUEUE_FULL), "queue_full") == 0);
    CHECK(strcmp(ottla_code_name(OTTLA_CODE_NOT_LEADER_OR_FOLLOWER), "NOT_LEADER_OR_FOLLOWER") == 0);
    CHECK(ottla_code_is_retriable(OTTLA_CODE_NOT_LEADER_OR_FOLLOWER));
    CHECK(!ottla_code_is_retriable(OTTLA_CODE_MESSAGE_TOO_LARGE) && !ottla_code_is_retriable(100000));
}

static void options_are_copied_and_their_faults_told_when_used(void) {
    const char *const odd[] = {"bootstrap.servers", NULL, NULL};
    ottla_config_t *options = ottla_config_of(odd);
    ottla_producer_t *producer = NULL;
    FAILS(OTTLA_INVALID_ARGUMENT, "bootstrap.servers", ottla_producer_new(options, &producer, &error));
    CHECK(producer == NULL);
    ottla_config_free(options);
    options = ottla_config_new();
    FAILS(OTTLA_INVALID_ARGUMENT, "value", ottla_config_set(options, "acks", NULL, &error));
    OK(ottla_config_set(options, "bootstrap.servers", "nowhere", &error));
    ottla_config_t *copy = ottla_config_copy(options);
    OK(ottla_config_set(copy, "bootstrap.servers", servers(), &error));
    FAILS(OTTLA_CONFIG_ERROR, "nowhere", ottla_producer_new(options, &producer, &error));
    ottla_config_free(options);
    OK(ottla_producer_new(copy, &producer, &error));
    ottla_config_free(copy);
    end_producer(producer);
}

RUN_TESTS(TEST(typical_mistakes_are_named_with_the_next_step), TEST(an_error_has_its_parts_apart),
          TEST(options_are_copied_and_their_faults_told_when_used))
