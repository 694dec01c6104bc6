/* Administering: every operation, what it gives, and how items that fail are told. */
#include "support/broker.h"

#include <stdio.h>
#include <string.h>

static ottla_admin_t *new_admin(void) {
    return admin_of(OTTLA_CONFIG("bootstrap.servers", servers(), "client.id", "admin"));
}

/* Declares the arguments of an operation, all zero. */
#define ARGUMENTS(type)                                                                                                \
    type arguments;                                                                                                    \
    memset(&arguments, 0, sizeof arguments)
/* What `result` points to has this many items. */
#define HAS(result, expected) CHECK((result) != NULL && (result)->count == (expected))

static void topics_are_created_listed_described_and_deleted(void) {
    ottla_admin_t *admin = new_admin();
    const char *names[] = {new_name("made"), "no-such-topic"};
    {
        const ottla_text_map_entry_t config = {"cleanup.policy", "compact"};
        ottla_new_topic_t topic;
        memset(&topic, 0, sizeof topic);
        topic.name = names[0];
        topic.num_partitions.is_set = true;
        topic.num_partitions.value = 3;
        topic.configs.items = &config;
        topic.configs.count = 1;
        ARGUMENTS(ottla_create_topics_arguments_t);
        arguments.topics.items = &topic;
        arguments.topics.count = 1;
        arguments.validate_only = true;
        const ottla_created_topic_by_text_t *result = NULL;
        OK(ottla_admin_create_topics(admin, &arguments, LIMIT_MS, &result, &error));
        ottla_admin_result_free(result);
        arguments.validate_only = false;
        OK(ottla_admin_create_topics(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        CHECK(strcmp(result->items[0].key, names[0]) == 0 && result->items[0].error == NULL);
        CHECK(result->items[0].value.id != NULL && result->items[0].value.num_partitions.value == 3);
        ottla_admin_result_free(result);
        FAILS(OTTLA_BROKER_ERROR, "TOPIC_ALREADY_EXISTS",
              ottla_admin_create_topics(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        CHECK(ottla_error_code(result->items[0].error) == OTTLA_CODE_TOPIC_ALREADY_EXISTS);
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_list_topics_arguments_t);
        const ottla_topic_listing_map_t *result = NULL;
        bool is_listed = false;
        OK(ottla_admin_list_topics(admin, &arguments, LIMIT_MS, &result, &error));
        for (size_t i = 0; i < result->count; ++i) {
            is_listed = is_listed || strcmp(result->items[i].value.name, names[0]) == 0;
        }
        CHECK(is_listed);
        ottla_admin_result_free(result);
    }
    {
        ottla_new_partitions_t more;
        memset(&more, 0, sizeof more);
        more.topic = names[0];
        more.total_count = 5;
        ARGUMENTS(ottla_create_partitions_arguments_t);
        arguments.topics.items = &more;
        arguments.topics.count = 1;
        const ottla_done_by_text_t *result = NULL;
        OK(ottla_admin_create_partitions(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        ottla_admin_result_free(result);
    }
    {
        /* One item fails, the other does not: the call tells the failure, the result both. */
        ARGUMENTS(ottla_describe_topics_arguments_t);
        arguments.topics.items = names;
        arguments.topics.count = 2;
        const ottla_topic_description_by_text_t *result = NULL;
        FAILS(OTTLA_UNKNOWN_TOPIC_OR_PARTITION, "no-such-topic",
              ottla_admin_describe_topics(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 2);
        for (size_t i = 0; i < 2; ++i) {
            const ottla_topic_description_by_text_entry_t *entry = &result->items[i];
            if (strcmp(entry->key, names[0]) == 0) {
                CHECK(entry->error == NULL && entry->value.partitions.count == 5 && !entry->value.is_internal);
                CHECK(entry->value.partitions.items[4].leader.is_set && entry->value.partitions.items[4].isr.count == 1);
            } else {
                CHECK(ottla_error_code(entry->error) == OTTLA_CODE_UNKNOWN_TOPIC_OR_PARTITION);
            }
        }
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_delete_topics_arguments_t);
        arguments.topics.items = names;
        arguments.topics.count = 1;
        const ottla_done_by_text_t *result = NULL;
        OK(ottla_admin_delete_topics(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        ottla_admin_result_free(result);
    }
    end_admin(admin);
}

static void configs_are_altered_and_described(void) {
    ottla_admin_t *admin = new_admin();
    const ottla_config_resource_t resource = {OTTLA_CONFIG_RESOURCE_TYPE_TOPIC, new_topic(1)};
    const ottla_alter_config_op_t op = {"retention.ms", "86400000", OTTLA_ALTER_CONFIG_OP_TYPE_SET};
    const ottla_config_changes_t changes = {resource, {&op, 1}};
    {
        ARGUMENTS(ottla_incremental_alter_configs_arguments_t);
        arguments.changes.items = &changes;
        arguments.changes.count = 1;
        const ottla_done_by_config_resource_t *result = NULL;
        OK(ottla_admin_incremental_alter_configs(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        CHECK(strcmp(result->items[0].key.name, resource.name) == 0);
        ottla_admin_result_free(result);
    }
    ARGUMENTS(ottla_describe_configs_arguments_t);
    arguments.resources.items = &resource;
    arguments.resources.count = 1;
    arguments.include_synonyms = true;
    const ottla_config_entry_map_by_config_resource_t *result = NULL;
    OK(ottla_admin_describe_configs(admin, &arguments, LIMIT_MS, &result, &error));
    HAS(result, 1);
    bool is_set = false;
    for (size_t i = 0; i < result->items[0].value.count; ++i) {
        const ottla_config_entry_t *entry = &result->items[0].value.items[i].value;
        if (strcmp(entry->name, "retention.ms") == 0) {
            is_set = strcmp(entry->value, "86400000") == 0 && entry->source == OTTLA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
        }
    }
    CHECK(is_set);
    ottla_admin_result_free(result);
    end_admin(admin);
}

static void offsets_are_listed_and_records_deleted(void) {
    ottla_admin_t *admin = new_admin();
    const char *topic = new_topic(1);
    fill(topic, 0, 4);
    {
        const ottla_records_to_delete_t records = {topic, 0, 3};
        ARGUMENTS(ottla_delete_records_arguments_t);
        arguments.records.items = &records;
        arguments.records.count = 1;
        const ottla_deleted_records_by_topic_partition_t *result = NULL;
        OK(ottla_admin_delete_records(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        CHECK(result->items[0].value.low_watermark == 3 && strcmp(result->items[0].key.topic, topic) == 0);
        ottla_admin_result_free(result);
    }
    for (int i = 0; i < 2; ++i) {
        ottla_offset_query_t query;
        memset(&query, 0, sizeof query);
        query.topic = topic;
        query.spec = i == 0 ? OTTLA_OFFSET_SPEC_EARLIEST : OTTLA_OFFSET_SPEC_LATEST;
        ARGUMENTS(ottla_list_offsets_arguments_t);
        arguments.queries.items = &query;
        arguments.queries.count = 1;
        const ottla_list_offsets_result_info_by_topic_partition_t *result = NULL;
        OK(ottla_admin_list_offsets(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        CHECK(result->items[0].value.offset.is_set && result->items[0].value.offset.value == 3 + i);
        ottla_admin_result_free(result);
    }
    end_admin(admin);
}

static void groups_and_their_offsets_are_administered(void) {
    ottla_admin_t *admin = new_admin();
    const char *topic = new_topic(1), *group = new_name("group"), *instance = "instance-1";
    ottla_consumer_t *consumer = CONSUMER("group.id", group, "group.instance.id", instance, "client.id", "member");
    OK(ottla_consumer_subscribe(consumer, &topic, 1, &error));
    fill(topic, 0, 2);
    take(consumer, 2, NULL, NULL);
    OK(ottla_consumer_commit(consumer, NULL, 0, LIMIT_MS, &error));
    {
        ARGUMENTS(ottla_describe_consumer_groups_arguments_t);
        arguments.group_ids.items = &group;
        arguments.group_ids.count = 1;
        const ottla_group_description_by_text_t *result = NULL;
        OK(ottla_admin_describe_consumer_groups(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        const ottla_group_description_t *found = &result->items[0].value;
        CHECK(strcmp(found->group_id, group) == 0 && found->members.count == 1 && strcmp(found->state, "Stable") == 0);
        CHECK(strcmp(found->members.items[0].client_id, "member") == 0);
        CHECK(strcmp(found->members.items[0].group_instance_id, instance) == 0);
        CHECK(found->members.items[0].assignment.count == 1);
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_list_groups_arguments_t);
        const ottla_group_listing_map_t *result = NULL;
        bool is_listed = false;
        OK(ottla_admin_list_groups(admin, &arguments, LIMIT_MS, &result, &error));
        for (size_t i = 0; i < result->count; ++i) {
            is_listed = is_listed || strcmp(result->items[i].value.group_id, group) == 0;
        }
        CHECK(is_listed);
        ottla_admin_result_free(result);
    }
    /* A static member does not leave by closing: it is removed. */
    OK(ottla_consumer_close(consumer, LIMIT_MS, &error));
    ottla_consumer_free(consumer);
    {
        ottla_member_to_remove_t member;
        memset(&member, 0, sizeof member);
        member.group_instance_id = instance;
        ARGUMENTS(ottla_remove_members_from_consumer_group_arguments_t);
        arguments.group_id = group;
        arguments.members.items = &member;
        arguments.members.count = 1;
        const ottla_done_by_member_to_remove_t *result = NULL;
        const ottla_status_t status =
            ottla_admin_remove_members_from_consumer_group(admin, &arguments, LIMIT_MS, &result, NULL);
        /* Whether or not closing removed it already. */
        CHECK(status == OTTLA_OK || status == OTTLA_BROKER_ERROR);
        HAS(result, 1);
        CHECK(strcmp(result->items[0].key.group_instance_id, instance) == 0);
        ottla_admin_result_free(result);
    }
    {
        const ottla_committed_offset_t offset = {topic, 0, 1, {false, 0}, "by admin"};
        ARGUMENTS(ottla_alter_consumer_group_offsets_arguments_t);
        arguments.group_id = group;
        arguments.offsets.items = &offset;
        arguments.offsets.count = 1;
        const ottla_done_by_topic_partition_t *result = NULL;
        OK(ottla_admin_alter_consumer_group_offsets(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        ottla_admin_result_free(result);
    }
    {
        ottla_group_offsets_query_t query;
        memset(&query, 0, sizeof query);
        query.group_id = group;
        ARGUMENTS(ottla_list_consumer_group_offsets_arguments_t);
        arguments.groups.items = &query;
        arguments.groups.count = 1;
        const ottla_committed_offset_list_by_text_t *result = NULL;
        OK(ottla_admin_list_consumer_group_offsets(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        HAS(&result->items[0].value, 1);
        const ottla_committed_offset_t *found = &result->items[0].value.items[0];
        CHECK(found->offset == 1 && strcmp(found->metadata, "by admin") == 0);
        ottla_admin_result_free(result);
    }
    {
        const ottla_topic_partition_t partition = {topic, 0};
        ARGUMENTS(ottla_delete_consumer_group_offsets_arguments_t);
        arguments.group_id = group;
        arguments.partitions.items = &partition;
        arguments.partitions.count = 1;
        const ottla_done_by_topic_partition_t *result = NULL;
        OK(ottla_admin_delete_consumer_group_offsets(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        ottla_admin_result_free(result);
    }
    {
        /* Without members and offsets some brokers let a group go by themselves. */
        ARGUMENTS(ottla_delete_consumer_groups_arguments_t);
        arguments.group_ids.items = &group;
        arguments.group_ids.count = 1;
        const ottla_done_by_text_t *result = NULL;
        const ottla_status_t status =
            ottla_admin_delete_consumer_groups(admin, &arguments, LIMIT_MS, &result, NULL);
        HAS(result, 1);
        CHECK(status == OTTLA_OK || ottla_error_code(result->items[0].error) == OTTLA_CODE_GROUP_ID_NOT_FOUND);
        ottla_admin_result_free(result);
    }
    end_admin(admin);
}

static void the_cluster_is_described(void) {
    ottla_admin_t *admin = new_admin();
    const ottla_cluster_description_t *cluster = NULL;
    OK(ottla_admin_describe_cluster(admin, LIMIT_MS, &cluster, &error));
    CHECK(cluster->cluster_id != NULL && cluster->nodes.count == 1);
    CHECK(strcmp(cluster->nodes.items[0].host, "127.0.0.1") == 0 && cluster->nodes.items[0].port > 0);
    const int32_t node = cluster->nodes.items[0].id;
    ottla_admin_result_free(cluster);
    {
        ARGUMENTS(ottla_describe_features_arguments_t);
        const ottla_feature_description_t *result = NULL;
        OK(ottla_admin_describe_features(admin, &arguments, LIMIT_MS, &result, &error));
        bool has_produce = false;
        for (size_t i = 0; i < result->api_versions.count; ++i) {
            has_produce = has_produce || (strcmp(result->api_versions.items[i].key, "Produce") == 0 &&
                                          result->api_versions.items[i].value.max >= 9);
        }
        CHECK(has_produce);
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_describe_log_dirs_arguments_t);
        arguments.brokers.items = &node;
        arguments.brokers.count = 1;
        const ottla_log_dir_description_map_by_int32_t *result = NULL;
        OK(ottla_admin_describe_log_dirs(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        CHECK(result->items[0].key == node && result->items[0].error == NULL);
        ottla_admin_result_free(result);
    }
    end_admin(admin);
}

static void leaders_are_elected_and_producers_described(void) {
    ottla_admin_t *admin = new_admin();
    const ottla_topic_partition_t partition = {new_topic(1), 0};
    fill(partition.topic, 0, 1);
    {
        ARGUMENTS(ottla_elect_leaders_arguments_t);
        arguments.partitions.items = &partition;
        arguments.partitions.count = 1;
        const ottla_done_by_topic_partition_t *result = NULL;
        FAILS(OTTLA_INVALID_ARGUMENT, "election_type",
              ottla_admin_elect_leaders(admin, &arguments, LIMIT_MS, &result, &error));
        arguments.election_type = OTTLA_ELECTION_TYPE_PREFERRED;
        /* The preferred leader leads already, which is no failure. */
        OK(ottla_admin_elect_leaders(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_describe_producers_arguments_t);
        arguments.partitions.items = &partition;
        arguments.partitions.count = 1;
        const ottla_producer_state_description_list_by_topic_partition_t *result = NULL;
        OK(ottla_admin_describe_producers(admin, &arguments, LIMIT_MS, &result, &error));
        HAS(result, 1);
        HAS(&result->items[0].value, 1);
        CHECK(result->items[0].value.items[0].producer_id >= 0 && result->items[0].value.items[0].last_sequence == 0);
        ottla_admin_result_free(result);
    }
    end_admin(admin);
}

/* The test broker has none: what is missing is named, by the deadline. */
static void operations_on_transactions_say_what_the_broker_lacks(void) {
    enum { SHORT_MS = 200 };
    ottla_admin_t *admin = new_admin();
    const char *id = "transactional";
    const ottla_topic_partition_t partition = {new_topic(1), 0};
    {
        ARGUMENTS(ottla_list_transactions_arguments_t);
        const ottla_transaction_listing_map_t *result = NULL;
        FAILS(OTTLA_UNSUPPORTED, "ListTransactions",
              ottla_admin_list_transactions(admin, &arguments, LIMIT_MS, &result, &error));
        CHECK(result == NULL);
    }
    {
        ARGUMENTS(ottla_describe_transactions_arguments_t);
        arguments.transactional_ids.items = &id;
        arguments.transactional_ids.count = 1;
        const ottla_transaction_description_by_text_t *result = NULL;
        const int64_t started = now_ms();
        CHECK(ottla_admin_describe_transactions(admin, &arguments, SHORT_MS, &result, NULL) != OTTLA_OK);
        CHECK(now_ms() - started < LIMIT_MS / 2);
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_fence_producers_arguments_t);
        arguments.transactional_ids.items = &id;
        arguments.transactional_ids.count = 1;
        const ottla_fenced_producer_by_text_t *result = NULL;
        CHECK(ottla_admin_fence_producers(admin, &arguments, SHORT_MS, &result, NULL) != OTTLA_OK);
        ottla_admin_result_free(result);
    }
    {
        ARGUMENTS(ottla_abort_transaction_arguments_t);
        arguments.partition = partition;
        FAILS(OTTLA_UNSUPPORTED, "WriteTxnMarkers",
              ottla_admin_abort_transaction(admin, &arguments, LIMIT_MS, &error));
    }
    end_admin(admin);
}

static void arguments_that_cannot_be_are_refused(void) {
    ottla_admin_t *admin = new_admin();
    const ottla_created_topic_by_text_t *result = NULL;
    ottla_new_topic_t topic;
    memset(&topic, 0, sizeof topic);
    ARGUMENTS(ottla_create_topics_arguments_t);
    arguments.topics.items = &topic;
    arguments.topics.count = 1;
    FAILS(OTTLA_INVALID_ARGUMENT, "name", ottla_admin_create_topics(admin, &arguments, LIMIT_MS, &result, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "arguments", ottla_admin_create_topics(admin, NULL, LIMIT_MS, &result, &error));
    topic.name = "x";
    FAILS(OTTLA_INVALID_ARGUMENT, "admin", ottla_admin_create_topics(NULL, &arguments, LIMIT_MS, &result, &error));
    FAILS(OTTLA_INVALID_ARGUMENT, "timeout", ottla_admin_create_topics(admin, &arguments, -1, &result, &error));
    arguments.topics.items = NULL;
    FAILS(OTTLA_INVALID_ARGUMENT, "topics", ottla_admin_create_topics(admin, &arguments, LIMIT_MS, &result, &error));
    CHECK(result == NULL);
    end_admin(admin);
}

RUN_TESTS(TEST(topics_are_created_listed_described_and_deleted), TEST(configs_are_altered_and_described),
          TEST(offsets_are_listed_and_records_deleted), TEST(groups_and_their_offsets_are_administered),
          TEST(the_cluster_is_described), TEST(leaders_are_elected_and_producers_described),
          TEST(operations_on_transactions_say_what_the_broker_lacks),
          TEST(arguments_that_cannot_be_are_refused))
