// What ie-cli asks the engine, and how it behaves beyond single answers (golden/ has those).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "config/clock.hpp"
#include "messages/json.hpp"
#include "messages/request_context.hpp"
#include "tests/cli/canned.hpp"
#include "tests/cli/program.hpp"

namespace ie::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

mail_id numbered_id(size_t number) {
    char text[37];
    std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012zu", number);
    return mail_id(text);
}

std::string numbered_ids(size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += numbered_id(i).value + "\n";
    return text;
}

// A quarantine of that many mails, listed by page; some can't be released. They are numbered.
struct big_quarantine {
    std::set<size_t> held;
    size_t stuck_below = 0;

    explicit big_quarantine(size_t count) {
        for (size_t i = 0; i < count; ++i) held.insert(held.end(), i);
    }

    std::optional<parcel> operator()(const parcel& request) {
        if (request.head.name == list_mails::name) {
            return reply(request, page(*decode<list_mails>(request.body)));
        }
        return reply(request, settle(*decode<release_mails>(request.body)));
    }

    mail_list page(const list_mails& request) const {
        mail_list list;
        list.max_count = held.size();
        for (size_t i = request.offset;
             i < held.size() && list.items.size() < std::min<size_t>(request.limit, 1000); ++i) {
            list.items.emplace_back().id = numbered_id(i);
        }
        return list;
    }

    mails_settled settle(const release_mails& request) {
        mails_settled out;
        out.done = request.ids;
        if (!request.ids.empty()) return out;
        size_t taken = 0;
        for (auto at = held.begin(); at != held.end() && taken < release_mails::ids_max; ++taken) {
            if (*at < stuck_below) {
                out.failed.push_back({numbered_id(*at), fail(error_code::delivery_failed, "451")});
                ++at;
            } else {
                out.done.push_back(numbered_id(*at));
                at = held.erase(at);
            }
        }
        out.remaining = held.size() - out.failed.size();
        return out;
    }
};

TEST(IeCli, ReleasesTenThousandIdsInRequestsOfAThousand) {
    fake_engine engine(big_quarantine(0));
    auto options = talking_to(engine);
    options.input = numbered_ids(10'000);
    const auto done = run({"ie-cli", "emails", "release", "--ids", "-"}, options);
    EXPECT_EQ(done.output, "OK\n");
    EXPECT_EQ(done.errors, "");
    const auto requests = engine.seen<release_mails>();
    ASSERT_EQ(requests.size(), 10U);
    std::vector<mail_id> all;
    for (const auto& request : requests) {
        EXPECT_EQ(request.ids.size(), 1000U);
        all.insert(all.end(), request.ids.begin(), request.ids.end());
    }
    EXPECT_EQ(all.front(), numbered_id(0));
    EXPECT_EQ(all.back(), numbered_id(9'999));
}

TEST(IeCli, TakesIdsFromSeveralFlags) {
    fake_engine engine(big_quarantine(0));
    const std::string one = numbered_id(1).value;
    const std::string two = numbered_id(2).value;
    run({"ie-cli", "emails", "release", "--ids", one + "," + two, "--ids", two},
        talking_to(engine));
    const auto requests = engine.seen<release_mails>();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].ids, (std::vector<mail_id>{numbered_id(1), numbered_id(2)}));
}

TEST(IeCli, ShowsProgressOnATerminalOnly) {
    fake_engine engine(big_quarantine(0));
    auto options = talking_to(engine);
    options.input = numbered_ids(2'000);
    options.errors = stream::terminal;
    const auto done = run({"ie-cli", "emails", "release", "--ids", "-"}, options);
    EXPECT_EQ(done.output, "OK\n");
    EXPECT_THAT(done.errors, HasSubstr("1000 of 2000"));
}

TEST(IeCli, ReleasesAllMatchingUntilNoneRemains) {
    fake_engine engine(big_quarantine(2'500));
    const auto done = run(
        {"ie-cli", "emails", "release", "--all-matching", "--sender", "x@y", "--held-for", "spam",
         "--reason", "a mistake", "--learn", "off", "-a", "mws", "--since", "2d", "--until", "1h"},
        talking_to(engine));
    EXPECT_EQ(done.output, "OK\n");
    const auto requests = engine.seen<release_mails>();
    ASSERT_EQ(requests.size(), 3U);
    for (const auto& request : requests) {
        EXPECT_TRUE(request.ids.empty());
        EXPECT_EQ(request.filter.sender, "x@y");
        EXPECT_EQ(request.filter.reason, "spam");
        EXPECT_EQ(request.filter.account.value, "mws");
        EXPECT_EQ(request.filter.until_s - request.filter.since_s, 47 * 3600);
        EXPECT_EQ(request.reason, "a mistake");
        EXPECT_FALSE(request.learn);
    }
}

TEST(IeCli, ShowsHowManyMatchingOnesAreToGo) {
    fake_engine engine(big_quarantine(2'500));
    auto options = talking_to(engine);
    options.errors = stream::terminal;
    const auto done = run({"ie-cli", "emails", "release", "--all-matching"}, options);
    EXPECT_THAT(done.errors, HasSubstr("1000 done, 1500 to go"));
}

TEST(IeCli, RefusesAReasonThatTheTrailWouldNotTake) {
    fake_engine engine(big_quarantine(1));
    const auto refused = run({"ie-cli", "emails", "release", "--ids", numbered_id(0).value,
                              "--reason", std::string(settle_reason_bytes_max + 1, 'x')},
                             talking_to(engine));
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.errors, HasSubstr("--reason: the text is longer than 1000 bytes"));
}

TEST(IeCli, EndsWhereAllThatStillMatchFails) {
    big_quarantine mails(2'100);
    mails.stuck_below = 1'001;
    fake_engine engine(mails);
    const auto done = run({"ie-cli", "emails", "release", "--all-matching"}, talking_to(engine));
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(done.output, "");
    EXPECT_THAT(done.errors, HasSubstr("more match, behind those that failed"));
    EXPECT_EQ(std::count(done.errors.begin(), done.errors.end(), '\n'), 1'001);
}

TEST(IeCli, SaysHowFarItCameWhenTheEngineStopsAnswering) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        const auto ids = decode<release_mails>(request.body)->ids;
        if (ids.front() != numbered_id(0)) {
            return reply(request, fail(error_code::unavailable, "quarantine is restarting"));
        }
        return reply(request, mails_settled{ids, {}, 0});
    });
    auto options = talking_to(engine);
    options.input = numbered_ids(1'500);
    const auto done = run({"ie-cli", "emails", "release", "--ids", "-"}, options);
    EXPECT_EQ(done.exit_code, 3);
    EXPECT_THAT(done.errors, HasSubstr("1000 released before this"));
    options.environment["IE_ENDPOINT"] = engine.endpoint();
    const auto as_json = run({"ie-cli", "--json", "emails", "release", "--ids", "-"}, options);
    const auto document = json::parse(as_json.output);
    EXPECT_EQ(document["success"], false);
    EXPECT_EQ(document["error"]["code"], "unavailable");
    EXPECT_EQ(document["released"].size(), 1000U);
}

TEST(IeCli, FetchesALongListPageByPage) {
    fake_engine engine(big_quarantine(5'000));
    const auto done =
        run({"ie-cli", "emails", "list", "--limit", "2500", "--offset", "7", "--json"},
            talking_to(engine));
    const auto document = json::parse(done.output);
    EXPECT_EQ(document["max_count"], 5'000);
    ASSERT_EQ(document["items"].size(), 2'500U);
    EXPECT_EQ(document["items"][0]["email_id"], numbered_id(7).value);
    EXPECT_EQ(document["items"][2'499]["email_id"], numbered_id(2'506).value);
    std::vector<uint32_t> limits;
    for (const auto& request : engine.seen<list_mails>()) limits.push_back(request.limit);
    EXPECT_EQ(limits, (std::vector<uint32_t>{1000, 1000, 500}));
}

TEST(IeCli, ListsAMailOnceThoughPagesShiftUnderIt) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        const auto asked = *decode<list_mails>(request.body);
        mail_list list;
        list.max_count = 1'500;
        // One mail has come in since the first page, so the second starts with the first's last.
        const size_t start = asked.offset == 0 ? 0 : asked.offset - 1;
        for (size_t i = start; i < start + asked.limit && i < 1'499; ++i) {
            list.items.emplace_back().id = numbered_id(i);
        }
        return reply(request, list);
    });
    const auto done =
        run({"ie-cli", "emails", "list", "--limit", "2000", "--json"}, talking_to(engine));
    std::set<std::string> ids;
    const auto document = json::parse(done.output);
    for (const auto& item : document["items"]) ids.insert(item["email_id"].get<std::string>());
    EXPECT_EQ(document["items"].size(), 1'499U);
    EXPECT_EQ(ids.size(), 1'499U);
}

TEST(IeCli, NamesAnAccountOnlyWhereOneIsGiven) {
    fake_engine engine(scenario("seed"));
    run({"ie-cli", "emails", "list"}, talking_to(engine));
    run({"ie-cli", "emails", "list", "-a", "root"}, talking_to(engine));
    run({"ie-cli", "emails", "list", "--account=mws"}, talking_to(engine));
    const auto requests = engine.seen<list_mails>();
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].filter.account.value, "");
    EXPECT_EQ(requests[1].filter.account.value, "root");
    EXPECT_EQ(requests[2].filter.account.value, "mws");
}

TEST(IeCli, ListsTheLastThirtyDaysAndTwentyFiveMailsUnlessToldOtherwise) {
    fake_engine engine(scenario("seed"));
    const int64_t before = system_clock().now_s();
    run({"ie-cli", "emails", "list"}, talking_to(engine));
    const auto requests = engine.seen<list_mails>();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].limit, 25U);
    EXPECT_GE(requests[0].filter.since_s, before - 30 * 86'400);
    EXPECT_LE(requests[0].filter.since_s, system_clock().now_s() - 30 * 86'400);
    EXPECT_EQ(requests[0].filter.until_s, 0);
}

TEST(IeCli, PassesEveryFilterOn) {
    fake_engine engine(scenario("seed"));
    run({"ie-cli", "emails", "list", "--reason", "winexec", "--sender", "s", "--recipient", "r",
         "--subject", "-x", "--script", "c", "--until", "36500d"},
        talking_to(engine));
    const auto requests = engine.seen<list_mails>();
    ASSERT_EQ(requests.size(), 1U);
    const mail_filter& filter = requests[0].filter;
    EXPECT_EQ(filter.reason, "winexec");
    EXPECT_EQ(filter.sender, "s");
    EXPECT_EQ(filter.recipient, "r");
    EXPECT_EQ(filter.script, "c");
    EXPECT_EQ(filter.until_s, 1);  // before anything; 0 would be no bound
}

TEST(IeCli, SaysSoonThatNobodyIsThere) {
    const temporary_folder folder;
    for (const std::string& endpoint :
         std::vector<std::string>{"ipc://" + folder.path("none.sock"), "tcp://127.0.0.1:1"}) {
        const int64_t start = steady_now_ms();
        const auto done = run({"ie-cli", "status", "--endpoint", endpoint});
        EXPECT_EQ(done.exit_code, 3) << endpoint;
        EXPECT_THAT(done.errors, StartsWith("ie-cli: unavailable: "));
        EXPECT_EQ(std::count(done.errors.begin(), done.errors.end(), '\n'), 1);
        EXPECT_LT(steady_now_ms() - start, 15'000) << endpoint;  // not by the default timeout
    }
}

TEST(IeCli, FindsTheEngineByTheSettingsFile) {
    fake_engine engine(scenario("seed"));
    const temporary_folder folder;
    start_options options;
    options.environment["IE_CONFIG"] =
        folder.write("ie.toml", "[engine]\nendpoint = \"" + engine.endpoint() + "\"\n");
    EXPECT_EQ(run({"ie-cli", "status"}, options).exit_code, 0);
}

// Root, whose own socket an engine of an older version doesn't have.
TEST(IeCli, AsksAnOlderEngineAtTheSocketThatItHas) {
    fake_engine engine(scenario("seed"));
    const temporary_folder folder;
    start_options options;
    options.environment["IE_CONFIG"] =
        folder.write("ie.toml", "[engine]\nendpoint = \"" + engine.endpoint() +
                                    "\"\ntrusted_endpoint = \"ipc://" +
                                    folder.path("trusted/engine.sock") + "\"\n");
    EXPECT_EQ(run({"ie-cli", "status"}, options).exit_code, 0);
}

TEST(IeCli, PrefersItsOwnSocketAsRoot) {
    fake_engine crowded(refuse_all(error_code::busy, "the other one"));
    fake_engine trusted(scenario("seed"));
    const temporary_folder folder;
    start_options options;
    options.environment["IE_CONFIG"] =
        folder.write("ie.toml", "[engine]\nendpoint = \"" + crowded.endpoint() +
                                    "\"\ntrusted_endpoint = \"" + trusted.endpoint() + "\"\n");
    EXPECT_EQ(run({"ie-cli", "status"}, options).exit_code, 0);
}

TEST(IeCli, PrefersTheFlagToTheEnvironmentAndThatToTheSettings) {
    fake_engine engine(scenario("seed"));
    const temporary_folder folder;
    start_options options;
    options.environment["IE_CONFIG"] = folder.write("ie.toml", "nonsense = 1\n");
    options.environment["IE_ENDPOINT"] = engine.endpoint();
    EXPECT_EQ(run({"ie-cli", "status"}, options).exit_code, 0);
    options.environment["IE_ENDPOINT"] = "ipc:///nonexistent";
    EXPECT_EQ(run({"ie-cli", "--endpoint", engine.endpoint(), "status"}, options).exit_code, 0);
}

TEST(IeCli, DoesNotGuessWhereTheSettingsFileCannotBeUnderstood) {
    const temporary_folder folder;
    start_options options;
    options.environment["IE_CONFIG"] = folder.write("ie.toml", "[engine]\nendpiont = 1\n");
    const auto done = run({"ie-cli", "status"}, options);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.errors, HasSubstr("ie.toml:2: engine.endpiont"));
}

TEST(IeCli, WritesTheRawMailByteForByteIntoAPipe) {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 31);
    fake_engine engine([&](const parcel& request) -> std::optional<parcel> {
        return reply(request, mail_details{}, mail_bytes(bytes));
    });
    const auto done =
        run({"ie-cli", "emails", "show", "--raw", "--id", sample_ids[0]}, talking_to(engine));
    EXPECT_EQ(done.output.size(), bytes.size());
    EXPECT_TRUE(done.output == bytes);
}

TEST(IeCli, LetsATerminalObeyNothingOfTheRawMail) {
    fake_engine engine(scenario("evil"));
    auto options = talking_to(engine);
    options.output = stream::terminal;
    const auto done = run({"ie-cli", "emails", "show", "--raw", "--id", sample_ids[0]}, options);
    EXPECT_THAT(done.output, HasSubstr("Buy <b>now</b>\\x1b[2J"));
    EXPECT_EQ(done.output.find('\x1b'), std::string::npos);
}

TEST(IeCli, GivesAReleaseOfManyMoreTime) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        EXPECT_GT(request.head.deadline_ms, 200'000U);
        return reply(request, mails_settled{});
    });
    run({"ie-cli", "emails", "release", "--all-matching"}, talking_to(engine));
    EXPECT_EQ(engine.seen<release_mails>().size(), 1U);
}

TEST(IeCli, RefusesAReplyOfAnotherKind) {
    fake_engine engine([](const parcel& request) -> std::optional<parcel> {
        return reply(request, clock_advanced{});
    });
    const auto done = run({"ie-cli", "emails", "list"}, talking_to(engine));
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_THAT(done.errors, HasSubstr("expected mail_list, got clock_advanced"));
}

}  // namespace
}  // namespace ie::testing
