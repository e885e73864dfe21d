// What `ie-cli am` asks the engine (golden/ has what it prints).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "messages/json.hpp"
#include "tests/cli/canned.hpp"

namespace ie::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* an_id = "11111111-1111-4111-8111-111111111111";
constexpr const char* other_id = "22222222-2222-4222-8222-222222222222";

// The one request that this command line leads to.
template <message T>
T asked_by(std::vector<std::string> command) {
    fake_engine engine(scenario("seed"));
    command.insert(command.begin(), "ie-cli");
    const auto done = run(command, talking_to(engine));
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    const auto requests = engine.seen<T>();
    EXPECT_EQ(requests.size(), 1U);
    return requests.empty() ? T{} : requests.front();
}

object_id numbered_account(size_t number) {
    char text[37];
    std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012zu", number);
    return object_id(text);
}

activity_report numbered_accounts(const get_activity& asked, size_t count) {
    activity_report report;
    report.max_count = count;
    for (size_t i = asked.offset; i < count && report.accounts.size() < asked.limit; ++i) {
        report.accounts.emplace_back().id = numbered_account(i);
    }
    return report;
}

TEST(AmStats, AsksForTheLastHourAndTwentyFiveAccountsUnlessToldOtherwise) {
    const auto request = asked_by<get_activity>({"am", "stats"});
    EXPECT_EQ(request, get_activity{});
    EXPECT_EQ(request.since_s, 3'600);
    EXPECT_EQ(request.limit, 25U);
}

TEST(AmStats, PassesEveryFlagOn) {
    const auto request =
        asked_by<get_activity>({"am", "stats", "--account-name", "mws", "--domain", "d.test",
                                "--limit", "7", "--offset", "3", "--script-name", "mail.php",
                                "--sender-email", "a@d.test", "--since", "2d", "-a", "root"});
    get_activity right;
    right.account = account_name("root");
    right.account_filter = "mws";
    right.domain_filter = "d.test";
    right.limit = 7;
    right.offset = 3;
    right.script_filter = "mail.php";
    right.sender_filter = "a@d.test";
    right.since_s = 2 * 86'400;
    EXPECT_EQ(request, right);
}

TEST(AmStats, AsksForNoLongerTimeThanTheEngineTakes) {
    EXPECT_EQ(asked_by<get_activity>({"am", "stats", "--since", "36500d"}).since_s,
              get_activity::since_s_max);
}

TEST(AmStats, FetchesManyAccountsPageByPage) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        return reply(request, numbered_accounts(*decode<get_activity>(request.body), 3'000));
    });
    const auto done =
        run({"ie-cli", "am", "stats", "--limit", "2500", "--offset", "7"}, talking_to(engine));
    const auto document = json::parse(done.output);
    ASSERT_EQ(document["accounts"].size(), 2'500U);
    EXPECT_EQ(document["accounts"][0]["id"], numbered_account(7).value);
    EXPECT_EQ(document["accounts"][2'499]["id"], numbered_account(2'506).value);
    std::vector<uint32_t> limits;
    for (const auto& request : engine.seen<get_activity>()) limits.push_back(request.limit);
    EXPECT_THAT(limits, ElementsAre(1'000, 1'000, 500));
}

TEST(AmStats, ShowsAnAccountOnceThoughItsPlaceChangesBetweenPages) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        auto asked = *decode<get_activity>(request.body);
        if (asked.offset > 0) --asked.offset;  // another has come before those of the first page
        return reply(request, numbered_accounts(asked, 1'500));
    });
    const auto done = run({"ie-cli", "am", "stats", "--limit", "2000"}, talking_to(engine));
    std::set<std::string> ids;
    const auto document = json::parse(done.output);
    for (const auto& each : document["accounts"]) ids.insert(each["id"].get<std::string>());
    EXPECT_EQ(ids.size(), document["accounts"].size());
}

TEST(AmStats, ShowsWhatRemainsToOwnersOnly) {
    account_activity account;
    account.remaining = 5;
    account.last_held.held_at_s = 1;
    account.scripts.emplace_back().remaining = 4;
    account.domains.emplace_back().sender_emails.emplace_back().remaining = 3;
    activity_report report;
    report.accounts = {account};
    for (const bool own_view : {false, true}) {
        report.own_view = own_view;
        fake_engine engine([&](const parcel& request) { return reply(request, report); });
        const auto output = run({"ie-cli", "am", "stats"}, talking_to(engine)).output;
        EXPECT_EQ(output.find("last_held") != std::string::npos, own_view);
        size_t count = 0;
        for (size_t at = 0; (at = output.find("\"remaining\"", at)) != output.npos; ++at) ++count;
        EXPECT_EQ(count, own_view ? 4U : 0U);
    }
}

TEST(AmLimitSet, PassesEveryFlagOn) {
    const auto request =
        asked_by<change_limits>({"am", "limit", "set", "--id", std::string(an_id) + "," + other_id,
                                 "--so-type", "sender_email", "--limit", "4294967295"});
    EXPECT_THAT(request.ids, ElementsAre(object_id(an_id), object_id(other_id)));
    EXPECT_EQ(request.kind, sender_kind::sender_email);
    EXPECT_EQ(request.limit, change_limits::limit_max);
}

TEST(AmLimitSet, KnowsEachTypeOfSenderObject) {
    for (const auto name : enum_names(sender_kind{})) {
        const auto request = asked_by<change_limits>(
            {"am", "limit", "set", "--id", an_id, "--so-type", std::string(name), "--limit=0"});
        EXPECT_EQ(name_of(request.kind), name);
        EXPECT_EQ(request.limit, 0);
    }
}

TEST(AmLimitSet, RemovesTheLimitWhereNoneIsGiven) {
    for (const auto& limit : std::vector<std::vector<std::string>>{{}, {"--limit=-1"}}) {
        std::vector<std::string> command{"am",  "limit",     "set",   "--id",
                                         an_id, "--so-type", "domain"};
        command.insert(command.end(), limit.begin(), limit.end());
        EXPECT_EQ(asked_by<change_limits>(command).limit, change_limits::remove);
    }
}

TEST(AmLimitSet, NamesAnObjectOnceAndInLowerCase) {
    const auto request = asked_by<change_limits>(
        {"am", "limit", "set", "--id",
         "AAAAAAAA-1111-4111-8111-111111111111,aaaaaaaa-1111-4111-8111-111111111111", "--so-type",
         "script"});
    EXPECT_THAT(request.ids, ElementsAre(object_id("aaaaaaaa-1111-4111-8111-111111111111")));
}

TEST(AmLimitSet, AsksNothingWhereItIsGivenMoreIdsThanARequestTakes) {
    fake_engine engine(scenario("seed"));
    std::string ids;
    for (size_t i = 0; i <= change_limits::ids_max; ++i) ids += numbered_account(i).value + ",";
    const auto done =
        run({"ie-cli", "am", "limit", "set", "--id", ids, "--so-type", "domain", "--limit", "1"},
            talking_to(engine));
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.errors, HasSubstr("more than 1000 ids"));
    EXPECT_THAT(engine.seen<change_limits>(), IsEmpty());
}

TEST(AmLimitRemove, PutsTheObjectsBackToTheServersLimit) {
    const auto request =
        asked_by<change_limits>({"am", "limit", "remove", "--id", an_id, "--so-type", "script"});
    EXPECT_THAT(request.ids, ElementsAre(object_id(an_id)));
    EXPECT_EQ(request.kind, sender_kind::script);
    EXPECT_EQ(request.limit, change_limits::remove);
}

TEST(AmLimitReset, NamesTheObjects) {
    const auto request = asked_by<reset_counts>(
        {"am", "limit", "reset", "--id", std::string(an_id) + "," + other_id});
    EXPECT_THAT(request.ids, ElementsAre(object_id(an_id), object_id(other_id)));
}

}  // namespace
}  // namespace ie::testing
