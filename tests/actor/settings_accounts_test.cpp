#include <gmock/gmock.h>

#include "tests/actor/settings_fixture.hpp"

namespace ie {
namespace {

using ::testing::HasSubstr;

class SettingsAccounts : public testing::settings_fixture {
  protected:
    std::string owner(std::string_view domain) {
        return accounts_.get()->owner_of_domain(domain).value_or(account_name{"-"}).value;
    }
};

TEST_F(SettingsAccounts, AreThereBeforeTheActorIs) {
    own(make_settings(*system_, thread_use::shared, options_));
    EXPECT_EQ(owner("alice.test"), "alice");
}

TEST_F(SettingsAccounts, SeeAChangedMap) {
    start();
    folder_.write("userdomains", "alice.test: alice\nbob.test: bob\n");
    EXPECT_EQ(owner("bob.test"), "-");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "bob");
}

TEST_F(SettingsAccounts, SeeAMapThatIsNew) {
    start();
    folder_.write("userdatadomains", "bob.test: bob==root==main\n");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "bob");
    EXPECT_EQ(status().detail, options_.account_files.domain_map + ", 2 domains of 2 accounts");
}

TEST_F(SettingsAccounts, KeepTheLastGoodMapAndSayWhatIsWrongWithTheNewOne) {
    start();
    for (const char* broken : {"alice.test: alice\nbob.test\n", "a b: c\n", ": alice\n"}) {
        folder_.write("userdomains", broken);
        caf::anon_send(settings_, reload_atom_v);
        run();
        EXPECT_EQ(owner("alice.test"), "alice");
        EXPECT_EQ(status().state, actor_state::degraded);
        EXPECT_THAT(status().last_error, HasSubstr("userdomains: line "));
    }
    folder_.write("userdomains", "bob.test: bob\n");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "bob");
    EXPECT_EQ(owner("alice.test"), "-");
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(SettingsAccounts, KeepTheLastGoodMapsWhileOneOfThemIsBroken) {
    start();
    folder_.write("userdomains", "alice.test: alice\nbob.test: bob\n");
    folder_.write("trueuserdomains", "broken\n");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "-");
    EXPECT_EQ(status().state, actor_state::degraded);
    EXPECT_THAT(status().last_error, HasSubstr("trueuserdomains: line 1: "));
    folder_.write("trueuserdomains", "");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "bob");
}

TEST_F(SettingsAccounts, AMapThatIsGoneChangesNothing) {
    start();
    std::filesystem::remove(options_.account_files.domain_map);
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("alice.test"), "alice");
    EXPECT_EQ(status().state, actor_state::degraded);
}

TEST_F(SettingsAccounts, TryAgainToReadWhatCouldNotBeRead) {
    start();
    std::filesystem::rename(options_.account_files.domain_map, folder_.path("aside"));
    std::filesystem::create_directory(options_.account_files.domain_map);
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(status().state, actor_state::degraded);
    std::filesystem::remove(options_.account_files.domain_map);
    std::filesystem::rename(folder_.path("aside"), options_.account_files.domain_map);
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(status().state, actor_state::running);
}

TEST_F(SettingsAccounts, OfPasswdNeedNoMap) {
    options_.account_files.provider = account_provider::passwd;
    options_.account_files.domain_map.clear();
    start();
    EXPECT_EQ(status().state, actor_state::running);
    EXPECT_EQ(status().detail, "uids 1000 to 59999 with homes under /home, 0 domains");
}

}  // namespace
}  // namespace ie
