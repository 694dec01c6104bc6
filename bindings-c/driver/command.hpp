// One command of the suite, its fields, and its one answer. The protocol: conformance/PROTOCOL.md.
#ifndef DRIVER_COMMAND_HPP
#define DRIVER_COMMAND_HPP

#include "json.hpp"

#include <ottla.hpp>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

/// An error of the driver's own: a name of the protocol and a text.
struct Fault : std::runtime_error {
    Fault(std::string kind, const std::string &message) : std::runtime_error(message), name(std::move(kind)) {}
    std::string name;
};

/// The protocol's object for an error.
Json error_json(const Fault &fault);
Json error_json(const ottla_error_t *error);
/// For what a catch-all caught.
Json current_error_json();

class Command {
public:
    /// Throws a Fault when the line is no command.
    explicit Command(const std::string &line);

    const std::string &op() const { return op_; }
    const Json &field(std::string_view name) const { return fields_[name]; }
    const std::string &text(std::string_view name) const;
    const Json::Array &list(std::string_view name) const;
    std::vector<std::string> texts(std::string_view name) const;
    bool flag(std::string_view name) const;
    std::vector<ottla::TopicPartition> partitions(std::string_view name) const;
    /// The options but those the protocol allows this client to drop.
    ottla::Config config(const std::set<std::string> &dropped) const;
    /// How long a call of the client may take: what is left, less what it takes to tell.
    ottla::milliseconds patience() const;

    void succeed(Json result) const;
    void fail(Json error) const;

private:
    Json fields_;
    std::string op_;
    std::chrono::steady_clock::time_point deadline_;
};

std::int64_t number(const Json &json, std::string_view name);
ottla::TopicPartition partition(const Json &json);
/// Bytes of base64, none for null.
std::optional<std::string> bytes(const Json &json);
Json show_bytes(bool is_null, std::string_view bytes);
Json show(const ottla::TopicPartition &partition);
Json show(const std::vector<ottla::TopicPartition> &partitions);

/// A client of the driver's: does commands one after the other, on a thread of its own.
class Client {
public:
    virtual ~Client() = default;
    /// The answer, or none when it comes later.
    virtual std::optional<Json> execute(const Command &command) = 0;
    /// Ends the poll under way, from another thread.
    virtual void wakeup() { throw Fault("UNSUPPORTED", "consumer.wakeup"); }
};

std::unique_ptr<Client> make_producer();
std::unique_ptr<Client> make_consumer();
std::unique_ptr<Client> make_admin();

#endif
