#include "cli/mail_text.hpp"

#include <algorithm>
#include <cstdio>

#include "messages/base64.hpp"

namespace ie::cli {
namespace {

const std::string separator = std::string(107, '-') + "\n";

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
}

// "Label" and its value, which starts in the given column.
std::string line(std::string_view label, std::string_view value, size_t column) {
    std::string out = printable(label);
    const std::string shown = printable(value);
    if (shown.empty()) return out + "\n";
    out.append(out.size() < column ? column - out.size() : 1, ' ');
    return out + shown + "\n";
}

std::string listed(std::string_view label, std::string_view value) {
    constexpr size_t column = 14;
    return line(label, value, column);
}

std::string shown(std::string_view label, std::string_view value) {
    constexpr size_t column = 30;
    return line(std::string(label) + ":", value, column);
}

// Rspamd's names for what would have been done with the mail.
std::string action_of(const mail_details& mail) {
    const reason_set all{bits_of(mail.reasons)};
    const bool only_rate = !all.none() && all.of(reason_kind::content).none();
    return only_rate ? "soft reject" : "reject";
}

using headers = std::vector<mail_header>;

headers results_of(const mail_details& mail) {
    char score[32];
    std::snprintf(score, sizeof score, "%.1f", mail.score);
    const std::string prefix(result_prefix);
    headers results{{prefix + "Filter-Action", action_of(mail)}, {prefix + "Filter-Score", score}};
    for (const auto& hit : mail.limits) {
        results.push_back({prefix + "Filter-Limit", limit_text(hit)});
    }
    for (const auto& finding : mail.attachment_findings) {
        results.push_back({prefix + "Filter-Attachment", finding});
    }
    if (mail.judged_by != judge::rspamd) {
        results.push_back({prefix + "Filter-Judged-By", std::string(name_of(mail.judged_by))});
    }
    if (!mail.release_error.empty()) {
        results.push_back({prefix + "Release-Error", mail.release_error});
    }
    return results;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
    return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string honest_name(const std::string& name) {
    return starts_with_ignoring_case(name, result_prefix) ? "Claimed-" + name : name;
}

// Sorted by name, headers of one name in the mail's order. The seed's sample has
// X-Failed-Recipients behind all others.
headers sorted_headers(const mail_details& mail) {
    headers sorted = mail.headers;
    for (auto& header : sorted) header.name = honest_name(header.name);
    const auto key = [](const mail_header& header) {
        const std::string name = to_lower(header.name);
        return std::pair(name == "x-failed-recipients", name);
    };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const auto& l, const auto& r) { return key(l) < key(r); });
    return sorted;
}

bool is_extension(const mail_header& header) {
    return starts_with_ignoring_case(header.name, "X-");
}

// Headers of one name must be added one after another. A mail may have 10,000 of them, so the
// object isn't searched for each.
struct named_values {
    json object = json::object();

    void add(const mail_header& header) {
        auto& members = object.get_ref<json::object_t&>();
        const std::string name = valid_utf8(header.name);
        if (members.empty() || !equal_ignoring_case(members.back().first, name)) {
            members.push_back({name, json::array()});
        }
        members.back().second.push_back(valid_utf8(header.value));
    }
};

}  // namespace

std::string list_text(const mail_list& list) {
    std::string out;
    for (const auto& mail : list.items) {
        out += separator;
        out += listed("Email_ID", mail.id.value);
        out += listed("Size_Bytes", std::to_string(mail.size_bytes));
        out += listed("Account_Name", mail.account.value);
        out += listed("Recipients", joined(mail.recipients));
        out += listed("Subject", mail.subject);
        out += '\n';
    }
    return out + separator + listed("Max Count", std::to_string(list.max_count));
}

std::string show_text(const mail_details& mail, std::string_view body) {
    std::string out = shown("EmailID", mail.id.value);
    out += shown("SizeBytes", std::to_string(mail.size_bytes));
    out += shown("AccountName", mail.account.value);
    out += shown("Sender", mail.sender);
    out += shown("Recipients", joined(mail.recipients));
    out += shown("ReceivedDate", std::to_string(mail.received_date));
    out += shown("Subject", mail.subject) + "\n";
    const headers sorted = sorted_headers(mail);
    std::string extensions;
    for (const auto& header : results_of(mail)) extensions += shown(header.name, header.value);
    for (const auto& header : sorted) {
        (is_extension(header) ? extensions : out) += shown(header.name, header.value);
    }
    return out + "\n" + extensions + "\nBody: " + base64(body) + "\n";
}

json show_json(const mail_details& mail, const std::string& content_key, std::string content) {
    json out = json_of(mail);
    for (const char* key : {"headers", "score", "judged_by", "release_error"}) out.erase(key);
    if (mail.limits.empty()) out.erase("limits");
    if (mail.attachment_findings.empty()) out.erase("attachment_findings");
    const headers results = results_of(mail);
    const headers sorted = sorted_headers(mail);
    named_values named;
    for (const auto& header : sorted) {
        if (!is_extension(header)) named.add(header);
    }
    for (const auto& header : results) named.add(header);
    for (const auto& header : sorted) {
        if (is_extension(header)) named.add(header);
    }
    out["headers"] = std::move(named.object);
    out[content_key] = std::move(content);
    return out;
}

std::string printable_lines(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        std::string_view shown_line = text.substr(0, end);
        const bool crlf = shown_line.ends_with('\r') && end < text.size();
        if (crlf) shown_line.remove_suffix(1);
        out += printable(shown_line);
        if (end == text.size()) break;
        out += '\n';
        text.remove_prefix(end + 1);
    }
    return out;
}

}  // namespace ie::cli
