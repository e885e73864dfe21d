#include "actors/settings/settings_actor.hpp"

#include <gmock/gmock.h>

#include "tests/actor/settings_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::settings_fixture;

class SettingsActor : public settings_fixture {};

TEST_F(SettingsActor, AnswersTheDefaultsBeforeAnythingIsSet) {
    options_.defaults.spam_threshold = 7.5;
    start();
    EXPECT_EQ(policy_.get()->spam_threshold, 7.5);
    EXPECT_EQ(value("spam_threshold"), "7.5");
    EXPECT_EQ(value("limit_domain"), "0");
}

TEST_F(SettingsActor, PutsAChangeInForceBeforeItAnswers) {
    start();
    const auto pending =
        begin<settings_values>(settings_, change_settings{{{"limit_domain", "3"}}}, root());
    while (!*pending && scheduler().try_run_once()) continue;
    ASSERT_TRUE(*pending && **pending);
    EXPECT_EQ(policy_.get()->limit_of(sender_kind::domain, {}), 3U);
    EXPECT_EQ(value("limit_domain"), "3");
}

TEST_F(SettingsActor, ChangesAllSettingsOrNone) {
    start();
    const auto refused = change({{"spam", "off"}, {"limit_domain", "many"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::bad_request);
    EXPECT_THAT(refused.failure().what, HasSubstr("limit_domain: many"));
    EXPECT_TRUE(policy_.get()->reasons_on.has(hold_reason::spam));
    EXPECT_EQ(value("spam"), "on");
    EXPECT_TRUE(trail().empty());
}

TEST_F(SettingsActor, RecordsWhoChangedASettingFromWhatToWhat) {
    start();
    ASSERT_TRUE(change({{"spam", "off"}, {"limit_script", "0"}}));
    const auto records = trail();
    ASSERT_EQ(records.size(), 1U);
    audit_record expected;
    expected.at_s = start_ms / 1000;
    expected.who = "root";
    expected.action = "change_settings";
    expected.object = "spam";
    expected.before = "on";
    expected.after = "off";
    expected.result = "done";
    EXPECT_EQ(records[0], expected);
}

TEST_F(SettingsActor, AChangeToTheValueItHasSucceedsAndLeavesNoRecord) {
    start();
    ASSERT_TRUE(change({{"spam", "on"}}));
    EXPECT_TRUE(trail().empty());
}

TEST_F(SettingsActor, KeepsWhatWasSetThoughTheDefaultChanges) {
    start();
    ASSERT_TRUE(change({{"spam_threshold", "6"}}));
    options_.defaults.spam_threshold = 9;
    restart();
    EXPECT_EQ(value("spam_threshold"), "6");
}

TEST_F(SettingsActor, KeepsEverythingOverARestart) {
    start();
    ASSERT_TRUE(change({{"limit_account", "100"}}));
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, 7));
    ASSERT_TRUE(whitelist({"z.test", "a@a.test"}, true));
    ASSERT_TRUE(whitelist({"b.test"}));
    const mail_policy before = *policy_.get();
    policy_.set({});
    restart();
    EXPECT_EQ(value("limit_account"), "100");
    EXPECT_EQ(policy_.get()->own_limits, before.own_limits);
    EXPECT_EQ(policy_.get()->senders, before.senders);
    const auto entries = listed(whitelist_kind::sender);
    EXPECT_THAT(entries.domains, ElementsAre("z.test", "b.test"));
    EXPECT_THAT(entries.any_submitter, ElementsAre("z.test", "a@a.test"));
    EXPECT_EQ(limits().size(), 1U);
    EXPECT_EQ(trail().size(), 5U);
}

TEST_F(SettingsActor, AFailedCommitChangesNothing) {
    start();
    break_database();
    const auto refused = change({{"spam", "off"}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_THAT(refused.failure().what, HasSubstr("settings.db: the disk is full"));
    EXPECT_EQ(set_limit({shop_.id}, sender_kind::domain, 7).failure().code,
              error_code::storage_failed);
    EXPECT_EQ(whitelist({"a.test"}).failure().code, error_code::storage_failed);
    EXPECT_TRUE(policy_.get()->reasons_on.has(hold_reason::spam));
    EXPECT_TRUE(policy_.get()->own_limits.empty());
    EXPECT_TRUE(policy_.get()->senders.empty());
    EXPECT_EQ(status().state, actor_state::degraded);
    restart();
    EXPECT_EQ(value("spam"), "on");
    EXPECT_TRUE(limits().empty());
    EXPECT_TRUE(listed(whitelist_kind::sender).domains.empty());
}

TEST_F(SettingsActor, WorksAgainWhenTheDatabaseDoes) {
    start();
    break_database();
    ASSERT_FALSE(change({{"spam", "off"}}));
    mend_database();
    ASSERT_TRUE(change({{"spam", "off"}}));
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(SettingsActor, ListsAndChangesNothingForAnybodyButRoot) {
    start();
    for (const auto role : {caller_role::stranger, caller_role::account, caller_role::exim}) {
        const request_context context{{role, 1'001, account_name{"alice"}, ""}, 0};
        const auto code = [&]<class Reply>(std::type_identity<Reply>, const auto& request) {
            const auto reply = ask<Reply>(settings_, request, context);
            return *reply ? error_code::internal : reply->failure().code;
        };
        const auto no = error_code::not_permitted;
        EXPECT_EQ(code(std::type_identity<settings_values>{}, get_settings{}), no);
        EXPECT_EQ(code(std::type_identity<settings_values>{}, change_settings{}), no);
        EXPECT_EQ(code(std::type_identity<limit_list>{}, list_limits{}), no);
        EXPECT_EQ(code(std::type_identity<limit_list>{}, change_limits{}), no);
        EXPECT_EQ(code(std::type_identity<counts_reset>{}, reset_counts{}), no);
        EXPECT_EQ(code(std::type_identity<whitelist_entries>{}, list_whitelist{}), no);
        EXPECT_EQ(code(std::type_identity<whitelist_changed>{}, change_whitelist{}), no);
        EXPECT_EQ(code(std::type_identity<audit_list>{}, list_audit{}), no);
    }
}

TEST_F(SettingsActor, AddsListsAndRemovesWhitelisted) {
    start();
    const auto added = whitelist({"Domain.com", "some_email@domain.com"});
    ASSERT_TRUE(added);
    EXPECT_THAT(added->added, ElementsAre("domain.com", "some_email@domain.com"));
    EXPECT_FALSE(policy_.get()->senders.at("domain.com"));
    const auto removed = change_list({whitelist_kind::sender, true, {"DOMAIN.com"}, false});
    ASSERT_TRUE(removed);
    EXPECT_THAT(removed->removed, ElementsAre("domain.com"));
    EXPECT_FALSE(policy_.get()->senders.contains("domain.com"));
    EXPECT_THAT(listed(whitelist_kind::sender).emails, ElementsAre("some_email@domain.com"));
}

TEST_F(SettingsActor, RecordsEachWhitelistedValue) {
    start();
    ASSERT_TRUE(whitelist({"a.test"}));
    ASSERT_TRUE(whitelist({"a.test"}));
    ASSERT_TRUE(whitelist({"a.test"}, true));
    ASSERT_TRUE(change_list({whitelist_kind::sender, true, {"a.test"}, false}));
    EXPECT_THAT(told(trail()),
                ElementsAre("change_whitelist sender a.test: listed for any submitter → not listed",
                            "change_whitelist sender a.test: listed → listed for any submitter",
                            "change_whitelist sender a.test: not listed → listed"));
}

TEST_F(SettingsActor, RefusesAccountsAndScriptsToBeWhitelisted) {
    start();
    for (const char* text : {"alice", "/home/alice/a.php"}) {
        const auto refused = whitelist({"a.test", text});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.failure().code, error_code::bad_request);
        EXPECT_THAT(refused.failure().what, HasSubstr("only domains and addresses"));
    }
    EXPECT_TRUE(policy_.get()->senders.empty());
}

TEST_F(SettingsActor, ListsTheTrailNewestFirstByPagesAndFilters) {
    start();
    for (const char* limit : {"1", "2", "3"}) {
        ASSERT_TRUE(change({{"limit_account", limit}}));
        advance(std::chrono::seconds(10));
    }
    ASSERT_TRUE(ask<whitelist_changed>(
        settings_, change_whitelist{whitelist_kind::sender, false, {"a.test"}, false},
        request_context{{caller_role::root, 0, account_name{"root"}, "Backup"}, 0}));
    EXPECT_EQ(find({}).max_count, 4U);
    list_audit page;
    page.limit = 2;
    page.offset = 1;
    EXPECT_EQ(find(page).max_count, 4U);
    EXPECT_THAT(told(find(page).items), ElementsAre("change_settings limit_account: 2 → 3",
                                                    "change_settings limit_account: 1 → 2"));
    list_audit filter;
    filter.who = "backup";
    EXPECT_EQ(find(filter).max_count, 1U);
    EXPECT_EQ(find(filter).items[0].by, entrance::network);
    filter = {};
    filter.action = "change_settings";
    filter.since_s = start_ms / 1000 + 10;
    EXPECT_EQ(find(filter).max_count, 2U);
}

TEST_F(SettingsActor, BoundsAPageOfTheTrail) {
    start();
    for (const uint32_t limit : {0U, 1'001U}) {
        list_audit request;
        request.limit = limit;
        const auto refused = ask<audit_list>(settings_, request, root());
        EXPECT_EQ(refused->failure().code, error_code::bad_request);
    }
}

TEST_F(SettingsActor, RecordsRefusedRequestsWithinBounds) {
    start();
    for (int i = 0; i < 183; ++i) refuse(nobody_uid);
    EXPECT_EQ(trail().size(), 60U);
    EXPECT_EQ(trail()[0].action, "list_audit");
    EXPECT_EQ(trail()[0].result, "that is root's");
    EXPECT_EQ(trail()[0].who, "uid " + std::to_string(nobody_uid));
    advance(std::chrono::minutes(1));
    EXPECT_EQ(trail().size(), 61U);
    EXPECT_EQ(trail()[0].result, "and 123 more");
    refuse(nobody_uid);
    EXPECT_EQ(trail().size(), 62U);
}

TEST_F(SettingsActor, RecordsHowManyRefusalsTheirSenderHasLeftOut) {
    start();
    caf::anon_send(
        settings_,
        request_refused{{caller_role::account, nobody_uid, {}, ""}, "list_audit", "that is root's"},
        uint64_t{940});
    run();
    ASSERT_EQ(trail().size(), 1U);
    EXPECT_EQ(trail()[0].action, "list_audit");
    EXPECT_EQ(trail()[0].result, "and 940 more");
}

TEST_F(SettingsActor, LosesNoRefusalWhenItStops) {
    start();
    for (int i = 0; i < 62; ++i) {
        caf::anon_send(settings_, request_refused{{caller_role::account, nobody_uid, {}, ""},
                                                  "list_audit",
                                                  std::string(100'000, 'x')});
    }
    restart();
    const auto records = trail();
    ASSERT_EQ(records.size(), 61U);
    EXPECT_EQ(records[0].result, "and 2 more");
    EXPECT_LE(records[1].result.size(), 500U);
}

TEST_F(SettingsActor, WritesRefusalsWhenTheDatabaseWorksAgain) {
    start();
    break_database();
    refuse(nobody_uid);
    EXPECT_EQ(status().queue, 1U);
    mend_database();
    advance(std::chrono::seconds(2));
    EXPECT_EQ(status().queue, 0U);
    EXPECT_EQ(trail().size(), 1U);
}

}  // namespace
}  // namespace ie
