#include <gtest/gtest.h>

#include "actors/intake/attribution.hpp"

namespace ie {
namespace {

// Two accounts with a uid each, a user who is none, and whom Exim runs as.
class Attribution : public ::testing::Test {
  protected:
    static constexpr uint32_t exim_uid = 102;
    static constexpr uint32_t alice_uid = 1'001;
    static constexpr uint32_t carol_uid = 1'003;

    sender_objects of(const judge_mail& mail, std::string_view bytes = {}) const {
        return attribute(mail, bytes, directory, rules, users);
    }

    static judge_mail local(uint32_t uid, std::string sender) {
        judge_mail mail;
        mail.protocol = "local";
        mail.originator_uid = uid;
        mail.sender = std::move(sender);
        return mail;
    }
    static judge_mail over_tcp(std::string authenticated_id, std::string sender) {
        judge_mail mail;
        mail.protocol = authenticated_id.empty() ? "esmtp" : "esmtpa";
        mail.originator_uid = exim_uid;
        mail.client_address = "192.0.2.7";
        mail.client_port = 40'000;
        mail.authenticated_id = std::move(authenticated_id);
        mail.sender = std::move(sender);
        return mail;
    }

    account_rules rules;
    account_directory directory =
        *account_directory::parse("alice.test: alice\nbob.test: bob\nxn--mller-kva.test: bob\n");
    user_lookup users{
        [](uint32_t uid) { return find([&](const auto& user) { return user.uid == uid; }); },
        [](const std::string& login) {
            return find([&](const auto& user) { return user.login == login; });
        }};

  private:
    template <class Test>
    static std::optional<unix_user> find(Test&& test) {
        for (const auto& user :
             {unix_user{0, "root", "/root"}, unix_user{alice_uid, "alice", "/home/alice"},
              unix_user{carol_uid, "carol", "/home/carol"}}) {
            if (test(user)) return user;
        }
        return std::nullopt;
    }
};

TEST_F(Attribution, BelievesTheKernelForALocalSubmission) {
    const auto owner = of(local(alice_uid, "Shop@Alice.Test"));
    EXPECT_EQ(owner.account.value, "alice");
    EXPECT_EQ(owner.domain, "alice.test");
    EXPECT_EQ(owner.sender_address, "shop@alice.test");
    EXPECT_EQ(owner.script, "");
}

TEST_F(Attribution, IsNotFooledByWhatALocalSubmitterSays) {
    judge_mail mail = local(alice_uid, "bob@bob.test");
    mail.authenticated_id = "bob@bob.test";
    EXPECT_EQ(of(mail).account.value, "alice");
}

TEST_F(Attribution, CountsAnAddressOutsideTheAccountsDomainsToTheAccount) {
    const auto owner = of(local(alice_uid, "x@elsewhere.test"));
    EXPECT_EQ(owner.account.value, "alice");
    EXPECT_EQ(owner.domain, "elsewhere.test");
}

TEST_F(Attribution, FindsTheOwnerOfTheAuthenticatedDomain) {
    EXPECT_EQ(of(over_tcp("shop@Bob.TEST", "a@alice.test")).account.value, "bob");
    EXPECT_EQ(of(over_tcp("\"a@alice.test\"@bob.test", "x@bob.test")).account.value, "bob");
    EXPECT_EQ(of(over_tcp("x@xn--mller-kva.test", "x@bob.test")).account.value, "bob");
    EXPECT_EQ(of(over_tcp("x@m\xc3\xbcller.test", "x@bob.test")).account.value, "bob");
}

TEST_F(Attribution, FindsTheAccountOfAPlainLogin) {
    EXPECT_EQ(of(over_tcp("alice", "a@alice.test")).account.value, "alice");
    EXPECT_EQ(of(over_tcp("carol", "a@alice.test")).account.value, "root");
}

TEST_F(Attribution, GivesARootAndUnmanagedMailToNobodyElse) {
    for (const auto& mail :
         {over_tcp("", "alice@alice.test"), over_tcp("x@elsewhere.test", "alice@alice.test"),
          over_tcp("x@", "alice@alice.test"), over_tcp("@alice.test", "alice@alice.test"),
          local(0, "alice@alice.test"), local(exim_uid, ""), local(carol_uid, "alice@alice.test"),
          local(4'711, "x@y.test")}) {
        const auto owner = of(mail);
        EXPECT_EQ(owner.account.value, "root") << mail.authenticated_id;
        EXPECT_EQ(owner.domain, "UNMANAGED");
        EXPECT_EQ(owner.sender_address, "UNMANAGED");
    }
}

TEST_F(Attribution, WithPasswdTakesUsersInRangeForAccounts) {
    directory = account_directory{};
    rules.provider = account_provider::passwd;
    EXPECT_EQ(of(local(carol_uid, "c@carol.test")).account.value, "carol");
    EXPECT_EQ(of(over_tcp("carol", "c@carol.test")).account.value, "carol");
    EXPECT_EQ(of(local(0, "r@carol.test")).account.value, "root");
    EXPECT_EQ(of(over_tcp("root", "r@carol.test")).domain, "UNMANAGED");
    EXPECT_EQ(of(over_tcp("nobody-here", "r@carol.test")).domain, "UNMANAGED");
}

TEST_F(Attribution, AnEmptyMapNamesNobody) {
    directory = account_directory{};
    EXPECT_EQ(of(local(carol_uid, "c@carol.test")).account.value, "root");
    EXPECT_EQ(of(over_tcp("carol", "c@carol.test")).account.value, "root");
}

TEST_F(Attribution, CountsABounceForTheAccountAlone) {
    const auto owner = of(over_tcp("alice@alice.test", ""));
    EXPECT_EQ(owner.account.value, "alice");
    EXPECT_EQ(owner.domain, "UNMANAGED");
    EXPECT_EQ(owner.sender_address, "UNMANAGED");
}

TEST_F(Attribution, BoundsAddressAndDomain) {
    const std::string long_part(64 << 10, 'a');
    for (const auto& sender : {"a@" + long_part, long_part, "a@" + std::string(256, 'd'),
                               std::string("no-domain"), std::string("a@[192.0.2.1]")}) {
        const auto owner = of(local(alice_uid, sender));
        EXPECT_EQ(owner.account.value, "alice");
        EXPECT_EQ(owner.domain, "UNMANAGED");
        EXPECT_EQ(owner.sender_address, "UNMANAGED");
    }
}

TEST_F(Attribution, CountsAnAddressBeyondItsBoundForItsDomain) {
    const auto owner = of(local(alice_uid, std::string(64 << 10, 'a') + "@Alice.test"));
    EXPECT_EQ(owner.domain, "alice.test");
    EXPECT_EQ(owner.sender_address, "UNMANAGED");
}

TEST_F(Attribution, TakesAnIdnForTheDomainThatItIs) {
    const auto owner = of(local(alice_uid, "a@M\xc3\xbcller.test"));
    EXPECT_EQ(owner.domain, "xn--mller-kva.test");
    EXPECT_EQ(owner.sender_address, "a@xn--mller-kva.test");
}

TEST_F(Attribution, TakesTheDomainBehindAQuotedLocalPart) {
    const auto owner = of(local(alice_uid, "\"odd, @Local\"@Alice.test"));
    EXPECT_EQ(owner.domain, "alice.test");
    EXPECT_EQ(owner.sender_address, "\"odd, @local\"@alice.test");
}

TEST_F(Attribution, BelievesTheKernelForAClientOnLoopbackThatDidNotAuthenticate) {
    judge_mail mail = over_tcp("", "a@alice.test");
    mail.client_address = "127.0.0.1";
    mail.client_uid = alice_uid;
    EXPECT_EQ(of(mail).account.value, "alice");
    mail.client_uid = carol_uid;  // who is no account
    EXPECT_EQ(of(mail).account.value, "root");
    mail.client_uid = judge_mail::uid_unknown;
    EXPECT_EQ(of(mail).account.value, "root");
    mail.client_uid = (int64_t{1} << 32) + alice_uid;
    EXPECT_EQ(of(mail).account.value, "root");
}

TEST_F(Attribution, BelievesAuthenticationOverWhoRunsTheClient) {
    judge_mail mail = over_tcp("x@bob.test", "x@bob.test");
    mail.client_uid = alice_uid;
    EXPECT_EQ(of(mail).account.value, "bob");
}

TEST_F(Attribution, APlusAddressIsAnAddressOfItsOwn) {
    EXPECT_EQ(of(local(alice_uid, "Shop+Spring@alice.test")).sender_address,
              "shop+spring@alice.test");
}

TEST_F(Attribution, NamesTheScriptOfTheAccountThatSentIt) {
    EXPECT_EQ(of(local(alice_uid, "a@alice.test"), "X-PHP-Originating-Script: 1001:contact.php\n\n")
                  .script,
              "contact.php");
    EXPECT_EQ(of(local(alice_uid, "a@alice.test"),
                 "Subject: x\nX-PHP-Script: www.alice.test/a/../contact.php for 192.0.2.1\n\n")
                  .script,
              "www.alice.test/contact.php");
}

TEST_F(Attribution, BelievesNoScriptThatAnotherUidOrANetworkClientClaims) {
    for (const char* header : {"X-PHP-Originating-Script: 1002:contact.php\n\n",
                               "X-PHP-Script: bob.test/contact.php for 192.0.2.1\n\n"}) {
        EXPECT_EQ(of(local(alice_uid, "a@alice.test"), header).script, "") << header;
    }
    for (const char* header : {"X-PHP-Originating-Script: 1001:contact.php\n\n",
                               "X-PHP-Script: alice.test/contact.php for 192.0.2.1\n\n"}) {
        EXPECT_EQ(of(over_tcp("alice@alice.test", "a@alice.test"), header).script, "") << header;
    }
}

}  // namespace
}  // namespace ie
