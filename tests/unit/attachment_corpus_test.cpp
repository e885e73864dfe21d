// The verdict on each of the hard messages, held against a list that is read by eye when it
// changes:
//   NAME <tab> held|passes <tab> findings, with "; " between
// IE_WRITE_GOLDEN=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>

#include "tests/support/attachment_rules.hpp"
#include "tests/support/mime_corpus.hpp"

namespace ie {
namespace {

using verdicts = std::map<std::string, std::string>;

const std::string golden_path = IE_SOURCE_DIR "/tests/unit/golden/attachments.tsv";

std::string verdict_on(std::string_view mail) {
    const auto report =
        may_have_attachments(mail) ? testing::scan_in_peace(mail) : attachments_found{};
    std::string text = report.is_dangerous ? "held\t" : "passes\t";
    for (const auto& each : report.findings) {
        text.append(text.ends_with('\t') ? "" : "; ").append(each);
    }
    return text;
}

verdicts read_golden() {
    verdicts out;
    std::ifstream in(golden_path);
    for (std::string line; std::getline(in, line);) {
        const size_t tab = line.find('\t');
        if (tab != std::string::npos) out[line.substr(0, tab)] = line.substr(tab + 1);
    }
    return out;
}

void write_golden(const verdicts& all) {
    std::ofstream out(golden_path);
    for (const auto& [name, verdict] : all) out << name << '\t' << verdict << '\n';
}

TEST(AttachmentCorpus, EachHardMessageIsJudgedAsListed) {
    verdicts now;
    for (const auto& message : testing::mime_corpus()) {
        now[message.name] = verdict_on(message.bytes);
    }
    ASSERT_GT(now.size(), 800U) << "the test data is missing: set IE_TEST_DATA";
    if (std::getenv("IE_WRITE_GOLDEN") != nullptr) write_golden(now);
    const verdicts listed = read_golden();
    EXPECT_EQ(listed.size(), now.size());
    for (const auto& [name, verdict] : now) {
        const auto found = listed.find(name);
        EXPECT_EQ(found == listed.end() ? "not listed" : found->second, verdict) << name;
    }
}

// What lets plain texts pass without a look must never pass what a look would find.
TEST(AttachmentCorpus, TheHintIsRightAboutEachHardMessage) {
    for (const auto& message : testing::mime_corpus()) {
        if (may_have_attachments(message.bytes)) continue;
        EXPECT_FALSE(testing::scan_in_peace(message.bytes).is_dangerous) << message.name;
    }
}

// What people sent each other, spam and phishing too: all that is held is listed here.
TEST(AttachmentCorpus, OrdinaryMailIsHeldForNothingButPrograms) {
    size_t messages = 0;
    std::string held;
    for (const char* archive : {"spamassassin/train", "spamassassin/dev", "phishing/dev"}) {
        for (const auto& message : testing::test_data(archive)) {
            ++messages;
            const std::string verdict = verdict_on(message.bytes);
            if (verdict.starts_with("held")) held += message.name + ": " + verdict + "\n";
        }
    }
    ASSERT_GT(messages, 4'800U) << "the test data is missing: set IE_TEST_DATA";
    EXPECT_EQ(held, "");
}

}  // namespace
}  // namespace ie
