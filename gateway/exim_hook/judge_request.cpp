#include "gateway/exim_hook/judge_request.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "messages/base64.hpp"

namespace ie {
namespace {

constexpr size_t plain_value_bytes_max = 256;
constexpr size_t name_bytes_max = 64 << 10;  // helo, authenticated id, sender

template <class T>
struct key_of {
    std::string_view name;
    bool (*read)(T& request, std::string_view text);
    bool optional = false;  // an ACL of an earlier version doesn't say it
};

template <class Number>
bool read_number(std::string_view text, Number& value) {
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    return failure == std::errc{} && stop == end;
}

bool read_plain(std::string_view text, std::string& value) {
    value = text;
    return text.size() <= plain_value_bytes_max && text.find('\0') == std::string_view::npos;
}

bool read_port(std::string_view text, uint16_t& port) {
    return text.empty() || read_number(text, port);
}

bool read_base64(std::string_view text, std::string& value) {
    auto bytes = from_base64(text);
    if (bytes) value = std::move(*bytes);
    return bytes.has_value();
}

bool read_name(std::string_view text, std::string& value) {
    return read_base64(text, value) && value.size() <= name_bytes_max;
}

bool read_direction(std::string_view text, mail_direction& direction) {
    for (const auto each : {mail_direction::outgoing, mail_direction::incoming}) {
        if (text != name_of(each)) continue;
        direction = each;
        return true;
    }
    return false;
}

bool read_id(std::string_view text, queue_id& id) {
    id = queue_id{std::string(text)};
    return is_queue_id(text);
}

constexpr key_of<judge_request> judge_keys[] = {
    {"id", [](judge_request& to, std::string_view text) { return read_id(text, to.id); }},
    {"protocol",
     [](judge_request& to, std::string_view text) { return read_plain(text, to.protocol); }},
    {"uid",
     [](judge_request& to, std::string_view text) { return read_number(text, to.originator_uid); }},
    {"auth",
     [](judge_request& to, std::string_view text) { return read_name(text, to.authenticated_id); }},
    {"client",
     [](judge_request& to, std::string_view text) { return read_plain(text, to.client_address); }},
    {"port",
     [](judge_request& to, std::string_view text) { return read_port(text, to.client_port); }},
    {"server",
     [](judge_request& to, std::string_view text) { return read_plain(text, to.server_address); },
     true},
    {"server_port",
     [](judge_request& to, std::string_view text) { return read_port(text, to.server_port); },
     true},
    {"helo", [](judge_request& to, std::string_view text) { return read_name(text, to.helo); }},
    {"sender", [](judge_request& to, std::string_view text) { return read_name(text, to.sender); }},
    {"recipients",
     [](judge_request& to, std::string_view text) { return read_base64(text, to.recipients); }},
    {"headers",
     [](judge_request& to, std::string_view text) { return read_base64(text, to.headers); }},
    {"direction",
     [](judge_request& to, std::string_view text) { return read_direction(text, to.direction); },
     true},
    {"client_name",
     [](judge_request& to, std::string_view text) { return read_name(text, to.client_name); },
     true},
    {"added",
     [](judge_request& to, std::string_view text) { return read_base64(text, to.added_headers); },
     true},
};

constexpr key_of<confirm_request> confirm_keys[] = {
    {"release",
     [](confirm_request& to, std::string_view text) {
         to.release = mail_id{std::string(text)};
         return is_uuid(text);
     }},
    {"id", [](confirm_request& to, std::string_view text) { return read_id(text, to.id); }},
};

auto keys_of(const judge_request&) {
    return std::span(judge_keys);
}
auto keys_of(const confirm_request&) {
    return std::span(confirm_keys);
}

error refused(std::string what) {
    return fail(error_code::bad_request, std::move(what));
}

}  // namespace

std::optional<outcome<hook_request>> hook_request_reader::receive(std::string_view bytes) {
    while (!bytes.empty()) {
        const size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        received_bytes_ += part.size() + 1;
        if (received_bytes_ > judge_request_bytes_max || lines_ >= judge_request_lines_max) {
            return fail(error_code::too_large, "the request is beyond its bounds");
        }
        line_.append(part);
        if (end == std::string_view::npos) return std::nullopt;
        bytes.remove_prefix(end + 1);
        if (auto done = take_line()) return done;
    }
    return std::nullopt;
}

std::optional<outcome<hook_request>> hook_request_reader::take_line() {
    ++lines_;
    if (request_ && line_ == "END") return finish();
    const auto failure = request_ ? take_pair() : take_form();
    line_ = {};
    if (failure) return outcome<hook_request>(*failure);
    return std::nullopt;
}

std::optional<error> hook_request_reader::take_form() {
    if (line_ == "judge 1") {
        request_ = judge_request{};
    } else if (line_ == "confirm 1") {
        request_ = confirm_request{};
    } else {
        return refused("neither \"judge 1\" nor \"confirm 1\"");
    }
    return std::nullopt;
}

std::optional<error> hook_request_reader::take_pair() {
    const size_t equals = line_.find('=');
    if (equals == std::string::npos) return refused("a line without '='");
    const std::string key = line_.substr(0, equals);
    const std::string_view text = std::string_view(line_).substr(equals + 1);
    const auto read = [&](auto& request) -> std::optional<error> {
        const auto keys = keys_of(request);
        const auto known = std::find_if(keys.begin(), keys.end(),
                                        [&](const auto& each) { return each.name == key; });
        if (known == keys.end()) return std::nullopt;
        if (std::find(seen_.begin(), seen_.end(), key) != seen_.end()) {
            return refused(key + " stands twice");
        }
        seen_.push_back(key);
        value_bytes_ += text.size();
        if (!known->read(request, text)) return refused(key + " can't be read");
        return std::nullopt;
    };
    return std::visit(read, *request_);
}

outcome<hook_request> hook_request_reader::finish() const {
    const auto missing = [&](const auto& request) -> std::string_view {
        for (const auto& each : keys_of(request)) {
            if (each.optional) continue;
            if (std::find(seen_.begin(), seen_.end(), each.name) == seen_.end()) return each.name;
        }
        return {};
    };
    const std::string_view name = std::visit(missing, *request_);
    if (!name.empty()) return refused(std::string(name) + " is missing");
    return *request_;
}

}  // namespace ie
