#include "actors/scanner/rspamd_request.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "config/domain_name.hpp"

namespace ie {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_ip(const std::string& text) {
    in6_addr parsed{};
    return inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

// True where each part between dots is one: not empty, and as `good` has it.
template <class Good>
bool dotted(std::string_view text, Good&& good) {
    for (;;) {
        const size_t dot = text.find('.');
        const std::string_view part = text.substr(0, dot);
        if (part.empty() || !good(part)) return false;
        if (dot == text.npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_domain(std::string_view text) {
    return dotted(text, [](std::string_view label) {
        const auto inner = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
        return is_letter_or_digit(label.front()) && is_letter_or_digit(label.back()) &&
               std::all_of(label.begin(), label.end(), inner);
    });
}

bool is_literal(std::string_view text) {
    const auto inner = [](char c) { return is_letter_or_digit(c) || c == '.' || c == ':'; };
    return text.size() > 2 && text.front() == '[' && text.back() == ']' &&
           std::all_of(text.begin() + 1, text.end() - 1, inner);
}

bool is_dot_atom(std::string_view text) {
    return dotted(text, [](std::string_view atom) {
        constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
        return std::all_of(atom.begin(), atom.end(), [&](char c) {
            return is_letter_or_digit(c) || others.find(c) != others.npos;
        });
    });
}

std::string local_part(std::string_view text) {
    if (is_dot_atom(text)) return std::string(text);
    std::string out = "\"";
    for (const char c : unquoted_local_part(text)) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) >= 0x80 || is_control(c) ? '?' : c;
    }
    return out + '"';
}

// The address as Rspamd 3.4 can read it; empty where there is no such form. It takes one it can't
// read (non-ASCII, two dots in a row) for a forgery worth 8 points, which would hold honest mail.
std::string readable_address(std::string_view address) {
    const size_t at = address.rfind('@');
    if (at == address.npos || at == 0 || address.size() > rspamd_value_bytes_max) return {};
    const std::string_view domain = address.substr(at + 1);
    if (!is_domain(domain) && !is_literal(domain)) return {};
    return '<' + local_part(address.substr(0, at)) + '@' + std::string(domain) + '>';
}

class header_list {
  public:
    explicit header_list(size_t size) { lines.reserve(size); }

    // A value that is empty or too long to be right is left out.
    void add(std::string_view name, std::string_view value) {
        if (value.empty() || value.size() > rspamd_value_bytes_max) return;
        std::string line;
        line.reserve(name.size() + 2 + value.size());
        line.append(name).append(": ").append(value);
        std::replace_if(line.begin(), line.end(), is_control, '?');
        lines.push_back(std::move(line));
    }
    std::vector<std::string> lines;
};

void add_recipients(header_list& headers, const std::vector<std::string>& recipients) {
    size_t bytes = 0;
    const size_t count = std::min(recipients.size(), rspamd_recipients_max);
    for (size_t i = 0; i < count && bytes < rspamd_recipients_bytes_max; ++i) {
        const std::string address = readable_address(recipients[i]);
        headers.add("Rcpt", address);
        bytes += address.size();
    }
}

}  // namespace

std::vector<std::string> rspamd_request_headers(const judge_mail& mail, std::string_view submitter,
                                                std::string_view settings_id) {
    header_list headers(7 + std::min(mail.recipients.size(), rspamd_recipients_max));
    headers.add("From", mail.sender.empty() ? "<>" : readable_address(mail.sender));
    add_recipients(headers, mail.recipients);
    if (is_ip(mail.client_address)) headers.add("IP", mail.client_address);
    headers.add("Helo", mail.helo);
    headers.add("Hostname", mail.client_name);
    headers.add("User", submitter);
    headers.add("Queue-Id", mail.queue_id.value);
    headers.add("Settings-ID", settings_id);
    return std::move(headers.lines);
}

}  // namespace ie
