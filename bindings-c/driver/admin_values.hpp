// The ways of the admin client's arguments and results to and from the protocol's JSON.
#ifndef DRIVER_ADMIN_VALUES_HPP
#define DRIVER_ADMIN_VALUES_HPP

#include "command.hpp"

#include <deque>

/// Texts and lists that arguments point to, for the length of a command.
class Kept {
public:
    const char *text(std::string text) { return texts_.emplace_back(std::move(text)).c_str(); }
    const char *text(const Json &json, std::string_view name) {
        const std::string *found = json[name].text();
        return found != nullptr ? text(*found) : nullptr;
    }
    ottla_text_list_t list(const std::vector<std::string> &of) {
        std::vector<const char *> &items = lists_.emplace_back();
        for (const std::string &one : of) {
            items.push_back(text(one));
        }
        return {items.data(), items.size()};
    }
    ottla_topic_partition_t partition(const Json &json) {
        const ottla::TopicPartition found = ::partition(json);
        return {text(found.topic), found.partition};
    }

private:
    std::deque<std::string> texts_;
    std::deque<std::vector<const char *>> lists_;
};

inline bool is_same(const char *a, const char *b) { return std::string_view(a) == b; }
inline bool is_same(const ottla_topic_partition_t &a, const ottla_topic_partition_t &b) {
    return a.partition == b.partition && is_same(a.topic, b.topic);
}
inline bool is_same(const ottla_config_resource_t &a, const ottla_config_resource_t &b) {
    return a.resource_type == b.resource_type && is_same(a.name, b.name);
}

/// What became of an item, or its error.
template <typename Result, typename Key, typename Show>
Json outcome(const Result &result, const Key &key, Show show) {
    for (std::size_t i = 0; i < result.count; ++i) {
        const auto &entry = result.items[i];
        if (is_same(entry.key, key)) {
            return entry.error != nullptr ? Json().set("error", error_json(entry.error)) : show(entry);
        }
    }
    return Json().set("error", error_json(Fault("OTHER", "the client gives no result")));
}

/// An entry for each name, in the order they were asked for.
template <typename Result, typename Show>
Json by_name(const Result &result, const char *field, const std::vector<std::string> &names, Show show) {
    Json::Array shown;
    for (const std::string &name : names) {
        shown.push_back(outcome(result, name.c_str(), show).set(field, name));
    }
    return Json(std::move(shown));
}

template <typename Result, typename Show>
Json by_partition(const Result &result, const std::vector<ottla_topic_partition_t> &partitions, Show show) {
    Json::Array shown;
    for (const ottla_topic_partition_t &one : partitions) {
        shown.push_back(outcome(result, one, show).set("topic", one.topic).set("partition", one.partition));
    }
    return Json(std::move(shown));
}

inline constexpr auto done = [](const auto &) { return Json(Json::Object()); };

inline Json text_or_null(const char *text) { return text != nullptr ? Json(text) : Json(); }

inline Json numbers(const ottla_int32_list_t &list) { return Json(Json::Array(list.items, list.items + list.count)); }

inline Json partitions_json(const ottla_topic_partition_list_t &list) {
    Json::Array shown;
    for (std::size_t i = 0; i < list.count; ++i) {
        shown.push_back(show(ottla::TopicPartition{list.items[i].topic, list.items[i].partition}));
    }
    return Json(std::move(shown));
}

inline const char *source_name(std::int32_t source) {
    switch (source) {
    case OTTLA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG:
        return "DYNAMIC_TOPIC_CONFIG";
    case OTTLA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG:
        return "DYNAMIC_BROKER_CONFIG";
    case OTTLA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG:
        return "DYNAMIC_DEFAULT_BROKER_CONFIG";
    case OTTLA_CONFIG_SOURCE_STATIC_BROKER_CONFIG:
        return "STATIC_BROKER_CONFIG";
    case OTTLA_CONFIG_SOURCE_DEFAULT_CONFIG:
        return "DEFAULT_CONFIG";
    case OTTLA_CONFIG_SOURCE_DYNAMIC_BROKER_LOGGER_CONFIG:
        return "DYNAMIC_BROKER_LOGGER_CONFIG";
    case OTTLA_CONFIG_SOURCE_DYNAMIC_CLIENT_METRICS_CONFIG:
        return "DYNAMIC_CLIENT_METRICS_CONFIG";
    case OTTLA_CONFIG_SOURCE_DYNAMIC_GROUP_CONFIG:
        return "GROUP_CONFIG";
    default:
        return "UNKNOWN";
    }
}

inline const char *group_type_name(std::int32_t type) {
    switch (type) {
    case OTTLA_GROUP_TYPE_CLASSIC:
        return "Classic";
    case OTTLA_GROUP_TYPE_CONSUMER:
        return "Consumer";
    case OTTLA_GROUP_TYPE_SHARE:
        return "Share";
    case OTTLA_GROUP_TYPE_STREAMS:
        return "Streams";
    default:
        return "Unknown";
    }
}

#endif
