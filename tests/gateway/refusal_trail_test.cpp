#include "gateway/zmq/refusal_trail.hpp"

#include "gateway/zmq/routes.hpp"
#include "tests/gateway/stub_parts.hpp"

namespace ie {
namespace {

using testing::soon_ms;
using testing::within_ms;

constexpr int64_t start_ms = 7'000'000;

request_refused by(uint32_t uid) {
    return {{caller_role::account, uid, account_name{"alice"}, ""}, "list_audit", "not for you"};
}

class RefusalTrail : public ::testing::Test {
  protected:
    ~RefusalTrail() override { caf::anon_send_exit(to, caf::exit_reason::user_shutdown); }
    // Takes in what has left the mailbox.
    void take_in() {
        for (const auto& each : bridge.replies().take()) {
            EXPECT_TRUE(refusals.arrived(each.ticket));
        }
    }

    testing::audit_trail trail;
    actor_config configuration;
    caf::actor_system system{configuration};
    settings_actor to = testing::make_stub_settings(system, &trail);
    actor_bridge bridge{system, encoder_of_ticket};
    refusal_trail refusals{bridge};
};

TEST_F(RefusalTrail, SendsSixtyAMinuteAndUidAndTheNumberOfTheRest) {
    for (int i = 0; i < 1'000; ++i) refusals.add(to, by(1), start_ms + i);
    refusals.add(to, by(2), start_ms);
    ASSERT_TRUE(within_ms(soon_ms, [&] { return trail.refusals().size() == 61; }));
    refusals.send_sums(to, start_ms + 60'000, false);
    EXPECT_TRUE(trail.sums().empty()) << "the trail's own minute goes on still";
    refusals.send_sums(to, start_ms + 62'500, false);
    ASSERT_TRUE(within_ms(soon_ms, [&] { return trail.sums().size() == 1; }));
    EXPECT_EQ(trail.sums()[0].first, by(1));
    EXPECT_EQ(trail.sums()[0].second, 940U);
    EXPECT_EQ(refusals.timeout_ms(start_ms + 62'500), -1);
    EXPECT_EQ(trail.refusals().size(), 61U);
}

TEST_F(RefusalTrail, LosesNoNumberWhenItStops) {
    for (int i = 0; i < 65; ++i) refusals.add(to, by(1), start_ms);
    refusals.send_sums(to, start_ms, true);
    ASSERT_TRUE(within_ms(soon_ms, [&] { return trail.sums().size() == 1; }));
    EXPECT_EQ(trail.sums()[0].second, 5U);
}

// Of many uids: nobody takes what was sent out of the mailbox meanwhile.
TEST_F(RefusalTrail, BoundsWhatWaitsInTheMailboxOfAllTogether) {
    constexpr size_t uids = 100;
    for (uint32_t i = 0; i < uids * 60; ++i) refusals.add(to, by(i % uids), start_ms);
    EXPECT_EQ(refusals.on_the_way(), refusal_trail::on_the_way_max);
    ASSERT_TRUE(within_ms(soon_ms, [&] {
        take_in();
        return refusals.on_the_way() == 0;
    }));
    refusals.add(to, by(1), start_ms);
    EXPECT_EQ(refusals.on_the_way(), 1U);
    refusals.send_sums(to, start_ms, true);
    size_t counted = 0;
    ASSERT_TRUE(within_ms(soon_ms, [&] { return trail.sums().size() == uids; }));
    for (const auto& each : trail.sums()) counted += each.second;
    EXPECT_EQ(counted + refusal_trail::on_the_way_max, uids * 60) << "each is there or counted";
}

TEST_F(RefusalTrail, GetsItsPlacesBackFromAnActorThatHasEnded) {
    caf::anon_send_exit(to, caf::exit_reason::kill);
    for (uint32_t i = 0; i < 100; ++i) refusals.add(to, by(i), start_ms);
    EXPECT_TRUE(within_ms(soon_ms, [&] {
        take_in();
        return refusals.on_the_way() == 0;
    }));
}

}  // namespace
}  // namespace ie
