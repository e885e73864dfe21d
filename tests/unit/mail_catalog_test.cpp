#include "actors/quarantine/search/mail_catalog.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

constexpr int64_t start_ms = 1'700'000'000'000;

mail_row row_of(int64_t number, const std::string& account = "alice") {
    mail_row row;
    row.number = number;
    row.ticket.owner = {account_name{account}, account + ".test", "x@" + account + ".test",
                        "/home/" + account + "/mail.php"};
    row.ticket.sender = "x@" + account + ".test";
    row.ticket.reasons = {hold_reason::spam};
    row.ticket.received_at_ms = start_ms + number * 1000;
    row.recipients = {"b@far.test", "a@far.test"};
    row.subject = "Subject " + std::to_string(number);
    row.script_header.raw = "www.x.com/a.php for 192.0.2.1";
    return row;
}

using numbers = std::vector<int64_t>;

class MailCatalog : public ::testing::Test {
  protected:
    void add(const mail_row& row) { ASSERT_TRUE(catalog_.add(row)); }
    numbers listed(const mail_query& query = {}) {
        const auto page = catalog_.find(query, 100, 0);
        EXPECT_EQ(page->count, page->numbers.size());
        return page->numbers;
    }
    numbers filtered(const mail_filter& filter) { return listed({{}, filter, false}); }
    error_code refusal(const mail_filter& filter) {
        const auto page = catalog_.find({{}, filter, false}, 1, 0);
        EXPECT_FALSE(page);
        return page.failure().code;
    }

    const testing::temporary_folder folder_;
    mail_catalog catalog_ = std::move(*mail_catalog::open(folder_.path()));
};

TEST_F(MailCatalog, ListsTheNewestFirstInPages) {
    auto late = row_of(3);
    late.ticket.received_at_ms = start_ms + 1500;
    add(row_of(1));
    add(row_of(2));
    add(late);
    EXPECT_EQ(listed(), (numbers{2, 3, 1}));
    const auto page = catalog_.find({}, 1, 1);
    EXPECT_EQ(page->count, 3U);
    EXPECT_EQ(page->numbers, numbers{3});
    EXPECT_EQ(catalog_.find({}, 10, 4'000'000'000)->count, 3U);
    EXPECT_TRUE(catalog_.find({}, 10, 4'000'000'000)->numbers.empty());
    EXPECT_TRUE(catalog_.find({}, 0, 0)->numbers.empty());
}

TEST_F(MailCatalog, OfThoseReceivedAtOnceTheLastHeldIsFirst) {
    for (const int number : {1, 2, 3}) {
        auto row = row_of(number);
        row.ticket.received_at_ms = start_ms;
        add(row);
    }
    EXPECT_EQ(listed(), (numbers{3, 2, 1}));
}

TEST_F(MailCatalog, EachFilterFilters) {
    add(row_of(1));
    auto other = row_of(2, "Bob");
    other.ticket.reasons = {hold_reason::winexec, hold_reason::ratelimit};
    other.recipients = {"near@away.test", "Strange_%!@away.test"};
    other.subject = "Half 50% off";
    other.script_header = {};
    add(other);
    EXPECT_EQ(listed({account_name{"bOB"}, {}, false}), numbers{2});
    EXPECT_EQ(listed({account_name{"bo"}, {}, false}), numbers{});
    mail_filter filter;
    filter.reason = "ratelimit";
    EXPECT_EQ(filtered(filter), numbers{2});
    filter = {};
    filter.sender = "ALICE.TEST";
    EXPECT_EQ(filtered(filter), numbers{1});
    filter = {};
    filter.recipient = "e_%!@";
    EXPECT_EQ(filtered(filter), numbers{2});
    filter = {};
    filter.subject = "50%";
    EXPECT_EQ(filtered(filter), numbers{2});
    filter = {};
    filter.script = "x.com/a.php";
    EXPECT_EQ(filtered(filter), numbers{1});
    filter.script = "bob/mail.php";
    EXPECT_EQ(filtered(filter), numbers{2});
    filter.subject = "subject";
    EXPECT_EQ(filtered(filter), numbers{});
}

TEST_F(MailCatalog, TheSincesSecondCountsAndTheUntilsDoesNot) {
    for (const int number : {1, 2, 3}) add(row_of(number));
    mail_filter filter;
    filter.since_s = start_ms / 1000 + 2;
    EXPECT_EQ(filtered(filter), (numbers{3, 2}));
    filter.until_s = start_ms / 1000 + 3;
    EXPECT_EQ(filtered(filter), numbers{2});
    filter.until_s = start_ms / 1000;
    EXPECT_EQ(filtered(filter), numbers{});
}

TEST_F(MailCatalog, FiltersThatCantBeAreRefused) {
    mail_filter filter;
    filter.reason = "virus";
    EXPECT_EQ(refusal(filter), error_code::bad_request);
    filter = {};
    filter.script = std::string(1'001, 'x');
    EXPECT_EQ(refusal(filter), error_code::bad_request);
    filter = {};
    filter.until_s = -1;
    EXPECT_EQ(refusal(filter), error_code::bad_request);
}

TEST_F(MailCatalog, ListsWhatIsBeingReleasedAndNotWhatIsSettled) {
    for (const int number : {1, 2, 3, 4}) add(row_of(number));
    catalog_.set_state(1, mail_state::releasing);
    catalog_.set_state(2, mail_state::released);
    catalog_.set_state(3, mail_state::removed);
    EXPECT_EQ(listed(), (numbers{4, 1}));
    EXPECT_EQ(listed({{}, {}, true}), numbers{4});
    catalog_.set_state(1, mail_state::held);
    EXPECT_EQ(listed({{}, {}, true}), (numbers{4, 1}));
    EXPECT_EQ(catalog_.size(), 2U);
}

TEST_F(MailCatalog, AMailIsAddedOnce) {
    add(row_of(5));
    add(row_of(5));
    add(row_of(4));
    EXPECT_EQ(listed(), numbers{5});
    catalog_.set_state(5, mail_state::removed);
    add(row_of(5));
    EXPECT_EQ(listed(), numbers{});
    EXPECT_EQ(catalog_.last_number(), 5);
}

TEST_F(MailCatalog, RecipientsThatComeLaterAreFound) {
    add(row_of(1));
    add(row_of(2));
    ASSERT_TRUE(catalog_.add_recipients(1, {"c@far.test", "D@far.test"}));
    ASSERT_TRUE(catalog_.add_recipients(9, {"d@far.test"}));
    mail_filter filter;
    filter.recipient = "d@";
    EXPECT_EQ(filtered(filter), numbers{1});
    filter.recipient = "b@";
    EXPECT_EQ(filtered(filter), (numbers{2, 1}));
    filter.subject = "2";
    filter.recipient = "d@";
    EXPECT_EQ(filtered(filter), numbers{});
}

TEST_F(MailCatalog, WhatIsForgottenIsSweptOut) {
    constexpr int64_t mails = 20'000;
    for (int64_t n = 1; n <= mails; ++n) add(row_of(n, "account" + std::to_string(n % 10)));
    ASSERT_TRUE(catalog_.add_recipients(mails, {"later@far.test"}));
    for (int64_t n = 1; n < mails; ++n) catalog_.set_state(n, mail_state::removed);
    add(row_of(mails + 1, "account3"));
    EXPECT_EQ(listed(), (numbers{mails + 1, mails}));
    mail_filter filter;
    filter.recipient = "later";
    EXPECT_EQ(filtered(filter), numbers{mails});
    EXPECT_EQ(listed({account_name{"account3"}, {}, false}), numbers{mails + 1});
}

// A file can't grow beyond the limit: as a full disk, which the next attempt may find emptier.
TEST_F(MailCatalog, AMailThatCantBeWrittenLeavesItAsItWas) {
    struct rlimit before {};
    ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    auto row = row_of(1);
    row.subject = std::string(100'000, 'x');
    add(row);
    const struct rlimit none { 0, before.rlim_max };
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
    const auto refused = catalog_.add(row_of(2));
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, handler);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_EQ(listed(), numbers{1});
    add(row_of(2));
    mail_filter filter;
    filter.subject = "Subject 2";
    EXPECT_EQ(filtered(filter), numbers{2});
}

}  // namespace
}  // namespace ie
