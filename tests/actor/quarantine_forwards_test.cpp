// Incoming spam that addresses here would forward to the outside.
#include "tests/actor/quarantine_fixture.hpp"

namespace ie {
namespace {

using namespace testing;
using ::testing::UnorderedElementsAre;

class QuarantineForwards : public QuarantineActor {
  protected:
    QuarantineForwards() {
        options_.account_of = [](const std::string& address) {
            return account_name{address.ends_with("@alice.test") ? "alice" : "bob"};
        };
        restart();
    }
    static hold_mail forward_of(const std::string& by, const std::string& to) {
        hold_mail hold = hold_of(1, {to}, "");
        hold.forwarded_by = by;
        return hold;
    }
    std::vector<std::string> recipients_of(const caller& who) {
        std::vector<std::string> all;
        const auto seen = list(who);
        for (const auto& item : seen->items) {
            all.insert(all.end(), item.recipients.begin(), item.recipients.end());
        }
        return all;
    }
    void set_space(const std::string& account, const own_space& own) {
        mail_policy policy;
        policy.own_spaces[account] = own;
        policy_.set(std::move(policy));
    }
};

TEST_F(QuarantineForwards, AreHeldForWhoForwards) {
    ASSERT_TRUE(hold(forward_of("out@alice.test", "x@far.test")));
    ASSERT_TRUE(hold(forward_of("out@bob.test", "y@far.test")));
    EXPECT_THAT(recipients_of(alice), ElementsAre("x@far.test"));
    EXPECT_THAT(recipients_of(bob), ElementsAre("y@far.test"));
    EXPECT_EQ(list(root)->items.size(), 2U);
}

TEST_F(QuarantineForwards, OfOneAccountAreOneMail) {
    const auto one = hold(forward_of("out@alice.test", "x@far.test"));
    const auto two = hold(forward_of("also@alice.test", "y@far.test"));
    ASSERT_TRUE(one && two);
    EXPECT_EQ(one->id, two->id);
    EXPECT_THAT(recipients_of(alice), UnorderedElementsAre("x@far.test", "y@far.test"));
}

TEST_F(QuarantineForwards, BroughtAgainAreHeldOnce) {
    const auto one = hold(forward_of("out@alice.test", "x@far.test"));
    restart();
    const auto again = hold(forward_of("Out@alice.test", "x@far.test"));
    ASSERT_TRUE(one && again);
    EXPECT_EQ(one->id, again->id);
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(QuarantineForwards, GoToRootWhereTheirOwnersSpaceTakesNothingIn) {
    set_space("alice", {{}, {}, space_state::block});
    ASSERT_TRUE(hold(forward_of("out@alice.test", "x@far.test")));
    set_space("bob", {mail.size() - 1, {}, space_state::active});
    ASSERT_TRUE(hold(forward_of("out@bob.test", "y@far.test")));
    EXPECT_TRUE(recipients_of(alice).empty());
    EXPECT_TRUE(recipients_of(bob).empty());
    const auto seen = list(root);
    ASSERT_EQ(seen->items.size(), 1U);  // both are root's: one mail
    EXPECT_EQ(seen->items[0].account.value, root_account);
}

}  // namespace
}  // namespace ie
