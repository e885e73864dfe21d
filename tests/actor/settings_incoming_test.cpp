// Who wants incoming mail filtered, and how Exim gets to know.
#include <gmock/gmock.h>

#include "tests/actor/settings_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::settings_fixture;

class SettingsIncoming : public settings_fixture {
  protected:
    SettingsIncoming() {
        options_.incoming_switch = switch_;
        start();
    }
    outcome<incoming_status> ask_for(const std::string& account,
                                     const request_context& from = root()) {
        return *ask<incoming_status>(settings_, get_incoming{account_name{account}}, from);
    }
    outcome<incoming_status> set(const std::string& account, bool on,
                                 const request_context& from = root()) {
        return *ask<incoming_status>(settings_, change_incoming{account_name{account}, on}, from);
    }
    static request_context owner(const std::string& account) {
        return {{caller_role::account, nobody_uid, account_name{account}, ""}, 0};
    }
    bool wants(const std::string& account) {
        return wants_incoming_filter(*policy_.get(), account_name{account});
    }
    bool exim_asks() const { return std::filesystem::exists(switch_); }

    std::string switch_ = folder_.path("incoming");
};

TEST_F(SettingsIncoming, IsOffUntilAnAdministratorWantsIt) {
    EXPECT_EQ(*ask_for(""), (incoming_status{account_name{"root"}, false, false, {}}));
    EXPECT_FALSE(exim_asks());
    EXPECT_FALSE(policy_.get()->incoming_on);
}

TEST_F(SettingsIncoming, IsInForceKeptAndInTheTrail) {
    EXPECT_TRUE(set("root", true)->server_on);
    EXPECT_TRUE(exim_asks());
    restart();
    EXPECT_TRUE(policy_.get()->incoming_on);
    EXPECT_TRUE(exim_asks());
    EXPECT_FALSE(set("", false)->server_on);
    EXPECT_FALSE(exim_asks());
    EXPECT_THAT(told(trail()), ElementsAre("change_settings incoming: on → off",
                                           "change_settings incoming: off → on"));
}

TEST_F(SettingsIncoming, AnOwnerDecidesForHimself) {
    EXPECT_EQ(*set("", false, owner("alice")),
              (incoming_status{account_name{"alice"}, false, false, {}}));
    EXPECT_FALSE(wants("Alice"));
    restart();
    EXPECT_FALSE(wants("alice"));
    EXPECT_THAT(ask_for("root")->opted_out, ElementsAre(account_name{"alice"}));
    EXPECT_TRUE(set("ALICE", true)->account_on);
    EXPECT_TRUE(wants("alice"));
    EXPECT_THAT(told(trail()), ElementsAre("change_incoming account alice: off → on",
                                           "change_incoming account alice: on → off"));
}

TEST_F(SettingsIncoming, NobodyDecidesOrLooksForAnother) {
    EXPECT_EQ(set("bob", false, owner("alice")).failure().code, error_code::not_permitted);
    EXPECT_EQ(set("root", true, owner("alice")).failure().code, error_code::not_permitted);
    EXPECT_EQ(ask_for("bob", owner("alice")).failure().code, error_code::not_permitted);
    EXPECT_EQ(set("nobody-of-ours", false).failure().code, error_code::not_found);
    EXPECT_THAT(trail(), IsEmpty());
}

TEST_F(SettingsIncoming, WhatChangesNothingLeavesNoRecord) {
    EXPECT_TRUE(set("alice", true));
    EXPECT_TRUE(set("root", false));
    EXPECT_THAT(trail(), IsEmpty());
}

TEST_F(SettingsIncoming, SaysWhereEximCantBeToldAndTriesAgain) {
    std::filesystem::create_directory(folder_.path("later"));
    options_.incoming_switch = folder_.path("later/there/incoming");
    restart();
    const auto done = set("root", true);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.failure().code, error_code::storage_failed);
    EXPECT_THAT(done.failure().what, HasSubstr("later/there/incoming: No such file"));
    EXPECT_EQ(status().state, actor_state::degraded);
    std::filesystem::create_directory(folder_.path("later/there"));
    advance(std::chrono::milliseconds(2'000));
    EXPECT_TRUE(std::filesystem::exists(options_.incoming_switch));
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(SettingsIncoming, PutsTheSwitchBackThatSomebodyRemoved) {
    ASSERT_TRUE(set("root", true));
    std::filesystem::remove(switch_);
    advance(std::chrono::milliseconds(2'000));
    EXPECT_TRUE(exim_asks());
}

TEST_F(SettingsIncoming, NothingIsInForceThatIsNotInTheTrail) {
    break_database();
    EXPECT_EQ(set("alice", false).failure().code, error_code::storage_failed);
    EXPECT_EQ(set("root", true).failure().code, error_code::storage_failed);
    EXPECT_TRUE(wants("alice"));
    EXPECT_FALSE(exim_asks());
}

}  // namespace
}  // namespace ie
