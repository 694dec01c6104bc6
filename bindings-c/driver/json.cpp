#include "json.hpp"

#include <cctype>
#include <cstdlib>

namespace {

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    std::optional<Json> whole() {
        std::optional<Json> value = any(0);
        skip();
        return value && at_ == text_.size() ? value : std::nullopt;
    }

private:
    void skip() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
            ++at_;
        }
    }
    bool take(char wanted) {
        skip();
        if (at_ < text_.size() && text_[at_] == wanted) {
            ++at_;
            return true;
        }
        return false;
    }
    bool word(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) == wanted) {
            at_ += wanted.size();
            return true;
        }
        return false;
    }

    std::optional<Json> any(int depth) {
        skip();
        if (at_ >= text_.size() || depth > 64) {
            return std::nullopt;
        }
        switch (text_[at_]) {
        case '{':
            return object(depth);
        case '[':
            return array(depth);
        case '"':
            if (auto text = string()) {
                return Json(std::move(*text));
            }
            return std::nullopt;
        case 't':
            return word("true") ? std::optional<Json>(true) : std::nullopt;
        case 'f':
            return word("false") ? std::optional<Json>(false) : std::nullopt;
        case 'n':
            return word("null") ? std::optional<Json>(Json()) : std::nullopt;
        default:
            return number();
        }
    }

    std::optional<Json> object(int depth) {
        Json::Object members;
        ++at_;
        if (take('}')) {
            return Json(std::move(members));
        }
        do {
            skip();
            std::optional<std::string> name = string();
            if (!name || !take(':')) {
                return std::nullopt;
            }
            std::optional<Json> value = any(depth + 1);
            if (!value) {
                return std::nullopt;
            }
            members.emplace_back(std::move(*name), std::move(*value));
        } while (take(','));
        return take('}') ? std::optional<Json>(std::move(members)) : std::nullopt;
    }

    std::optional<Json> array(int depth) {
        Json::Array elements;
        ++at_;
        if (take(']')) {
            return Json(std::move(elements));
        }
        do {
            std::optional<Json> value = any(depth + 1);
            if (!value) {
                return std::nullopt;
            }
            elements.push_back(std::move(*value));
        } while (take(','));
        return take(']') ? std::optional<Json>(std::move(elements)) : std::nullopt;
    }

    std::optional<Json> number() {
        const std::size_t start = at_;
        bool whole = true;
        while (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 ||
                                      std::string_view("+-.eE").find(text_[at_]) != std::string_view::npos)) {
            whole = whole && std::string_view(".eE").find(text_[at_]) == std::string_view::npos;
            ++at_;
        }
        if (start == at_) {
            return std::nullopt;
        }
        const std::string text(text_.substr(start, at_ - start));
        if (whole) {
            return Json(static_cast<std::int64_t>(std::strtoll(text.c_str(), nullptr, 10)));
        }
        return Json(std::strtod(text.c_str(), nullptr));
    }

    std::optional<unsigned> hex() {
        if (at_ + 4 > text_.size()) {
            return std::nullopt;
        }
        const std::string digits(text_.substr(at_, 4));
        at_ += 4;
        return static_cast<unsigned>(std::strtoul(digits.c_str(), nullptr, 16));
    }

    static void utf8(std::string &to, unsigned code) {
        if (code < 0x80) {
            to += static_cast<char>(code);
        } else if (code < 0x800) {
            to += static_cast<char>(0xC0 | (code >> 6));
            to += static_cast<char>(0x80 | (code & 0x3F));
        } else if (code < 0x10000) {
            to += static_cast<char>(0xE0 | (code >> 12));
            to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
            to += static_cast<char>(0x80 | (code & 0x3F));
        } else {
            to += static_cast<char>(0xF0 | (code >> 18));
            to += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
            to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
            to += static_cast<char>(0x80 | (code & 0x3F));
        }
    }

    std::optional<std::string> string() {
        std::string text;
        if (at_ >= text_.size() || text_[at_] != '"') {
            return std::nullopt;
        }
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return text;
            }
            if (c != '\\') {
                text += c;
                continue;
            }
            if (++at_ >= text_.size()) {
                return std::nullopt;
            }
            switch (text_[at_]) {
            case 'n':
                text += '\n';
                break;
            case 't':
                text += '\t';
                break;
            case 'r':
                text += '\r';
                break;
            case 'b':
                text += '\b';
                break;
            case 'f':
                text += '\f';
                break;
            case 'u': {
                ++at_;
                std::optional<unsigned> code = hex();
                if (code && *code >= 0xD800 && *code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
                    at_ += 2;
                    const std::optional<unsigned> low = hex();
                    code = low ? std::optional<unsigned>(0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00))
                               : std::nullopt;
                }
                if (!code) {
                    return std::nullopt;
                }
                utf8(text, *code);
                --at_;
                break;
            }
            default:
                text += text_[at_];
            }
        }
        return std::nullopt;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

void write_text(std::string &to, const std::string &text) {
    static const char *const digits = "0123456789abcdef";
    to += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (byte < 0x20) {
            to += "\\u00";
            to += digits[byte >> 4];
            to += digits[byte & 15];
        } else {
            to += c;
        }
    }
    to += '"';
}

struct Writer {
    std::string &to;

    void operator()(std::monostate) const { to += "null"; }
    void operator()(bool value) const { to += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { to += std::to_string(value); }
    void operator()(double value) const { to += std::to_string(value); }
    void operator()(const std::string &value) const { write_text(to, value); }
    void operator()(const Json::Array &value) const {
        const char *before = "[";
        for (const Json &element : value) {
            to += before;
            to += element.dump();
            before = ",";
        }
        to += value.empty() ? "[]" : "]";
    }
    void operator()(const Json::Object &value) const {
        const char *before = "{";
        for (const auto &[name, member] : value) {
            to += before;
            write_text(to, name);
            to += ':';
            to += member.dump();
            before = ",";
        }
        to += value.empty() ? "{}" : "}";
    }
};

} // namespace

std::optional<Json> Json::parse(std::string_view text) { return Parser(text).whole(); }

std::string Json::dump() const {
    std::string text;
    std::visit(Writer{text}, value_);
    return text;
}

const Json &Json::operator[](std::string_view name) const {
    static const Json none;
    if (const Object *members = object()) {
        for (const auto &[known, member] : *members) {
            if (known == name) {
                return member;
            }
        }
    }
    return none;
}

Json &Json::set(std::string_view name, Json value) {
    if (object() == nullptr) {
        value_ = Object();
    }
    auto &members = std::get<Object>(value_);
    for (auto &[known, member] : members) {
        if (known == name) {
            member = std::move(value);
            return *this;
        }
    }
    members.emplace_back(std::string(name), std::move(value));
    return *this;
}

void Json::push(Json value) {
    if (array() == nullptr) {
        value_ = Array();
    }
    std::get<Array>(value_).push_back(std::move(value));
}
