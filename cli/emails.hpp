// The command group `ie-cli emails` (seed, Operations with emails in the quarantine).
#pragma once

#include "cli/parser.hpp"
#include "messages/quarantine.hpp"

namespace ie::cli {

// Flags that say which mails are meant, shared by `list` and --all-matching.
struct filter_flags {
    std::string account;
    int64_t since_s = 30LL * 24 * 3600;  // before now
    int64_t until_s = -1;                // before now; -1: not given
    std::string reason;
    std::string sender;
    std::string recipient;
    std::string subject;
    std::string script;
};

// `reason_flag`: what the filter by hold reason is called there. Returns the options, --account not
// among them.
std::vector<CLI::Option*> add_filter(CLI::App& command, filter_flags& flags,
                                     const std::string& reason_flag);

mail_filter filter_of(const filter_flags& flags, int64_t now_s);

void add_emails(CLI::App& program, session& self);

// Its parts, each in a file of its own.
void add_emails_list(CLI::App& emails, session& self);
void add_emails_show(CLI::App& emails, session& self);
void add_emails_settle(CLI::App& emails, session& self);  // release and remove

}  // namespace ie::cli
