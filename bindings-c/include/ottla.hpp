/*
 * Ottla for C++17: classes over ottla.h that own their handles, throw ottla::Error, and hand bytes out as string_view.
 *
 * Everything is in this header; link against libottla. Classes can be moved, not copied. Methods may be called from any
 * thread unless ottla.h says otherwise; moving, assigning and destroying may not run beside other calls of the same object.
 * Callbacks may throw: the exception comes out of the call that ran the callback.
 */
#ifndef OTTLA_HPP
#define OTTLA_HPP

#include <ottla.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ottla {

using std::chrono::milliseconds;

/// How long calls wait that are not told otherwise.
inline constexpr milliseconds default_timeout{60000};

/// What went wrong. Cheap to copy; copies share the library's error.
class Error : public std::runtime_error {
public:
    /// Takes the library's error over.
    Error(ottla_status_t status, ottla_error_t *error)
        : std::runtime_error(error != nullptr ? ottla_error_text(error) : ottla_status_name(status)), status_(status),
          error_(error, ottla_error_free) {}

    /// What sort of failure it is.
    ottla_status_t status() const noexcept { return status_; }
    /// The broker's error code; OTTLA_CODE_NONE when no broker sent one.
    std::int32_t code() const noexcept { return ottla_error_code(error_.get()); }
    /// Kafka's name of the code.
    std::string_view code_name() const noexcept { return ottla_code_name(code()); }
    /// What was being done.
    std::string_view operation() const noexcept { return text(ottla_error_operation(error_.get())); }
    /// What went wrong, without operation, context and hint.
    std::string_view message() const noexcept { return text(ottla_error_message(error_.get())); }
    /// What a person should do next; empty without advice.
    std::string_view hint() const noexcept { return text(ottla_error_hint(error_.get())); }
    /// A fact by its name, as "topic"; empty when there is none of that name.
    std::string_view context(const char *name) const noexcept {
        return text(ottla_error_context(error_.get(), name));
    }
    /// Whether the same call may succeed later without a change.
    bool is_retriable() const noexcept { return ottla_error_is_retriable(error_.get()); }
    /// Whether the client must be closed.
    bool is_fatal() const noexcept { return ottla_error_is_fatal(error_.get()); }
    /// Whether the open transaction can only be aborted.
    bool requires_abort() const noexcept { return ottla_error_requires_abort(error_.get()); }
    /// Whether what was asked for may have taken effect all the same.
    bool is_outcome_unknown() const noexcept { return ottla_error_is_outcome_unknown(error_.get()); }
    /// The library's error, which lives as long as this one.
    const ottla_error_t *get() const noexcept { return error_.get(); }

private:
    static std::string_view text(const char *text) noexcept {
        return text != nullptr ? std::string_view(text) : std::string_view();
    }

    ottla_status_t status_;
    std::shared_ptr<ottla_error_t> error_;
};

namespace detail {

/// Throws what a call failed with. The error is taken by reference: it is read after the call among the arguments set it.
inline void check(ottla_status_t status, ottla_error_t *&error) {
    if (status != OTTLA_OK) {
        throw Error(status, std::exchange(error, nullptr));
    }
}

template <auto Free> struct Freed {
    template <typename T> void operator()(T *handle) const noexcept { Free(handle); }
};

template <typename T, auto Free> using Handle = std::unique_ptr<T, Freed<Free>>;

inline std::string_view view(const void *data, std::size_t len) noexcept {
    return {static_cast<const char *>(data), len};
}

/// Goes through what a list of the library holds: entries by number.
template <typename List, typename Entry> class Iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Entry;

    Iterator(const List *list, std::size_t index) noexcept : list_(list), index_(index) {}
    Entry operator*() const { return (*list_)[index_]; }
    Iterator &operator++() noexcept {
        ++index_;
        return *this;
    }
    bool operator==(const Iterator &other) const noexcept { return index_ == other.index_; }
    bool operator!=(const Iterator &other) const noexcept { return index_ != other.index_; }

private:
    const List *list_;
    std::size_t index_;
};

} // namespace detail

/// Options by Kafka's names. What is wrong with them is told when a client is made.
class Config {
public:
    Config() : config_(ottla_config_new()) {}
    Config(std::initializer_list<std::pair<std::string, std::string>> options) : Config() {
        for (const auto &[name, value] : options) {
            set(name, value);
        }
    }
    Config(const Config &other) : config_(ottla_config_copy(other.get())) {}
    Config(Config &&) noexcept = default;
    Config &operator=(Config other) noexcept {
        config_.swap(other.config_);
        return *this;
    }

    /// Sets an option; a later value of the same name counts.
    Config &set(const std::string &name, const std::string &value) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_config_set(config_.get(), name.c_str(), value.c_str(), &error), error);
        return *this;
    }
    ottla_config_t *get() const noexcept { return config_.get(); }

private:
    detail::Handle<ottla_config_t, ottla_config_free> config_;
};

/// A partition of a topic.
struct TopicPartition {
    std::string topic;
    std::int32_t partition = 0;
};

inline bool operator==(const TopicPartition &a, const TopicPartition &b) {
    return a.partition == b.partition && a.topic == b.topic;
}
inline bool operator!=(const TopicPartition &a, const TopicPartition &b) { return !(a == b); }
inline bool operator<(const TopicPartition &a, const TopicPartition &b) {
    return a.topic != b.topic ? a.topic < b.topic : a.partition < b.partition;
}

/// An offset of a partition.
struct Offset {
    std::string topic;
    std::int32_t partition = 0;
    /// OTTLA_NO_OFFSET: there is none.
    std::int64_t offset = OTTLA_NO_OFFSET;
    /// The application's own text with a committed offset.
    std::string metadata = {};
    /// In answers about times: the record's timestamp; else -1.
    std::int64_t timestamp_ms = -1;
    std::optional<std::int32_t> leader_epoch = {};
};

/// A header of a record to send; without a value it is null, which differs from empty.
struct Header {
    std::string_view key;
    std::optional<std::string_view> value = {};
};

/// What a record to send may have besides topic and value. Bytes are borrowed for the length of the call.
struct SendOptions {
    std::optional<std::string_view> key = {};
    std::optional<std::int32_t> partition = {};
    std::optional<std::int64_t> timestamp_ms = {};
    std::vector<Header> headers = {};
    /// Not 0: the record's fate is told by poll_reports() under this tag. 0: failures come with the next flush() or close().
    std::uint64_t tag = 0;
    /// How long to wait for the topic's metadata and for room.
    milliseconds timeout = default_timeout;
};

/// Where a record was appended.
struct RecordMetadata {
    std::string topic;
    std::int32_t partition;
    /// -1 when the broker was not asked (acks=0) or did not say.
    std::int64_t offset;
    std::int64_t timestamp_ms;
};

/// What becomes of one record. May be destroyed at any time; the record goes on.
class Delivery {
public:
    explicit Delivery(ottla_delivery_t *delivery) noexcept : delivery_(delivery) {}

    /// Waits for the record's fate. Throws OTTLA_TIMEOUT without one in time, else the record's error.
    RecordMetadata wait(milliseconds timeout = default_timeout) const {
        ottla_error_t *error = nullptr;
        ottla_record_metadata_t found{};
        detail::check(ottla_delivery_wait(delivery_.get(), timeout.count(), &found, &error), error);
        return {found.topic, found.partition, found.offset, found.timestamp_ms};
    }
    /// Whether the fate is known: wait() does not wait then.
    bool is_done() const noexcept { return ottla_delivery_is_done(delivery_.get()); }

private:
    detail::Handle<ottla_delivery_t, ottla_delivery_free> delivery_;
};

/// Fates of tagged records: a range of ottla_report_t.
class Reports {
public:
    explicit Reports(ottla_reports_t *reports) noexcept : reports_(reports) {}

    std::size_t size() const noexcept { return ottla_reports_count(reports_.get()); }
    bool empty() const noexcept { return size() == 0; }
    const ottla_report_t &operator[](std::size_t index) const { return *ottla_reports_get(reports_.get(), index); }
    auto begin() const noexcept { return detail::Iterator<Reports, const ottla_report_t &>(this, 0); }
    auto end() const noexcept { return detail::Iterator<Reports, const ottla_report_t &>(this, size()); }

private:
    detail::Handle<ottla_reports_t, ottla_reports_free> reports_;
};

/// What is known of a topic's partitions: a range of ottla_partition_info_t.
class PartitionInfos {
public:
    explicit PartitionInfos(ottla_partition_infos_t *infos) noexcept : infos_(infos) {}

    std::size_t size() const noexcept { return ottla_partition_infos_count(infos_.get()); }
    const ottla_partition_info_t &operator[](std::size_t index) const {
        return *ottla_partition_infos_get(infos_.get(), index);
    }
    auto begin() const noexcept { return detail::Iterator<PartitionInfos, const ottla_partition_info_t &>(this, 0); }
    auto end() const noexcept {
        return detail::Iterator<PartitionInfos, const ottla_partition_info_t &>(this, size());
    }

private:
    detail::Handle<ottla_partition_infos_t, ottla_partition_infos_free> infos_;
};

/// Sends records, in batches, in the background. Destroyed without close(), it delivers what was sent in the background.
class Producer {
public:
    explicit Producer(const Config &config) {
        ottla_error_t *error = nullptr;
        ottla_producer_t *producer = nullptr;
        detail::check(ottla_producer_new(config.get(), &producer, &error), error);
        producer_.reset(producer);
    }

    /// Hands a record over; without a value it is a tombstone. Throws when it was not taken.
    void send(const std::string &topic, std::optional<std::string_view> value, const SendOptions &options = {}) {
        ottla_error_t *error = nullptr;
        const Parts parts(topic, value, options);
        detail::check(ottla_producer_send(producer_.get(), &parts.record, options.timeout.count(), &error), error);
    }

    /// As send(), but never waits: false when there is no room, or the topic's partitions are not known yet.
    bool try_send(const std::string &topic, std::optional<std::string_view> value, const SendOptions &options = {}) {
        ottla_error_t *error = nullptr;
        const Parts parts(topic, value, options);
        const ottla_status_t status = ottla_producer_send(producer_.get(), &parts.record, 0, &error);
        if (status == OTTLA_QUEUE_FULL || status == OTTLA_TIMEOUT) {
            ottla_error_free(error);
            return false;
        }
        detail::check(status, error);
        return true;
    }

    /// As send(), and gives what the record's fate is read from.
    Delivery send_tracked(const std::string &topic, std::optional<std::string_view> value,
                          const SendOptions &options = {}) {
        ottla_error_t *error = nullptr;
        ottla_delivery_t *delivery = nullptr;
        const Parts parts(topic, value, options);
        detail::check(ottla_producer_send_tracked(producer_.get(), &parts.record, options.timeout.count(), &delivery,
                                                  &error),
                      error);
        return Delivery(delivery);
    }

    /// Hands many records over in order; returns how many were taken before the timeout or a full buffer.
    std::size_t send_many(const ottla_producer_record_t *records, std::size_t count,
                          milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        std::size_t sent = 0;
        const ottla_status_t status =
            ottla_producer_send_many(producer_.get(), records, count, timeout.count(), &sent, &error);
        if (status == OTTLA_QUEUE_FULL || status == OTTLA_TIMEOUT) {
            ottla_error_free(error);
            return sent;
        }
        detail::check(status, error);
        return sent;
    }

    /// Fates of tagged records, empty when none came in time.
    Reports poll_reports(milliseconds timeout = milliseconds{0}) {
        ottla_error_t *error = nullptr;
        ottla_reports_t *reports = nullptr;
        detail::check(ottla_producer_poll_reports(producer_.get(), timeout.count(), &reports, &error), error);
        return Reports(reports);
    }

    /// As poll_reports(), but calls `told` with each entry; what it throws comes out of here, the entries behind are lost.
    template <typename Told> std::size_t serve_reports(milliseconds timeout, Told &&told) {
        std::size_t served = 0;
        for (const ottla_report_t &report : poll_reports(timeout)) {
            told(report);
            ++served;
        }
        return served;
    }

    /// A descriptor that is readable while reports wait. Owned by the producer.
    int event_fd() {
        ottla_error_t *error = nullptr;
        int fd = -1;
        detail::check(ottla_producer_event_fd(producer_.get(), &fd, &error), error);
        return fd;
    }

    /// Waits until every record sent before has its fate; throws the first failure of those without a tag.
    void flush(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_producer_flush(producer_.get(), timeout.count(), &error), error);
    }

    /// Delivers what is buffered and ends, by `timeout`; throws as flush().
    void close(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_producer_close(producer_.get(), timeout.count(), &error), error);
    }

    /// A topic's partitions and their leaders.
    PartitionInfos partitions_for(const std::string &topic, milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        ottla_partition_infos_t *infos = nullptr;
        detail::check(
            ottla_producer_partitions_for(producer_.get(), topic.c_str(), timeout.count(), &infos, &error), error);
        return PartitionInfos(infos);
    }

    /// What was counted so far.
    ottla_producer_metrics_t metrics() const {
        ottla_error_t *error = nullptr;
        ottla_producer_metrics_t metrics{};
        detail::check(ottla_producer_metrics(producer_.get(), &metrics, sizeof metrics, &error), error);
        return metrics;
    }

    ottla_producer_t *get() const noexcept { return producer_.get(); }

private:
    struct Parts {
        Parts(const std::string &topic, const std::optional<std::string_view> &value, const SendOptions &options) {
            record.topic = topic.c_str();
            set(record.key, record.key_len, options.key);
            set(record.value, record.value_len, value);
            headers.reserve(options.headers.size());
            for (const Header &header : options.headers) {
                ottla_header_t one{};
                one.key = header.key.data() != nullptr ? header.key.data() : "";
                one.key_len = header.key.size();
                set(one.value, one.value_len, header.value);
                headers.push_back(one);
            }
            record.headers = headers.data();
            record.header_count = headers.size();
            record.has_partition = options.partition.has_value();
            record.partition = options.partition.value_or(0);
            record.has_timestamp = options.timestamp_ms.has_value();
            record.timestamp_ms = options.timestamp_ms.value_or(0);
            record.tag = options.tag;
        }
        Parts(const Parts &) = delete;
        Parts &operator=(const Parts &) = delete;

        static void set(const void *&data, std::size_t &len, const std::optional<std::string_view> &bytes) noexcept {
            if (bytes) {
                data = bytes->data() != nullptr ? bytes->data() : "";
                len = bytes->size();
            }
        }

        ottla_producer_record_t record{};
        std::vector<ottla_header_t> headers;
    };

    detail::Handle<ottla_producer_t, ottla_producer_free> producer_;
};

/// A header of a consumed record.
class HeaderView {
public:
    explicit HeaderView(const ottla_header_t *header) noexcept : header_(header) {}
    std::string_view key() const noexcept { return detail::view(header_->key, header_->key_len); }
    /// Empty for null, see has_value().
    std::string_view value() const noexcept { return detail::view(header_->value, header_->value_len); }
    bool has_value() const noexcept { return header_->value != nullptr; }

private:
    const ottla_header_t *header_;
};

/// A consumed record: a view, cheap to copy, valid as long as the Records it is of.
class RecordView {
public:
    explicit RecordView(const ottla_record_t *record) noexcept : record_(record) {}

    std::string_view topic() const noexcept { return record_->topic; }
    std::int32_t partition() const noexcept { return record_->partition; }
    std::int64_t offset() const noexcept { return record_->offset; }
    std::int64_t timestamp_ms() const noexcept { return record_->timestamp_ms; }
    ottla_timestamp_type_t timestamp_type() const noexcept { return record_->timestamp_type; }
    /// -1 where it is not known.
    std::int32_t leader_epoch() const noexcept { return record_->leader_epoch; }
    /// Empty for null, see has_key().
    std::string_view key() const noexcept { return detail::view(record_->key, record_->key_len); }
    bool has_key() const noexcept { return record_->key != nullptr; }
    /// Empty for null, see has_value().
    std::string_view value() const noexcept { return detail::view(record_->value, record_->value_len); }
    /// Without a value the record is a tombstone.
    bool has_value() const noexcept { return record_->value != nullptr; }
    std::size_t header_count() const noexcept { return record_->header_count; }
    HeaderView header(std::size_t index) const noexcept { return HeaderView(record_->headers + index); }
    /// The last header of that key, which is the one that counts when keys repeat.
    std::optional<HeaderView> header(std::string_view key) const noexcept {
        for (std::size_t i = header_count(); i > 0; --i) {
            if (header(i - 1).key() == key) {
                return header(i - 1);
            }
        }
        return std::nullopt;
    }
    const ottla_record_t *get() const noexcept { return record_; }

private:
    const ottla_record_t *record_;
};

/// A change of the assignment.
struct RebalanceEvent {
    ottla_rebalance_type_t type;
    std::vector<TopicPartition> partitions;

    explicit RebalanceEvent(const ottla_rebalance_event_t &event) : type(event.event_type) {
        partitions.reserve(event.partition_count);
        for (std::size_t i = 0; i < event.partition_count; ++i) {
            partitions.push_back({event.partitions[i].topic, event.partitions[i].partition});
        }
    }
};

/// What one poll returned: a range of RecordView. May outlive its consumer.
class Records {
public:
    Records() noexcept = default;
    explicit Records(ottla_records_t *records) noexcept : records_(records) {}

    std::size_t size() const noexcept { return ottla_records_count(records_.get()); }
    bool empty() const noexcept { return size() == 0; }
    RecordView operator[](std::size_t index) const noexcept {
        return RecordView(ottla_records_get(records_.get(), index));
    }
    auto begin() const noexcept { return detail::Iterator<Records, RecordView>(this, 0); }
    auto end() const noexcept { return detail::Iterator<Records, RecordView>(this, size()); }
    /// Changes of the assignment since the poll before; a revocation waits for the next poll.
    std::vector<RebalanceEvent> events() const {
        std::vector<RebalanceEvent> events;
        for (std::size_t i = 0; i < ottla_records_event_count(records_.get()); ++i) {
            events.emplace_back(*ottla_records_event(records_.get(), i));
        }
        return events;
    }

private:
    detail::Handle<ottla_records_t, ottla_records_free> records_;
};

/// Who a consumer is in its group.
struct GroupMetadata {
    std::string group_id;
    std::int32_t generation_id;
    std::string member_id;
    std::optional<std::string> group_instance_id;
};

/// Reads records from topics. Destroyed without close(), it leaves its group in the background and commits nothing.
class Consumer {
public:
    using RebalanceCallback = std::function<void(const RebalanceEvent &)>;

    explicit Consumer(const Config &config) {
        ottla_error_t *error = nullptr;
        ottla_consumer_t *consumer = nullptr;
        detail::check(ottla_consumer_new(config.get(), &consumer, &error), error);
        consumer_.reset(consumer);
    }

    /// Sets who is told of changes of the assignment, within poll(), next(), unsubscribe() and close(). It may use the
    /// consumer, except to poll or close it. What it throws comes out of that call; records of a poll wait for the next.
    void on_rebalance(RebalanceCallback callback) {
        auto listener = std::make_unique<Listener>();
        listener->callback = std::move(callback);
        ottla_error_t *error = nullptr;
        detail::check(ottla_consumer_on_rebalance(consumer_.get(), listener->callback ? &Listener::tell : nullptr,
                                                  listener.get(), &error),
                      error);
        listener_ = std::move(listener);
    }

    /// Reads these topics as a member of the group.
    void subscribe(const std::vector<std::string> &topics) {
        std::vector<const char *> names;
        for (const std::string &topic : topics) {
            names.push_back(topic.c_str());
        }
        ottla_error_t *error = nullptr;
        detail::check(ottla_consumer_subscribe(consumer_.get(), names.data(), names.size(), &error), error);
    }
    /// Reads every topic whose whole name matches.
    void subscribe_pattern(const std::string &pattern) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_consumer_subscribe_pattern(consumer_.get(), pattern.c_str(), &error), error);
    }
    /// Stops reading and leaves the group; nothing is committed.
    void unsubscribe(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        const ottla_status_t status = ottla_consumer_unsubscribe(consumer_.get(), timeout.count(), &error);
        finish(status, error);
    }
    /// Reads exactly these partitions, outside the group's rebalancing.
    void assign(const std::vector<TopicPartition> &partitions) { with(partitions, ottla_consumer_assign); }

    std::vector<TopicPartition> assignment() const { return partitions(ottla_consumer_assignment); }
    std::vector<TopicPartition> paused() const { return partitions(ottla_consumer_paused); }
    std::vector<std::string> subscription() const {
        ottla_error_t *error = nullptr;
        ottla_texts_t *texts = nullptr;
        detail::check(ottla_consumer_subscription(consumer_.get(), &texts, &error), error);
        const detail::Handle<ottla_texts_t, ottla_texts_free> owned(texts);
        std::vector<std::string> topics;
        for (std::size_t i = 0; i < ottla_texts_count(texts); ++i) {
            topics.emplace_back(ottla_texts_get(texts, i));
        }
        return topics;
    }

    /// Records that are there, or come within `timeout`; at most `max_records`, "max.poll.records" for 0. Empty when none came.
    Records poll(milliseconds timeout, std::size_t max_records = 0) {
        if (listener_ && listener_->kept) {
            return *std::exchange(listener_->kept, std::nullopt);
        }
        ottla_error_t *error = nullptr;
        ottla_records_t *polled = nullptr;
        const ottla_status_t status =
            ottla_consumer_poll(consumer_.get(), timeout.count(), max_records, &polled, &error);
        Records records(polled);
        if (listener_ && listener_->thrown) {
            if (!records.empty()) {
                listener_->kept = std::move(records);
            }
            finish(status, error);
        }
        detail::check(status, error);
        return records;
    }

    /// The next record, valid until the next call; none when none came in time. A commit covers exactly what was returned.
    std::optional<RecordView> next(milliseconds timeout) {
        ottla_error_t *error = nullptr;
        const ottla_record_t *record = nullptr;
        const ottla_status_t status = ottla_consumer_next(consumer_.get(), timeout.count(), &record, &error);
        finish(status, error);
        return record != nullptr ? std::optional<RecordView>(RecordView(record)) : std::nullopt;
    }

    /// Makes a poll under way in another thread, or else the next one, return at once.
    void wakeup() {
        ottla_error_t *error = nullptr;
        detail::check(ottla_consumer_wakeup(consumer_.get(), &error), error);
    }

    /// A descriptor that is readable while something waits; see ottla_consumer_event_fd(). Owned by the consumer.
    int event_fd() {
        ottla_error_t *error = nullptr;
        int fd = -1;
        detail::check(ottla_consumer_event_fd(consumer_.get(), &fd, &error), error);
        return fd;
    }

    /// Commits the positions of everything handed out.
    void commit(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_consumer_commit(consumer_.get(), nullptr, 0, timeout.count(), &error), error);
    }
    /// Commits these offsets, each the next to read.
    void commit(const std::vector<Offset> &offsets, milliseconds timeout = default_timeout) {
        static const ottla_offset_t none{};
        std::vector<ottla_offset_t> raw;
        for (const Offset &offset : offsets) {
            raw.push_back(lower(offset));
        }
        ottla_error_t *error = nullptr;
        detail::check(ottla_consumer_commit(consumer_.get(), raw.empty() ? &none : raw.data(), raw.size(),
                                            timeout.count(), &error),
                      error);
    }

    void seek(const Offset &offset) {
        ottla_error_t *error = nullptr;
        const ottla_offset_t raw = lower(offset);
        detail::check(ottla_consumer_seek(consumer_.get(), &raw, &error), error);
    }
    /// Of all assigned partitions when none is named.
    void seek_to_beginning(const std::vector<TopicPartition> &of = {}) { with(of, ottla_consumer_seek_to_beginning); }
    /// Of all assigned partitions when none is named.
    void seek_to_end(const std::vector<TopicPartition> &of = {}) { with(of, ottla_consumer_seek_to_end); }
    void pause(const std::vector<TopicPartition> &partitions) { with(partitions, ottla_consumer_pause); }
    void resume(const std::vector<TopicPartition> &partitions) { with(partitions, ottla_consumer_resume); }

    /// The next offset to hand out, where it is known.
    std::optional<std::int64_t> position(const TopicPartition &of) const { return number(of, ottla_consumer_position); }
    /// How many offsets lie between the position and the end, where that is known.
    std::optional<std::int64_t> lag(const TopicPartition &of) const { return number(of, ottla_consumer_lag); }

    /// An entry for each partition; OTTLA_NO_OFFSET where nothing is committed.
    std::vector<Offset> committed(const std::vector<TopicPartition> &of, milliseconds timeout = default_timeout) const {
        return offsets(of, timeout, ottla_consumer_committed);
    }
    std::vector<Offset> beginning_offsets(const std::vector<TopicPartition> &of,
                                          milliseconds timeout = default_timeout) const {
        return offsets(of, timeout, ottla_consumer_beginning_offsets);
    }
    std::vector<Offset> end_offsets(const std::vector<TopicPartition> &of,
                                    milliseconds timeout = default_timeout) const {
        return offsets(of, timeout, ottla_consumer_end_offsets);
    }
    /// For each partition the first offset whose record is no older than the time (milliseconds since the epoch).
    std::vector<Offset> offsets_for_times(const std::vector<std::pair<TopicPartition, std::int64_t>> &times,
                                          milliseconds timeout = default_timeout) const {
        std::vector<ottla_partition_time_t> raw;
        for (const auto &[partition, time] : times) {
            raw.push_back({partition.topic.c_str(), partition.partition, time});
        }
        ottla_error_t *error = nullptr;
        ottla_offsets_t *found = nullptr;
        detail::check(ottla_consumer_offsets_for_times(consumer_.get(), raw.data(), raw.size(), timeout.count(), &found,
                                                       &error),
                      error);
        return raise(found);
    }

    /// Who this consumer is in its group.
    GroupMetadata group_metadata() const {
        ottla_error_t *error = nullptr;
        ottla_group_metadata_t *found = nullptr;
        detail::check(ottla_consumer_group_metadata(consumer_.get(), &found, &error), error);
        const detail::Handle<ottla_group_metadata_t, ottla_group_metadata_free> owned(found);
        const char *instance = ottla_group_metadata_group_instance_id(found);
        return {ottla_group_metadata_group_id(found), ottla_group_metadata_generation_id(found),
                ottla_group_metadata_member_id(found),
                instance != nullptr ? std::optional<std::string>(instance) : std::nullopt};
    }

    /// Commits (with "enable.auto.commit"), leaves the group, disconnects; by `timeout`.
    void close(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        const ottla_status_t status = ottla_consumer_close(consumer_.get(), timeout.count(), &error);
        finish(status, error);
    }

    ottla_consumer_t *get() const noexcept { return consumer_.get(); }

private:
    struct Listener {
        RebalanceCallback callback;
        /// What the callback threw: no exception may pass through the library.
        std::exception_ptr thrown;
        /// Records of the poll whose callback threw.
        std::optional<Records> kept;

        static void tell(ottla_consumer_t *consumer, const ottla_rebalance_event_t *event, void *user_data) noexcept {
            auto *listener = static_cast<Listener *>(user_data);
            try {
                listener->callback(RebalanceEvent(*event));
            } catch (...) {
                if (!listener->thrown) {
                    listener->thrown = std::current_exception();
                }
                // The call around this returns without taking a record that nobody would get.
                (void)ottla_consumer_wakeup(consumer, nullptr);
            }
        }
    };

    /// Throws what the callback threw, or else what the call failed with.
    void finish(ottla_status_t status, ottla_error_t *error) {
        if (listener_ && listener_->thrown) {
            ottla_error_free(error);
            std::rethrow_exception(std::exchange(listener_->thrown, nullptr));
        }
        detail::check(status, error);
    }

    static ottla_offset_t lower(const Offset &offset) noexcept {
        ottla_offset_t raw{};
        raw.topic = offset.topic.c_str();
        raw.partition = offset.partition;
        raw.offset = offset.offset;
        raw.metadata = offset.metadata.c_str();
        raw.has_leader_epoch = offset.leader_epoch.has_value();
        raw.leader_epoch = offset.leader_epoch.value_or(0);
        return raw;
    }

    static std::vector<Offset> raise(ottla_offsets_t *found) {
        const detail::Handle<ottla_offsets_t, ottla_offsets_free> owned(found);
        std::vector<Offset> offsets;
        for (std::size_t i = 0; i < ottla_offsets_count(found); ++i) {
            const ottla_offset_t *raw = ottla_offsets_get(found, i);
            Offset offset;
            offset.topic = raw->topic;
            offset.partition = raw->partition;
            offset.offset = raw->offset;
            offset.metadata = raw->metadata != nullptr ? raw->metadata : "";
            offset.timestamp_ms = raw->timestamp_ms;
            if (raw->has_leader_epoch) {
                offset.leader_epoch = raw->leader_epoch;
            }
            offsets.push_back(std::move(offset));
        }
        return offsets;
    }

    static std::vector<ottla_topic_partition_t> lower(const std::vector<TopicPartition> &partitions) {
        std::vector<ottla_topic_partition_t> raw;
        for (const TopicPartition &one : partitions) {
            raw.push_back({one.topic.c_str(), one.partition});
        }
        return raw;
    }

    template <typename Call> void with(const std::vector<TopicPartition> &partitions, Call call) {
        const auto raw = lower(partitions);
        ottla_error_t *error = nullptr;
        detail::check(call(consumer_.get(), raw.data(), raw.size(), &error), error);
    }

    template <typename Call> std::vector<TopicPartition> partitions(Call call) const {
        ottla_error_t *error = nullptr;
        ottla_partitions_t *found = nullptr;
        detail::check(call(consumer_.get(), &found, &error), error);
        const detail::Handle<ottla_partitions_t, ottla_partitions_free> owned(found);
        std::vector<TopicPartition> partitions;
        for (std::size_t i = 0; i < ottla_partitions_count(found); ++i) {
            const ottla_topic_partition_t *one = ottla_partitions_get(found, i);
            partitions.push_back({one->topic, one->partition});
        }
        return partitions;
    }

    template <typename Call> std::optional<std::int64_t> number(const TopicPartition &of, Call call) const {
        ottla_error_t *error = nullptr;
        std::int64_t found = OTTLA_NO_OFFSET;
        detail::check(call(consumer_.get(), of.topic.c_str(), of.partition, &found, &error), error);
        return found >= 0 ? std::optional<std::int64_t>(found) : std::nullopt;
    }

    template <typename Call>
    std::vector<Offset> offsets(const std::vector<TopicPartition> &of, milliseconds timeout, Call call) const {
        const auto raw = lower(of);
        ottla_error_t *error = nullptr;
        ottla_offsets_t *found = nullptr;
        detail::check(call(consumer_.get(), raw.data(), raw.size(), timeout.count(), &found, &error), error);
        return raise(found);
    }

    // The consumer goes first: its callback needs the listener.
    std::unique_ptr<Listener> listener_;
    detail::Handle<ottla_consumer_t, ottla_consumer_free> consumer_;
};

/// What an operation of the admin client gave, with everything it points to.
template <typename T> class AdminResult {
public:
    explicit AdminResult(const T *result) noexcept : result_(result) {}

    const T &operator*() const noexcept { return *result_; }
    const T *operator->() const noexcept { return result_.get(); }
    const T *get() const noexcept { return result_.get(); }

private:
    struct Freed {
        void operator()(const T *result) const noexcept { ottla_admin_result_free(result); }
    };
    std::unique_ptr<const T, Freed> result_;
};

/// Administers a cluster. The operations are those of ottla.h: admin.call(ottla_admin_create_topics, arguments).
class Admin {
public:
    explicit Admin(const Config &config) {
        ottla_error_t *error = nullptr;
        ottla_admin_t *admin = nullptr;
        detail::check(ottla_admin_new(config.get(), &admin, &error), error);
        admin_.reset(admin);
    }

    /// Does an operation with these arguments, and gives its result. Throws also when only some items failed: the first
    /// failure; see try_call().
    template <typename Arguments, typename T>
    AdminResult<T> call(ottla_status_t (*operation)(ottla_admin_t *, const Arguments *, std::int64_t, const T **,
                                                    ottla_error_t **),
                        const Arguments &arguments, milliseconds timeout = default_timeout) {
        auto [result, failure] = try_call(operation, arguments, timeout);
        if (failure) {
            throw *failure;
        }
        return std::move(result);
    }
    /// As above, for an operation that gives no result.
    template <typename Arguments>
    void call(ottla_status_t (*operation)(ottla_admin_t *, const Arguments *, std::int64_t, ottla_error_t **),
              const Arguments &arguments, milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(operation(admin_.get(), &arguments, timeout.count(), &error), error);
    }
    /// As above, for an operation without arguments.
    template <typename T>
    AdminResult<T> call(ottla_status_t (*operation)(ottla_admin_t *, std::int64_t, const T **, ottla_error_t **),
                        milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        const T *result = nullptr;
        const ottla_status_t status = operation(admin_.get(), timeout.count(), &result, &error);
        AdminResult<T> owned(result);
        detail::check(status, error);
        return owned;
    }

    /// The result, which tells what became of each item, and the first failure, if any. Without a result no item is known of.
    template <typename Arguments, typename T>
    std::pair<AdminResult<T>, std::optional<Error>>
    try_call(ottla_status_t (*operation)(ottla_admin_t *, const Arguments *, std::int64_t, const T **,
                                         ottla_error_t **),
             const Arguments &arguments, milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        const T *result = nullptr;
        const ottla_status_t status = operation(admin_.get(), &arguments, timeout.count(), &result, &error);
        AdminResult<T> owned(result);
        if (status == OTTLA_OK) {
            return {std::move(owned), std::nullopt};
        }
        return {std::move(owned), Error(status, error)};
    }

    /// Closes all connections, by `timeout`.
    void close(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_admin_close(admin_.get(), timeout.count(), &error), error);
    }

    ottla_admin_t *get() const noexcept { return admin_.get(); }

private:
    detail::Handle<ottla_admin_t, ottla_admin_free> admin_;
};

/// A Kafka broker in this process, for tests: in memory, on a free port, ready in milliseconds.
class TestBroker {
public:
    explicit TestBroker(const Config &properties = {}, milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        ottla_test_broker_t *broker = nullptr;
        detail::check(ottla_test_broker_start(properties.get(), timeout.count(), &broker, &error), error);
        broker_.reset(broker);
    }

    /// "host:port", for "bootstrap.servers".
    std::string bootstrap() const { return ottla_test_broker_bootstrap(broker_.get()); }
    /// Creates a topic and returns when it can be used.
    void create_topic(const std::string &name, std::int32_t partitions = 1, const Config &configs = {},
                      milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_test_broker_create_topic(broker_.get(), name.c_str(), partitions, configs.get(),
                                                     timeout.count(), &error),
                      error);
    }
    /// Stops it, by `timeout`; else it stops in the background when destroyed.
    void stop(milliseconds timeout = default_timeout) {
        ottla_error_t *error = nullptr;
        detail::check(ottla_test_broker_stop(broker_.get(), timeout.count(), &error), error);
    }
    ottla_test_broker_t *get() const noexcept { return broker_.get(); }

private:
    detail::Handle<ottla_test_broker_t, ottla_test_broker_free> broker_;
};

/// Gives the log lines that wait, or come within `timeout`, to `told`: level, part of the library, text.
template <typename Told> void poll_logs(milliseconds timeout, Told &&told) {
    struct Call {
        std::remove_reference_t<Told> *told;
        std::exception_ptr thrown;
    };
    Call call{&told, nullptr};
    const ottla_log_callback_t tell = [](ottla_log_level_t level, const char *target, const char *message,
                                         void *user_data) noexcept {
        auto *call = static_cast<Call *>(user_data);
        try {
            if (!call->thrown) {
                (*call->told)(level, std::string_view(target), std::string_view(message));
            }
        } catch (...) {
            call->thrown = std::current_exception();
        }
    };
    ottla_error_t *error = nullptr;
    detail::check(ottla_poll_logs(timeout.count(), tell, &call, nullptr, &error), error);
    if (call.thrown) {
        std::rethrow_exception(call.thrown);
    }
}

} // namespace ottla

#endif
