// ottla.hpp: handles that own, exceptions that say more, callbacks that may throw.
#include "support/check.h"

#include <ottla.hpp>

#include <map>
#include <thread>
#include <type_traits>

using namespace std::chrono_literals;

namespace {

constexpr ottla::milliseconds limit = 240s;

template <typename T>
constexpr bool is_moved_only = std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T> &&
                               !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T>;
static_assert(is_moved_only<ottla::Producer> && is_moved_only<ottla::Consumer> && is_moved_only<ottla::Admin>);
static_assert(is_moved_only<ottla::Records> && is_moved_only<ottla::Reports> && is_moved_only<ottla::Delivery>);
static_assert(is_moved_only<ottla::TestBroker>);
static_assert(std::is_nothrow_copy_constructible_v<ottla::Error> && std::is_copy_constructible_v<ottla::Config>);

struct Fixture {
    ottla::TestBroker broker{ottla::Config{{"auto.create.topics.enable", "false"}}};
    int topics = 0;

    std::string topic(int partitions = 1) {
        std::string name = "topic-" + std::to_string(++topics);
        broker.create_topic(name, partitions, {}, limit);
        return name;
    }
    ottla::Config config(std::initializer_list<std::pair<std::string, std::string>> options = {}) const {
        ottla::Config config(options);
        config.set("bootstrap.servers", broker.bootstrap());
        return config;
    }
    ottla::Consumer member(const std::string &topic, const std::string &group) const {
        ottla::Consumer consumer(config({{"group.id", group},
                                         {"auto.offset.reset", "earliest"},
                                         {"enable.auto.commit", "false"}}));
        consumer.subscribe({topic});
        return consumer;
    }
    void fill(const std::string &topic, int count) const {
        ottla::Producer producer(config({{"linger.ms", "0"}}));
        for (int i = 0; i < count; ++i) {
            producer.send(topic, std::to_string(i));
        }
        producer.close();
    }
};

Fixture &fixture() {
    static Fixture shared;
    return shared;
}

/// What a call throws.
template <typename Call> ottla::Error thrown_by(Call call) {
    try {
        call();
    } catch (const ottla::Error &error) {
        return error;
    }
    check_failed(__FILE__, __LINE__, "the call throws");
    std::abort();
}

void records_come_back_as_views() {
    const std::string topic = fixture().topic(2);
    ottla::Producer producer(fixture().config({{"linger.ms", "0"}}));
    ottla::SendOptions options;
    options.key = "key";
    options.partition = 1;
    options.timestamp_ms = 1700000000000;
    options.headers = {{"a", "1"}, {"a", std::string_view("\0", 1)}, {"null", std::nullopt}, {"empty", ""}};
    const ottla::RecordMetadata found = producer.send_tracked(topic, "value", options).wait();
    CHECK(found.partition == 1 && found.offset == 0 && found.timestamp_ms == 1700000000000 && found.topic == topic);
    options.headers.clear();
    producer.send(topic, std::nullopt, options);
    CHECK(producer.try_send(topic, std::string_view(), options));
    producer.flush();
    CHECK(producer.metrics().records_acknowledged == 3 && producer.partitions_for(topic).size() == 2);

    ottla::Consumer consumer(fixture().config({{"auto.offset.reset", "earliest"}}));
    consumer.assign({{topic, 1}});
    std::vector<std::string> seen;
    ottla::Records kept;
    while (seen.size() < 3) {
        ottla::Records records = consumer.poll(limit);
        for (const ottla::RecordView record : records) {
            CHECK(record.topic() == topic && record.partition() == 1 && record.key() == "key");
            if (record.offset() == 0) {
                CHECK(record.header_count() == 4 && record.header(2).key() == "null");
                CHECK(!record.header(2).has_value() && record.header(3).has_value());
                CHECK(record.header("a")->value() == std::string_view("\0", 1) && !record.header("b"));
            }
            seen.push_back(record.has_value() ? "value:" + std::string(record.value()) : "tombstone");
        }
        kept = std::move(records);
    }
    CHECK((seen == std::vector<std::string>{"value:value", "tombstone", "value:"}));
    CHECK(consumer.position({topic, 1}) == 3 && !consumer.position({topic, 0}));
    CHECK(consumer.lag({topic, 1}) == 0 && consumer.end_offsets({{topic, 1}}).at(0).offset == 3);
    CHECK(consumer.offsets_for_times({{{topic, 1}, 0}}).at(0).offset == 0);
    consumer.close();
    CHECK(!kept.empty() && kept[0].topic() == topic);
}

void handles_move_and_leave_nothing_behind() {
    const std::string topic = fixture().topic();
    ottla::Producer first(fixture().config());
    ottla::Producer producer = std::move(first);
    producer.send(topic, "one");
    producer = ottla::Producer(fixture().config({{"linger.ms", "0"}}));
    producer.send_tracked(topic, "two").wait();

    ottla::Consumer consumer = fixture().member(topic, "moved");
    int assigned = 0;
    consumer.on_rebalance([&](const ottla::RebalanceEvent &event) { assigned += event.type == OTTLA_ASSIGNED; });
    ottla::Consumer moved = std::move(consumer);
    std::size_t count = 0;
    while (count < 2) {
        count += moved.poll(limit).size();
    }
    CHECK(assigned == 1);
    moved = fixture().member(topic, "moved again");
    CHECK(moved.next(limit).has_value());
    ottla::TestBroker broker;
    ottla::TestBroker other = std::move(broker);
    CHECK(!other.bootstrap().empty());
    other.stop();
}

void reports_are_a_range() {
    const std::string topic = fixture().topic();
    ottla::Producer producer(fixture().config({{"linger.ms", "0"}}));
    std::map<std::uint64_t, std::int64_t> offsets;
    ottla::SendOptions options;
    for (options.tag = 1; options.tag <= 10; ++options.tag) {
        producer.send(topic, "x", options);
    }
    while (offsets.size() < 10) {
        producer.serve_reports(limit, [&](const ottla_report_t &report) {
            CHECK(report.error == nullptr && report.topic == topic);
            for (std::uint64_t i = 0; i < report.count; ++i) {
                offsets[report.first_tag + i] = report.first_offset + static_cast<std::int64_t>(i);
            }
        });
    }
    CHECK(offsets.at(1) == 0 && offsets.at(10) == 9 && producer.poll_reports().empty() && producer.event_fd() >= 0);
    std::vector<ottla_producer_record_t> records(3);
    for (auto &record : records) {
        record.topic = topic.c_str();
    }
    CHECK(producer.send_many(records.data(), records.size()) == 3);
    producer.close();
}

void failures_are_exceptions_with_all_their_parts() {
    const ottla::Error config = thrown_by([] { ottla::Producer producer({{"linger.msec", "1"}}); });
    CHECK(config.status() == OTTLA_CONFIG_ERROR && has_text(config.what(), "linger.ms") && !config.hint().empty());
    ottla::Producer producer(fixture().config({{"max.block.ms", "2000"}}));
    // Reaching the broker is no part of the time that a missing topic is waited for.
    producer.partitions_for(fixture().topic());
    const ottla::Error missing = thrown_by([&] { producer.send("no-such-topic", "x"); });
    const ottla::Error copy = missing;
    CHECK(copy.status() == OTTLA_UNKNOWN_TOPIC_OR_PARTITION && copy.context("topic") == "no-such-topic");
    CHECK(copy.context("no such fact").empty() && !copy.message().empty() && !copy.operation().empty());
    CHECK(!copy.is_fatal() && !copy.requires_abort() && !copy.is_outcome_unknown());
    producer.close();
    CHECK(thrown_by([&] { producer.send("any", "x"); }).status() == OTTLA_CLOSED);
}

struct Thrown : std::runtime_error {
    using std::runtime_error::runtime_error;
};

void what_a_callback_throws_comes_out_of_the_call_and_loses_no_record() {
    const std::string topic = fixture().topic();
    fixture().fill(topic, 3);
    for (const bool one_by_one : {false, true}) {
        ottla::Consumer consumer = fixture().member(topic, one_by_one ? "thrown-next" : "thrown-poll");
        int told = 0;
        consumer.on_rebalance([&](const ottla::RebalanceEvent &event) {
            ++told;
            if (event.type == OTTLA_ASSIGNED) {
                throw Thrown("assigned");
            }
        });
        std::vector<std::string> seen;
        bool caught = false;
        while (seen.size() < 3) {
            try {
                if (one_by_one) {
                    if (const auto record = consumer.next(limit)) {
                        seen.emplace_back(record->value());
                    }
                } else {
                    for (const auto record : consumer.poll(limit)) {
                        seen.emplace_back(record.value());
                    }
                }
            } catch (const Thrown &) {
                CHECK(!caught && seen.empty());
                caught = true;
            }
        }
        CHECK(caught && told == 1 && (seen == std::vector<std::string>{"0", "1", "2"}));
        consumer.commit();
        CHECK(consumer.committed({{topic, 0}}).at(0).offset == 3);
        consumer.on_rebalance([](const ottla::RebalanceEvent &) { throw Thrown("revoked"); });
        bool is_out = false;
        try {
            consumer.close();
        } catch (const Thrown &) {
            is_out = true;
        }
        CHECK(is_out);
    }
    ottla::Producer producer(fixture().config({{"linger.ms", "0"}}));
    ottla::SendOptions options;
    options.tag = 1;
    producer.send(topic, "x", options);
    bool is_out = false;
    try {
        producer.serve_reports(limit, [](const ottla_report_t &) { throw Thrown("report"); });
    } catch (const Thrown &) {
        is_out = true;
    }
    CHECK(is_out);
    ottla_set_log_level(OTTLA_LOG_DEBUG, nullptr);
    producer.send(fixture().topic(), "x");
    is_out = false;
    try {
        for (int i = 0; i < 100; ++i) {
            ottla::poll_logs(100ms, [](auto...) { throw Thrown("line"); });
        }
    } catch (const Thrown &) {
        is_out = true;
    }
    ottla_set_log_level(OTTLA_LOG_OFF, nullptr);
    CHECK(is_out);
}

void an_exception_in_the_application_leaves_clients_to_their_destructors() {
    const std::string topic = fixture().topic();
    fixture().fill(topic, 1);
    bool caught = false;
    try {
        ottla::Producer producer(fixture().config());
        ottla::Consumer consumer = fixture().member(topic, "unwound");
        const ottla::Records records = consumer.poll(limit);
        producer.send(topic, "more");
        throw Thrown("in the middle");
    } catch (const Thrown &) {
        caught = true;
    }
    CHECK(caught);
}

void the_admin_client_calls_any_operation() {
    ottla::Admin admin(fixture().config());
    ottla_new_topic_t topic{};
    topic.name = "administered";
    topic.num_partitions = {true, 3};
    ottla_create_topics_arguments_t create{};
    create.topics = {&topic, 1};
    const auto created = admin.call(ottla_admin_create_topics, create);
    CHECK(created->count == 1 && created->items[0].error == nullptr && created->items[0].value.num_partitions.value == 3);
    const auto [again, failure] = admin.try_call(ottla_admin_create_topics, create);
    CHECK(failure && failure->code() == OTTLA_CODE_TOPIC_ALREADY_EXISTS && again->items[0].error != nullptr);
    CHECK(thrown_by([&] { admin.call(ottla_admin_create_topics, create); }).code_name() == "TOPIC_ALREADY_EXISTS");
    admin.close();
    CHECK(thrown_by([&] { admin.call(ottla_admin_create_topics, create); }).status() == OTTLA_CLOSED);
}

void offsets_carry_the_applications_text() {
    const std::string topic = fixture().topic();
    ottla::Consumer consumer = fixture().member(topic, "texts");
    while (consumer.assignment().empty()) {
        consumer.poll(50ms);
    }
    ottla::Offset offset{topic, 0, 0};
    offset.metadata = "by hand";
    consumer.commit({offset});
    const auto committed = consumer.committed({{topic, 0}});
    CHECK(committed.size() == 1 && committed[0].metadata == "by hand" && committed[0].offset == 0);
    CHECK(consumer.group_metadata().group_id == "texts" && !consumer.group_metadata().group_instance_id);
    CHECK(consumer.subscription() == std::vector<std::string>{topic});
    consumer.pause({{topic, 0}});
    CHECK((consumer.paused() == std::vector<ottla::TopicPartition>{{topic, 0}}));
    consumer.resume({{topic, 0}});
    consumer.unsubscribe();
    CHECK(consumer.subscription().empty());
}

} // namespace

RUN_TESTS(TEST(records_come_back_as_views), TEST(handles_move_and_leave_nothing_behind), TEST(reports_are_a_range),
          TEST(failures_are_exceptions_with_all_their_parts),
          TEST(what_a_callback_throws_comes_out_of_the_call_and_loses_no_record),
          TEST(an_exception_in_the_application_leaves_clients_to_their_destructors),
          TEST(the_admin_client_calls_any_operation), TEST(offsets_carry_the_applications_text))
