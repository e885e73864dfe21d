// What accounts have of their own of the quarantine, and what other actors tell for the trail.
#include <gmock/gmock.h>

#include "tests/actor/settings_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::settings_fixture;

class SettingsSpaces : public settings_fixture {
  protected:
    SettingsSpaces() { start(); }
    outcome<account_edited> edit(const edit_account& request,
                                 const request_context& from = root()) {
        return *ask<account_edited>(settings_, request, from);
    }
    static edit_account limit_of(const std::string& account, int64_t bytes) {
        edit_account request;
        request.account = account_name{account};
        request.limit_bytes = bytes;
        return request;
    }
    space_rules rules() const { return policy_.get()->space_of(account_name{"Alice"}); }
    outcome<audit_recorded> record(const std::string& source, std::vector<uint64_t> numbers) {
        record_audit told{source, {}};
        for (const uint64_t number : numbers) {
            told.actions.push_back({number,
                                    {caller_role::account, nobody_uid, account_name{"alice"}, ""},
                                    1'000'000,
                                    "release_mails",
                                    "mail " + std::to_string(number),
                                    "held",
                                    "released",
                                    "done"});
        }
        return *ask<audit_recorded>(settings_, told);
    }
};

TEST_F(SettingsSpaces, AnEditIsInForceKeptAndInTheTrail) {
    edit_account request = limit_of("ALICE", 7);
    request.state = "block";
    request.releases_limit = 50;
    EXPECT_EQ(*edit(request), (account_edited{account_name{"alice"}, 7, space_state::block, 50}));
    restart();
    EXPECT_EQ(rules().limit_bytes, 7U);
    EXPECT_EQ(rules().state, space_state::block);
    EXPECT_EQ(rules().releases_limit, 50U);
    EXPECT_THAT(told(trail()),
                ElementsAre("edit_account account alice state: active → block",
                            "edit_account account alice releases_limit: default → 50",
                            "edit_account account alice limit_bytes: default → 7"));
}

TEST_F(SettingsSpaces, MinusOneFollowsTheServersDefaultAgain) {
    ASSERT_TRUE(edit(limit_of("alice", 7)));
    ASSERT_TRUE(edit(limit_of("alice", edit_account::by_default)));
    EXPECT_EQ(rules().limit_bytes, space_rules::limit_bytes_default);
    ASSERT_TRUE(change({{"quarantine_limit_bytes", "9"}, {"quarantine_releases_limit", "0"}}));
    EXPECT_EQ(rules().limit_bytes, 9U);
    EXPECT_EQ(rules().releases_limit, 0U);
    ASSERT_TRUE(change({{"quarantine_limit_bytes", "-1"}, {"quarantine_releases_limit", "-1"}}));
    restart();
    EXPECT_EQ(rules().limit_bytes, space_rules::limit_bytes_default);
    EXPECT_EQ(rules().releases_limit, space_rules::releases_limit_default);
}

TEST_F(SettingsSpaces, WhatIsUnchangedLeavesNoRecord) {
    ASSERT_TRUE(edit(limit_of("alice", edit_account::unchanged)));
    ASSERT_TRUE(edit(limit_of("alice", edit_account::by_default)));
    EXPECT_TRUE(trail().empty());
}

TEST_F(SettingsSpaces, AWrongValueChangesNothing) {
    edit_account state = limit_of("alice", 7);
    state.state = "blocked";
    EXPECT_THAT(edit(state).failure().what, HasSubstr("active or block"));
    EXPECT_EQ(edit(limit_of("alice", -3)).failure().code, error_code::bad_request);
    edit_account releases = limit_of("alice", 7);
    releases.releases_limit = int64_t{1} << 32;
    EXPECT_THAT(edit(releases).failure().what, HasSubstr("from 0 to 4294967295"));
    EXPECT_EQ(edit(limit_of("", 7)).failure().code, error_code::bad_request);
    EXPECT_EQ(edit(limit_of(std::string(256, 'a'), 7)).failure().code, error_code::bad_request);
    EXPECT_FALSE(change({{"quarantine_limit_bytes", "9223372036854775808"}}));
    EXPECT_FALSE(change({{"quarantine_limit_bytes", "-2"}}));
    EXPECT_FALSE(change({{"quarantine_releases_limit", "4294967296"}}));
    EXPECT_EQ(rules().limit_bytes, space_rules::limit_bytes_default);
    EXPECT_TRUE(trail().empty());
}

TEST_F(SettingsSpaces, OnlyAccountsOfThisServerAndOnlyForRoot) {
    EXPECT_EQ(edit(limit_of("nobody-of-ours", 7)).failure().code, error_code::not_found);
    EXPECT_TRUE(edit(limit_of("root", 7)));
    const request_context owner{{caller_role::account, nobody_uid, account_name{"alice"}, ""}, 0};
    EXPECT_EQ(edit(limit_of("alice", 7), owner).failure().code, error_code::not_permitted);
}

TEST_F(SettingsSpaces, NothingIsInForceThatIsNotInTheTrail) {
    break_database();
    EXPECT_EQ(edit(limit_of("alice", 7)).failure().code, error_code::storage_failed);
    EXPECT_EQ(rules().limit_bytes, space_rules::limit_bytes_default);
}

TEST_F(SettingsSpaces, WhatIsToldTwiceStandsInTheTrailOnce) {
    EXPECT_EQ(record("one", {1, 2})->last_number, 2U);
    EXPECT_EQ(record("one", {1, 2, 3})->last_number, 3U);
    restart();
    EXPECT_EQ(record("one", {2, 3, 4})->last_number, 4U);
    EXPECT_EQ(record("another", {1})->last_number, 1U);
    const auto records = trail();
    ASSERT_EQ(records.size(), 5U);
    EXPECT_EQ(records[4].object, "mail 1");
    EXPECT_EQ(records[4].at_s, 1'000);
    EXPECT_EQ(records[4].uid, nobody_uid);
    EXPECT_EQ(records[4].result, "done");
}

TEST_F(SettingsSpaces, WhatCantBeRecordedIsToldAgain) {
    break_database();
    EXPECT_EQ(record("one", {1}).failure().code, error_code::storage_failed);
    mend_database();
    EXPECT_EQ(record("one", {1})->last_number, 1U);
    EXPECT_EQ(trail().size(), 1U);
}

}  // namespace
}  // namespace ie
