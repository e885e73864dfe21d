#include "config/license/license_file.hpp"

#include <gtest/gtest.h>

namespace ie::license {
namespace {

// A server "mx1" below a key "K1" below the account, and what each of them says.
std::string license_text(const std::string& account, const std::string& key,
                         const std::string& server) {
    return R"({"serial": 7, "account": ")" + account + R"(", "keys": {"K1": ")" + key +
           R"("}, "servers": {"mx1": {"key": "K1", "imunify_email": ")" + server + R"("}}})";
}

constexpr const char* on = "ENABLED";
constexpr const char* off = "DISABLED";
constexpr const char* depends = "DEPENDS_ON_LOWER_LEVEL";

std::string decided(const std::string& text, const std::string& server = "mx1") {
    const auto license = parse_license(text);
    if (!license) return license.failure().what;
    const auto done = decide(*license, server);
    return done ? text_of(*done) : done.failure().what;
}

TEST(License, TheHighestLevelDecidesThatDoesNotDependOnALowerOne) {
    EXPECT_EQ(decided(license_text(on, off, off)),
              "enabled for all servers of the account (license serial 7)");
    EXPECT_EQ(decided(license_text(off, on, on)),
              "disabled for all servers of the account (license serial 7)");
    EXPECT_EQ(decided(license_text(depends, on, off)),
              "enabled for all servers of the key (license serial 7)");
    EXPECT_EQ(decided(license_text(depends, off, on)),
              "disabled for all servers of the key (license serial 7)");
    EXPECT_EQ(decided(license_text(depends, depends, on)),
              "enabled for this server (license serial 7)");
    EXPECT_EQ(decided(license_text(depends, depends, off)),
              "disabled for this server (license serial 7)");
}

TEST(License, AnAccountDecidesForServersThatItDoesNotName) {
    EXPECT_EQ(decided(license_text(on, off, off), "mx2").substr(0, 7), "enabled");
    EXPECT_EQ(decided(R"({"serial": 1, "account": "ENABLED"})", "mx2").substr(0, 7), "enabled");
    EXPECT_EQ(decided(license_text(depends, on, on), "mx2"), "it doesn't name this server, mx2");
}

TEST(License, LeavesWhatItDoesNotKnowForLaterVersions) {
    EXPECT_EQ(decided(R"({"version": 2, "serial": 1, "account": "DISABLED", "notes": [[]]})"),
              "disabled for all servers of the account (license serial 1)");
}

TEST(License, SaysWhatIsWrongWithIt) {
    const std::string choices = "must be ENABLED, DISABLED or DEPENDS_ON_LOWER_LEVEL";
    for (const auto* text : {"", "[]", "1", "{", "null", "\xff"}) {
        EXPECT_EQ(decided(text), "it isn't a JSON object") << text;
    }
    for (const auto* serial : {"0", "-1", "1.5", "\"7\"", "null", "9007199254740993", "1e3"}) {
        EXPECT_EQ(decided(std::string(R"({"account": "ENABLED", "serial": )") + serial + "}"),
                  "serial: must be a whole number from 1 to 2^53")
            << serial;
    }
    EXPECT_EQ(decided(R"({"account": "ENABLED"})").substr(0, 7), "serial:");
    EXPECT_EQ(decided(R"({"serial": 1})"), "account: " + choices);
    EXPECT_EQ(decided(license_text("enabled", on, on)), "account: " + choices);
    EXPECT_EQ(decided(license_text(on, "", on)), "keys: K1: " + choices);
    EXPECT_EQ(decided(license_text(on, on, "yes")), "servers: mx1: imunify_email: " + choices);
    EXPECT_EQ(decided(license_text(depends, depends, depends)),
              "servers: mx1: imunify_email: there is no level below a server");
    const std::string head = R"({"serial": 1, "account": "ENABLED", )";
    EXPECT_EQ(decided(head + R"("keys": []})"), "keys: must be an object");
    EXPECT_EQ(decided(head + R"("servers": 1})"), "servers: must be an object");
    EXPECT_EQ(decided(head + R"("servers": {"a": 1}})"), "servers: a: must be an object");
    EXPECT_EQ(decided(head + R"("servers": {"a": {"key": "K2", "imunify_email": "ENABLED"}}})"),
              "servers: a: key: must be one of the file's keys");
}

TEST(License, NamesOfItAreShownWithoutTheirControlCharacters) {
    EXPECT_EQ(
        decided(R"({"serial": 1, "account": "ENABLED", "keys": {"\u001b[2J": 1}})").substr(0, 14),
        "keys: \\x1b[2J:");
    EXPECT_EQ(decided(license_text(depends, on, on), "\x1b"), "it doesn't name this server, \\x1b");
}

TEST(License, IsBoundedInSize) {
    std::string text = license_text(on, on, on);
    text.resize(license_bytes_max, ' ');
    EXPECT_EQ(decided(text).substr(0, 7), "enabled");
    EXPECT_EQ(decided(text + " "), "larger than 1 MB");
    EXPECT_EQ(decided(std::string(license_bytes_max, '[')), "it isn't a JSON object");
}

TEST(License, WhatWasAppliedIsReadAgain) {
    for (const auto by : {level::account, level::key, level::server}) {
        for (const bool enabled : {true, false}) {
            const decision applied{enabled, by, 7};
            const auto read = read_record(to_record(applied));
            ASSERT_TRUE(read) << read.failure().what;
            EXPECT_EQ(*read, applied);
        }
    }
    EXPECT_FALSE(read_record(""));
    EXPECT_FALSE(read_record(R"({"serial": 7, "enabled": 1, "decided_by": "key"})"));
    EXPECT_FALSE(read_record(R"({"serial": 7, "enabled": true, "decided_by": "nobody"})"));
}

}  // namespace
}  // namespace ie::license
