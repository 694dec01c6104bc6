#include "admin_values.hpp"

#include <deque>
#include <map>

namespace {

const std::set<std::string> dropped = {"max.block.ms"};

class AdminClient : public Client {
public:
    std::optional<Json> execute(const Command &command) override {
        if (command.op() == "admin.create") {
            admin_.emplace(command.config(dropped));
            return Json(Json::Object());
        }
        if (!admin_) {
            throw Fault("ILLEGAL_STATE", "no admin client");
        }
        static const std::map<std::string, Json (AdminClient::*)(const Command &)> operations = {
            {"admin.create_topics", &AdminClient::create_topics},
            {"admin.delete_topics", &AdminClient::delete_topics},
            {"admin.list_topics", &AdminClient::list_topics},
            {"admin.describe_topics", &AdminClient::describe_topics},
            {"admin.create_partitions", &AdminClient::create_partitions},
            {"admin.describe_configs", &AdminClient::describe_configs},
            {"admin.alter_configs", &AdminClient::alter_configs},
            {"admin.delete_records", &AdminClient::delete_records},
            {"admin.list_offsets", &AdminClient::list_offsets},
            {"admin.list_groups", &AdminClient::list_groups},
            {"admin.describe_groups", &AdminClient::describe_groups},
            {"admin.delete_groups", &AdminClient::delete_groups},
            {"admin.list_group_offsets", &AdminClient::list_group_offsets},
            {"admin.alter_group_offsets", &AdminClient::alter_group_offsets},
            {"admin.delete_group_offsets", &AdminClient::delete_group_offsets},
            {"admin.describe_cluster", &AdminClient::describe_cluster},
            {"admin.close", &AdminClient::close},
        };
        const auto found = operations.find(command.op());
        if (found == operations.end()) {
            throw Fault("UNSUPPORTED", command.op());
        }
        return (this->*found->second)(command);
    }

private:
    /// The result, which tells of every item; throws when there is none.
    template <typename Operation, typename Arguments>
    auto call(Operation operation, const Arguments &arguments, const Command &command) {
        auto [result, failure] = admin_->try_call(operation, arguments, command.patience());
        if (result.get() == nullptr && failure) {
            throw *failure;
        }
        return std::move(result);
    }

    Json create_topics(const Command &command) {
        Kept kept;
        std::vector<ottla_new_topic_t> topics;
        std::deque<std::vector<ottla_text_map_entry_t>> configs;
        std::vector<std::string> names;
        for (const Json &json : command.list("topics")) {
            ottla_new_topic_t topic{};
            topic.name = kept.text(json, "name");
            if (topic.name == nullptr) {
                throw Fault("INVALID_ARGUMENT", "a topic without name");
            }
            names.emplace_back(topic.name);
            if (!json["partitions"].is_null()) {
                topic.num_partitions = {true, static_cast<std::int32_t>(number(json, "partitions"))};
            }
            if (!json["replication_factor"].is_null()) {
                topic.replication_factor = {true, static_cast<std::int16_t>(number(json, "replication_factor"))};
            }
            auto &entries = configs.emplace_back();
            if (const Json::Object *options = json["config"].object()) {
                for (const auto &[name, value] : *options) {
                    entries.push_back({kept.text(name), kept.text(value.text() != nullptr ? *value.text() : "")});
                }
            }
            topic.configs = {entries.data(), entries.size()};
            topics.push_back(topic);
        }
        ottla_create_topics_arguments_t arguments{};
        arguments.topics = {topics.data(), topics.size()};
        arguments.validate_only = command.flag("validate_only");
        const auto result = call(ottla_admin_create_topics, arguments, command);
        return Json().set("topics", by_name(*result, "name", names, done));
    }

    Json delete_topics(const Command &command) {
        Kept kept;
        const std::vector<std::string> names = command.texts("topics");
        ottla_delete_topics_arguments_t arguments{};
        arguments.topics = kept.list(names);
        const auto result = call(ottla_admin_delete_topics, arguments, command);
        return Json().set("topics", by_name(*result, "name", names, done));
    }

    Json list_topics(const Command &command) {
        const auto result = call(ottla_admin_list_topics, ottla_list_topics_arguments_t{}, command);
        Json::Array names;
        for (std::size_t i = 0; i < result->count; ++i) {
            names.emplace_back(result->items[i].key);
        }
        return Json().set("topics", std::move(names));
    }

    Json describe_topics(const Command &command) {
        Kept kept;
        const std::vector<std::string> names = command.texts("topics");
        ottla_describe_topics_arguments_t arguments{};
        arguments.topics = kept.list(names);
        const auto result = call(ottla_admin_describe_topics, arguments, command);
        return Json().set("topics", by_name(*result, "name", names, [](const auto &entry) {
            Json::Array partitions;
            for (std::size_t i = 0; i < entry.value.partitions.count; ++i) {
                const ottla_topic_partition_info_t &one = entry.value.partitions.items[i];
                partitions.push_back(Json()
                                         .set("partition", one.partition)
                                         .set("leader", one.leader.is_set ? Json(one.leader.value) : Json())
                                         .set("replicas", numbers(one.replicas))
                                         .set("isr", numbers(one.isr)));
            }
            return Json().set("topic_id", text_or_null(entry.value.id)).set("partitions", std::move(partitions));
        }));
    }

    Json create_partitions(const Command &command) {
        Kept kept;
        std::vector<ottla_new_partitions_t> topics;
        std::vector<std::string> names;
        for (const Json &json : command.list("topics")) {
            ottla_new_partitions_t topic{};
            topic.topic = kept.text(json, "name");
            topic.total_count = static_cast<std::int32_t>(number(json, "count"));
            names.emplace_back(topic.topic != nullptr ? topic.topic : "");
            topics.push_back(topic);
        }
        ottla_create_partitions_arguments_t arguments{};
        arguments.topics = {topics.data(), topics.size()};
        arguments.validate_only = command.flag("validate_only");
        const auto result = call(ottla_admin_create_partitions, arguments, command);
        return Json().set("topics", by_name(*result, "name", names, done));
    }

    static ottla_config_resource_t resource(const Json &json, Kept &kept) {
        const std::string type = json["type"].text() != nullptr ? *json["type"].text() : "";
        if (type != "topic" && type != "broker") {
            throw Fault("INVALID_ARGUMENT", "no resource type " + type);
        }
        return {type == "topic" ? OTTLA_CONFIG_RESOURCE_TYPE_TOPIC : OTTLA_CONFIG_RESOURCE_TYPE_BROKER,
                kept.text(json, "name")};
    }

    Json describe_configs(const Command &command) {
        Kept kept;
        std::vector<ottla_config_resource_t> resources;
        for (const Json &json : command.list("resources")) {
            resources.push_back(resource(json, kept));
        }
        ottla_describe_configs_arguments_t arguments{};
        arguments.resources = {resources.data(), resources.size()};
        const auto result = call(ottla_admin_describe_configs, arguments, command);
        Json::Array shown;
        for (std::size_t i = 0; i < resources.size(); ++i) {
            const Json &asked = command.list("resources")[i];
            shown.push_back(outcome(*result, resources[i], [](const auto &entry) {
                                Json configs{Json::Object()};
                                for (std::size_t j = 0; j < entry.value.count; ++j) {
                                    const ottla_config_entry_t &one = entry.value.items[j].value;
                                    configs.set(entry.value.items[j].key,
                                                Json()
                                                    .set("value", text_or_null(one.value))
                                                    .set("source", source_name(one.source))
                                                    .set("read_only", one.is_read_only)
                                                    .set("sensitive", one.is_sensitive));
                                }
                                return Json().set("configs", std::move(configs));
                            }).set("type", asked["type"]).set("name", asked["name"]));
        }
        return Json().set("resources", std::move(shown));
    }

    static std::int32_t op_type(const Json &json) {
        const std::string op = json["op"].text() != nullptr ? *json["op"].text() : "";
        if (op == "set") {
            return OTTLA_ALTER_CONFIG_OP_TYPE_SET;
        }
        if (op == "delete") {
            return OTTLA_ALTER_CONFIG_OP_TYPE_DELETE;
        }
        if (op == "append") {
            return OTTLA_ALTER_CONFIG_OP_TYPE_APPEND;
        }
        if (op == "subtract") {
            return OTTLA_ALTER_CONFIG_OP_TYPE_SUBTRACT;
        }
        throw Fault("INVALID_ARGUMENT", "no operation " + op);
    }

    Json alter_configs(const Command &command) {
        Kept kept;
        std::vector<ottla_config_changes_t> changes;
        std::deque<std::vector<ottla_alter_config_op_t>> ops;
        for (const Json &json : command.list("resources")) {
            auto &own = ops.emplace_back();
            if (const Json::Array *listed = json["ops"].array()) {
                for (const Json &op : *listed) {
                    own.push_back({kept.text(op, "name"), kept.text(op, "value"), op_type(op)});
                }
            }
            changes.push_back({resource(json, kept), {own.data(), own.size()}});
        }
        ottla_incremental_alter_configs_arguments_t arguments{};
        arguments.changes = {changes.data(), changes.size()};
        arguments.validate_only = command.flag("validate_only");
        const auto result = call(ottla_admin_incremental_alter_configs, arguments, command);
        Json::Array shown;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            const Json &asked = command.list("resources")[i];
            shown.push_back(
                outcome(*result, changes[i].resource, done).set("type", asked["type"]).set("name", asked["name"]));
        }
        return Json().set("resources", std::move(shown));
    }

    static std::vector<ottla_topic_partition_t> partitions(const Command &command, std::string_view name, Kept &kept) {
        std::vector<ottla_topic_partition_t> partitions;
        for (const Json &json : command.list(name)) {
            partitions.push_back(kept.partition(json));
        }
        return partitions;
    }

    Json delete_records(const Command &command) {
        Kept kept;
        const auto asked = partitions(command, "offsets", kept);
        std::vector<ottla_records_to_delete_t> records;
        for (std::size_t i = 0; i < asked.size(); ++i) {
            records.push_back({asked[i].topic, asked[i].partition, number(command.list("offsets")[i], "offset")});
        }
        ottla_delete_records_arguments_t arguments{};
        arguments.records = {records.data(), records.size()};
        const auto result = call(ottla_admin_delete_records, arguments, command);
        return Json().set("results", by_partition(*result, asked, [](const auto &entry) {
            return Json().set("low_watermark", entry.value.low_watermark);
        }));
    }

    static void set_spec(ottla_offset_query_t &query, const Json &json) {
        const std::string spec = json["spec"].text() != nullptr ? *json["spec"].text() : "";
        if (spec == "earliest") {
            query.spec = OTTLA_OFFSET_SPEC_EARLIEST;
        } else if (spec == "latest") {
            query.spec = OTTLA_OFFSET_SPEC_LATEST;
        } else if (spec == "max_timestamp") {
            query.spec = OTTLA_OFFSET_SPEC_MAX_TIMESTAMP;
        } else if (!spec.empty() && spec.find_first_not_of("0123456789") == std::string::npos) {
            query.spec = OTTLA_OFFSET_SPEC_FOR_TIMESTAMP;
            query.timestamp_ms = {true, std::stoll(spec)};
        } else {
            throw Fault("INVALID_ARGUMENT", "no offset spec " + spec);
        }
    }

    Json list_offsets(const Command &command) {
        Kept kept;
        const auto asked = partitions(command, "specs", kept);
        std::vector<ottla_offset_query_t> queries;
        for (std::size_t i = 0; i < asked.size(); ++i) {
            ottla_offset_query_t query{};
            query.topic = asked[i].topic;
            query.partition = asked[i].partition;
            set_spec(query, command.list("specs")[i]);
            queries.push_back(query);
        }
        ottla_list_offsets_arguments_t arguments{};
        arguments.queries = {queries.data(), queries.size()};
        const auto result = call(ottla_admin_list_offsets, arguments, command);
        const auto optional = [](const ottla_optional_int64_t &found) {
            return found.is_set ? Json(found.value) : Json();
        };
        return Json().set("offsets", by_partition(*result, asked, [&](const auto &entry) {
            return Json()
                .set("offset", optional(entry.value.offset))
                .set("timestamp_ms", optional(entry.value.timestamp_ms));
        }));
    }

    Json list_groups(const Command &command) {
        const auto result = call(ottla_admin_list_groups, ottla_list_groups_arguments_t{}, command);
        Json::Array groups;
        for (std::size_t i = 0; i < result->count; ++i) {
            const ottla_group_listing_t &one = result->items[i].value;
            groups.push_back(Json()
                                 .set("group", one.group_id)
                                 .set("state", text_or_null(one.state))
                                 .set("type", group_type_name(one.group_type)));
        }
        return Json().set("groups", std::move(groups));
    }

    Json describe_groups(const Command &command) {
        Kept kept;
        const std::vector<std::string> names = command.texts("groups");
        ottla_describe_consumer_groups_arguments_t arguments{};
        arguments.group_ids = kept.list(names);
        const auto result = call(ottla_admin_describe_consumer_groups, arguments, command);
        return Json().set("groups", by_name(*result, "group", names, [](const auto &entry) {
            Json::Array members;
            for (std::size_t i = 0; i < entry.value.members.count; ++i) {
                const ottla_member_description_t &one = entry.value.members.items[i];
                members.push_back(Json()
                                      .set("member_id", one.member_id)
                                      .set("instance_id", text_or_null(one.group_instance_id))
                                      .set("client_id", text_or_null(one.client_id))
                                      .set("assignment", partitions_json(one.assignment)));
            }
            return Json()
                .set("state", text_or_null(entry.value.state))
                .set("assignor", text_or_null(entry.value.assignor))
                .set("members", std::move(members));
        }));
    }

    Json delete_groups(const Command &command) {
        Kept kept;
        const std::vector<std::string> names = command.texts("groups");
        ottla_delete_consumer_groups_arguments_t arguments{};
        arguments.group_ids = kept.list(names);
        const auto result = call(ottla_admin_delete_consumer_groups, arguments, command);
        return Json().set("groups", by_name(*result, "group", names, done));
    }

    Json list_group_offsets(const Command &command) {
        Kept kept;
        ottla_group_offsets_query_t query{};
        query.group_id = kept.text(command.text("group"));
        std::vector<ottla_topic_partition_t> asked;
        if (!command.field("partitions").is_null()) {
            asked = partitions(command, "partitions", kept);
            query.partitions = {asked.data(), asked.size()};
        }
        ottla_list_consumer_group_offsets_arguments_t arguments{};
        arguments.groups = {&query, 1};
        const auto result =
            admin_->call(ottla_admin_list_consumer_group_offsets, arguments, command.patience());
        if (result->count != 1) {
            throw Fault("OTHER", "the client gives no result");
        }
        const ottla_committed_offset_list_t &found = result->items[0].value;
        if (command.field("partitions").is_null()) {
            for (std::size_t i = 0; i < found.count; ++i) {
                asked.push_back({found.items[i].topic, found.items[i].partition});
            }
        }
        Json::Array offsets;
        for (const ottla_topic_partition_t &one : asked) {
            Json json = show(ottla::TopicPartition{one.topic, one.partition}).set("offset", Json());
            json.set("metadata", Json());
            for (std::size_t i = 0; i < found.count; ++i) {
                const ottla_committed_offset_t &offset = found.items[i];
                if (is_same({offset.topic, offset.partition}, one)) {
                    json.set("offset", offset.offset).set("metadata", text_or_null(offset.metadata));
                }
            }
            offsets.push_back(std::move(json));
        }
        return Json().set("offsets", std::move(offsets));
    }

    Json alter_group_offsets(const Command &command) {
        Kept kept;
        const auto asked = partitions(command, "offsets", kept);
        std::vector<ottla_committed_offset_t> offsets;
        for (std::size_t i = 0; i < asked.size(); ++i) {
            const Json &json = command.list("offsets")[i];
            ottla_committed_offset_t offset{};
            offset.topic = asked[i].topic;
            offset.partition = asked[i].partition;
            offset.offset = number(json, "offset");
            offset.metadata = json["metadata"].text() != nullptr ? kept.text(json, "metadata") : "";
            offsets.push_back(offset);
        }
        ottla_alter_consumer_group_offsets_arguments_t arguments{};
        arguments.group_id = kept.text(command.text("group"));
        arguments.offsets = {offsets.data(), offsets.size()};
        const auto result = call(ottla_admin_alter_consumer_group_offsets, arguments, command);
        return Json().set("offsets", by_partition(*result, asked, done));
    }

    Json delete_group_offsets(const Command &command) {
        Kept kept;
        const auto asked = partitions(command, "partitions", kept);
        ottla_delete_consumer_group_offsets_arguments_t arguments{};
        arguments.group_id = kept.text(command.text("group"));
        arguments.partitions = {asked.data(), asked.size()};
        const auto result = call(ottla_admin_delete_consumer_group_offsets, arguments, command);
        return Json().set("offsets", by_partition(*result, asked, done));
    }

    Json describe_cluster(const Command &command) {
        const auto cluster = admin_->call(ottla_admin_describe_cluster, command.patience());
        Json::Array brokers;
        for (std::size_t i = 0; i < cluster->nodes.count; ++i) {
            const ottla_cluster_node_t &node = cluster->nodes.items[i];
            brokers.push_back(Json().set("id", node.id).set("host", node.host).set("port", node.port));
        }
        return Json()
            .set("cluster_id", text_or_null(cluster->cluster_id))
            .set("controller", cluster->controller.is_set ? Json(cluster->controller.value) : Json())
            .set("brokers", std::move(brokers));
    }

    Json close(const Command &command) {
        admin_->close(command.patience());
        return Json(Json::Object());
    }

    std::optional<ottla::Admin> admin_;
};

} // namespace

std::unique_ptr<Client> make_admin() { return std::make_unique<AdminClient>(); }
