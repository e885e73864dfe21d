#include <gtest/gtest.h>

#include "actors/statistics/activity_report.hpp"

namespace ie {
namespace {

// Two accounts: "mws" with two domains and two scripts, "Shop" with one domain.
class StatisticsActivity : public ::testing::Test {
  protected:
    StatisticsActivity() {
        mws_ = add(sender_kind::account, 0, "mws", {});
        domain_ = add(sender_kind::domain, mws_, "mws.test", {});
        alice_ = add(sender_kind::sender_email, domain_, "alice@mws.test", {5, 1});
        bob_ = add(sender_kind::sender_email, domain_, "bob@mws.test", {7, 0});
        second_domain_ = add(sender_kind::domain, mws_, "second.test", {});
        carol_ = add(sender_kind::sender_email, second_domain_, "carol@second.test", {0, 2});
        script_ = add(sender_kind::script, mws_, "/home/mws/Send.php", {5, 0});
        other_script_ = add(sender_kind::script, mws_, "/home/mws/contact.php", {1, 0});
        shop_ = add(sender_kind::account, 0, "Shop", {});
        shop_domain_ = add(sender_kind::domain, shop_, "shop.test", {});
        dave_ = add(sender_kind::sender_email, shop_domain_, "dave@shop.test", {20, 0});
        idle_ = add(sender_kind::account, 0, "idle", {});
        sums_.resize(objects_.size() + 1);
        sum_up(objects_, sums_);
    }

    uint32_t add(sender_kind kind, uint32_t parent, std::string_view name, activity_sums own) {
        const uint64_t low = objects_.size() + 1;
        const uint32_t number = objects_.add({{1, low}, kind, parent, name});
        sums_.resize(number + 1);
        sums_[number] = own;
        return number;
    }
    object_key key(uint32_t number) const { return objects_[number].key; }

    activity_page page(const get_activity& query, const std::string& seen = "") const {
        return select_page(objects_, sums_, query, account_name{seen});
    }
    std::vector<account_activity> report(const get_activity& query = {}) const {
        return make_report(page(query), {objects_, sums_, policy_, directory_, usage_});
    }

    // The names of all that is shown, as a tree.
    std::string names(const activity_page& shown) const {
        std::string text;
        const auto put = [&](uint32_t number) { text.append(objects_[number].name); };
        for (const auto& account : shown.accounts) {
            put(account.number);
            text += '(';
            for (const auto& domain : account.domains) {
                put(domain.number);
                for (const uint32_t each : domain.sender_emails) text += ' ', put(each);
                text += ';';
            }
            for (const uint32_t each : account.scripts) text += ' ', put(each);
            text += ")";
        }
        return text;
    }

    object_names objects_;
    sums_by_object sums_;
    mail_policy policy_;
    account_directory directory_ = *account_directory::parse("mws.test: mws\nshop.test: shop\n");
    usage_by_key usage_;
    uint32_t mws_, domain_, alice_, bob_, second_domain_, carol_, script_, other_script_;
    uint32_t shop_, shop_domain_, dave_, idle_;
};

TEST_F(StatisticsActivity, SumsUpAddressesAndLeavesScriptsOut) {
    EXPECT_EQ(sums_[domain_].messages, 12U);
    EXPECT_EQ(sums_[domain_].quarantined, 1U);
    EXPECT_EQ(sums_[mws_].messages, 12U);
    EXPECT_EQ(sums_[mws_].quarantined, 3U);
}

TEST_F(StatisticsActivity, ShowsWhoSentMostFirstOnEachLevel) {
    EXPECT_EQ(names(page({})),
              "Shop(shop.test dave@shop.test;)"
              "mws(mws.test bob@mws.test alice@mws.test;second.test carol@second.test;"
              " /home/mws/Send.php /home/mws/contact.php)");
}

TEST_F(StatisticsActivity, OrdersEqualOnesByWhatWasHeldAndThenByName) {
    sums_[alice_] = sums_[bob_] = {7, 0};
    EXPECT_EQ(page({}).accounts[1].domains[0].sender_emails, (std::vector<uint32_t>{alice_, bob_}));
    sums_[bob_].quarantined = 1;
    EXPECT_EQ(page({}).accounts[1].domains[0].sender_emails, (std::vector<uint32_t>{bob_, alice_}));
}

TEST_F(StatisticsActivity, LeavesOutWhatDidNothing) {
    sums_[carol_] = sums_[second_domain_] = {};
    EXPECT_EQ(names(page({})).find("second.test"), std::string::npos);
    EXPECT_EQ(names(page({})).find("idle"), std::string::npos);
}

TEST_F(StatisticsActivity, PagesAccounts) {
    get_activity query;
    query.limit = 1;
    EXPECT_EQ(page(query).accounts[0].number, shop_);
    EXPECT_EQ(page(query).max_count, 2U);
    query.offset = 1;
    EXPECT_EQ(page(query).accounts[0].number, mws_);
    query.offset = 2;
    EXPECT_TRUE(page(query).accounts.empty());
    EXPECT_EQ(page(query).max_count, 2U);
}

TEST_F(StatisticsActivity, FiltersByTheAccountsName) {
    get_activity query;
    query.account_filter = "SHOP";
    EXPECT_EQ(names(page(query)), "Shop(shop.test dave@shop.test;)");
    query.account_filter = "sho";
    EXPECT_EQ(page(query).max_count, 0U);
}

TEST_F(StatisticsActivity, FiltersByADomainWithAllItsAddresses) {
    get_activity query;
    query.domain_filter = "MWS.test";
    EXPECT_EQ(names(page(query)), "mws(mws.test bob@mws.test alice@mws.test;)");
    EXPECT_EQ(page(query).max_count, 1U);
}

TEST_F(StatisticsActivity, FiltersByAnAddressWithWhatIsAboveIt) {
    get_activity query;
    query.sender_filter = "Alice@mws.test";
    EXPECT_EQ(names(page(query)), "mws(mws.test alice@mws.test;)");
    EXPECT_EQ(report(query)[0].messages, 12U);
    query.domain_filter = "second.test";
    EXPECT_EQ(page(query).max_count, 0U);
}

TEST_F(StatisticsActivity, FiltersByAPartOfAScriptsName) {
    get_activity query;
    query.script_filter = "send.PHP";
    EXPECT_EQ(names(page(query)), "mws( /home/mws/Send.php)");
    query.script_filter = ".php";
    EXPECT_EQ(names(page(query)), "mws( /home/mws/Send.php /home/mws/contact.php)");
    query.domain_filter = "mws.test";
    EXPECT_EQ(page(query).max_count, 0U);
}

TEST_F(StatisticsActivity, ShowsAnOwnerHisAccountOnly) {
    EXPECT_EQ(names(page({}, "shop")), "Shop(shop.test dave@shop.test;)");
    EXPECT_EQ(page({}, "shop").max_count, 1U);
    EXPECT_EQ(page({}, "nobody").max_count, 0U);
}

TEST_F(StatisticsActivity, GivesEachObjectItsIdAndThoseAboveIt) {
    const auto accounts = report();
    const sender_activity& bob = accounts[1].domains[0].sender_emails[0];
    EXPECT_EQ(bob.id, to_id(key(bob_)));
    EXPECT_EQ(bob.domain_id, to_id(key(domain_)));
    EXPECT_EQ(bob.account_id, to_id(key(mws_)));
    EXPECT_EQ(accounts[1].scripts[0].account_id, to_id(key(mws_)));
    EXPECT_TRUE(accounts[1].scripts[0].domain_id.empty());
}

TEST_F(StatisticsActivity, ShowsTheLimitInForceAndWhatIsLeftOfIt) {
    policy_.default_limits = {100, 0, 10, 0};
    policy_.own_limits[key(alice_)] = 5;
    policy_.own_limits[key(script_)] = 0;
    usage_[key(mws_)] = {12, 30};
    usage_[key(alice_)] = {5, 9};
    const auto accounts = report();
    EXPECT_EQ(accounts[1].limit, 100U);
    EXPECT_EQ(accounts[1].remaining, 88);
    EXPECT_FALSE(accounts[1].has_own_limit);
    EXPECT_EQ(accounts[1].domains[0].remaining, -1);
    const auto& addresses = accounts[1].domains[0].sender_emails;
    EXPECT_EQ(addresses[0].remaining, 10);
    EXPECT_TRUE(addresses[1].has_own_limit);
    EXPECT_TRUE(addresses[1].at_limit);
    EXPECT_EQ(addresses[1].remaining, 0);
    EXPECT_TRUE(accounts[1].scripts[0].has_own_limit);
    EXPECT_EQ(accounts[1].scripts[0].remaining, -1);
}

TEST_F(StatisticsActivity, CountsRecipientsWhereThoseAreLimited) {
    policy_.mode = limit_mode::recipients;
    policy_.default_limits = {20, 0, 0, 0};
    usage_[key(mws_)] = {3, 30};
    EXPECT_TRUE(report()[1].at_limit);
    usage_[key(mws_)] = {30, 3};
    EXPECT_EQ(report()[1].remaining, 17);
}

TEST_F(StatisticsActivity, KnowsNobodyAtHisLimitWhileLimitsAreOff) {
    policy_.default_limits = {1, 0, 0, 0};
    usage_[key(mws_)] = {3, 3};
    policy_.reasons_on.set(hold_reason::ratelimit, false);
    EXPECT_FALSE(report()[1].at_limit);
    policy_.reasons_on.set(hold_reason::ratelimit, true);
    policy_.mode = limit_mode::none;
    EXPECT_FALSE(report()[1].at_limit);
    EXPECT_EQ(report()[1].remaining, -1);
}

TEST_F(StatisticsActivity, TakesAnEntryForWhitelistedWhereTheAccountOwnsTheDomain) {
    policy_.senders = {{"mws.test", false}, {"second.test", false}, {"dave@shop.test", false}};
    const auto accounts = report();
    EXPECT_TRUE(accounts[1].domains[0].whitelisted);
    EXPECT_FALSE(accounts[1].domains[1].whitelisted);
    EXPECT_TRUE(accounts[0].domains[0].sender_emails[0].whitelisted);
    EXPECT_FALSE(accounts[0].domains[0].whitelisted);
    EXPECT_FALSE(accounts[0].whitelisted);
}

TEST_F(StatisticsActivity, TakesAnEntryForAnySubmitterAsItIs) {
    policy_.senders = {{"second.test", true}};
    EXPECT_TRUE(report()[1].domains[1].whitelisted);
}

TEST_F(StatisticsActivity, KnowsNoneThatIsWhitelistedAtItsLimit) {
    policy_.default_limits = {0, 1, 1, 0};
    policy_.senders = {{"mws.test", false}};
    for (const uint32_t each : {domain_, bob_, dave_}) usage_[key(each)] = {9, 9};
    const auto accounts = report();
    EXPECT_FALSE(accounts[1].domains[0].at_limit);
    EXPECT_FALSE(accounts[1].domains[0].sender_emails[0].at_limit);
    EXPECT_TRUE(accounts[0].domains[0].sender_emails[0].at_limit);
}

TEST_F(StatisticsActivity, AsksOnlyAboutWhatIsLimited) {
    policy_.default_limits = {0, 0, 0, 9};
    policy_.own_limits[key(dave_)] = 1;
    EXPECT_EQ(limited_objects(page({}), objects_, policy_),
              (std::vector<object_key>{key(dave_), key(script_), key(other_script_)}));
    policy_.mode = limit_mode::none;
    EXPECT_TRUE(limited_objects(page({}), objects_, policy_).empty());
}

TEST_F(StatisticsActivity, NamesTheValueThatIsOutOfRange) {
    get_activity query;
    EXPECT_TRUE(check_activity_query(query));
    query.limit = 0;
    EXPECT_EQ(check_activity_query(query).failure().what, "limit must be 1 to 1000, not 0");
    query.limit = 1'001;
    EXPECT_EQ(check_activity_query(query).failure().what, "limit must be 1 to 1000, not 1001");
    query.limit = 1'000;
    query.since_s = -1;
    EXPECT_EQ(check_activity_query(query).failure().what, "since must be 0 to 3153600000, not -1");
    query.since_s = 0;
    query.script_filter = std::string(1'001, 'x');
    EXPECT_EQ(check_activity_query(query).failure().what,
              "script name may have at most 1000 bytes, not 1001");
    EXPECT_EQ(check_activity_query(query).failure().code, error_code::bad_request);
}

TEST_F(StatisticsActivity, FindsItsWayThroughAHundredThousandObjects) {
    for (uint32_t i = 0; i < 100'000; ++i) {
        add(sender_kind::sender_email, shop_domain_, std::to_string(i) + "@shop.test", {1, 0});
    }
    for (const uint32_t each : {shop_, shop_domain_}) sums_[each].messages += 100'000;
    const auto shown = page({});
    EXPECT_EQ(shown.accounts[0].domains[0].sender_emails.size(), 100'001U);
    EXPECT_EQ(shown.accounts[0].domains[0].sender_emails[0], dave_);
    EXPECT_GT(report_bytes(shown, objects_), 100'000U * 190);
}

}  // namespace
}  // namespace ie
