// How a journal's file is read, whatever its records look like.
#include "actors/journal/journal_scan.hpp"

#include <gmock/gmock.h>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;

constexpr size_t record_bytes = 16;

// "record 000000NN\n"
struct text_layout {
    std::optional<std::string> take(std::string_view window, uint64_t, int&) {
        if (window.size() < record_bytes || !window.starts_with("record ")) return std::nullopt;
        return window[record_bytes - 1] == '\n' ? std::optional(std::string(window.substr(7, 8)))
                                                : std::nullopt;
    }
    uint64_t size_of(const std::string&) const { return record_bytes; }
    static size_t record_bytes_max() { return record_bytes; }
    static size_t window_bytes() { return 4'096; }
    static size_t alignment() { return record_bytes; }
};

std::string record(int number) {
    char text[record_bytes + 1];
    std::snprintf(text, sizeof text, "record %08d\n", number);
    return text;
}

class JournalScan : public ::testing::Test {
  protected:
    scanned_journal scan(const std::string& content, behind_damage rule = behind_damage::ends,
                         fault_point fault = {}) {
        seen_.clear();
        auto file = segment_file::open(folder_.write("segment", content), std::move(fault));
        EXPECT_TRUE(file);
        text_layout layout;
        return scan_journal(*file, file->size(), layout, rule,
                            [this](const std::string& each) { seen_.push_back(each); });
    }
    static std::string records(int count) {
        std::string out;
        for (int i = 0; i < count; ++i) out += record(i);
        return out;
    }

    const testing::temporary_folder folder_;
    std::vector<std::string> seen_;
};

TEST_F(JournalScan, GivesAllRecordsOfAFileOfAnySize) {
    for (const int count : {0, 1, 255, 256, 257, 10'000}) {
        const auto found = scan(records(count));
        EXPECT_EQ(found.records, static_cast<uint64_t>(count));
        EXPECT_EQ(found.end, record_bytes * static_cast<uint64_t>(count));
        EXPECT_EQ(seen_.size(), static_cast<size_t>(count));
        EXPECT_EQ(found.altered_bytes, 0U);
    }
}

TEST_F(JournalScan, ATornTailIsTheEnd) {
    const auto found = scan(records(3) + record(4).substr(0, 7));
    EXPECT_EQ(found.records, 3U);
    EXPECT_EQ(found.end, 3 * record_bytes);
    EXPECT_FALSE(found.is_altered_inside);
}

TEST_F(JournalScan, BehindDamageItGoesOnWhereItIsToldTo) {
    const std::string content = records(2) + std::string(5 * record_bytes, 'x') + records(2);
    EXPECT_EQ(scan(content).records, 2U);
    const auto found = scan(content, behind_damage::goes_on);
    EXPECT_EQ(found.records, 4U);
    EXPECT_EQ(found.altered_bytes, 5 * record_bytes);
    EXPECT_TRUE(found.is_altered_inside);
    EXPECT_EQ(found.error, 0);
}

TEST_F(JournalScan, WhatTheDiskErrsWithOnceIsNoError) {
    int asked = 0;
    const auto found = scan(records(10), behind_damage::ends, [&](const disk_step& step) {
        return step.name == "scan" && ++asked == 1 ? EIO : 0;
    });
    EXPECT_EQ(found.records, 10U);
    EXPECT_EQ(found.error, 0);
}

// The first read of all, twice; of the first sector, twice.
TEST_F(JournalScan, APartThatTheDiskDoesNotGiveIsPassedOver) {
    int asked = 0;
    const auto found = scan(records(1'000), behind_damage::ends, [&](const disk_step& step) {
        return step.name == "scan" && ++asked <= 4 ? EIO : 0;
    });
    EXPECT_EQ(found.error, EIO);
    EXPECT_EQ(found.records, 1'000 - 512 / record_bytes);
    EXPECT_EQ(seen_.front(), "00000032");
}

TEST_F(JournalScan, ADiskThatGivesNothingIsNotAskedForEver) {
    const auto found = scan(records(1'000), behind_damage::goes_on,
                            [](const disk_step& step) { return step.name == "scan" ? EIO : 0; });
    EXPECT_EQ(found.records, 0U);
    EXPECT_EQ(found.error, EIO);
}

TEST(SegmentFile, WhatCouldNotBeWrittenIsWrittenOver) {
    const testing::temporary_folder folder;
    bool fails = false;
    auto file = segment_file::open(folder.path("segment"), [&](const disk_step& step) {
        return fails && step.name == "write" ? ENOSPC : 0;
    });
    ASSERT_TRUE(file);
    const std::string first = record(1), second = record(2);
    EXPECT_EQ(file->append({part_of(first)}, "write"), 0);
    fails = true;
    EXPECT_EQ(file->append({part_of(first)}, "write"), ENOSPC);
    EXPECT_EQ(file->end(), record_bytes);
    fails = false;
    EXPECT_EQ(file->append({part_of(second)}, "write"), 0);
    text_layout layout;
    std::vector<std::string> seen;
    scan_journal(*file, file->size(), layout, behind_damage::ends,
                 [&](const std::string& each) { seen.push_back(each); });
    EXPECT_THAT(seen, ElementsAre("00000001", "00000002"));
}

}  // namespace
}  // namespace ie
