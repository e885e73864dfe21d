#include "actors/statistics/statistics_actor.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

// Any 16 bytes that follow from a text alone.
object_key key_of(const std::string& text) {
    const std::hash<std::string> hash;
    return {hash(text), hash("low half of " + text)};
}

class StatisticsActor : public testing::actor_fixture {
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
        auto made = make_statistics(*system_, thread_use::shared, options());
        EXPECT_TRUE(made) << (made ? "" : made.failure().what);
        return own(*made);
    }

    void stop(const statistics_actor& statistics) {
        caf::anon_send_exit(statistics, caf::exit_reason::user_shutdown);
        run();
    }

    static rate_limiter_actor::behavior_type fake_limiter(rate_limiter_actor::pointer,
                                                          StatisticsActor* test) {
        return {[](const reserve_quota&) { return quota_verdict{}; },
                [](const give_back_quota&) {},
                [](const renew_quota&) {},
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

TEST_F(StatisticsActor, CountsEachDecisionByItsKind) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    judge(statistics, verdict_action::accept);
    judge(statistics, verdict_action::hold);
    judge(statistics, verdict_action::defer);
    judge(statistics, verdict_action::refuse);
    EXPECT_EQ(counts(statistics), (decision_counts{2, 1, 1, 1}));
}

TEST_F(StatisticsActor, IsDurableAfterOneFlushInterval) {
    const auto statistics = start();
    judge(statistics, verdict_action::hold);
    EXPECT_EQ(messages_on_disk(), 0);
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 1);
    judge(statistics, verdict_action::hold);
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 2);
}

TEST_F(StatisticsActor, WritesWhatIsLeftWhenItStops) {
    auto statistics = start();
    judge(statistics, verdict_action::accept);
    stop(statistics);
    EXPECT_EQ(messages_on_disk(), 1);
}

TEST_F(StatisticsActor, GoesOnCountingAfterARestart) {
    {
        const auto first = start();
        judge(first, verdict_action::accept);
        stop(first);
    }
    const auto second = start();
    EXPECT_EQ(messages(second), 1U);
    judge(second, verdict_action::accept);
    EXPECT_EQ(messages(second), 2U);
    EXPECT_EQ(counts(second), (decision_counts{2, 0, 0, 0}));
}

TEST_F(StatisticsActor, ForgetsIdleObjectsUnderAReportThatIsInWork) {
    bounds_.objects = 16;
    const auto statistics = start();
    for (int i = 0; i < 5; ++i) {
        tell(statistics, mail_of("gone", std::to_string(i) + "@gone.test"));
    }
    for (int i = 0; i < 4; ++i) advance(std::chrono::hours(24 * 365));
    tell(statistics, mail_of("mws", "alice@mws.test", verdict_action::hold));
    set_policy([](mail_policy& policy) { policy.default_limits.fill(5); });
    const auto size = [&] { return (*ask<actor_status>(statistics, get_status{}))->detail; };
    EXPECT_EQ(size(), "10 sender objects");
    before_answer_ = [&] { caf::anon_send(statistics, flush_atom_v); };
    for (int i = 0; i < 2; ++i) {
        const auto report = try_activity(statistics, {}, owner("mws"));
        ASSERT_TRUE(report);
        ASSERT_EQ(report->accounts.size(), 1U);
        EXPECT_EQ(report->accounts[0].object, "mws");
        EXPECT_EQ(report->accounts[0].quarantined, 1U);
        EXPECT_EQ(report->accounts[0].last_held.sender, "alice@mws.test");
        EXPECT_EQ(size(), "3 sender objects");
    }
    stop(statistics);
    EXPECT_EQ((*ask<actor_status>(start(), get_status{}))->detail, "3 sender objects");
}

TEST_F(StatisticsActor, KeepsWhatTheDiskRefusesAndWritesItLater) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    {
        SQLite::Database other(path_, SQLite::OPEN_READWRITE);
        other.exec("ALTER TABLE daily RENAME TO elsewhere");
        advance(std::chrono::milliseconds(1'000));
        const auto status = ask<actor_status>(statistics, get_status{});
        EXPECT_EQ((*status)->state, actor_state::degraded);
        EXPECT_NE((*status)->last_error.find(path_), std::string::npos);
        EXPECT_EQ((*status)->queue, 1U);
        EXPECT_EQ(messages(statistics), 1U);
        other.exec("ALTER TABLE elsewhere RENAME TO daily");
    }
    advance(std::chrono::milliseconds(1'000));
    EXPECT_EQ(messages_on_disk(), 1);
    EXPECT_EQ(messages(statistics), 1U);
    EXPECT_EQ((*ask<actor_status>(statistics, get_status{}))->state, actor_state::running);
}

TEST_F(StatisticsActor, WritesNothingTwiceOnceTheDiskTakesItAgain) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    SQLite::Database other(path_, SQLite::OPEN_READWRITE);
    // The blocks are written by then; all of the flush must be undone.
    other.exec("ALTER TABLE marks RENAME TO elsewhere");
    advance(std::chrono::seconds(90));
    other.exec("ALTER TABLE elsewhere RENAME TO marks");
    advance(std::chrono::seconds(1));
    EXPECT_EQ(messages(statistics), 1U);
    EXPECT_EQ(counts(statistics), (decision_counts{1, 0, 0, 0}));
}

TEST_F(StatisticsActor, RefusesADatabaseOfALaterVersion) {
    stop(start());
    SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
    const auto made = make_statistics(*system_, thread_use::shared, options());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.failure().code, error_code::conflict);
    EXPECT_NE(made.failure().what.find("schema 99"), std::string::npos);
}

TEST_F(StatisticsActor, TakesOverTheDecisionsOfTheFirstVersion) {
    {
        SQLite::Database old(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        old.exec(
            "CREATE TABLE decisions (hour INTEGER NOT NULL, action INTEGER NOT NULL, messages "
            "INTEGER NOT NULL, recipients INTEGER NOT NULL, size_bytes INTEGER NOT NULL, PRIMARY "
            "KEY (hour, action)) WITHOUT ROWID;"
            "INSERT INTO decisions VALUES (480000, 0, 5, 6, 700), (480001, 0, 2, 2, 100),"
            " (480001, 1, 3, 3, 50), (480030, 3, 1, 1, 9);"
            "PRAGMA user_version = 1");
    }
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    EXPECT_EQ(counts(statistics), (decision_counts{8, 3, 0, 1}));
    SQLite::Database database(path_, SQLite::OPEN_READONLY);
    SQLite::Statement day(
        database, "SELECT messages, size_bytes FROM daily WHERE day = 20000 AND action = 0");
    ASSERT_TRUE(day.executeStep());
    EXPECT_EQ(day.getColumn(0).getInt64(), 7);
    EXPECT_EQ(day.getColumn(1).getInt64(), 800);
}

TEST_F(StatisticsActor, CountsDecisionsByReasonAndDay) {
    const auto statistics = start();
    mail_judged mail = mail_of("mws", "alice@mws.test", verdict_action::hold);
    mail.ticket.reasons = {hold_reason::spam, hold_reason::ratelimit};
    tell(statistics, mail);
    stop(statistics);
    SQLite::Database database(path_, SQLite::OPEN_READONLY);
    SQLite::Statement row(database, "SELECT day, direction, action, reasons, messages FROM daily");
    ASSERT_TRUE(row.executeStep());
    const int64_t expected[] = {start_ms / 86'400'000, 0, 1, 5, 1};
    for (int i = 0; i < 5; ++i) EXPECT_EQ(row.getColumn(i).getInt64(), expected[i]) << i;
}

TEST_F(StatisticsActor, ReportsAnAccountWithItsDomainAddressAndScript) {
    const auto statistics = start();
    mail_judged mail = mail_of("mws", "alice@mws.test");
    mail.ticket.owner.script = "/home/mws/send.php";
    mail.keys.script = key_of("send.php");
    tell(statistics, mail);
    judge(statistics, verdict_action::hold);
    const auto report = activity(statistics);
    ASSERT_EQ(report.accounts.size(), 1U);
    EXPECT_EQ(report.max_count, 1U);
    EXPECT_FALSE(report.own_view);
    EXPECT_EQ(report.since_s, start_ms / 1'000 - 3'600);
    const account_activity& account = report.accounts[0];
    EXPECT_EQ(account.object, "mws");
    EXPECT_EQ(account.id, to_id(key_of("mws")));
    EXPECT_EQ(account.messages, 1U);
    EXPECT_EQ(account.quarantined, 1U);
    EXPECT_EQ(account.domains.at(0).object, "mws.test");
    EXPECT_EQ(account.domains[0].sender_emails.at(0).object, "alice@mws.test");
    EXPECT_EQ(account.domains[0].sender_emails[0].quarantined, 1U);
    EXPECT_EQ(account.scripts.at(0).object, "/home/mws/send.php");
    EXPECT_EQ(account.scripts[0].messages, 1U);
    EXPECT_EQ(account.scripts[0].quarantined, 0U);
}

TEST_F(StatisticsActor, CountsBackToTheSecond) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    for (int i = 0; i < 70; ++i) advance(std::chrono::seconds(1));
    EXPECT_EQ(messages(statistics, 70), 1U);
    EXPECT_EQ(messages(statistics, 69), 0U);
}

TEST_F(StatisticsActor, CountsBackToTheHourWhereOnlyHoursAreLeft) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    for (int i = 0; i < 80; ++i) {
        advance(std::chrono::hours(1));
        judge(statistics, verdict_action::hold);
    }
    get_activity query;
    query.since_s = 80 * 3'600 - 60;
    const auto report = activity(statistics, query);
    EXPECT_EQ(report.accounts.at(0).messages, 1U);
    EXPECT_EQ(report.accounts[0].quarantined, 80U);
    EXPECT_EQ(report.since_s, start_ms / 1'000 / 3'600 * 3'600);
}

TEST_F(StatisticsActor, FiltersAndPages) {
    const auto statistics = start();
    for (const auto* account : {"a", "b", "c"}) {
        tell(statistics, mail_of(account, std::string("me@") + account + ".test"));
        tell(statistics, mail_of(account, std::string("you@") + account + ".test"));
    }
    get_activity query;
    query.limit = 2;
    query.offset = 1;
    auto report = activity(statistics, query);
    EXPECT_EQ(report.max_count, 3U);
    ASSERT_EQ(report.accounts.size(), 2U);
    EXPECT_EQ(report.accounts[0].object, "b");
    query = {};
    query.sender_filter = "ME@B.test";
    report = activity(statistics, query);
    EXPECT_EQ(report.max_count, 1U);
    EXPECT_EQ(report.accounts.at(0).messages, 2U);
    EXPECT_EQ(report.accounts[0].domains.at(0).sender_emails.size(), 1U);
    query = {};
    query.account_filter = "C";
    EXPECT_EQ(activity(statistics, query).accounts.at(0).object, "c");
}

TEST_F(StatisticsActor, NamesAValueOutOfRange) {
    const auto statistics = start();
    get_activity query;
    query.limit = 0;
    const auto report = try_activity(statistics, query, root());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.failure(), fail(error_code::bad_request, "limit must be 1 to 1000, not 0"));
}

TEST_F(StatisticsActor, ShowsAnOwnerHisOwnAccountAndNoOther) {
    const auto statistics = start();
    tell(statistics, mail_of("mws", "alice@mws.test"));
    tell(statistics, mail_of("shop", "bob@shop.test"));
    const auto own_view = try_activity(statistics, {}, owner("shop"));
    ASSERT_TRUE(own_view);
    EXPECT_TRUE(own_view->own_view);
    ASSERT_EQ(own_view->accounts.size(), 1U);
    EXPECT_EQ(own_view->accounts[0].object, "shop");
    EXPECT_EQ(own_view->max_count, 1U);
    get_activity query;
    query.account = account_name{"mws"};
    EXPECT_EQ(try_activity(statistics, query, owner("shop")).failure().code,
              error_code::not_permitted);
    for (const auto role : {caller_role::stranger, caller_role::exim}) {
        EXPECT_EQ(try_activity(statistics, {}, {role, 77, {}, {}}).failure().code,
                  error_code::not_permitted);
    }
}

TEST_F(StatisticsActor, ShowsRootTheAccountThatHeActsFor) {
    const auto statistics = start();
    tell(statistics, mail_of("mws", "alice@mws.test"));
    tell(statistics, mail_of("shop", "bob@shop.test"));
    get_activity query;
    query.account = account_name{"MWS"};
    const auto report = activity(statistics, query);
    ASSERT_EQ(report.accounts.size(), 1U);
    EXPECT_EQ(report.accounts[0].object, "mws");
    EXPECT_FALSE(report.own_view);
}

TEST_F(StatisticsActor, TellsAnOwnerOfHisLastHeldMailAlsoAfterARestart) {
    auto statistics = start();
    mail_judged mail = mail_of("mws", "alice@mws.test", verdict_action::hold);
    mail.ticket.reasons = {hold_reason::ratelimit};
    mail.ticket.limits = {{sender_kind::domain, "mws.test", 3, 3, limit_mode::messages, 3'600}};
    tell(statistics, mail);
    const last_hold expected{start_ms / 1'000, mail.ticket.reasons, mail.ticket.sender,
                             mail.ticket.limits};
    EXPECT_EQ(try_activity(statistics, {}, owner("mws"))->accounts.at(0).last_held, expected);
    EXPECT_EQ(activity(statistics).accounts.at(0).last_held, last_hold{});
    stop(statistics);
    statistics = start();
    EXPECT_EQ(try_activity(statistics, {}, owner("mws"))->accounts.at(0).last_held, expected);
}

TEST_F(StatisticsActor, AsksTheRateLimiterForWhatIsLimited) {
    const auto statistics = start();
    set_policy([](mail_policy& policy) {
        policy.default_limits = {0, 5, 3, 0};
        policy.own_limits[key_of("mws")] = 10;
    });
    usage_[key_of("mws")] = {4, 8};
    usage_[key_of("alice@mws.test")] = {3, 6};
    judge(statistics, verdict_action::accept);
    const auto report = activity(statistics);
    const account_activity& account = report.accounts.at(0);
    EXPECT_EQ(account.limit, 10U);
    EXPECT_TRUE(account.has_own_limit);
    EXPECT_EQ(account.remaining, 6);
    EXPECT_EQ(account.domains.at(0).remaining, 5);
    EXPECT_TRUE(account.domains[0].sender_emails.at(0).at_limit);
    EXPECT_EQ(asked_, (std::vector<size_t>{3}));
}

TEST_F(StatisticsActor, AsksNobodyWhereNothingIsLimited) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    EXPECT_EQ(activity(statistics).accounts.at(0).remaining, -1);
    EXPECT_TRUE(asked_.empty());
}

TEST_F(StatisticsActor, AnswersWithTheErrorWhereTheRateLimiterFails) {
    const auto statistics = start();
    set_policy([](mail_policy& policy) { policy.default_limits = {5, 5, 5, 5}; });
    judge(statistics, verdict_action::accept);
    limiter_fails_ = true;
    EXPECT_EQ(try_activity(statistics, {}, root()).failure(),
              fail(error_code::unavailable, "no limiter"));
}

TEST_F(StatisticsActor, KnowsWhoIsWhitelisted) {
    accounts_.set(*account_directory::parse("mws.test: mws"));
    set_policy([](mail_policy& policy) { policy.senders = {{"mws.test", false}}; });
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    tell(statistics, mail_of("forger", "me@forger.test"));
    const auto report = activity(statistics);
    EXPECT_FALSE(report.accounts.at(0).domains.at(0).whitelisted);
    EXPECT_TRUE(report.accounts.at(1).domains.at(0).whitelisted);
}

TEST_F(StatisticsActor, FindsObjectsByTheirIdsAlsoBeforeTheyAreWritten) {
    const auto statistics = start();
    judge(statistics, verdict_action::accept);
    const find_objects wanted{{to_id(key_of("alice@mws.test")), object_id{"no id at all"},
                               to_id(key_of("nobody")), to_id(key_of("mws"))}};
    const auto found = ask<objects_found>(statistics, wanted);
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->items,
              (std::vector<known_object>{
                  {wanted.ids[0], sender_kind::sender_email, account_name{"mws"}, "alice@mws.test"},
                  {wanted.ids[3], sender_kind::account, account_name{"mws"}, "mws"}}));
}

TEST_F(StatisticsActor, FindsObjectsAfterARestart) {
    stop([&] {
        auto first = start();
        judge(first, verdict_action::accept);
        return first;
    }());
    const auto found = ask<objects_found>(start(), find_objects{{to_id(key_of("mws.test"))}});
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->items.at(0).object, "mws.test");
}

TEST_F(StatisticsActor, ReportsAHundredThousandObjectsInSeveralRequestsForTheirUsage) {
    bounds_.leaves_of_account = 200'000;
    const auto statistics = start();
    set_policy([](mail_policy& policy) { policy.default_limits = {1, 1, 1, 1}; });
    mails_judged news;
    for (int i = 0; i < 100'000; ++i) {
        news.mails.push_back(mail_of("mws", std::to_string(i) + "@mws.test"));
    }
    caf::anon_send(statistics, std::move(news));
    run();
    advance(std::chrono::seconds(1));
    const auto report = activity(statistics);
    EXPECT_EQ(report.accounts.at(0).messages, 100'000U);
    EXPECT_EQ(report.accounts[0].domains.at(0).sender_emails.size(), 100'000U);
    EXPECT_EQ(asked_, (std::vector<size_t>{100'000, 2}));
}

}  // namespace
}  // namespace ie
