// What the scanner is asked and what it found.
#pragma once

#include "messages/verdict.hpp"

namespace ie {

// Intake to scanner; the mail's bytes go beside it.
struct scan_mail {
    judge_mail mail;
    int64_t deadline_at_ms = 0;   // by steady_now_ms()
    double spam_threshold = 6.0;  // of Rspamd's score
    reason_set look_for = reason_set::all();
    account_name account{};  // whose mail it is: accounts take turns

    static constexpr auto fields() {
        return std::tuple{
            field{"mail", &scan_mail::mail}, field{"deadline_at_ms", &scan_mail::deadline_at_ms},
            field{"spam_threshold", &scan_mail::spam_threshold},
            field{"look_for", &scan_mail::look_for}, field{"account", &scan_mail::account}};
    }
};

struct scan_result {
    std::vector<hold_reason> reasons;  // empty: nothing speaks against the mail
    double score = 0;
    judge judged_by = judge::rspamd;
    std::vector<std::string> attachments{};  // as hold_ticket's findings

    static constexpr auto fields() {
        return std::tuple{field{"reasons", &scan_result::reasons},
                          field{"score", &scan_result::score},
                          field{"judged_by", &scan_result::judged_by},
                          field{"attachments", &scan_result::attachments}};
    }
};

// Scanner to whom looks into attachments; the mail's bytes go beside it.
struct look_into_mail {
    int64_t deadline_at_ms = 0;  // by steady_now_ms()
    account_name account{};      // as scan_mail's

    static constexpr auto fields() {
        return std::tuple{field{"deadline_at_ms", &look_into_mail::deadline_at_ms},
                          field{"account", &look_into_mail::account}};
    }
};

struct attachments_found {
    bool is_dangerous = false;
    std::vector<std::string> findings{};  // as hold_ticket's

    static constexpr auto fields() {
        return std::tuple{field{"is_dangerous", &attachments_found::is_dangerous},
                          field{"findings", &attachments_found::findings}};
    }
};

// What statistics are told of a verdict.
struct mail_judged {
    verdict_action action = verdict_action::accept;
    hold_ticket ticket;
    uint32_t recipient_count = 0;
    uint64_t size_bytes = 0;
    object_keys keys;          // of the ticket's owner
    bool would_limit = false;  // it would have been held for its rate, but for --dry-run

    static constexpr auto fields() {
        return std::tuple{field{"action", &mail_judged::action},
                          field{"ticket", &mail_judged::ticket},
                          field{"recipient_count", &mail_judged::recipient_count},
                          field{"size_bytes", &mail_judged::size_bytes},
                          field{"keys", &mail_judged::keys},
                          field{"would_limit", &mail_judged::would_limit}};
    }
};

// An account that has recipients of an incoming mail.
struct incoming_account {
    account_name account;
    bool is_spam = false;  // for one of them

    static constexpr auto fields() {
        return std::tuple{field{"account", &incoming_account::account},
                          field{"is_spam", &incoming_account::is_spam}};
    }
};

// What statistics are told of an incoming mail.
struct incoming_judged {
    int64_t at_ms = 0;                       // Unix time
    std::vector<incoming_account> accounts;  // whose mail is filtered, each once
    bool is_spam = false;                    // for one of them

    static constexpr auto fields() {
        return std::tuple{field{"at_ms", &incoming_judged::at_ms},
                          field{"accounts", &incoming_judged::accounts},
                          field{"is_spam", &incoming_judged::is_spam}};
    }
};

// Event, intake to statistics: each verdict once, in the order in which they were given.
struct mails_judged {
    std::vector<mail_judged> mails{};
    std::vector<incoming_judged> incoming{};

    static constexpr auto fields() {
        return std::tuple{field{"mails", &mails_judged::mails},
                          field{"incoming", &mails_judged::incoming}};
    }
};

}  // namespace ie
