#include "actors/scanner/rspamd_request.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace ie {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

bool is_address(const std::string& text) {
    in6_addr parsed{};
    return inet_pton(AF_INET, text.c_str(), &parsed) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &parsed) == 1;
}

class header_list {
  public:
    // A value that is empty or too long to be right is left out.
    void add(std::string_view name, std::string_view value) {
        if (!value.empty() && value.size() <= rspamd_value_bytes_max) push(name, "", value, "");
    }
    // With brackets, Rspamd takes a comma or space in a quoted local part for what it is.
    void add_address(std::string_view name, std::string_view address) {
        if (address.size() <= rspamd_value_bytes_max) push(name, "<", address, ">");
    }
    std::vector<std::string> lines;

  private:
    void push(std::string_view name, std::string_view open, std::string_view value,
              std::string_view close) {
        std::string line;
        line.reserve(name.size() + 2 + open.size() + value.size() + close.size());
        line.append(name).append(": ").append(open).append(value).append(close);
        std::replace_if(line.begin(), line.end(), is_control, '?');
        lines.push_back(std::move(line));
    }
};

void add_recipients(header_list& headers, const std::vector<std::string>& recipients) {
    size_t bytes = 0;
    const size_t count = std::min(recipients.size(), rspamd_recipients_max);
    for (size_t i = 0; i < count; ++i) {
        const std::string& recipient = recipients[i];
        if (recipient.empty() || recipient.size() > rspamd_value_bytes_max) continue;
        bytes += recipient.size();
        if (bytes > rspamd_recipients_bytes_max) return;
        headers.add_address("Rcpt", recipient);
    }
}

}  // namespace

std::vector<std::string> rspamd_request_headers(const judge_mail& mail, std::string_view submitter,
                                                std::string_view settings_id) {
    header_list headers;
    headers.lines.reserve(6 + std::min(mail.recipients.size(), rspamd_recipients_max));
    headers.add_address("From", mail.sender);
    add_recipients(headers, mail.recipients);
    if (is_address(mail.client_address)) headers.add("IP", mail.client_address);
    headers.add("Helo", mail.helo);
    headers.add("User", submitter);
    headers.add("Queue-Id", mail.queue_id.value);
    headers.add("Settings-ID", settings_id);
    return std::move(headers.lines);
}

}  // namespace ie
