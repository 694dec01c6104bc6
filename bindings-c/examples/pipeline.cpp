// Reads orders in a group, writes an invoice for each, and commits what was written: at least once, in C++17.
#include <ottla.hpp>

#include <chrono>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

namespace {

constexpr int orders = 1000;

void make_orders(const ottla::Config &cluster) {
    ottla::Producer producer(cluster);
    for (int i = 0; i < orders; ++i) {
        ottla::SendOptions options;
        const std::string key = "customer-" + std::to_string(i % 50);
        options.key = key;
        options.headers = {{"channel", "web"}};
        producer.send("orders", std::to_string(i), options);
    }
    producer.close();
}

void make_invoices(const ottla::Config &cluster) {
    ottla::Config config = cluster;
    config.set("group.id", "billing").set("auto.offset.reset", "earliest").set("enable.auto.commit", "false");
    ottla::Consumer consumer(config);
    ottla::Producer producer(cluster);
    consumer.on_rebalance([&](const ottla::RebalanceEvent &event) {
        if (event.type == OTTLA_REVOKED) {
            producer.flush();
            consumer.commit();
        }
    });
    consumer.subscribe({"orders"});
    for (std::size_t done = 0; done < orders;) {
        const ottla::Records records = consumer.poll(1s);
        for (const ottla::RecordView order : records) {
            ottla::SendOptions options;
            options.key = order.key();
            producer.send("invoices", "invoice for order " + std::string(order.value()), options);
        }
        if (!records.empty()) {
            // Invoices first, then the commit: a crash in between writes some twice, and loses none.
            producer.flush();
            consumer.commit();
            done += records.size();
        }
    }
    consumer.close();
    producer.close();
}

} // namespace

int main() {
    try {
        ottla::TestBroker broker;
        broker.create_topic("orders", 3);
        broker.create_topic("invoices", 3);
        const ottla::Config cluster{{"bootstrap.servers", broker.bootstrap()}};
        make_orders(cluster);
        make_invoices(cluster);

        ottla::Consumer reader(ottla::Config(cluster).set("auto.offset.reset", "earliest"));
        std::int64_t invoices = 0;
        for (const ottla::Offset &end : reader.end_offsets({{"invoices", 0}, {"invoices", 1}, {"invoices", 2}})) {
            invoices += end.offset;
        }
        std::cout << invoices << " invoices for " << orders << " orders\n";
        return invoices == orders ? 0 : 1;
    } catch (const ottla::Error &error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
