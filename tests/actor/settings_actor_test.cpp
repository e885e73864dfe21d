#include "actors/settings/settings_actor.hpp"

#include <fstream>

#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

class SettingsActor : public testing::actor_fixture {
  protected:
    settings_actor start() {
        auto made = own(make_settings(*system_, thread_use::shared, {path_, &accounts_, 2'000}));
        run();
        return made;
    }

    void write_map(const std::string& text) { std::ofstream(path_) << text; }

    std::string owner(std::string_view domain) {
        return accounts_.get()->owner_of_domain(domain).value_or(account_name{"-"}).value;
    }

    testing::temporary_folder folder_;
    std::string path_ = folder_.path("userdomains");
    snapshot<account_directory> accounts_;
};

TEST_F(SettingsActor, ReadsTheDomainMap) {
    write_map("*: nobody\n# comment\n\nalice.test: alice\nShop.Alice.Test:Alice\r\n");
    start();
    EXPECT_EQ(owner("alice.test"), "alice");
    EXPECT_EQ(owner("SHOP.alice.test"), "alice");
    EXPECT_EQ(owner("far.test"), "-");
    EXPECT_TRUE(accounts_.get()->is_account("alice"));
    EXPECT_FALSE(accounts_.get()->is_account("nobody"));
}

TEST_F(SettingsActor, SeesAChangedMap) {
    write_map("alice.test: alice\n");
    start();
    write_map("alice.test: alice\nbob.test: bob\n");
    EXPECT_EQ(owner("bob.test"), "-");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "bob");
}

TEST_F(SettingsActor, KeepsTheLastGoodMapAndSaysWhatIsWrongWithTheNewOne) {
    write_map("alice.test: alice\n");
    const auto settings = start();
    for (const char* broken : {"alice.test: alice\nbob.test\n", "a b: c\n", ": alice\n"}) {
        write_map(broken);
        caf::anon_send(settings, reload_atom_v);
        run();
        EXPECT_EQ(owner("alice.test"), "alice");
        const auto status = ask<actor_status>(settings, get_status{});
        EXPECT_EQ((*status)->state, actor_state::degraded);
        EXPECT_NE((*status)->last_error.find(path_ + ": line "), std::string::npos);
    }
    write_map("bob.test: bob\n");
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("bob.test"), "bob");
    EXPECT_EQ((*ask<actor_status>(settings, get_status{}))->state, actor_state::running);
}

TEST_F(SettingsActor, AMapThatIsGoneChangesNothing) {
    write_map("alice.test: alice\n");
    const auto settings = start();
    std::filesystem::remove(path_);
    advance(std::chrono::milliseconds(2'000));
    EXPECT_EQ(owner("alice.test"), "alice");
    EXPECT_EQ((*ask<actor_status>(settings, get_status{}))->state, actor_state::degraded);
}

}  // namespace
}  // namespace ie
