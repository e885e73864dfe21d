#include "gateway/zmq/peer.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

const role_rules with_map{995, 102, {account_provider::cpanel, 1000, 59'999, "/home"}};
const role_rules without_map{995, 102, {account_provider::passwd, 1000, 59'999, "/home"}};

account_directory directory() {
    return *account_directory::parse("alice.test: alice\n");
}

caller caller_of(uint32_t uid, const std::string& login, const role_rules& rules) {
    return caller_of_user({uid, login, "/home/" + login}, rules, directory());
}

caller_role role(uint32_t uid, const std::string& login, const role_rules& rules) {
    return caller_of(uid, login, rules).role;
}

TEST(CallerOfUser, RootAndTheEnginesOwnUserAreRoot) {
    EXPECT_EQ(role(0, "root", with_map), caller_role::root);
    EXPECT_EQ(role(995, "_imunifyemail", with_map), caller_role::root);
    EXPECT_EQ(caller_of(995, "x", with_map).account.value, root_account);
}

TEST(CallerOfUser, TheHooksUserIsExim) {
    EXPECT_EQ(role(102, "Debian-exim", with_map), caller_role::exim);
}

TEST(CallerOfUser, WithAMapOnlyItsOwnersAreAccounts) {
    EXPECT_EQ(role(1001, "alice", with_map), caller_role::account);
    EXPECT_EQ(caller_of(1001, "alice", with_map).account.value, "alice");
    EXPECT_EQ(role(1002, "bob", with_map), caller_role::stranger);
}

TEST(CallerOfUser, WithPasswdUidAndHomeDecide) {
    EXPECT_EQ(role(1002, "bob", without_map), caller_role::account);
    EXPECT_EQ(role(999, "games", without_map), caller_role::stranger);
    EXPECT_EQ(role(60'000, "nobody", without_map), caller_role::stranger);
    const unix_user elsewhere{1002, "bob", "/srv/bob"};
    EXPECT_EQ(caller_of_user(elsewhere, without_map, directory()).role, caller_role::stranger);
}

TEST(CallerOfUser, AUidWithoutANameIsAStranger) {
    EXPECT_EQ(role(1003, "", without_map), caller_role::stranger);
}

TEST(CallerOfUser, NoOtherUidIsTheAccountThatSeesAll) {
    EXPECT_EQ(role(1004, "root", without_map), caller_role::stranger);
    EXPECT_EQ(role(1004, "Root", without_map), caller_role::stranger);
}

TEST(RoleRules, NameAHookUserWhoIsNotThere) {
    configuration settings;
    settings.hook.user = "nobody-of-that-name";
    const auto rules = make_role_rules(settings);
    ASSERT_FALSE(rules);
    EXPECT_EQ(rules.failure().what, "hook.user: there is no user nobody-of-that-name");
}

}  // namespace
}  // namespace ie
