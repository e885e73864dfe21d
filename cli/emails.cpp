#include "cli/emails.hpp"

#include <algorithm>

namespace ie::cli {

std::vector<CLI::Option*> add_filter(CLI::App& command, filter_flags& flags,
                                     const std::string& reason_flag) {
    auto* since = add_since(command, "-s,--since", flags.since_s)->default_str("\"30d\"");
    auto* until = add_value(command, "--until", flags.until_s, "string",
                            "show entries before [now - until] time, in the format of --since",
                            parse_duration);
    std::vector<CLI::Option*> options{
        since,
        until,
        add_text(command, reason_flag, flags.reason, all_reason_names("|", "|"),
                 "held for this reason"),
        add_text(command, "--sender", flags.sender, "string",
                 "the envelope sender contains this text"),
        add_text(command, "--recipient", flags.recipient, "string",
                 "one of the recipients contains this text"),
        add_text(command, "--subject", flags.subject, "string", "the subject contains this text"),
        add_text(command, "--script", flags.script, "string", "the PHP script contains this text")};
    for (auto* option : options) {
        if (option != since) option->group(further_group);
    }
    return options;
}

mail_filter filter_of(const filter_flags& flags, int64_t now_s) {
    mail_filter filter;
    filter.account = account_name(flags.account);
    filter.since_s = std::max<int64_t>(now_s - flags.since_s, 0);
    // 0 would be no bound at all.
    if (flags.until_s >= 0) filter.until_s = std::max<int64_t>(now_s - flags.until_s, 1);
    filter.reason = flags.reason;
    filter.sender = flags.sender;
    filter.recipient = flags.recipient;
    filter.subject = flags.subject;
    filter.script = flags.script;
    return filter;
}

void add_emails(CLI::App& program, session& self) {
    auto* emails = add_group(program, "emails", "interaction with emails in the quarantine");
    add_emails_list(*emails, self);
    add_emails_show(*emails, self);
    add_emails_settle(*emails, self);
}

}  // namespace ie::cli
