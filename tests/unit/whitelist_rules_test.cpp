#include "actors/settings/whitelist_rules.hpp"

#include <gmock/gmock.h>

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string value(whitelist_kind list, const std::string& text) {
    const auto kept = whitelist_value(list, text);
    return kept ? *kept : kept.failure().what;
}

std::string sender(const std::string& text) {
    return value(whitelist_kind::sender, text);
}

class WhitelistRules : public ::testing::Test {
  protected:
    outcome<whitelist_changed> change(const change_whitelist& request) {
        auto plan = plan_whitelist(book, request);
        if (!plan) return plan.failure();
        for (const auto& each : plan->put) book.put(each);
        for (const auto& each : plan->removed) book.remove(each);
        return std::move(plan->reply);
    }
    outcome<whitelist_changed> add(std::vector<std::string> values, bool any_submitter = false) {
        return change({whitelist_kind::sender, false, std::move(values), any_submitter});
    }
    outcome<whitelist_changed> remove(std::vector<std::string> values) {
        return change({whitelist_kind::sender, true, std::move(values), false});
    }

    whitelist_book book;
};

TEST_F(WhitelistRules, KeepAddressesAndDomainsInTheirNormalForm) {
    EXPECT_EQ(sender("Domain.COM."), "domain.com");
    EXPECT_EQ(sender("m\xc3\xbcller.test"), "xn--mller-kva.test");
    EXPECT_EQ(sender("Some_Email+x@Domain.com"), "some_email+x@domain.com");
    EXPECT_EQ(sender("\"odd, @local\"@domain.com"), "\"odd, @local\"@domain.com");
}

TEST_F(WhitelistRules, SayThatAccountsAndScriptsCantBeWhitelisted) {
    for (const char* text : {"alice", "UNMANAGED", "root", "/home/alice/public_html/contact.php",
                             "www.alice.test/contact.php", "contact.php", "localhost"}) {
        EXPECT_THAT(sender(text), HasSubstr("only domains and addresses can be whitelisted"))
            << text;
    }
}

TEST_F(WhitelistRules, RefuseWhatIsNeither) {
    for (const char* text : {"", " ", "a b.test", "10.0.0.1", "*.test", "-x.test", "a..b"}) {
        EXPECT_THAT(sender(text), HasSubstr("neither a domain nor a mail address")) << text;
    }
    for (const char* text :
         {"@", "@domain.com", "a@", "a@@b.test", "a@b@c.test", "a@localhost", "a@[10.0.0.1]"}) {
        EXPECT_THAT(sender(text), HasSubstr("isn't a mail address")) << text;
    }
    EXPECT_LT(sender(std::string(1 << 20, 'x')).size(), 500U);
}

TEST_F(WhitelistRules, TakeAddressesOnlyForAuthenticatedUsers) {
    EXPECT_EQ(value(whitelist_kind::authuser, "Me@domain.com"), "me@domain.com");
    EXPECT_THAT(value(whitelist_kind::authuser, "domain.com"), HasSubstr("mail addresses only"));
    EXPECT_EQ(value(whitelist_kind::recipient, "domain.com"), "domain.com");
}

TEST_F(WhitelistRules, ListInTheOrderOfAdding) {
    ASSERT_TRUE(add({"z.test", "B@a.test", "a.test"}));
    ASSERT_TRUE(add({"m.test", "a@a.test"}, true));
    const auto entries = book.entries_of(whitelist_kind::sender);
    EXPECT_THAT(entries.domains, ElementsAre("z.test", "a.test", "m.test"));
    EXPECT_THAT(entries.emails, ElementsAre("b@a.test", "a@a.test"));
    EXPECT_THAT(entries.any_submitter, ElementsAre("m.test", "a@a.test"));
    EXPECT_THAT(book.entries_of(whitelist_kind::recipient).domains, IsEmpty());
}

TEST_F(WhitelistRules, SayWhatWasThereAlready) {
    ASSERT_TRUE(add({"a.test"}));
    const auto again = add({"A.test", "b.test", "b.test."});
    ASSERT_TRUE(again);
    EXPECT_THAT(again->unchanged, ElementsAre("a.test"));
    EXPECT_THAT(again->added, ElementsAre("b.test"));
}

TEST_F(WhitelistRules, AnEntryIsWidenedByAddingItAndNarrowedByRemovingItFirst) {
    ASSERT_TRUE(add({"a.test", "b.test"}));
    EXPECT_THAT(add({"a.test"}, true)->added, ElementsAre("a.test"));
    EXPECT_THAT(add({"a.test"}, true)->unchanged, ElementsAre("a.test"));
    EXPECT_THAT(book.entries_of(whitelist_kind::sender).domains, ElementsAre("a.test", "b.test"));
    EXPECT_THAT(add({"a.test"})->unchanged, ElementsAre("a.test"));
    EXPECT_THAT(book.entries_of(whitelist_kind::sender).any_submitter, ElementsAre("a.test"));
}

TEST_F(WhitelistRules, AddAllOrNone) {
    const auto refused = add({"a.test", "alice", "b.test"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::bad_request);
    EXPECT_THAT(refused.failure().what, HasSubstr("alice"));
    EXPECT_EQ(book.size(), 0U);
}

TEST_F(WhitelistRules, RemoveAllOrNone) {
    ASSERT_TRUE(add({"a.test", "b.test"}));
    const auto refused = remove({"a.test", "c.test"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::not_found);
    EXPECT_EQ(refused.failure().what, "c.test isn't in the whitelist of senders");
    EXPECT_EQ(book.size(), 2U);
    EXPECT_THAT(remove({"A.test", "a.test"})->removed, ElementsAre("a.test"));
    EXPECT_EQ(book.size(), 1U);
}

TEST_F(WhitelistRules, AnySubmitterIsForSendersOnly) {
    for (const auto list : {whitelist_kind::authuser, whitelist_kind::recipient}) {
        EXPECT_EQ(change({list, false, {"a@a.test"}, true}).failure().code,
                  error_code::bad_request);
    }
}

TEST_F(WhitelistRules, BoundARequestAndTheWhole) {
    EXPECT_EQ(add({}).failure().code, error_code::bad_request);
    EXPECT_EQ(add(std::vector<std::string>(1'001, "a.test")).failure().code,
              error_code::bad_request);
    for (size_t i = 0; i < whitelist_book::entries_max; ++i) {
        book.put({whitelist_kind::recipient, std::to_string(i) + ".test", false,
                  book.last_number() + 1});
    }
    EXPECT_EQ(add({"a.test"}).failure().code, error_code::too_large);
    EXPECT_THAT(change({whitelist_kind::recipient, false, {"7.test"}, false})->unchanged,
                ElementsAre("7.test"));
    EXPECT_TRUE(change({whitelist_kind::recipient, true, {"7.test"}, false}));
    EXPECT_TRUE(add({"a.test"}));
}

}  // namespace
}  // namespace ie
