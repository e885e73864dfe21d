#include "config/mail_policy.hpp"

#include <gtest/gtest.h>

namespace ie {
namespace {

class MailPolicy : public ::testing::Test {
  protected:
    MailPolicy() {
        policy.authusers = {"boss@alice.test"};
        policy.senders = {{"alice.test", false},
                          {"news@bob.test", false},
                          {"open.test", true},
                          {"xn--mller-kva.test", false}};
        policy.recipients = {"inbox.test", "me@far.test"};
    }

    // Mail of an account; it owns the sender's domain or not.
    bool passes(const std::string& account, const std::string& sender, bool owns) const {
        const size_t at = sender.rfind('@');
        const auto domain = at == sender.npos ? std::string{} : sender.substr(at + 1);
        return whitelisted(policy, {"", sender, domain, account_name{account}, owns});
    }

    mail_policy policy;
};

TEST_F(MailPolicy, AWhitelistedDomainPassesForItsOwner) {
    EXPECT_TRUE(passes("alice", "Any@Alice.TEST.", true));
    EXPECT_TRUE(passes("alice", "x@m\xc3\xbcller.test", true));
    EXPECT_FALSE(passes("alice", "any@shop.alice.test", true));
    EXPECT_FALSE(passes("alice", "any@notalice.test", true));
}

TEST_F(MailPolicy, AForgedSenderOfAWhitelistedDomainGainsNothing) {
    EXPECT_FALSE(passes("mallory", "any@alice.test", false));
    EXPECT_FALSE(passes("mallory", "news@bob.test", false));
}

TEST_F(MailPolicy, UnattributedMailNeverPassesByASenderEntry) {
    for (const char* nobody : {"root", "Root", ""}) {
        EXPECT_FALSE(passes(nobody, "any@alice.test", true)) << nobody;
        EXPECT_FALSE(passes(nobody, "news@bob.test", false)) << nobody;
    }
}

TEST_F(MailPolicy, AnEntryForAnySubmitterHoldsForEverybody) {
    EXPECT_TRUE(passes("mallory", "x@open.test", false));
    EXPECT_TRUE(passes("root", "x@open.test", false));
}

TEST_F(MailPolicy, AWhitelistedAddressIsThatAddressOnly) {
    EXPECT_TRUE(passes("bob", "News@bob.test", true));
    EXPECT_TRUE(passes("bob", "\"news\"@bob.test", true));
    EXPECT_FALSE(passes("bob", "news+x@bob.test", true));
    EXPECT_FALSE(passes("bob", "other@bob.test", true));
}

TEST_F(MailPolicy, TheOwnedDomainMustBeTheAddresssOwn) {
    EXPECT_FALSE(
        whitelisted(policy, {"", "news@bob.test", "mallory.test", account_name{"mallory"}, true}));
}

TEST_F(MailPolicy, ABounceHasNoSenderToBeWhitelisted) {
    EXPECT_FALSE(passes("alice", "", true));
    EXPECT_FALSE(passes("alice", "UNMANAGED", true));
}

TEST_F(MailPolicy, AnAuthenticatedUserPassesWhateverItSendsAs) {
    const account_name alice{"alice"};
    EXPECT_TRUE(whitelisted(policy, {"Boss@alice.test", "x@y.test", "y.test", alice, false}));
    EXPECT_TRUE(whitelisted(policy, {"boss@alice.test", "", "", alice, false}));
    EXPECT_FALSE(whitelisted(policy, {"alice", "x@y.test", "y.test", alice, false}));
    EXPECT_FALSE(whitelisted(policy, {"", "boss@alice.test", "y.test", alice, false}));
}

TEST_F(MailPolicy, ARecipientsListIsOfAddressesAndDomains) {
    EXPECT_TRUE(recipient_whitelisted(policy, "Any@Inbox.test"));
    EXPECT_TRUE(recipient_whitelisted(policy, "me@far.test"));
    EXPECT_FALSE(recipient_whitelisted(policy, "you@far.test"));
    EXPECT_FALSE(recipient_whitelisted(policy, "inbox.test"));
}

TEST_F(MailPolicy, AnObjectsOwnLimitStandsInTheDefaultsPlace) {
    policy.default_limits[static_cast<size_t>(sender_kind::domain)] = 7;
    policy.own_limits[{1, 2}] = 0;
    EXPECT_EQ(policy.limit_of(sender_kind::domain, {1, 2}), 0U);
    EXPECT_EQ(policy.limit_of(sender_kind::domain, {1, 3}), 7U);
}

}  // namespace
}  // namespace ie
