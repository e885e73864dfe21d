#include "config/system/exim_setup/trial_checks.hpp"

#include <algorithm>
#include <set>

#include "config/system/exim_setup/exim_process.hpp"
#include "config/system/exim_setup/held_mail.hpp"
#include "config/system/exim_setup/trial_hook.hpp"
#include "config/system/exim_setup/trial_mounts.hpp"
#include "messages/text.hpp"

namespace ie::exim {
namespace {

constexpr const char* message =
    "From: root\nTo: postmaster\nSubject: ie-config tries Exim's configuration\n\nNobody reads "
    "this.\n";

error conflict(std::string what) {
    return fail(error_code::conflict, std::move(what));
}

struct wanted_setting {
    const char* name;
    std::set<std::string> any_of;  // empty: `part` counts
    std::string part;
};

outcome<nothing> check_setting(const trial_plan& plan, const wanted_setting& wanted) {
    const auto value = exim_setting(plan.exim, wanted.name);
    if (!value) return conflict(value.failure().what);
    const bool good = wanted.any_of.empty() ? value->find(wanted.part) != value->npos
                                            : wanted.any_of.contains(*value);
    if (good) return nothing{};
    return conflict(
        std::string(wanted.name) + " is '" + *value +
        "' in Exim's configuration with the filter in it, set in a place that can't be "
        "found; set it in the main section of a file that Exim includes by a plain path");
}

outcome<nothing> check_settings(const trial_plan& plan) {
    const wanted_setting all[] = {
        {"acl_smtp_data", {"acl_ie_data", "acl_ie_judge"}, ""},
        {"acl_not_smtp", {"acl_ie_not_smtp", "acl_ie_judge"}, ""},
        {"trusted_users", {}, std::string(engine_user)},
        {"received_header_text", {}, "{" + std::to_string(plan.release_uid) + "}"},
    };
    for (const auto& each : all) {
        if (auto done = check_setting(plan, each); !done) return done;
    }
    return nothing{};
}

std::string last_line(const std::string& text) {
    const std::string said(trimmed(text));
    const size_t line = said.rfind('\n');
    return line == said.npos ? said : said.substr(line + 1);
}

outcome<std::string> by_sendmail(const trial_plan& plan) {
    const auto done = run_program({{plan.exim, "-odq", "-oi", "-oep", "postmaster"}, message});
    if (!done) return done.failure();
    if (done->status == 0) return std::string();
    return "Exim ended with " + std::to_string(done->status) + ": " + last_line(done->output);
}

outcome<std::string> by_smtp(const trial_plan& plan) {
    const std::string dialogue =
        std::string("EHLO localhost\r\nMAIL FROM:<>\r\nRCPT TO:<postmaster>\r\n") + "DATA\r\n" +
        message + ".\r\nQUIT\r\n";
    const auto done = run_program({{plan.exim, "-odq", "-bs"}, dialogue});
    if (!done) return done.failure();
    if (done->output.find("OK id=") != std::string::npos) return std::string();
    const size_t refusal = done->output.find("\n5");
    const size_t deferral = std::min(refusal, done->output.find("\n4"));
    if (deferral == std::string::npos) return "Exim said: " + last_line(done->output);
    return done->output.substr(deferral + 1, done->output.find('\n', deferral + 1) - deferral - 1);
}

// How many mails came to the stand-in with the ticket in the sender's place.
outcome<size_t> delivered_to_hook(const trial_plan& plan, const std::string& taken_file) {
    if (auto done = leave_network(); !done) return done.failure();
    const auto done = output_of_program({{plan.exim, "-qff"}, "", 60'000});
    if (!done) return done.failure();
    const auto taken = read_file(taken_file);
    if (!taken) return taken.failure();
    size_t count = 0;
    if (!*taken) return count;
    for (const auto line : physical_lines((*taken)->text)) {
        if (line.find(trial_ticket) != line.npos) ++count;
    }
    return count;
}

outcome<nothing> check_submission(const char* how, const std::string& before,
                                  const std::string& now, std::vector<std::string>& notes) {
    if (now.empty()) return nothing{};
    if (before.empty()) {
        return conflict(std::string("a test message ") + how +
                        " is no longer taken with the filter in Exim's configuration: " + now);
    }
    notes.push_back(std::string("a test message ") + how +
                    " couldn't be tried: this Exim refuses it even without the filter: " + now);
    return nothing{};
}

error unheld(size_t sent, size_t held, const std::string& culprit) {
    return conflict("of " + std::to_string(sent) +
                    " test messages that the hook wanted held only " + std::to_string(held) +
                    " were; see which " + culprit + " of this Exim comes before the filter's");
}

outcome<nothing> check_delivery(const trial_plan& plan, const submissions& before,
                                const std::string& taken_file, std::vector<std::string>& notes) {
    // Those of before are none of the filter's.
    auto done = renew_spool(plan);
    if (!done) return done;
    const auto now = try_submissions(plan);
    if (!now) return now.failure();
    done = check_submission("by sendmail", before.sendmail, now->sendmail, notes);
    if (done) done = check_submission("by SMTP", before.smtp, now->smtp, notes);
    if (!done) return done;
    const size_t sent = size_t{now->sendmail.empty()} + size_t{now->smtp.empty()};
    const auto marked_held = held_in_queue(plan.exim);
    if (!marked_held) return marked_held.failure();
    // Any other would be delivered in earnest.
    if (marked_held->size() != sent) return unheld(sent, marked_held->size(), "ACL");
    const auto held = delivered_to_hook(plan, taken_file);
    if (!held) return held.failure();
    if (*held != sent) return unheld(sent, *held, "router, system filter or retry rule");
    return nothing{};
}

}  // namespace

outcome<nothing> check_readable(const trial_plan& plan) {
    const auto done = output_of_program({{plan.exim, "-bV"}, ""});
    if (!done) return conflict(done.failure().what);
    return nothing{};
}

outcome<submissions> try_submissions(const trial_plan& plan) {
    auto sendmail = by_sendmail(plan);
    if (!sendmail) return sendmail.failure();
    auto smtp = by_smtp(plan);
    if (!smtp) return smtp.failure();
    return submissions{std::move(*sendmail), std::move(*smtp)};
}

outcome<nothing> check_filter(const trial_plan& plan, const submissions& before,
                              std::vector<std::string>& notes) {
    if (auto done = check_readable(plan); !done) return done;
    if (auto done = check_settings(plan); !done) return done;
    const std::string taken_file = plan.folder + "/taken";
    const auto hook = start_trial_hook({plan.judge_socket, plan.lmtp_socket, taken_file});
    if (!hook) return hook.failure();
    outcome<nothing> done = nothing{};
    for (const auto& each : plan.expressions) {
        if (done) done = check_expression(plan.exim, each, {no_folder_maker});
    }
    if (done) done = check_delivery(plan, before, taken_file, notes);
    stop_trial_hook(*hook);
    return done;
}

}  // namespace ie::exim
