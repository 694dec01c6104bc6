#include "command.hpp"

#include <algorithm>
#include <iostream>
#include <mutex>

namespace {

/// What is left before the deadline when the client's own timeout should have fired, so that its error is the one told.
constexpr std::chrono::milliseconds margin{50};

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t left = bytes.size() - at;
        auto byte = [&](std::size_t index) {
            return index < left ? static_cast<unsigned>(static_cast<unsigned char>(bytes[at + index])) : 0U;
        };
        const unsigned block = byte(0) << 16 | byte(1) << 8 | byte(2);
        text += alphabet[block >> 18 & 63];
        text += alphabet[block >> 12 & 63];
        text += left > 1 ? alphabet[block >> 6 & 63] : '=';
        text += left > 2 ? alphabet[block & 63] : '=';
    }
    return text;
}

std::optional<std::string> decode(std::string_view text) {
    std::string bytes;
    unsigned block = 0;
    int bits = 0;
    while (!text.empty() && text.back() == '=') {
        text.remove_suffix(1);
    }
    for (const char c : text) {
        const std::size_t digit = alphabet.find(c);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        block = block << 6 | static_cast<unsigned>(digit);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(block >> bits & 255);
        }
    }
    return bytes;
}

void print(const Json &answer) {
    static std::mutex turn;
    const std::lock_guard<std::mutex> guard(turn);
    std::cout << answer.dump() << '\n' << std::flush;
}

/// The protocol's code, also where the client found out by itself.
std::int32_t code_of(const ottla_error_t *error) {
    if (ottla_error_code(error) != OTTLA_CODE_NONE) {
        return ottla_error_code(error);
    }
    switch (ottla_error_status(error)) {
    case OTTLA_RECORD_TOO_LARGE:
        return OTTLA_CODE_MESSAGE_TOO_LARGE;
    case OTTLA_UNKNOWN_TOPIC_OR_PARTITION:
        return OTTLA_CODE_UNKNOWN_TOPIC_OR_PARTITION;
    case OTTLA_OFFSET_OUT_OF_RANGE:
        return OTTLA_CODE_OFFSET_OUT_OF_RANGE;
    default:
        return OTTLA_CODE_NONE;
    }
}

const char *name_of(const ottla_error_t *error) {
    if (const std::int32_t code = code_of(error); code != OTTLA_CODE_NONE) {
        return ottla_code_name(code);
    }
    switch (ottla_error_status(error)) {
    case OTTLA_TIMEOUT:
    case OTTLA_NOT_SENT:
    case OTTLA_OUTCOME_UNKNOWN:
        return "TIMEOUT";
    case OTTLA_CONFIG_ERROR:
    case OTTLA_INVALID_ARGUMENT:
        return "INVALID_ARGUMENT";
    case OTTLA_INVALID_STATE:
    case OTTLA_CLOSED:
        return "ILLEGAL_STATE";
    case OTTLA_FENCED:
        return "FENCED";
    case OTTLA_UNSUPPORTED:
        return "UNSUPPORTED";
    default:
        return "OTHER";
    }
}

} // namespace

Json error_json(const Fault &fault) {
    return Json()
        .set("code", nullptr)
        .set("name", fault.name)
        .set("retriable", false)
        .set("fatal", false)
        .set("message", fault.what());
}

Json error_json(const ottla_error_t *error) {
    const std::int32_t code = code_of(error);
    return Json()
        .set("code", code != OTTLA_CODE_NONE ? Json(code) : Json())
        .set("name", name_of(error))
        .set("retriable", ottla_error_is_retriable(error))
        .set("fatal", ottla_error_is_fatal(error))
        .set("message", ottla_error_text(error));
}

Json current_error_json() {
    try {
        throw;
    } catch (const ottla::Error &error) {
        return error_json(error.get());
    } catch (const Fault &fault) {
        return error_json(fault);
    } catch (const std::exception &other) {
        return error_json(Fault("OTHER", other.what()));
    }
}

Command::Command(const std::string &line) : deadline_(std::chrono::steady_clock::now()) {
    std::optional<Json> parsed = Json::parse(line);
    if (!parsed || (*parsed)["op"].text() == nullptr || (*parsed)["deadline_ms"].integer() == nullptr) {
        throw Fault("INVALID_ARGUMENT", "no command: " + line);
    }
    fields_ = std::move(*parsed);
    op_ = *fields_["op"].text();
    deadline_ += std::chrono::milliseconds(*fields_["deadline_ms"].integer());
}

const std::string &Command::text(std::string_view name) const {
    if (const std::string *text = field(name).text()) {
        return *text;
    }
    throw Fault("INVALID_ARGUMENT", "missing text " + std::string(name));
}

const Json::Array &Command::list(std::string_view name) const {
    if (const Json::Array *list = field(name).array()) {
        return *list;
    }
    throw Fault("INVALID_ARGUMENT", "missing list " + std::string(name));
}

std::vector<std::string> Command::texts(std::string_view name) const {
    std::vector<std::string> texts;
    for (const Json &json : list(name)) {
        if (const std::string *text = json.text()) {
            texts.push_back(*text);
        }
    }
    return texts;
}

bool Command::flag(std::string_view name) const {
    const bool *flag = field(name).boolean();
    return flag != nullptr && *flag;
}

std::vector<ottla::TopicPartition> Command::partitions(std::string_view name) const {
    std::vector<ottla::TopicPartition> partitions;
    for (const Json &json : list(name)) {
        partitions.push_back(partition(json));
    }
    return partitions;
}

ottla::Config Command::config(const std::set<std::string> &dropped) const {
    ottla::Config config;
    if (const Json::Object *options = field("config").object()) {
        for (const auto &[name, value] : *options) {
            if (dropped.count(name) == 0) {
                config.set(name, value.text() != nullptr ? *value.text() : value.dump());
            }
        }
    }
    return config;
}

ottla::milliseconds Command::patience() const {
    const auto left = deadline_ - std::chrono::steady_clock::now() - margin;
    return std::max(std::chrono::duration_cast<ottla::milliseconds>(left), ottla::milliseconds(0));
}

void Command::succeed(Json result) const { print(Json().set("id", field("id")).set("ok", std::move(result))); }

void Command::fail(Json error) const { print(Json().set("id", field("id")).set("error", std::move(error))); }

std::int64_t number(const Json &json, std::string_view name) {
    if (const std::int64_t *number = json[name].integer()) {
        return *number;
    }
    throw Fault("INVALID_ARGUMENT", "missing number " + std::string(name) + " in " + json.dump());
}

ottla::TopicPartition partition(const Json &json) {
    if (json["topic"].text() == nullptr) {
        throw Fault("INVALID_ARGUMENT", "no partition: " + json.dump());
    }
    return {*json["topic"].text(), static_cast<std::int32_t>(number(json, "partition"))};
}

std::optional<std::string> bytes(const Json &json) {
    if (json.is_null()) {
        return std::nullopt;
    }
    std::optional<std::string> bytes = json.text() != nullptr ? decode(*json.text()) : std::nullopt;
    if (!bytes) {
        throw Fault("INVALID_ARGUMENT", "no base64: " + json.dump());
    }
    return bytes;
}

Json show_bytes(bool is_null, std::string_view bytes) { return is_null ? Json() : Json(encode(bytes)); }

Json show(const ottla::TopicPartition &partition) {
    return Json().set("topic", partition.topic).set("partition", partition.partition);
}

Json show(const std::vector<ottla::TopicPartition> &partitions) {
    Json::Array shown;
    for (const ottla::TopicPartition &one : partitions) {
        shown.push_back(show(one));
    }
    return shown;
}
