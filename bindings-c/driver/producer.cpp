#include "command.hpp"

#include <thread>

namespace {

/// Options of other clients that mean nothing here: murmur2 is how keys are placed anyway.
const std::set<std::string> dropped = {"partitioner", "default.api.timeout.ms"};

/// A record handed over, or why it was refused.
using Sent = std::variant<ottla::Delivery, Json>;

class ProducerClient : public Client {
public:
    std::optional<Json> execute(const Command &command) override {
        if (command.op() == "producer.create") {
            producer_.emplace(command.config(dropped));
            return Json(Json::Object());
        }
        if (!producer_) {
            throw Fault("ILLEGAL_STATE", "no producer");
        }
        if (command.op() == "producer.send") {
            send(command);
            return std::nullopt;
        }
        if (command.op() == "producer.flush") {
            producer_->flush(command.patience());
        } else if (command.op() == "producer.close") {
            producer_->close(command.patience());
        } else if (command.op() == "producer.partitions") {
            std::set<std::int32_t> numbers;
            for (const ottla_partition_info_t &info :
                 producer_->partitions_for(command.text("topic"), command.patience())) {
                numbers.insert(info.partition);
            }
            return Json().set("partitions", Json::Array(numbers.begin(), numbers.end()));
        } else {
            throw Fault("UNSUPPORTED", command.op());
        }
        return Json(Json::Object());
    }

private:
    /// Hands the records over in order; the answer comes when all their fates are known.
    void send(const Command &command) {
        std::vector<Sent> sent;
        for (const Json &record : command.list("records")) {
            try {
                sent.emplace_back(send_one(record, command));
            } catch (...) {
                sent.emplace_back(current_error_json());
            }
        }
        std::thread(settle, command, std::move(sent)).detach();
    }

    ottla::Delivery send_one(const Json &json, const Command &command) {
        if (json["topic"].text() == nullptr) {
            throw Fault("INVALID_ARGUMENT", "a record without topic");
        }
        ottla::SendOptions options;
        options.timeout = command.patience();
        if (!json["partition"].is_null()) {
            options.partition = static_cast<std::int32_t>(number(json, "partition"));
        }
        if (!json["timestamp_ms"].is_null()) {
            options.timestamp_ms = number(json, "timestamp_ms");
        }
        const std::optional<std::string> key = bytes(json["key"]);
        const std::optional<std::string> value = bytes(json["value"]);
        std::vector<std::pair<std::string, std::optional<std::string>>> headers;
        if (const Json::Array *list = json["headers"].array()) {
            for (const Json &header : *list) {
                headers.emplace_back(header["key"].text() != nullptr ? *header["key"].text() : "",
                                     bytes(header["value"]));
            }
        }
        options.key = key;
        for (const auto &[name, bytes] : headers) {
            options.headers.push_back({name, bytes});
        }
        return producer_->send_tracked(*json["topic"].text(), value, options);
    }

    static void settle(const Command &command, const std::vector<Sent> &sent) {
        Json::Array results;
        for (const Sent &one : sent) {
            if (const Json *error = std::get_if<Json>(&one)) {
                results.push_back(Json().set("error", *error));
                continue;
            }
            try {
                const ottla::RecordMetadata found = std::get<ottla::Delivery>(one).wait(command.patience());
                results.push_back(Json()
                                      .set("topic", found.topic)
                                      .set("partition", found.partition)
                                      .set("offset", found.offset >= 0 ? Json(found.offset) : Json())
                                      .set("timestamp_ms", found.timestamp_ms));
            } catch (...) {
                results.push_back(Json().set("error", current_error_json()));
            }
        }
        command.succeed(Json().set("results", std::move(results)));
    }

    std::optional<ottla::Producer> producer_;
};

} // namespace

std::unique_ptr<Client> make_producer() { return std::make_unique<ProducerClient>(); }
