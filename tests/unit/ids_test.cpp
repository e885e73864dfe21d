#include "messages/ids.hpp"

#include <gtest/gtest.h>

#include "messages/base64.hpp"
#include "messages/caller.hpp"
#include "messages/hex.hpp"

namespace ie {
namespace {

TEST(Ids, AUuidHasItsHyphensAndHexDigitsOnly) {
    EXPECT_TRUE(is_uuid("ef69f707-d547-4b29-b8f0-f5331821c930"));
    EXPECT_TRUE(is_uuid("EF69F707-D547-4B29-B8F0-F5331821C930"));
    EXPECT_FALSE(is_uuid(""));
    EXPECT_FALSE(is_uuid("ef69f707-d547-4b29-b8f0-f5331821c93"));
    EXPECT_FALSE(is_uuid("ef69f707-d547-4b29-b8f0-f5331821c93g"));
    EXPECT_FALSE(is_uuid("../../../etc/passwd-b8f0-f5331821c93"));
}

TEST(Ids, AMailsIdIsAUuidInLowerCase) {
    EXPECT_EQ(mail_id_of("EF69f707-d547-4b29-b8f0-f5331821C930"),
              mail_id("ef69f707-d547-4b29-b8f0-f5331821c930"));
    EXPECT_FALSE(mail_id_of(""));
    EXPECT_FALSE(mail_id_of("../../../etc/passwd-b8f0-f5331821c93"));
}

TEST(Hex, GivesBackWhatItWasGiven) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
        bytes += static_cast<char>(i * 7);
    }
    EXPECT_EQ(to_hex(std::string_view("\x00\x1f\xa9\xff", 4)), "001fa9ff");
    EXPECT_EQ(from_hex("A9fF"), "\xa9\xff");
}

TEST(Hex, RefusesWhatIsNotHex) {
    for (const char* text : {"a", "0g", "g0", " 00", "0x00", "00\n0"}) EXPECT_FALSE(from_hex(text));
    for (int c = 0; c < 256; ++c) {
        const bool is_digit = std::isxdigit(c) != 0;
        EXPECT_EQ(hex_value(static_cast<char>(c)) >= 0, is_digit) << c;
    }
}

TEST(Ids, AQueueIdIsOfEitherOfEximsFormats) {
    EXPECT_TRUE(is_queue_id("1nFEym-0005TO-Qs"));
    EXPECT_TRUE(is_queue_id("1nFEym-00000005TO0-0Qs1"));
    EXPECT_FALSE(is_queue_id("1nFEym-0005TO-Q"));
    EXPECT_FALSE(is_queue_id("../etc-0005TO-Qsx"));
    EXPECT_FALSE(is_queue_id("1nFEym-0005TO-Q\n"));
}

TEST(Base64, GivesBackWhatItWasGiven) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from_base64(base64(bytes)), bytes);
        EXPECT_EQ(from_base64(base64url(bytes)), bytes);
        bytes += static_cast<char>(i * 7);
    }
    EXPECT_EQ(base64("light wor"), "bGlnaHQgd29y");
    EXPECT_EQ(base64("light wo"), "bGlnaHQgd28=");
}

TEST(Base64, RefusesWhatIsNotBase64) {
    EXPECT_FALSE(from_base64("a"));
    EXPECT_FALSE(from_base64("ab c"));
    EXPECT_FALSE(from_base64("ab\n"));
    EXPECT_FALSE(from_base64("ab==cd"));
}

TEST(Caller, RootActsForAnyoneAndByDefaultForAll) {
    const caller root{caller_role::root, 0, account_name{"root"}};
    EXPECT_EQ(acting_account(root, account_name{})->value, "root");
    EXPECT_EQ(acting_account(root, account_name{"alice"})->value, "alice");
}

TEST(Caller, AnOwnerActsForThemselvesOnly) {
    const caller alice{caller_role::account, 1001, account_name{"alice"}};
    EXPECT_EQ(acting_account(alice, account_name{})->value, "alice");
    EXPECT_EQ(acting_account(alice, account_name{"ALICE"})->value, "alice");
    for (const char* other : {"bob", "root", "alice "}) {
        const auto refused = acting_account(alice, account_name{other});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.failure().code, error_code::not_permitted);
    }
}

TEST(Caller, AStrangerActsForNobody) {
    const caller stranger{caller_role::stranger, 65534, account_name{"nobody"}};
    EXPECT_FALSE(acting_account(stranger, account_name{}));
    EXPECT_FALSE(acting_account(stranger, account_name{"nobody"}));
}

}  // namespace
}  // namespace ie
