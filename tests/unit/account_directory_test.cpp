#include "config/account_directory.hpp"

#include <gtest/gtest.h>

#include "config/account_files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

std::string owner(const account_directory& directory, std::string_view domain) {
    return directory.owner_of_domain(domain).value_or(account_name{"-"}).value;
}

TEST(AccountDirectory, KnowsOwnersWithoutRegardToCaseAndScript) {
    const auto directory = account_directory::parse(
        "*: nobody\n*.wild.test: wild\n# comment\n\nalice.test: alice\r\n"
        "M\xc3\xbcLLER.test:Bob\n");
    ASSERT_TRUE(directory) << directory.failure().what;
    EXPECT_EQ(owner(*directory, "ALICE.test."), "alice");
    EXPECT_EQ(owner(*directory, "xn--mller-kva.test"), "bob");
    EXPECT_EQ(owner(*directory, "m\xc3\xbcller.test"), "bob");
    EXPECT_EQ(owner(*directory, "far.test"), "-");
    EXPECT_TRUE(directory->is_account("BOB"));
    EXPECT_FALSE(directory->is_account("nobody"));
    EXPECT_EQ(directory->domain_count(), 2U);
    EXPECT_EQ(directory->account_count(), 2U);
}

TEST(AccountDirectory, ReadsUserDataUpToTheFirstMark) {
    account_directory directory;
    const auto added = directory.add_user_data(
        "shop.test: alice==root==main==shop.test==/home/alice/public_html==192.0.2.1:80======0\n"
        "parked.test: bob==reseller==parked==x.test==/home/bob\n");
    ASSERT_TRUE(added) << added.failure().what;
    EXPECT_EQ(owner(directory, "shop.test"), "alice");
    EXPECT_EQ(owner(directory, "parked.test"), "bob");
    EXPECT_FALSE(directory.is_account("reseller"));
}

TEST(AccountDirectory, NamesTheLineThatIsBroken) {
    for (const char* text :
         {"a.test: alice\nb.test\n", "\n: alice\n", "\na b: c\n", "\nb.test: \n", "\nb.test: a b\n",
          "\n10.0.0.1: c\n", "#\nb.test: alice==root==main\n"}) {
        const auto parsed = account_directory::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.failure().code, error_code::bad_request);
        EXPECT_TRUE(parsed.failure().what.starts_with("line 2: expected `domain: user`, found "))
            << parsed.failure().what;
    }
    account_directory directory;
    const auto added = directory.add_user_data("a.test: alice\n");
    ASSERT_FALSE(added);
    EXPECT_EQ(added.failure().what,
              "line 1: expected `domain: user==owner==…`, found \"a.test: alice\"");
}

TEST(AccountRules, CpanelAsksTheMaps) {
    const auto directory = *account_directory::parse("alice.test: alice\n");
    EXPECT_TRUE(is_account({1, "Alice", "/"}, {}, directory));
    EXPECT_FALSE(is_account({1'001, "bob", "/home/bob"}, {}, directory));
}

TEST(AccountRules, PasswdAsksForUidAndHome) {
    const account_directory directory = *account_directory::parse("alice.test: alice\n");
    account_rules rules{account_provider::passwd, 1'000, 1'999, "/home/"};
    EXPECT_TRUE(is_account({1'000, "bob", "/home/bob"}, rules, directory));
    EXPECT_TRUE(is_account({1'999, "bob", "/home/of/bob"}, rules, directory));
    EXPECT_FALSE(is_account({999, "bob", "/home/bob"}, rules, directory));
    EXPECT_FALSE(is_account({2'000, "alice", "/home/alice"}, rules, directory));
    for (const char* home :
         {"", "/", "/home", "/home/", "/homes/bob", "/srv/home/bob", "/home/../etc", "/home/.."}) {
        EXPECT_FALSE(is_account({1'000, "bob", home}, rules, directory)) << home;
    }
    rules.home_base.clear();
    EXPECT_TRUE(is_account({1'000, "bob", "/srv/bob"}, rules, directory));
    EXPECT_FALSE(is_account({1'000, "", ""}, rules, directory));
}

// The three files of cPanel in a folder of their own.
TEST(AccountOfRecipient, IsTheDomainsOwnerElseWhomTheLocalPartNames) {
    const auto directory = *account_directory::parse("alice.test: alice\n");
    std::vector<std::string> asked;
    const auto account_of = [&](std::string_view address) {
        const auto is_account = [&](const std::string& login) {
            asked.push_back(login);
            return login == "bob";
        };
        return account_of_recipient(address, directory, is_account).value;
    };
    EXPECT_EQ(account_of("bob@ALICE.test"), "alice");
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(account_of("Bob@host.test"), "bob");
    EXPECT_EQ(account_of("carol@host.test"), "root");
    EXPECT_EQ(account_of("\"bob@alice.test\"@host.test"), "root");
    EXPECT_EQ(account_of("bob"), "root");
    EXPECT_EQ(account_of(""), "root");
    EXPECT_EQ(asked, (std::vector<std::string>{"bob", "carol", "\"bob@alice.test\""}));
}

TEST(IsAccountName, IsWhoTheMapsNameWhereCpanelSaysWhoThereIs) {
    const auto directory = *account_directory::parse("alice.test: alice\n");
    account_rules rules;
    rules.provider = account_provider::cpanel;
    rules.uid_min = 0;
    rules.home_base.clear();
    EXPECT_TRUE(is_account_name("Alice", rules, directory));
    EXPECT_FALSE(is_account_name("nobody", rules, directory));
    rules.provider = account_provider::passwd;
    rules.uid_max = 65'534;
    EXPECT_TRUE(is_account_name("nobody", rules, directory));
    EXPECT_FALSE(is_account_name("no-such-user", rules, directory));
}

class AccountFiles : public ::testing::Test {
  protected:
    AccountFiles() {
        files.domain_map = folder.path("userdomains");
        files.true_domain_map = folder.path("trueuserdomains");
        files.data_domain_map = folder.path("userdatadomains");
    }

    testing::temporary_folder folder;
    configuration::accounts_part files;
};

TEST_F(AccountFiles, AreAUnionInWhichTheFirstFileWins) {
    folder.write("userdomains", "a.test: alice\nb.test: bob\n");
    folder.write("trueuserdomains", "a.test: mallory\nc.test: carol\n");
    folder.write("userdatadomains", "c.test: mallory==x==main\nd.test: dave==x==main\n");
    const auto directory = read_account_directory(files);
    ASSERT_TRUE(directory) << directory.failure().what;
    EXPECT_EQ(owner(*directory, "a.test"), "alice");
    EXPECT_EQ(owner(*directory, "b.test"), "bob");
    EXPECT_EQ(owner(*directory, "c.test"), "carol");
    EXPECT_EQ(owner(*directory, "d.test"), "dave");
    EXPECT_EQ(account_summary(files, *directory), files.domain_map + ", 4 domains of 5 accounts");
}

TEST_F(AccountFiles, OfCpanelNeedTheDomainMapOnly) {
    const auto none = read_account_directory(files);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.failure().code, error_code::not_found);
    folder.write("userdomains", "a.test: alice\n");
    EXPECT_TRUE(read_account_directory(files));
    files.true_domain_map.clear();
    folder.write("trueuserdomains", "broken");
    EXPECT_TRUE(read_account_directory(files));
}

TEST_F(AccountFiles, FailAsAWholeWhereOneIsBroken) {
    folder.write("userdomains", "a.test: alice\n");
    folder.write("userdatadomains", "a.test: alice==x==main\nd.test: dave\n");
    const auto directory = read_account_directory(files);
    ASSERT_FALSE(directory);
    EXPECT_TRUE(directory.failure().what.starts_with(files.data_domain_map + ": line 2: "));
}

TEST_F(AccountFiles, MustBeFilesOfABoundedSize) {
    std::filesystem::create_directory(files.domain_map);
    EXPECT_EQ(read_account_directory(files).failure().code, error_code::too_large);
}

TEST_F(AccountFiles, OfPasswdMayBeAbsent) {
    files.provider = account_provider::passwd;
    ASSERT_TRUE(read_account_directory(files));
    files.domain_map.clear();
    const auto directory = read_account_directory(files);
    ASSERT_TRUE(directory);
    EXPECT_EQ(account_summary(files, *directory),
              "uids 1000 to 59999 with homes under /home, 0 domains");
    EXPECT_TRUE(account_file_stamps(files).empty());
}

TEST_F(AccountFiles, HaveAnotherStampWhenTheyComeChangeAndGo) {
    const auto absent = account_file_stamps(files);
    folder.write("userdomains", "a.test: alice\n");
    const auto present = account_file_stamps(files);
    EXPECT_NE(absent, present);
    EXPECT_EQ(present, account_file_stamps(files));
    folder.write("trueuserdomains", "");
    EXPECT_NE(present, account_file_stamps(files));
    std::filesystem::remove(files.domain_map);
    std::filesystem::remove(files.true_domain_map);
    EXPECT_EQ(absent, account_file_stamps(files));
}

}  // namespace
}  // namespace ie
