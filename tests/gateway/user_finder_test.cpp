#include "gateway/doors/user_finder.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>

#include "messages/steady_clock.hpp"
#include "tests/gateway/temporary.hpp"

namespace ie {
namespace {

using testing::soon_ms;
using testing::temporary_folder;
using testing::within_ms;

std::optional<uint32_t> uid_of(const std::string& login) {
    return login == "alice" ? std::optional<uint32_t>(1'001) : std::nullopt;
}

uint32_t owner(const std::string& text, uint32_t uid) {
    return subordinate_uids::parse(text, uid_of).owner_of(uid);
}

TEST(SubordinateUids, CountAsTheirOwner) {
    const std::string text = "alice:100000:65536\n1002:300000:10\n";
    EXPECT_EQ(owner(text, 99'999), 99'999U);
    EXPECT_EQ(owner(text, 100'000), 1'001U);
    EXPECT_EQ(owner(text, 165'535), 1'001U);
    EXPECT_EQ(owner(text, 165'536), 165'536U);
    EXPECT_EQ(owner(text, 300'009), 1'002U);
    EXPECT_EQ(owner(text, 1'001), 1'001U);
}

TEST(SubordinateUids, OfNobodyCountAsOneAllTheSame) {
    EXPECT_EQ(owner("ghost:100000:65536\n", 165'535), 100'000U);
}

TEST(SubordinateUids, LeaveOutWhatIsNoRange) {
    for (const char* text : {"", "\n", "alice", "alice:100000", "alice:x:5", "alice:100000:",
                             "alice:100000:0", ":100000:5", "# alice:100000:5", "alice:-1:5",
                             "alice:100000:5:6", "alice: 100000:5", "alice:99999999999:5"}) {
        EXPECT_EQ(owner(text, 100'000), 100'000U) << text;
    }
    EXPECT_EQ(owner("rubbish\nalice:100000:5", 100'004), 1'001U);
    EXPECT_EQ(owner("alice:4294967290:100", 4'294'967'295), 1'001U);
}

TEST(UserFinder, DoesNotWaitForTheSystemsAnswer) {
    std::promise<void> answers;
    auto answered = answers.get_future().share();
    user_source source;
    source.user_of = [&](uint32_t uid) {
        answered.wait();
        return std::optional(unix_user{uid, "alice", "/home/alice"});
    };
    std::atomic<int> told = 0;
    user_finder users(source, [&] { ++told; });
    EXPECT_FALSE(users.find(1'001, steady_now_ms()));
    EXPECT_FALSE(users.find(1'001, steady_now_ms()));
    answers.set_value();
    ASSERT_TRUE(within_ms(soon_ms, [&] { return told == 1; }));
    const auto found = users.find(1'001, steady_now_ms());
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->login, "alice");
    EXPECT_FALSE(users.find(1'001, steady_now_ms() + user_finder::age_ms_max)) << "asks again";
}

TEST(UserFinder, KnowsThatAUidIsNobodys) {
    user_source source;
    source.user_of = [](uint32_t) { return std::optional<unix_user>{}; };
    user_finder users(source, [] {});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return users.find(7, steady_now_ms()).has_value(); }));
    EXPECT_EQ((*users.find(7, steady_now_ms()))->login, "");
}

TEST(UserFinder, AFailedLookUpIsNoAnswerAndIsTriedAgainSoon) {
    std::atomic<bool> works = false;
    std::atomic<int> asked = 0;
    user_source source;
    source.user_of = [&](uint32_t uid) -> outcome<std::optional<unix_user>> {
        ++asked;
        if (!works) return fail(error_code::unavailable, "the system can't say now");
        return std::optional(unix_user{uid, "alice", "/home/alice"});
    };
    user_finder users(source, [] {});
    std::optional<outcome<unix_user>> found;
    ASSERT_TRUE(
        within_ms(soon_ms, [&] { return (found = users.find(7, steady_now_ms())).has_value(); }));
    ASSERT_FALSE(*found);
    EXPECT_EQ(found->failure().code, error_code::unavailable);
    const int so_far = asked;
    for (int i = 0; i < 100; ++i) users.find(7, steady_now_ms());
    EXPECT_LE(asked, so_far + 1) << "not with each request";
    works = true;
    ASSERT_TRUE(within_ms(5'000, [&] {
        const auto now = users.find(7, steady_now_ms());
        return now && *now;
    }));
    EXPECT_EQ((*users.find(7, steady_now_ms()))->login, "alice");
}

// alice's subordinate uids, and bob's own.
class CrowdedUserFinder : public ::testing::Test {
  protected:
    CrowdedUserFinder() {
        source.uid_of = uid_of;
        source.subordinate_path = folder.write("subuid", "alice:100000:65536\n");
        source.user_of = [this](uint32_t uid) {
            const std::lock_guard lock(mutex);
            asked.push_back(uid);
            return std::optional(unix_user{uid, "u", "/home/u"});
        };
    }
    static bool knows(user_finder& users, uint32_t uid) {
        return within_ms(soon_ms, [&] { return users.find(uid, steady_now_ms()).has_value(); });
    }

    temporary_folder folder;
    user_source source;
    std::mutex mutex;
    std::vector<uint32_t> asked;
};

TEST_F(CrowdedUserFinder, OneOwnersQueueIsBoundedAndOthersTakeTurnsWithIt) {
    std::promise<void> answers;
    source.user_of = [this, go = answers.get_future().share()](uint32_t uid) {
        go.wait();
        const std::lock_guard lock(mutex);
        asked.push_back(uid);
        return std::optional(unix_user{uid, "u", "/home/u"});
    };
    user_finder users(source, [] {});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return users.owner_of(100'007) == 1'001; }));
    for (uint32_t uid = 100'000; uid < 102'000; ++uid) users.find(uid, steady_now_ms());
    users.find(1'002, steady_now_ms());
    answers.set_value();
    constexpr size_t asked_max = user_finder::asked_of_owner_max + 2;  // one is at work, and bob's
    ASSERT_TRUE(within_ms(soon_ms, [&] {
        const std::lock_guard lock(mutex);
        return std::find(asked.begin(), asked.end(), 1'002) != asked.end();
    }));
    const std::lock_guard lock(mutex);
    EXPECT_LE(std::find(asked.begin(), asked.end(), 1'002) - asked.begin(), 3);
    EXPECT_LE(asked.size(), asked_max);
}

TEST_F(CrowdedUserFinder, OneOwnersUidsMakeItForgetNobodyElse) {
    user_finder users(source, [] {});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return users.owner_of(100'007) == 1'001; }));
    ASSERT_TRUE(knows(users, 1'002));
    for (uint32_t uid = 100'000; uid < 100'000 + 2 * user_finder::users_of_owner_max; ++uid) {
        ASSERT_TRUE(knows(users, uid));
    }
    EXPECT_FALSE(users.find(100'000, steady_now_ms())) << "his oldest has gone";
    EXPECT_TRUE(users.find(1'002, steady_now_ms()));
}

// Many owners.
TEST_F(CrowdedUserFinder, ForgetsOnlyWhoWasUsedLeastRecently) {
    source.subordinate_path = folder.write("none", "");
    user_finder users(source, [] {});
    const int64_t begun_ms = steady_now_ms();
    for (uint32_t uid = 1; uid <= user_finder::users_max + 100; ++uid) {
        ASSERT_TRUE(knows(users, uid));
        ASSERT_TRUE(users.find(1, steady_now_ms()) || steady_now_ms() - begun_ms > 9'000)
            << "used all the time: " << uid;
    }
    EXPECT_TRUE(users.find(user_finder::users_max, steady_now_ms()));
}

TEST(UserFinder, ReadsWhoseSubordinateUidsAreWhose) {
    const temporary_folder folder;
    user_source source;
    source.uid_of = uid_of;
    source.subordinate_path = folder.write("subuid", "alice:100000:65536\n");
    const user_finder users(source, [] {});
    EXPECT_TRUE(within_ms(soon_ms, [&] { return users.owner_of(100'007) == 1'001; }));
}

// Before anybody has said whose it is.
TEST(UserFinder, ARangeIsOneUserFromTheBeginning) {
    const temporary_folder folder;
    std::promise<void> asked;
    user_source source;
    source.uid_of = [answer = asked.get_future().share()](const std::string&) {
        answer.wait();
        return std::optional<uint32_t>{};
    };
    source.subordinate_path = folder.write("subuid", "alice:100000:65536\n");
    {
        const user_finder users(source, [] {});
        EXPECT_EQ(users.owner_of(100'007), 100'000U);
        asked.set_value();
    }
}

}  // namespace
}  // namespace ie
