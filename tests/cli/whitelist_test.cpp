// What `ie-cli whitelist` asks the engine (golden/ has what it prints).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/canned.hpp"

namespace ie::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Whitelist, AsksForTheListThatIsNamed) {
    for (const auto who : enum_names(whitelist_kind{})) {
        fake_engine engine(scenario("seed"));
        run({"ie-cli", "whitelist", std::string(who), "list"}, talking_to(engine));
        const auto requests = engine.seen<list_whitelist>();
        ASSERT_EQ(requests.size(), 1U) << who;
        EXPECT_EQ(name_of(requests[0].kind), who);
    }
}

TEST(Whitelist, AddsToAndRemovesFromTheListThatIsNamed) {
    for (const auto who : enum_names(whitelist_kind{})) {
        for (const std::string verb : {"add", "remove", "delete"}) {
            fake_engine engine(scenario("seed"));
            run({"ie-cli", "whitelist", std::string(who), verb, "b@y.test", "a@y.test"},
                talking_to(engine));
            const auto requests = engine.seen<change_whitelist>();
            ASSERT_EQ(requests.size(), 1U) << who << " " << verb;
            EXPECT_EQ(name_of(requests[0].kind), who);
            EXPECT_EQ(requests[0].remove, verb != "add");
            EXPECT_THAT(requests[0].values, ElementsAre("b@y.test", "a@y.test"));
            EXPECT_FALSE(requests[0].any_submitter);
        }
    }
}

TEST(Whitelist, AddsASenderForAnySubmitterWhereThatIsAskedFor) {
    fake_engine engine(scenario("seed"));
    run({"ie-cli", "whitelist", "sender", "add", "--any-submitter", "y.test"}, talking_to(engine));
    const auto requests = engine.seen<change_whitelist>();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_TRUE(requests[0].any_submitter);
    EXPECT_THAT(requests[0].values, ElementsAre("y.test"));
}

TEST(Whitelist, TakesCommandsNamesForValuesWhereValuesStand) {
    fake_engine engine(scenario("seed"));
    run({"ie-cli", "whitelist", "sender", "add", "list", "emails", "remove"}, talking_to(engine));
    const auto requests = engine.seen<change_whitelist>();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_THAT(requests[0].values, ElementsAre("list", "emails", "remove"));
}

TEST(Whitelist, AsksNothingWhereItIsGivenMoreThanARequestTakes) {
    fake_engine engine(scenario("seed"));
    std::vector<std::string> command{"ie-cli", "whitelist", "sender", "add"};
    command.insert(command.end(), change_whitelist::values_max + 1, "y.test");
    const auto done = run(command, talking_to(engine));
    EXPECT_EQ(done.exit_code, 2);
    EXPECT_THAT(done.errors, HasSubstr("more than 1000 values: give fewer at once; see 'ie-cli "
                                       "whitelist sender add --help'"));
    EXPECT_THAT(engine.seen<change_whitelist>(), IsEmpty());
}

}  // namespace
}  // namespace ie::testing
