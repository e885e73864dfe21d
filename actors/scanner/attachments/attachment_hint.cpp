#include <algorithm>

#include "actors/scanner/attachments/attachment_scan.hpp"
#include "actors/scanner/attachments/containers/inline_files.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// Without the blank line that ends it.
std::string_view header_of(std::string_view mail) {
    for (size_t end = mail.find('\n'); end != std::string_view::npos;
         end = mail.find('\n', end + 1)) {
        const auto rest = mail.substr(end + 1);
        if (rest.starts_with('\n') || rest.starts_with("\r\n")) return mail.substr(0, end);
    }
    return mail;
}

std::string_view take_field(std::string_view& header) {
    size_t end = header.find('\n');
    while (end != std::string_view::npos && end + 1 < header.size() &&
           (header[end + 1] == ' ' || header[end + 1] == '\t')) {
        end = header.find('\n', end + 1);
    }
    const auto field = header.substr(0, end);
    header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
    return field;
}

bool is_one_of(std::string_view value, std::initializer_list<std::string_view> values) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

// Of a field that begins with "content-", in lower case.
bool is_of_plain_text(std::string_view field) {
    const size_t colon = field.find(':');
    if (colon == std::string_view::npos) return false;
    const auto name = field.substr(0, colon);
    const auto value = trimmed(field.substr(colon + 1));
    if (name == "content-transfer-encoding") return is_one_of(value, {"7bit", "8bit", "binary"});
    if (name == "content-language" || name == "content-length") return true;
    const auto type = trimmed(value.substr(0, value.find(';')));
    return name == "content-type" && is_one_of(type, {"text/plain", "text/html"}) &&
           value.find("name") == std::string_view::npos;
}

}  // namespace

bool may_have_attachments(std::string_view mail) {
    constexpr std::string_view prefix = "content-";
    auto header = header_of(mail);
    while (!header.empty()) {
        const auto field = trimmed(take_field(header));
        if (!equal_ignoring_case(field.substr(0, prefix.size()), prefix)) continue;
        if (!is_of_plain_text(to_lower(field))) return true;
    }
    return may_have_inline_files(mail);  // (where its header ends is told in more than one way)
}

}  // namespace ie
