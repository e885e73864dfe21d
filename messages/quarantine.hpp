// Looking at held mail, releasing and removing it (seed, Operations with emails in the quarantine).
// Replies' fields are the JSON that ie-cli prints, in its order.
#pragma once

#include "messages/verdict.hpp"

namespace ie {

// The PHP script that a mail says it comes from (X-PHP-Script, X-PHP-Originating-Script).
struct script_header {
    std::string raw;     // the header's value
    std::string domain;  // empty where the header has none
    std::string path;

    static constexpr auto fields() {
        return std::tuple{field{"raw", &script_header::raw},
                          field{"domain", &script_header::domain},
                          field{"path", &script_header::path}};
    }
};

// Which mails; an empty value doesn't filter. Texts match anywhere, without regard to ASCII case.
struct mail_filter {
    account_name account;  // on whose behalf; empty: the caller's own view
    int64_t since_s = 0;   // Unix time, inclusive; 0: no bound
    int64_t until_s = 0;   // Unix time, exclusive; 0: no bound
    std::string reason;    // name of a hold_reason
    std::string sender;
    std::string recipient;
    std::string subject;
    std::string script;

    static constexpr auto fields() {
        return std::tuple{
            field{"account", &mail_filter::account}, field{"since_s", &mail_filter::since_s},
            field{"until_s", &mail_filter::until_s}, field{"reason", &mail_filter::reason},
            field{"sender", &mail_filter::sender},   field{"recipient", &mail_filter::recipient},
            field{"subject", &mail_filter::subject}, field{"script", &mail_filter::script}};
    }
};

struct list_mails {
    static constexpr std::string_view name = "list_mails";
    static constexpr uint32_t version = 1;
    static constexpr uint32_t limit_max = 1000;

    mail_filter filter;
    uint32_t limit = 25;  // 1 to limit_max
    uint32_t offset = 0;

    static constexpr auto fields() {
        return std::tuple{field{"filter", &list_mails::filter}, field{"limit", &list_mails::limit},
                          field{"offset", &list_mails::offset}};
    }
};

struct mail_summary {
    mail_id id;
    uint64_t size_bytes = 0;
    account_name account;
    std::vector<std::string> recipients;
    std::string subject;  // decoded, valid UTF-8, control characters kept: whoever shows it escapes
    ie::script_header script_header;
    std::string sender;
    int64_t received_date = 0;  // Unix time, seconds
    std::vector<hold_reason> reasons;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &mail_summary::id},
                          field{"size_bytes", &mail_summary::size_bytes},
                          field{"account_name", &mail_summary::account},
                          field{"recipients", &mail_summary::recipients},
                          field{"subject", &mail_summary::subject},
                          field{"script_header", &mail_summary::script_header},
                          field{"sender", &mail_summary::sender},
                          field{"received_date", &mail_summary::received_date},
                          field{"reasons", &mail_summary::reasons}};
    }
};

// Newest first.
struct mail_list {
    static constexpr std::string_view name = "mail_list";
    static constexpr uint32_t version = 1;

    std::vector<mail_summary> items;
    uint64_t max_count = 0;  // that match, of which `items` is one page

    static constexpr auto fields() {
        return std::tuple{field{"items", &mail_list::items},
                          field{"max_count", &mail_list::max_count}};
    }
};

// What of a mail's bytes comes beside `mail_details`, as a frame of its own.
enum class mail_view : uint8_t {
    body,  // the body exactly as received
    raw,   // the whole mail exactly as received
    text,  // the decoded text, tags removed, bounded
};
constexpr auto enum_names(mail_view) {
    return std::array<std::string_view, 3>{"body", "raw", "text"};
}

struct show_mail {
    static constexpr std::string_view name = "show_mail";
    static constexpr uint32_t version = 1;

    mail_id id;
    account_name account;  // on whose behalf; empty: the caller's own view
    mail_view view = mail_view::body;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &show_mail::id}, field{"account", &show_mail::account},
                          field{"view", &show_mail::view}};
    }
};

struct mail_header {
    std::string name;   // as written
    std::string value;  // unfolded and decoded, valid UTF-8

    static constexpr auto fields() {
        return std::tuple{field{"name", &mail_header::name}, field{"value", &mail_header::value}};
    }
};

struct mail_details {
    static constexpr std::string_view name = "mail_details";
    static constexpr uint32_t version = 3;

    mail_id id;
    uint64_t size_bytes = 0;
    account_name account;
    std::string sender;
    std::vector<std::string> recipients;
    int64_t received_date = 0;  // Unix time, seconds
    std::string subject;
    std::vector<hold_reason> reasons;
    ie::script_header script_header;
    std::vector<mail_header> headers;  // in the mail's order
    double score = 0;
    judge judged_by = judge::rspamd;
    std::string release_error;      // why the last release failed; empty: none did
    std::vector<limit_hit> limits;  // that the mail would have exceeded; since version 2
    std::vector<std::string> attachment_findings;  // as the ticket has them; since version 3

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &mail_details::id},
                          field{"size_bytes", &mail_details::size_bytes},
                          field{"account_name", &mail_details::account},
                          field{"sender", &mail_details::sender},
                          field{"recipients", &mail_details::recipients},
                          field{"received_date", &mail_details::received_date},
                          field{"subject", &mail_details::subject},
                          field{"reasons", &mail_details::reasons},
                          field{"script_header", &mail_details::script_header},
                          field{"headers", &mail_details::headers},
                          field{"score", &mail_details::score},
                          field{"judged_by", &mail_details::judged_by},
                          field{"release_error", &mail_details::release_error},
                          field{"limits", &mail_details::limits},
                          field{"attachment_findings", &mail_details::attachment_findings}};
    }
};

inline constexpr size_t settle_reason_bytes_max = 1'000;  // of why mails are released or removed

// Releases each of `ids`; where that is empty, up to ids_max of those that match `filter`.
struct release_mails {
    static constexpr std::string_view name = "release_mails";
    static constexpr uint32_t version = 1;
    static constexpr size_t ids_max = 1000;

    std::vector<mail_id> ids;
    mail_filter filter;
    bool learn = true;
    std::string reason;  // goes into the audit trail; at most settle_reason_bytes_max

    static constexpr auto fields() {
        return std::tuple{
            field{"ids", &release_mails::ids}, field{"filter", &release_mails::filter},
            field{"learn", &release_mails::learn}, field{"reason", &release_mails::reason}};
    }
};

// Deletes for good; `ids`, `filter` as in release_mails.
struct remove_mails {
    static constexpr std::string_view name = "remove_mails";
    static constexpr uint32_t version = 1;
    static constexpr size_t ids_max = release_mails::ids_max;

    std::vector<mail_id> ids;
    mail_filter filter;
    bool learn = true;
    std::string reason;

    static constexpr auto fields() {
        return std::tuple{field{"ids", &remove_mails::ids}, field{"filter", &remove_mails::filter},
                          field{"learn", &remove_mails::learn},
                          field{"reason", &remove_mails::reason}};
    }
};

struct mail_failure {
    mail_id id;
    error failure;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &mail_failure::id},
                          field{"error", &mail_failure::failure}};
    }
};

// The reply to release_mails and remove_mails: each mail is acted on for itself.
struct mails_settled {
    static constexpr std::string_view name = "mails_settled";
    static constexpr uint32_t version = 1;

    std::vector<mail_id> done;
    std::vector<mail_failure> failed;
    uint64_t remaining = 0;  // that match the filter and were beyond ids_max

    static constexpr auto fields() {
        return std::tuple{field{"done", &mails_settled::done},
                          field{"failed", &mails_settled::failed},
                          field{"remaining", &mails_settled::remaining}};
    }
};

}  // namespace ie
