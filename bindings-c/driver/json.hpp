// JSON as far as the driver protocol needs it: one value a line, whole numbers, objects in the order they were written.
#ifndef DRIVER_JSON_HPP
#define DRIVER_JSON_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

class Json {
public:
    using Array = std::vector<Json>;
    using Object = std::vector<std::pair<std::string, Json>>;

    Json() = default;
    Json(std::nullptr_t) {}
    Json(bool value) : value_(value) {}
    Json(std::int64_t value) : value_(value) {}
    Json(std::int32_t value) : value_(static_cast<std::int64_t>(value)) {}
    Json(double value) : value_(value) {}
    Json(std::string value) : value_(std::move(value)) {}
    Json(std::string_view value) : value_(std::string(value)) {}
    Json(const char *value) : value_(std::string(value)) {}
    Json(Array value) : value_(std::move(value)) {}
    Json(Object value) : value_(std::move(value)) {}
    template <typename T> Json(const std::optional<T> &value) {
        if (value) {
            *this = Json(*value);
        }
    }

    /// Nothing when the text is not one JSON value.
    static std::optional<Json> parse(std::string_view text);
    std::string dump() const;

    bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
    const bool *boolean() const { return std::get_if<bool>(&value_); }
    const std::int64_t *integer() const { return std::get_if<std::int64_t>(&value_); }
    const std::string *text() const { return std::get_if<std::string>(&value_); }
    const Array *array() const { return std::get_if<Array>(&value_); }
    const Object *object() const { return std::get_if<Object>(&value_); }

    /// A member of an object; null where there is none.
    const Json &operator[](std::string_view name) const;
    /// Sets a member; what was no object becomes one.
    Json &set(std::string_view name, Json value);
    /// Adds an element; what was no array becomes one.
    void push(Json value);

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

#endif
