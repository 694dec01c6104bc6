#include "command.hpp"

#include <algorithm>

namespace {

const std::set<std::string> dropped = {"max.block.ms"};

Json show_record(const ottla::RecordView &record) {
    Json::Array headers;
    for (std::size_t i = 0; i < record.header_count(); ++i) {
        const ottla::HeaderView header = record.header(i);
        headers.push_back(
            Json().set("key", header.key()).set("value", show_bytes(!header.has_value(), header.value())));
    }
    return Json()
        .set("topic", record.topic())
        .set("partition", record.partition())
        .set("offset", record.offset())
        .set("timestamp_ms", record.timestamp_ms())
        .set("timestamp_type", record.timestamp_type() == OTTLA_LOG_APPEND_TIME ? "log_append" : "create")
        .set("key", show_bytes(!record.has_key(), record.key()))
        .set("value", show_bytes(!record.has_value(), record.value()))
        .set("headers", std::move(headers));
}

const char *show_type(ottla_rebalance_type_t type) {
    switch (type) {
    case OTTLA_ASSIGNED:
        return "assigned";
    case OTTLA_REVOKED:
        return "revoked";
    default:
        return "lost";
    }
}

Json show_offsets(const std::vector<ottla::Offset> &offsets, bool with_metadata, bool with_time) {
    Json::Array shown;
    for (const ottla::Offset &one : offsets) {
        const bool known = one.offset != OTTLA_NO_OFFSET;
        Json json = show(ottla::TopicPartition{one.topic, one.partition});
        json.set("offset", known ? Json(one.offset) : Json());
        if (with_metadata) {
            json.set("metadata", known ? Json(one.metadata) : Json());
        }
        if (with_time) {
            json.set("timestamp_ms", known ? Json(one.timestamp_ms) : Json());
        }
        shown.push_back(std::move(json));
    }
    return Json().set("offsets", std::move(shown));
}

class ConsumerClient : public Client {
public:
    std::optional<Json> execute(const Command &command) override {
        const std::string op = command.op().substr(std::string_view("consumer.").size());
        if (op == "create") {
            consumer_.emplace(command.config(dropped));
            return Json(Json::Object());
        }
        if (!consumer_) {
            throw Fault("ILLEGAL_STATE", "no consumer");
        }
        if (op == "poll") {
            return poll(command);
        }
        if (op == "assignment") {
            return Json().set("assignment", show(consumer_->assignment()));
        }
        if (op == "position") {
            Json::Array offsets;
            for (const ottla::TopicPartition &one : command.partitions("partitions")) {
                offsets.push_back(show(one).set("offset", consumer_->position(one)));
            }
            return Json().set("offsets", std::move(offsets));
        }
        if (op == "committed") {
            return show_offsets(consumer_->committed(command.partitions("partitions"), command.patience()), true,
                                false);
        }
        if (op == "beginning_offsets") {
            return show_offsets(consumer_->beginning_offsets(command.partitions("partitions"), command.patience()),
                                false, false);
        }
        if (op == "end_offsets") {
            return show_offsets(consumer_->end_offsets(command.partitions("partitions"), command.patience()), false,
                                false);
        }
        if (op == "offsets_for_times") {
            std::vector<std::pair<ottla::TopicPartition, std::int64_t>> times;
            for (const Json &json : command.list("times")) {
                times.emplace_back(partition(json), number(json, "timestamp_ms"));
            }
            return show_offsets(consumer_->offsets_for_times(times, command.patience()), false, true);
        }
        change(op, command);
        return Json(Json::Object());
    }

    void wakeup() override {
        if (!consumer_) {
            throw Fault("ILLEGAL_STATE", "no consumer");
        }
        consumer_->wakeup();
    }

private:
    void change(const std::string &op, const Command &command) {
        if (op == "subscribe") {
            if (!command.field("pattern").is_null()) {
                consumer_->subscribe_pattern(command.text("pattern"));
            } else {
                consumer_->subscribe(command.texts("topics"));
            }
        } else if (op == "unsubscribe") {
            consumer_->unsubscribe(command.patience());
        } else if (op == "assign") {
            consumer_->assign(command.partitions("partitions"));
            for (const Json &json : command.list("partitions")) {
                if (!json["offset"].is_null()) {
                    consumer_->seek(offset(json));
                }
            }
        } else if (op == "seek") {
            for (const Json &json : command.list("offsets")) {
                consumer_->seek(offset(json));
            }
        } else if (op == "seek_to_beginning") {
            consumer_->seek_to_beginning(command.partitions("partitions"));
        } else if (op == "seek_to_end") {
            consumer_->seek_to_end(command.partitions("partitions"));
        } else if (op == "pause") {
            consumer_->pause(command.partitions("partitions"));
        } else if (op == "resume") {
            consumer_->resume(command.partitions("partitions"));
        } else if (op == "commit" && command.field("offsets").is_null()) {
            consumer_->commit(command.patience());
        } else if (op == "commit") {
            std::vector<ottla::Offset> offsets;
            for (const Json &json : command.list("offsets")) {
                offsets.push_back(offset(json));
            }
            consumer_->commit(offsets, command.patience());
        } else if (op == "close") {
            consumer_->close(command.patience());
        } else {
            throw Fault("UNSUPPORTED", command.op());
        }
    }

    static ottla::Offset offset(const Json &json) {
        ottla::TopicPartition of = partition(json);
        ottla::Offset offset;
        offset.topic = std::move(of.topic);
        offset.partition = of.partition;
        offset.offset = number(json, "offset");
        offset.metadata = json["metadata"].text() != nullptr ? *json["metadata"].text() : "";
        return offset;
    }

    Json poll(const Command &command) {
        const std::int64_t *timeout = command.field("timeout_ms").integer();
        const std::int64_t *limit = command.field("max_records").integer();
        const ottla::milliseconds asked(timeout != nullptr ? *timeout : 100);
        const ottla::Records polled = consumer_->poll(std::min(asked, command.patience()),
                                                      limit != nullptr ? static_cast<std::size_t>(*limit) : 0);
        Json::Array records;
        Json::Array events;
        for (const ottla::RecordView record : polled) {
            records.push_back(show_record(record));
        }
        for (const ottla::RebalanceEvent &event : polled.events()) {
            events.push_back(Json().set("type", show_type(event.type)).set("partitions", show(event.partitions)));
        }
        return Json()
            .set("records", std::move(records))
            .set("events", std::move(events))
            .set("assignment", show(consumer_->assignment()));
    }

    std::optional<ottla::Consumer> consumer_;
};

} // namespace

std::unique_ptr<Client> make_consumer() { return std::make_unique<ConsumerClient>(); }
