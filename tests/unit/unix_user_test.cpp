#include "config/system/unix_user.hpp"

#include <gtest/gtest.h>

#include <set>

#include "config/random.hpp"
#include "messages/ids.hpp"

namespace ie {
namespace {

constexpr uint32_t nobody_has_it = 4'000'000'000;

TEST(UnixUser, KnowsRootBothWays) {
    EXPECT_EQ(login_of_uid(0), "root");
    EXPECT_EQ(uid_of_login("root"), 0U);
}

TEST(UnixUser, KnowsWhereRootIsAtHome) {
    EXPECT_EQ(user_of_uid(0), (unix_user{0, "root", "/root"}));
    EXPECT_EQ(user_of_login("root"), user_of_uid(0));
}

TEST(UnixUser, KnowsNobodyElse) {
    EXPECT_EQ(login_of_uid(nobody_has_it), std::nullopt);
    EXPECT_EQ(uid_of_login(""), std::nullopt);
    EXPECT_EQ(uid_of_login("no such user"), std::nullopt);
    EXPECT_EQ(uid_of_login(std::string("root\0x", 6)), std::nullopt);
    EXPECT_EQ(uid_of_login(std::string(64 << 10, 'a')), std::nullopt);
}

TEST(LoginCache, AnswersAsTheSystemDoes) {
    login_cache logins;
    for (int64_t now_ms : {0, 1, 60'000}) {
        EXPECT_EQ(logins.login_of(0, now_ms), "root");
        EXPECT_EQ(logins.login_of(nobody_has_it, now_ms), std::nullopt);
        EXPECT_EQ(logins.user_of(0, now_ms), user_of_uid(0));
    }
}

TEST(RandomSource, MakesUuidsOfVersionFour) {
    random_source random;
    for (int i = 0; i < 1'000; ++i) {
        const std::string id = random.uuid();
        EXPECT_TRUE(is_uuid(id)) << id;
        EXPECT_EQ(id[14], '4');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
    }
}

TEST(RandomSource, NeverRepeatsItself) {
    random_source one;
    random_source other;
    std::set<std::string> seen;
    for (int i = 0; i < 1'000; ++i) {
        seen.insert(one.uuid());
        seen.insert(other.uuid());
    }
    EXPECT_EQ(seen.size(), 2'000U);
}

TEST(RandomSource, WritesBytesAsTheyAre) {
    random_source::uuid_bytes bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(0x10 * i + i);
    EXPECT_EQ(random_source::uuid_text(bytes), "00112233-4455-4677-8899-aabbccddeeff");
}

}  // namespace
}  // namespace ie
