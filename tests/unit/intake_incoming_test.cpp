#include "actors/intake/incoming.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// alice wants her mail filtered, bob doesn't; vip@alice.test is whitelisted.
class Incoming : public ::testing::Test {
  protected:
    Incoming() {
        policy_.incoming_on = true;
        policy_.incoming_opt_outs = {"bob"};
        policy_.recipients = {"vip@alice.test"};
    }
    incoming_plan plan(const std::vector<std::string>& recipients) const {
        return plan_incoming(recipients, policy_, [](const std::string& recipient) {
            return account_name{recipient.substr(recipient.find('@') + 1, 5) == "alice" ? "alice"
                                                                                        : "bob"};
        });
    }
    static mail_verdict decide(const incoming_plan& plan, std::vector<hold_reason> reasons) {
        return decide_incoming({}, scan_result{std::move(reasons), 7.5, judge::rspamd, {}}, plan);
    }

    mail_policy policy_;
};

TEST_F(Incoming, IsDecidedForEachRecipient) {
    const auto all = plan({"a@alice.test", "Vip@alice.test", "b@bob.test"});
    EXPECT_THAT(all.whitelisted, ElementsAre("Vip@alice.test"));
    EXPECT_THAT(all.unfiltered, ElementsAre("b@bob.test"));
    EXPECT_TRUE(all.is_scanned);
}

TEST_F(Incoming, IsntScannedWhereItPassesForAll) {
    EXPECT_FALSE(plan({"vip@alice.test"}).is_scanned);
    EXPECT_FALSE(plan({}).is_scanned);
}

// What bob forwards to the outside is held, whatever he wants of his own mailbox.
TEST_F(Incoming, IsScannedForWhoHasOptedOut) {
    EXPECT_TRUE(plan({"b@bob.test"}).is_scanned);
}

TEST_F(Incoming, SpamGoesToJunkAndIsNeverHeld) {
    const auto verdict = decide(plan({"a@alice.test"}), {hold_reason::spam});
    EXPECT_EQ(verdict.action, verdict_action::junk);
    EXPECT_TRUE(verdict.is_judged);
    EXPECT_DOUBLE_EQ(verdict.ticket.score, 7.5);
    EXPECT_EQ(decide(plan({"a@alice.test"}), {}).action, verdict_action::accept);
}

TEST_F(Incoming, WhatWasntScannedSaysSo) {
    const auto verdict = decide_incoming({}, std::nullopt, plan({"vip@alice.test"}));
    EXPECT_EQ(verdict.action, verdict_action::accept);
    EXPECT_FALSE(verdict.is_judged);
}

TEST_F(Incoming, CountsOnceForEachAccountThatIsFiltered) {
    const auto all = plan({"a@alice.test", "a2@alice.test", "vip@alice.test", "b@bob.test"});
    const auto counted = count_incoming(decide(all, {hold_reason::spam}), all);
    EXPECT_THAT(counted.accounts, ElementsAre(incoming_account{account_name{"alice"}, true}));
    EXPECT_TRUE(counted.is_spam);
}

TEST_F(Incoming, SpamForWhoIsWhitelistedCountsAsLegitimate) {
    const auto vip = plan({"vip@alice.test", "b@bob.test"});
    const auto counted = count_incoming(decide(vip, {hold_reason::spam}), vip);
    EXPECT_THAT(counted.accounts, ElementsAre(incoming_account{account_name{"alice"}, false}));
    EXPECT_FALSE(counted.is_spam);
}

TEST_F(Incoming, DoesntCountForWhoHasOptedOut) {
    const auto bob = plan({"b@bob.test"});
    EXPECT_THAT(count_incoming(decide(bob, {hold_reason::spam}), bob).accounts, IsEmpty());
}

}  // namespace
}  // namespace ie
