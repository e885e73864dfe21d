// The intake actor with a rate limiter of its own, and a scanner and statistics that the test
// plays.
#pragma once

#include "actors/intake/intake_actor.hpp"
#include "tests/actor/fake_checker.hpp"
#include "tests/support/actor_fixture.hpp"

namespace ie {

class intake_fixture : public testing::actor_fixture {
  protected:
    intake_fixture() {
        directory.set(*account_directory::parse("alice.test: alice\n"));
        rate_limiter_options limits;
        limits.journal_dir = folder.path("limits");
        limits.policy = &policy;
        limits.clock = &time_;
        limits.sync_on = thread_use::shared;
        options.rate_limiter = limiter = own(make_rate_limiter(*system_, limits));
        options.policy = &policy;
        options.scanner = scanner_handle = own(scanner_actor{system_->spawn(fake_scanner, this)});
        options.statistics = own(system_->spawn(fake_statistics, this));
        options.directory = &directory;
        options.clock = &time_;
        options.filter.scope = hold_scope::remote;
        options.filter.judge_timeout_ms = 4'000;
        options.steady_now_ms = [this] { return steady_ms; };
        intake = own(make_intake(*system_, options));
    }

    // Answers each scan with what the test has set, or keeps it waiting.
    using fake_scanner_actor = scanner_actor::extend<reacts_to<flush_atom>>;

    static fake_scanner_actor::behavior_type fake_scanner(fake_scanner_actor::pointer self,
                                                          intake_fixture* test) {
        return {[=](const scan_mail& scan, const mail_bytes& given) {
                    test->scans.push_back(scan);
                    test->scanned.push_back(given);
                    auto promise = self->make_response_promise<scan_result>();
                    if (test->to_find) promise.deliver(*test->to_find);
                    if (test->to_fail) promise.deliver(to_caf(*test->to_fail));
                    test->waiting.push_back(promise);
                    return promise;
                },
                [](get_status) { return actor_status{}; },
                [=](flush_atom) {
                    for (auto each = test->waiting.rbegin(); each != test->waiting.rend(); ++each) {
                        each->deliver(scan_result{});
                    }
                }};
    }
    static statistics_actor::behavior_type fake_statistics(statistics_actor::pointer,
                                                           intake_fixture* test) {
        return {[=](const mails_judged& news) {
                    test->reports.push_back(news.mails);
                    test->incoming_reports.push_back(news.incoming);
                },
                [](flush_atom) {},
                [](counts_atom) { return decision_counts{}; },
                [](const get_activity&, const request_context&) { return activity_report{}; },
                [](const get_incoming_stats&, const request_context&) { return incoming_stats{}; },
                [](const find_objects&) { return objects_found{}; },
                [](get_status) { return actor_status{}; }};
    }

    static judge_mail mail_of_alice() {
        judge_mail mail;
        mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
        mail.client_address = "192.0.2.7";
        mail.authenticated_id = "alice@alice.test";
        mail.sender = "alice@alice.test";
        mail.recipients = {"bob@far.test", "carol@far.test"};
        return mail;
    }
    auto judge(const judge_mail& mail, int64_t left_ms = 5'000) {
        const request_context context{{caller_role::exim, 0, {}}, steady_ms + left_ms};
        auto answer = begin<mail_verdict>(intake, mail, context, bytes);
        run();
        return answer;
    }
    void pass(std::chrono::milliseconds time) {
        steady_ms += time.count();
        advance(time);
    }
    actor_status status() { return **ask<actor_status>(intake, get_status{}); }

    testing::temporary_folder folder;
    snapshot<mail_policy> policy;
    rate_limiter_actor limiter;
    intake_options options;
    const mail_bytes bytes{"Subject: x\r\n\r\nx\r\n"};
    int64_t steady_ms = 1'000'000;
    snapshot<account_directory> directory;
    std::optional<scan_result> to_find;
    std::optional<error> to_fail;
    std::vector<scan_mail> scans;
    std::vector<mail_bytes> scanned;
    std::vector<caf::typed_response_promise<scan_result>> waiting;
    std::vector<std::vector<mail_judged>> reports;
    std::vector<std::vector<incoming_judged>> incoming_reports;
    scanner_actor scanner_handle;
    intake_actor intake;
};

}  // namespace ie
