#include "config/license/license_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/license/signature.hpp"
#include "messages/hex.hpp"
#include "tests/support/license_issuer.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::license {
namespace {

// RFC 8032, section 7.1, test 2.
TEST(Signature, IsThatOfTheRfc) {
    const std::string key =
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
        "-----END PUBLIC KEY-----\n";
    const std::string signature = *from_hex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(verify_signature("\x72", signature, key));
    EXPECT_FALSE(verify_signature("\x73", signature, key));
}

TEST(Signature, MayBeOfAnyOfSeveralKeys) {
    const testing::license_issuer earlier, later, nobody;
    const std::string keys = earlier.public_key() + "\n# comment\n" + later.public_key();
    EXPECT_TRUE(verify_signature("text", earlier.sign("text"), keys));
    EXPECT_TRUE(verify_signature("text", later.sign("text"), keys));
    const auto refused = verify_signature("text", nobody.sign("text"), keys);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::not_permitted);
}

TEST(Signature, IsRefusedWhereAByteIsOtherOrMissing) {
    const testing::license_issuer issuer;
    const std::string good = issuer.sign("text");
    for (size_t at = 0; at < good.size(); ++at) {
        std::string other = good;
        other[at] ^= 1;
        EXPECT_FALSE(verify_signature("text", other, issuer.public_key())) << at;
        EXPECT_FALSE(verify_signature("text", good.substr(0, at), issuer.public_key())) << at;
    }
    EXPECT_FALSE(verify_signature("text", good + "x", issuer.public_key()));
    EXPECT_FALSE(verify_signature("", good, issuer.public_key()));
}

TEST(Signature, NeedsAKey) {
    const testing::license_issuer issuer;
    for (const std::string keys : {"", "no key", "-----BEGIN PUBLIC KEY-----\nAAAA\n"}) {
        const auto refused = verify_signature("text", issuer.sign("text"), keys);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.failure().code, error_code::bad_request) << keys;
    }
}

class LicenseStore : public ::testing::Test {
  protected:
    LicenseStore() { put(R"({"serial": 7, "account": "ENABLED"})"); }

    void put(const std::string& text) {
        folder_.write(license_name, text);
        folder_.write(signature_name, issuer_.sign(text));
        folder_.write(key_name, issuer_.public_key());
        ::chmod(folder_.path(key_name).c_str(), 0644);
    }
    error refusal() {
        const auto read = read_decision(folder_.path(), "mx1");
        return read ? fail(error_code::internal, "accepted") : read.failure();
    }

    testing::license_issuer issuer_;
    testing::temporary_folder folder_;
};

TEST_F(LicenseStore, ReadsWhatTheIssuerHasSigned) {
    const auto read = read_decision(folder_.path(), "mx1");
    ASSERT_TRUE(read) << read.failure().what;
    EXPECT_EQ(**read, (decision{true, level::account, 7}));
}

TEST_F(LicenseStore, NeedsNoLicense) {
    std::filesystem::remove(folder_.path(license_name));
    const auto read = read_decision(folder_.path(), "mx1");
    ASSERT_TRUE(read);
    EXPECT_FALSE(*read);
}

TEST_F(LicenseStore, RefusesWhatSomebodyElseHasWritten) {
    folder_.write(license_name, R"({"serial": 8, "account": "DISABLED"})");
    EXPECT_EQ(refusal().code, error_code::not_permitted);
    EXPECT_EQ(refusal().what, folder_.path(license_name) + ": the signature is not the issuer's");
}

TEST_F(LicenseStore, NamesTheFileThatIsMissing) {
    for (const auto* name : {signature_name, key_name}) {
        put(R"({"serial": 7, "account": "ENABLED"})");
        std::filesystem::remove(folder_.path(name));
        EXPECT_EQ(refusal().what, folder_.path(name) + " is missing");
    }
}

TEST_F(LicenseStore, RefusesAKeyThatOthersMayWrite) {
    ::chmod(folder_.path(key_name).c_str(), 0664);
    EXPECT_EQ(refusal().code, error_code::not_permitted);
    ::chmod(folder_.path(key_name).c_str(), 0644);
    EXPECT_EQ(::chown(folder_.path(key_name).c_str(), 65534, 65534), 0);
    EXPECT_EQ(refusal().code, error_code::not_permitted);
}

TEST_F(LicenseStore, SaysInWhichFileSomethingIsWrong) {
    put("{}");
    EXPECT_EQ(refusal().what,
              folder_.path(license_name) + ": serial: must be a whole number from 1 to 2^53");
    put(R"({"serial": 7, "account": "DEPENDS_ON_LOWER_LEVEL"})");
    EXPECT_EQ(refusal().what, folder_.path(license_name) + ": it doesn't name this server, mx1");
    folder_.write(key_name, "no key");
    EXPECT_EQ(refusal().what, folder_.path(key_name) + ": there is no Ed25519 public key in PEM");
}

TEST_F(LicenseStore, RemembersWhatWasApplied) {
    const auto none = read_applied(folder_.path());
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    const decision applied{false, level::server, 9};
    ASSERT_TRUE(write_applied(folder_.path("new"), applied));
    const auto read = read_applied(folder_.path("new"));
    ASSERT_TRUE(read);
    EXPECT_EQ(**read, applied);
}

TEST(ServerName, IsTheMachinesIdWhereNoneIsSet) {
    EXPECT_EQ(*name_of_server("mx1"), "mx1");
    const auto id = name_of_server("");
    ASSERT_TRUE(id) << id.failure().what;
    EXPECT_EQ(id->size(), 32U);
}

}  // namespace
}  // namespace ie::license
