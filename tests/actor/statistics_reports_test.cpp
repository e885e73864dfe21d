// What is told of the counts, and to whom.
#include "tests/actor/statistics_fixture.hpp"

namespace ie {
namespace {

using namespace testing;

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
