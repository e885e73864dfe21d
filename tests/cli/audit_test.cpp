// What `ie-cli audit` asks the engine (golden/ has what it prints).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/clock.hpp"
#include "messages/json.hpp"
#include "tests/cli/canned.hpp"

namespace ie::testing {
namespace {

using ::testing::ElementsAre;

// A trail of `count` entries, numbered from the oldest, of which one page is asked for.
audit_list page_of(const list_audit& asked, size_t count) {
    audit_list list;
    list.max_count = count;
    for (size_t i = asked.offset; i < count && list.items.size() < asked.limit; ++i) {
        list.items.emplace_back().object = std::to_string(count - i - 1);
    }
    return list;
}

TEST(Audit, AsksForTheNewestTwentyFiveUnlessToldOtherwise) {
    fake_engine engine(scenario("seed"));
    run({"ie-cli", "audit", "list"}, talking_to(engine));
    EXPECT_THAT(engine.seen<list_audit>(), ElementsAre(list_audit{}));
}

TEST(Audit, PassesEveryFlagOn) {
    fake_engine engine(scenario("seed"));
    const int64_t before = system_clock().now_s();
    run({"ie-cli", "audit", "list", "--since", "1h", "--who", "root", "--action", "change_limits",
         "-l", "7", "--offset", "3"},
        talking_to(engine));
    auto requests = engine.seen<list_audit>();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_GE(requests[0].since_s, before - 3'600);
    EXPECT_LE(requests[0].since_s, system_clock().now_s() - 3'600);
    requests[0].since_s = 0;
    list_audit right;
    right.who = "root";
    right.action = "change_limits";
    right.limit = 7;
    right.offset = 3;
    EXPECT_EQ(requests[0], right);
}

TEST(Audit, ListsAnEntryOnceThoughTheTrailGrowsBetweenPages) {
    fake_engine engine([&](const parcel& request) -> std::optional<parcel> {
        const auto asked = *decode<list_audit>(request.body);
        return reply(request, page_of(asked, asked.offset == 0 ? 2'500 : 2'503));
    });
    const auto done =
        run({"ie-cli", "audit", "list", "--limit", "2000", "--json"}, talking_to(engine));
    const auto document = json::parse(done.output);
    ASSERT_EQ(document["items"].size(), 2'000U);
    for (size_t i = 0; i < 2'000; ++i) {
        ASSERT_EQ(document["items"][i]["object"], std::to_string(2'499 - i));
    }
}

}  // namespace
}  // namespace ie::testing
