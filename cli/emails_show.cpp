#include <unistd.h>

#include "cli/emails.hpp"
#include "cli/mail_text.hpp"
#include "messages/base64.hpp"

namespace ie::cli {
namespace {

struct show_flags {
    mail_id id;
    std::string account;
    bool raw = false;
    bool text = false;
};

outcome<mail_id> parse_id(std::string_view text) {
    auto ids = parse_ids(text);
    if (!ids) return ids.failure();
    if (ids->size() == 1) return ids->front();
    return fail(error_code::bad_request, "exactly one id is needed");
}

void print_mail(const session& self, const mail_details& mail, std::string_view bytes,
                const show_flags& flags) {
    if (flags.raw) {
        // Byte for byte into a file or a pipe; a terminal would obey what the sender wrote.
        print(isatty(STDOUT_FILENO) == 1 ? printable_lines(bytes) : std::string(bytes));
    } else if (self.json) {
        print(json_text(flags.text ? show_json(mail, "text", valid_utf8(bytes))
                                   : show_json(mail, "body", base64(bytes))));
    } else {
        print(flags.text ? printable_lines(bytes) : show_text(mail, bytes));
    }
}

exit_code run_show(const session& self, const show_flags& flags) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    show_mail request;
    request.id = flags.id;
    request.account = account_name(flags.account);
    request.view = flags.raw ? mail_view::raw : flags.text ? mail_view::text : mail_view::body;
    const auto reply = engine->ask_for_bytes<mail_details>(request);
    if (!reply) return report(self, reply.failure());
    print_mail(self, reply->value, reply->bytes.view(), flags);
    return exit_code::done;
}

}  // namespace

void add_emails_show(CLI::App& emails, session& self) {
    auto flags = std::make_shared<show_flags>();
    auto* show = add_command(emails, "show", "show an email of the quarantine");
    add_account(*show, flags->account);
    add_json(*show, self);
    add_value(*show, "--id", flags->id, "string", "The id of the email, as in emails list",
              parse_id)
        ->required()
        ->group(flags_group);
    auto* raw = show->add_flag("--raw", flags->raw, "the original message, byte for byte")
                    ->group(flags_group);
    show->add_flag("--text", flags->text, "the decoded text with tags removed")
        ->group(flags_group)
        ->excludes(raw);
    on_run(show, self, [&self, flags] { return run_show(self, *flags); });
}

}  // namespace ie::cli
