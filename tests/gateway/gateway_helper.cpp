// A process beside the tests of the gateway, which must not be of their uid, or must die:
//   gateway_helper serve ENDPOINT        answers every judge_mail
//   gateway_helper swallow ENDPOINT      takes requests and says nothing
//   gateway_helper ask UID ENDPOINT      asks every request there is, as that uid; prints a line
//                                        for each: its name, and `ok` or the error's code
#include <grp.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>

#include "gateway/client/client.hpp"
#include "messages/all.hpp"
#include "tests/gateway/stub_engine.hpp"

namespace ie {
namespace {

int serve(const std::string& endpoint, bool answers) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    testing::stub_engine engine(endpoint);
    for (;;) {
        const auto in = engine.next(1'000);
        if (in && answers) engine.answer(*in, mail_verdict{});
    }
}

template <class Reply, class Request>
void ask_one(client& engine, const Request& request) {
    const auto reply = engine.ask<Reply>(request);
    std::cout << Request::name << " " << (reply ? "ok" : name_of(reply.failure().code)) << "\n";
}

int ask(uid_t uid, const std::string& endpoint) {
    if (setgroups(0, nullptr) != 0 || setgid(uid) != 0 || setuid(uid) != 0) return 1;
    client engine({endpoint, 20'000, {}, {}});
    ask_one<mail_verdict>(engine, judge_mail{});
    ask_one<mail_held>(engine, hold_mail{});
    ask_one<release_confirmed>(engine, confirm_release{});
    ask_one<mail_list>(engine, list_mails{});
    ask_one<account_list>(engine, list_accounts{});
    ask_one<account_purged>(engine, purge_account{});
    ask_one<store_checked>(engine, check_store{});
    ask_one<account_edited>(engine, edit_account{});
    ask_one<mail_details>(engine, show_mail{});
    ask_one<mails_settled>(engine, release_mails{});
    ask_one<mails_settled>(engine, remove_mails{});
    ask_one<activity_report>(engine, get_activity{});
    ask_one<settings_values>(engine, get_settings{});
    ask_one<settings_values>(engine, change_settings{});
    ask_one<limit_list>(engine, list_limits{});
    ask_one<limit_list>(engine, change_limits{});
    ask_one<counts_reset>(engine, reset_counts{});
    ask_one<whitelist_entries>(engine, list_whitelist{});
    ask_one<whitelist_changed>(engine, change_whitelist{});
    ask_one<incoming_status>(engine, get_incoming{});
    ask_one<incoming_status>(engine, change_incoming{});
    ask_one<incoming_stats>(engine, get_incoming_stats{});
    ask_one<audit_list>(engine, list_audit{});
    ask_one<engine_status>(engine, get_status{});
    ask_one<clock_advanced>(engine, advance_clock{});
    return 0;
}

}  // namespace
}  // namespace ie

int main(int count, char** values) {
    const std::vector<std::string> arguments(values, values + count);
    if (count == 3 && arguments[1] == "serve") return ie::serve(arguments[2], true);
    if (count == 3 && arguments[1] == "swallow") return ie::serve(arguments[2], false);
    if (count == 4 && arguments[1] == "ask") {
        return ie::ask(static_cast<uid_t>(std::stoul(arguments[2])), arguments[3]);
    }
    std::cerr << "see the head of gateway_helper.cpp\n";
    return 2;
}
