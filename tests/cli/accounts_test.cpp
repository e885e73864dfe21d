// What `ie-cli accounts` asks the engine and whoever sits at the terminal (golden/ has what it
// prints).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "messages/json.hpp"
#include "tests/cli/canned.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using words = std::vector<std::string>;

// The first request of that kind that this command line leads to.
template <message T>
T asked_by(words command) {
    fake_engine engine(scenario("seed"));
    command.insert(command.begin(), {"ie-cli", "accounts"});
    const auto done = run(command, talking_to(engine));
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    const auto requests = engine.seen<T>();
    EXPECT_FALSE(requests.empty());
    return requests.empty() ? T{} : requests.front();
}

edit_account edit_of(const std::string& account) {
    edit_account request;
    request.account = account_name(account);
    return request;
}

TEST(Accounts, AreListedForWhoeverIsNamed) {
    EXPECT_EQ(asked_by<list_accounts>({"list"}), list_accounts{});
    list_accounts one;
    one.account = account_name("mws");
    for (const char* flag : {"-a", "--account", "--name"}) {
        EXPECT_EQ(asked_by<list_accounts>({"list", flag, "mws"}), one) << flag;
    }
    one = {};
    one.limit = 7;
    one.offset = 3;
    EXPECT_EQ(asked_by<list_accounts>({"list", "-l", "7", "--offset", "3"}), one);
}

TEST(Accounts, AreAllListedPageByPage) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        constexpr uint64_t count = 2'500;
        const auto asked = *decode<list_accounts>(request.body);
        account_list list;
        list.max_count = count;
        for (uint64_t i = asked.offset; i < count && list.items.size() < asked.limit; ++i) {
            list.items.emplace_back().account = account_name("a" + std::to_string(i));
        }
        return reply(request, list);
    });
    const auto done = run({"ie-cli", "accounts", "list", "--json"}, talking_to(engine));
    EXPECT_EQ(json::parse(done.output)["items"].size(), 2'500U);
    EXPECT_EQ(engine.seen<list_accounts>().size(), 3U);
}

TEST(Accounts, AreEditedByEachFlagAlone) {
    edit_account request = edit_of("mws");
    request.state = "block";
    EXPECT_EQ(asked_by<edit_account>({"edit", "-a", "mws", "--state=block"}), request);
    request = edit_of("mws");
    request.limit_bytes = INT64_MAX;
    EXPECT_EQ(asked_by<edit_account>({"edit", "--name", "mws", "--limit", "9223372036854775807"}),
              request);
    request = edit_of("root");
    request.releases_limit = 0;
    EXPECT_EQ(asked_by<edit_account>({"edit", "-a", "root", "--releases-limit=0"}), request);
}

TEST(Accounts, FollowTheDefaultAgainByMinusOne) {
    edit_account request = edit_of("mws");
    request.limit_bytes = request.releases_limit = edit_account::by_default;
    EXPECT_EQ(asked_by<edit_account>({"edit", "-a", "mws", "--limit", "-1", "--releases-limit=-1"}),
              request);
}

TEST(Accounts, SayThatTheChangeIsMadeThoughItCannotBeShown) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        if (request.head.name == edit_account::name) return reply(request, account_edited{});
        return reply(request, fail(error_code::unavailable, "quarantine is restarting"));
    });
    const auto done =
        run({"ie-cli", "accounts", "edit", "-a", "mws", "--limit", "5"}, talking_to(engine));
    EXPECT_EQ(done.exit_code, 3);
    EXPECT_THAT(done.errors, HasSubstr("the account is changed, but"));
}

// Somebody at a terminal who types this.
struct removal {
    result told;
    size_t requests = 0;
};
removal remove_at_terminal(const std::string& account, const std::string& typed, words more = {}) {
    fake_engine engine(scenario("seed"));
    auto options = talking_to(engine);
    options.input = typed;
    options.keyboard = options.errors = stream::terminal;
    more.insert(more.begin(), {"ie-cli", "accounts", "remove", "-a", account});
    auto told = run(more, options);
    return {std::move(told), engine.seen<purge_account>().size()};
}

TEST(AccountsRemove, AsksAtATerminal) {
    const auto agreed = remove_at_terminal("mysite", "y\n");
    EXPECT_EQ(agreed.told.exit_code, 0);
    EXPECT_EQ(agreed.told.output, "OK\n");
    EXPECT_THAT(agreed.told.errors,
                HasSubstr("Delete all held mail of account mysite for good (mails: 3)? [y/N] "));
    EXPECT_EQ(agreed.requests, 3U);
    for (const char* typed : {"n\n", "\n", "what?\n", "\x04"}) {
        const auto refused = remove_at_terminal("mysite", typed);
        EXPECT_EQ(refused.told.exit_code, 1);
        EXPECT_EQ(refused.told.output, "");
        EXPECT_THAT(refused.told.errors, HasSubstr("nothing was removed"));
        EXPECT_EQ(refused.requests, 0U);
    }
}

TEST(AccountsRemove, AsksNobodyWhoHasAgreedOrHasNothing) {
    const auto agreed = remove_at_terminal("mysite", "n\n", {"--yes"});
    EXPECT_EQ(agreed.requests, 3U);
    EXPECT_THAT(agreed.told.errors, Not(HasSubstr("[y/N]")));
    const auto empty = remove_at_terminal("dentistcenter", "n\n");
    EXPECT_EQ(empty.told.output, "OK\n");
    EXPECT_THAT(empty.told.errors, Not(HasSubstr("[y/N]")));
}

TEST(AccountsRemove, ShowsOnATerminalHowFarItIs) {
    EXPECT_THAT(remove_at_terminal("mysite", "", {"--yes"}).told.errors,
                HasSubstr("1 removed, 2 to go"));
}

// `accounts remove -a mws` with an engine that gives these answers, one after the other.
result remove_answered_by(std::vector<account_purged> answers) {
    fake_engine engine([answers](const parcel& request) mutable -> std::optional<parcel> {
        if (answers.empty()) return reply(request, fail(error_code::storage_failed, "disk full"));
        const account_purged next = answers.front();
        answers.erase(answers.begin());
        return reply(request, next);
    });
    return run({"ie-cli", "accounts", "remove", "-a", "mws"}, talking_to(engine));
}

TEST(AccountsRemove, TellsWhatStaysAsItIsBeingReleased) {
    const auto done = remove_answered_by({{1'000, 5, 2}, {5, 0, 2}});
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(done.output, "OK\n");
    EXPECT_EQ(done.errors, "ie-cli: 2 mails stay, as they are being released\n");
}

TEST(AccountsRemove, EndsWhereTheEngineGetsNoFurther) {
    const auto done = remove_answered_by({{1'000, 7, 0}, {0, 7, 0}});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(done.output, "");
    EXPECT_THAT(done.errors, HasSubstr("1000 mails removed before this:\n"));
    EXPECT_THAT(done.errors, HasSubstr("7 mails can't be removed"));
}

TEST(AccountsRemove, SaysHowFarItCameWhenTheEngineFails) {
    const auto done = remove_answered_by({{1'000, 7, 0}});
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.errors, HasSubstr("1000 mails removed before this:\n"));
    EXPECT_THAT(done.errors, HasSubstr("storage_failed: disk full"));
}

}  // namespace
}  // namespace ie::testing
