// The conformance driver for C and C++: reads commands from standard input, one JSON object a line, and does them with the
// public API only. Each client has a thread that does its commands in order.

#include "command.hpp"

#include <condition_variable>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <unistd.h>

namespace {

const std::vector<const char *> capabilities = {
    "producer.create", "producer.send", "producer.flush", "producer.partitions", "producer.close",
    "consumer.create", "consumer.subscribe", "consumer.unsubscribe", "consumer.assign", "consumer.assignment",
    "consumer.poll", "consumer.wakeup", "consumer.seek", "consumer.seek_to_beginning", "consumer.seek_to_end", "consumer.pause",
    "consumer.resume", "consumer.position", "consumer.committed", "consumer.beginning_offsets",
    "consumer.end_offsets", "consumer.offsets_for_times", "consumer.commit", "consumer.close",
    "admin.create", "admin.create_topics", "admin.delete_topics", "admin.list_topics", "admin.describe_topics",
    "admin.create_partitions", "admin.describe_configs", "admin.alter_configs", "admin.delete_records",
    "admin.list_offsets", "admin.list_groups", "admin.describe_groups", "admin.delete_groups",
    "admin.list_group_offsets", "admin.alter_group_offsets", "admin.delete_group_offsets",
    "admin.describe_cluster", "admin.close",
    "compression.gzip", "compression.snappy", "compression.lz4", "compression.zstd", "assignor.range",
    "assignor.roundrobin", "assignor.sticky", "assignor.cooperative-sticky", "group.static",
    "partitioner.murmur2", "consumer.pattern",
};

/// A client with the thread that does its commands. The thread ends with its last command when the handle is dropped.
class Handle {
public:
    explicit Handle(std::shared_ptr<Client> client) : queue_(std::make_shared<Queue>()), client_(std::move(client)) {
        std::thread(work, queue_, client_).detach();
    }
    Handle(Handle &&) = default;
    Handle &operator=(Handle &&) = delete;
    ~Handle() {
        if (queue_) {
            const std::lock_guard<std::mutex> guard(queue_->mutex);
            queue_->ended = true;
            queue_->changed.notify_one();
        }
    }

    void submit(Command command) {
        if (command.op() == "consumer.wakeup") {
            // Does not wait for its turn: what it ends is under way.
            client_->wakeup();
            return command.succeed(Json(Json::Object()));
        }
        const std::lock_guard<std::mutex> guard(queue_->mutex);
        queue_->commands.push_back(std::move(command));
        queue_->changed.notify_one();
    }

private:
    struct Queue {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Command> commands;
        bool ended = false;
    };

    static void work(const std::shared_ptr<Queue> &queue, const std::shared_ptr<Client> &client) {
        for (;;) {
            std::unique_lock<std::mutex> lock(queue->mutex);
            queue->changed.wait(lock, [&] { return queue->ended || !queue->commands.empty(); });
            if (queue->commands.empty()) {
                return;
            }
            const Command command = std::move(queue->commands.front());
            queue->commands.pop_front();
            lock.unlock();
            try {
                if (std::optional<Json> result = client->execute(command)) {
                    command.succeed(std::move(*result));
                }
            } catch (...) {
                command.fail(current_error_json());
            }
        }
    }

    std::shared_ptr<Queue> queue_;
    std::shared_ptr<Client> client_;
};

std::unique_ptr<Client> make(const std::string &op) {
    if (op == "producer.create") {
        return make_producer();
    }
    if (op == "consumer.create") {
        return make_consumer();
    }
    if (op == "admin.create") {
        return make_admin();
    }
    throw Fault("UNSUPPORTED", op);
}

bool ends_with(const std::string &text, std::string_view end) {
    return text.size() >= end.size() && std::string_view(text).substr(text.size() - end.size()) == end;
}

void accept(Command command, std::map<std::string, Handle> &handles) {
    if (command.op() == "hello") {
        Json::Array names(capabilities.begin(), capabilities.end());
        return command.succeed(Json()
                                   .set("driver", "c")
                                   .set("client", "ottla")
                                   .set("version", ottla_version())
                                   .set("protocol", 1)
                                   .set("capabilities", std::move(names)));
    }
    try {
        const std::string name = command.text("handle");
        const bool closes = ends_with(command.op(), ".close");
        auto found = handles.find(name);
        if (ends_with(command.op(), ".create")) {
            if (found != handles.end()) {
                throw Fault("ILLEGAL_STATE", "handle " + name + " exists");
            }
            found = handles.emplace(name, Handle(make(command.op()))).first;
        }
        if (found == handles.end()) {
            throw Fault("ILLEGAL_STATE", "no handle " + name);
        }
        found->second.submit(std::move(command));
        if (closes) {
            handles.erase(found);
        }
    } catch (...) {
        command.fail(current_error_json());
    }
}

} // namespace

int main() {
    std::map<std::string, Handle> handles;
    std::string line;
    while (std::getline(std::cin, line)) {
        try {
            accept(Command(line), handles);
        } catch (const Fault &fault) {
            std::cerr << fault.what() << '\n';
        }
    }
    // Whoever told us what to do is gone: no client is worth a graceful end.
    _exit(0);
}
