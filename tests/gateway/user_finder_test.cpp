#include "gateway/doors/user_finder.hpp"

#include <atomic>
#include <future>

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
    ASSERT_TRUE(found);
    EXPECT_EQ(found->login, "alice");
    EXPECT_FALSE(users.find(1'001, steady_now_ms() + user_finder::age_ms_max)) << "asks again";
}

TEST(UserFinder, KnowsThatAUidIsNobodys) {
    user_source source;
    source.user_of = [](uint32_t) { return std::nullopt; };
    user_finder users(source, [] {});
    ASSERT_TRUE(within_ms(soon_ms, [&] { return users.find(7, steady_now_ms()).has_value(); }));
    EXPECT_EQ(users.find(7, steady_now_ms())->login, "");
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
