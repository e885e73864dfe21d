// Statistics with their database in a folder of their own, beside a rate limiter that says what it
// is told.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "actors/statistics/statistics_actor.hpp"

#include "tests/support/actor_fixture.hpp"

namespace ie::testing {

// Any 16 bytes that follow from a text alone.
inline object_key key_of(const std::string& text) {
    const std::hash<std::string> hash;
    return {hash(text), hash("low half of " + text)};
}

class StatisticsActor : public actor_fixture {
  protected:
    statistics_options options() {
        statistics_options out;
        out.path = path_;
        out.rate_limiter = limiter_;
        out.policy = &policy_;
        out.accounts = &accounts_;
        out.clock = &time_;
        out.bounds = bounds_;
        return out;
    }

    statistics_actor start() {
        return own(make_statistics(*system_, thread_use::shared, options()));
    }

    void stop(const statistics_actor& statistics) {
        caf::anon_send_exit(statistics, caf::exit_reason::user_shutdown);
        run();
    }

    static rate_limiter_actor::behavior_type fake_limiter(rate_limiter_actor::pointer,
                                                          StatisticsActor* test) {
        return {[](const reserve_quota&) { return quota_verdict{}; },
                [](const give_back_quota&) {},
                [](const renew_quota&) { return true; },
                [=](const get_usage& question) { return test->answer(question); },
                [](const forget_counts&) { return usage_list{}; },
                [](const get_status&) { return actor_status{}; }};
    }

    caf::result<usage_list> answer(const get_usage& question) {
        asked_.push_back(question.keys.size());
        before_answer_();
        if (limiter_fails_) return to_caf(fail(error_code::unavailable, "no limiter"));
        usage_list out;
        for (const object_key& key : question.keys) out.items.push_back(usage_[key]);
        return out;
    }

    mail_judged mail_of(const std::string& account, const std::string& address,
                        verdict_action action = verdict_action::accept) {
        const std::string domain = address.substr(address.find('@') + 1);
        mail_judged mail;
        mail.action = action;
        mail.ticket.owner = {account_name{account}, domain, address, ""};
        mail.ticket.sender = address;
        mail.ticket.received_at_ms = time_.now_ms();
        mail.recipient_count = 2;
        mail.size_bytes = 8'190;
        mail.keys = {key_of(account), key_of(domain), key_of(address), {}};
        return mail;
    }

    void tell(const statistics_actor& statistics, const mail_judged& mail) {
        caf::anon_send(statistics, mails_judged{{mail}});
        run();
    }
    void judge(const statistics_actor& statistics, verdict_action action) {
        tell(statistics, mail_of("mws", "alice@mws.test", action));
    }

    actor_status status(const statistics_actor& statistics) {
        return **ask<actor_status>(statistics, get_status{});
    }

    decision_counts counts(const statistics_actor& statistics) {
        const auto reply = ask<decision_counts>(statistics, counts_atom_v);
        EXPECT_TRUE(reply && *reply);
        return **reply;
    }

    outcome<activity_report> try_activity(const statistics_actor& statistics,
                                          const get_activity& query, const caller& who) {
        auto reply = ask<activity_report>(statistics, query, request_context{who, 0});
        EXPECT_TRUE(reply);
        return reply ? std::move(*reply) : fail(error_code::internal, "no answer");
    }
    activity_report activity(const statistics_actor& statistics, const get_activity& query = {}) {
        auto report = try_activity(statistics, query, root());
        EXPECT_TRUE(report) << (report ? "" : report.failure().what);
        return report ? std::move(*report) : activity_report{};
    }
    uint64_t messages(const statistics_actor& statistics, int64_t since_s = 3'600) {
        get_activity query;
        query.since_s = since_s;
        const auto report = activity(statistics, query);
        return report.accounts.empty() ? 0 : report.accounts[0].messages;
    }

    static caller root() { return {caller_role::root, 0, account_name{"root"}, {}}; }
    static caller owner(const std::string& account) {
        return {caller_role::account, 1'000, account_name{account}, {}};
    }

    void set_policy(const std::function<void(mail_policy&)>& change) {
        mail_policy policy;
        change(policy);
        policy_.set(std::move(policy));
    }

    // What another process reads from the disk now.
    int64_t messages_on_disk() {
        SQLite::Database database(path_, SQLite::OPEN_READONLY);
        return database.execAndGet("SELECT COALESCE(SUM(messages), 0) FROM daily").getInt64();
    }

    testing::temporary_folder folder_;
    std::string path_ = folder_.path("statistics.db");
    snapshot<mail_policy> policy_;
    snapshot<account_directory> accounts_;
    rate_limiter_actor limiter_ = own(system_->spawn(fake_limiter, this));
    std::unordered_map<object_key, object_usage, object_key_hash> usage_;
    std::vector<size_t> asked_;  // keys of each request to the rate limiter
    bool limiter_fails_ = false;
    std::function<void()> before_answer_ = [] {};
    object_bounds bounds_;
};

}  // namespace ie::testing
