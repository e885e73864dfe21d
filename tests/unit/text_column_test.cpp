#include "actors/quarantine/search/text_column.hpp"

#include <gmock/gmock.h>

#include <random>

#include "messages/text.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

using texts = std::vector<std::vector<std::string>>;

class TextColumn : public ::testing::Test {
  protected:
    text_column open() const { return std::move(*text_column::open(folder_.path())); }
    text_column filled(const texts& all) const {
        auto column = open();
        for (const auto& parts : all) {
            EXPECT_TRUE(column.make_room());
            for (const auto& part : parts) column.add_part(part);
            column.end_text();
        }
        return column;
    }
    const testing::temporary_folder folder_;
};

std::vector<size_t> containing(const text_column& column, const std::string& pattern,
                               row_set wanted) {
    EXPECT_TRUE(column.keep_containing(pattern, wanted));
    std::vector<size_t> found;
    for (size_t i = 0; i < wanted.size(); ++i) {
        if (wanted.contains(i)) found.push_back(i);
    }
    return found;
}

std::vector<size_t> containing(const text_column& column, const std::string& pattern) {
    return containing(column, pattern, row_set(column.size(), true));
}

// By looking at each part of each.
std::vector<size_t> expected(const texts& all, const std::string& pattern, const row_set& wanted) {
    std::vector<size_t> found;
    for (size_t i = 0; i < all.size(); ++i) {
        bool any = false;
        for (const auto& part : all[i]) {
            any = any || to_lower(part).find(to_lower(pattern)) != std::string::npos;
        }
        if (any && wanted.contains(i)) found.push_back(i);
    }
    return found;
}

using places = std::vector<size_t>;

TEST_F(TextColumn, FindsAPartOfATextWithoutRegardToAsciiCase) {
    const auto column = filled({{"Invoice 7"}, {"ÄRGER"}, {}, {""}, {"my iNVOICES"}});
    EXPECT_EQ(containing(column, "invOICE"), (places{0, 4}));
    EXPECT_EQ(containing(column, "Ärger"), places{1});
    EXPECT_EQ(containing(column, "ärger"), places{});
}

TEST_F(TextColumn, AMatchLiesWithinOnePart) {
    const auto column = filled({{"ab", "cd"}, {"ef"}});
    EXPECT_EQ(containing(column, "cd"), places{0});
    for (const char* pattern : {"bc", "bacd", "de", "baC", "a"}) {
        EXPECT_EQ(containing(column, pattern), *pattern == 'a' ? places{0} : places{}) << pattern;
    }
}

TEST_F(TextColumn, EachByteCounts) {
    const std::string zero("a\0b", 3);
    const auto column = filled({{zero}, {"50% _off_!"}, {"\xff\xc3"}});
    EXPECT_EQ(containing(column, std::string("\0B", 2)), places{0});
    EXPECT_EQ(containing(column, "0% _"), places{1});
    EXPECT_EQ(containing(column, "%"), places{1});
    EXPECT_EQ(containing(column, "\xc3"), places{2});
}

TEST_F(TextColumn, LooksOnlyAtThoseThatAreWanted) {
    const auto column = filled(texts(1'000, {"same"}));
    row_set wanted(1'000, false);
    for (const size_t row : {0, 63, 64, 500, 999}) wanted.set(row, true);
    EXPECT_EQ(containing(column, "am", wanted), (places{0, 63, 64, 500, 999}));
}

// Blocks end at other places of the text in each round.
TEST_F(TextColumn, FindsWhatStandsAcrossTheBlocksOfALongText) {
    constexpr size_t step = 24'571;
    for (const std::string pattern : {"needle", "e needle in the haystack", "xy"}) {
        for (size_t at = 1'000; at < 700'000; at += step) {
            std::string text(800'000, 'x');
            text.replace(at, pattern.size(), pattern);
            texts all{{"short"}, {std::string(at % 977, 'x')}, {text}, {"short"}};
            ASSERT_EQ(containing(filled(all), pattern), places{2}) << at;
            at += at % 64;
        }
    }
}

TEST_F(TextColumn, AgreesWithASearchOfEachText) {
    std::mt19937 random(7);
    const auto some = [&](size_t size_max) {
        std::string text;
        for (size_t i = random() % (size_max + 1); i > 0; --i) text += "abAB\0%_"[random() % 7];
        return text;
    };
    int large_columns = 0;
    for (int round = 0; round < 30; ++round) {
        texts all(random() % 3'000);
        const size_t usual_max = round % 10 == 9 ? 5'000 : 30;
        uint64_t bytes = 0;
        for (auto& parts : all) {
            parts.resize(random() % 4);
            for (auto& part : parts) {
                part = some(random() % 100 == 0 ? 20'000 : usual_max);
                bytes += part.size();
            }
        }
        large_columns += bytes > text_column::shared_bytes_min ? 1 : 0;
        const auto column = filled(all);
        row_set wanted(all.size(), false);
        for (size_t i = 0; i < all.size(); ++i) wanted.set(i, random() % (1 + round % 40) == 0);
        for (const size_t size : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24}) {
            const std::string pattern = some(size) + "a";
            ASSERT_EQ(containing(column, pattern, wanted), expected(all, pattern, wanted))
                << "round " << round << ", " << pattern;
        }
    }
    EXPECT_GE(large_columns, 2);
}

TEST_F(TextColumn, ACopyHasThoseThatStay) {
    texts all;
    for (int i = 0; i < 5'000; ++i) all.push_back({std::to_string(i), std::string(i % 90, 'x')});
    all.push_back({std::string(500'000, 'y') + "end"});
    row_set stay(all.size(), false);
    texts kept;
    for (size_t i = 0; i < all.size(); i += 3 - i % 3) {
        stay.set(i, true);
        kept.push_back(all[i]);
    }
    const auto copy = filled(all).copy_of(stay);
    ASSERT_TRUE(copy);
    ASSERT_EQ(copy->size(), kept.size());
    for (const char* pattern : {"77", "xxx", "yend", "4999"}) {
        EXPECT_EQ(containing(*copy, pattern), expected(kept, pattern, row_set(kept.size(), true)));
    }
}

TEST_F(TextColumn, ItsFileHasNoName) {
    const auto column = filled(texts(10'000, {"a text that is long enough to be written"}));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(TextColumn, WhatCantBeMadeIsSaid) {
    const auto column = text_column::open(folder_.path("nowhere"));
    ASSERT_FALSE(column);
    EXPECT_EQ(column.failure().code, error_code::storage_failed);
    EXPECT_THAT(column.failure().what, ::testing::HasSubstr("nowhere"));
}

}  // namespace
}  // namespace ie
