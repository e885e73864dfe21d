#include "actors/statistics/rollup_block.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace ie {
namespace {

constexpr uint64_t largest = std::numeric_limits<uint64_t>::max();

block_row row(uint32_t object, uint64_t messages, uint64_t recipients, uint64_t quarantined = 0) {
    block_row out{object, {}};
    out.counts[counter::messages] = messages;
    out.counts[counter::recipients] = recipients;
    out.counts[counter::quarantined] = quarantined;
    return out;
}

block_rows random_rows(std::mt19937_64& random, size_t count) {
    block_rows rows;
    uint32_t object = 0;
    for (size_t i = 0; i < count; ++i) {
        object += 1 + static_cast<uint32_t>(random() % 300);
        rows.push_back(row(object, 1 + random() % 3, random() % 500));
        rows.back().counts.values[random() % counters] = random() >> random() % 64;
    }
    return rows;
}

std::string varint(uint64_t number) {
    std::string out;
    for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
    return out + static_cast<char>(number);
}

block_rows read(std::string_view bytes) {
    auto rows = decode_block(bytes);
    EXPECT_TRUE(rows) << rows.failure().what;
    return rows ? *rows : block_rows{};
}

TEST(RollupBlock, ReadsBackWhatItWrote) {
    std::mt19937_64 random(7);
    for (size_t size = 0; size < 200; ++size) {
        block_rows rows = random_rows(random, size);
        std::erase_if(rows, [](const block_row& each) { return each.counts.none(); });
        EXPECT_EQ(read(encode_block(rows)), rows);
    }
}

// Blocks that were written once must be read for ever.
TEST(RollupBlock, StandsAsInTheFirstVersionWhereThatIsEnough) {
    constexpr std::string_view golden(
        "\x01"
        "\x01\xff\x07\x02\x03\x04\x05\x06\x07\x08"  // 7, 9 and 3 to 8
        "\x08\x01\x01"                              // one mail to one recipient
        "\xac\x02\x86\x05\x80\x01\x01",             // five more recipients, 128 held, a bounce
        21);
    block_rows rows{block_row{1, {{7, 9, 3, 4, 5, 6, 7, 8}}}, row(9, 1, 1), row(309, 0, 5, 128)};
    rows.back().counts[counter::bounces] = 1;
    EXPECT_EQ(read(golden), rows);
    EXPECT_EQ(encode_block(rows), golden);
}

TEST(RollupBlock, PassesOverCountersOfALaterVersion) {
    // Of object 1 messages, recipients and the 43rd counter; of object 2 that only; of object 5
    // what is known.
    constexpr std::string_view golden(
        "\x02"
        "\x01\x83\x80\x80\x80\x80\x80\x01\x07\x02\x63"
        "\x01\x80\x80\x80\x80\x80\x80\x01\x64"
        "\x03\x04\x0c",
        24);
    EXPECT_EQ(read(golden), (block_rows{row(1, 7, 9), row(5, 0, 0, 12)}));
}

TEST(RollupBlock, PassesOverTheFirstCounterThatItDoesNotKnow) {
    constexpr uint64_t unknown = uint64_t{1} << counters;
    const std::string bytes =
        "\x02\x01" + varint(unknown | 1) + "\x01\x63\x01" + varint(unknown) + "\x05\x01\x01\x02";
    EXPECT_EQ(read(bytes), (block_rows{row(1, 1, 1), row(3, 2, 2)}));
}

TEST(RollupBlock, RefusesTheSecondFormatWhereTheFirstIsEnough) {
    EXPECT_TRUE(decode_block("\x01\x01\x01\x01"));
    EXPECT_EQ(decode_block("\x02\x01\x01\x01").failure().what,
              "a block of counts is damaged at byte 4");
}

TEST(RollupBlock, HoldsTheLargestNumbers) {
    block_rows rows{row(1, largest, largest, largest),
                    row(std::numeric_limits<uint32_t>::max(), 1, 0, 7)};
    EXPECT_EQ(read(encode_block(rows)), rows);
}

TEST(RollupBlock, TakesFourBytesForATypicalLeaf) {
    block_rows rows;
    for (uint32_t object = 3; object < 3'000; object += 3) rows.push_back(row(object, 2, 2));
    EXPECT_LE(encode_block(rows).size(), rows.size() * 4);
}

TEST(RollupBlock, LeavesOutRowsWithoutCounts) {
    EXPECT_EQ(read(encode_block({row(1, 0, 0), row(2, 1, 1)})), (block_rows{row(2, 1, 1)}));
}

TEST(RollupBlock, RefusesBytesThatAreNoBlock) {
    EXPECT_FALSE(decode_block(""));
    EXPECT_FALSE(decode_block("\x02"));
    EXPECT_FALSE(decode_block("\x03\x01\x01\x01"));
    EXPECT_FALSE(decode_block(std::string_view("\x01\x01\x00", 3)));      // a row of nothing
    EXPECT_FALSE(decode_block(std::string_view("\x01\x00\x01\x01", 4)));  // the same object again
    EXPECT_FALSE(decode_block(std::string_view("\x01\x81\x00\x01\x01", 5)));  // overlong
    EXPECT_FALSE(decode_block(std::string_view("\x01\x01\x01\x00", 4)));      // a zero that's said
}

TEST(RollupBlock, RefusesABlockThatIsCutAnywhereInsideARow) {
    const std::string whole = encode_block({row(1, 300, 900, 5), row(9, 1, 1)});
    size_t good = 0;
    for (size_t size = 0; size < whole.size(); ++size) {
        if (decode_block(std::string_view(whole).substr(0, size))) ++good;
    }
    EXPECT_EQ(good, 2U);  // before and after the first row
}

TEST(RollupBlock, RefusesAnObjectBeyondTheLargest) {
    std::string bytes = encode_block({row(std::numeric_limits<uint32_t>::max(), 1, 1)});
    bytes += "\x01\x01\x01";
    EXPECT_FALSE(decode_block(bytes));
}

TEST(RollupBlock, SaysWhereItIsDamaged) {
    const std::string bytes = encode_block({row(1, 1, 1)}) + std::string(1, '\0');
    EXPECT_EQ(decode_block(bytes).failure().what, "a block of counts is damaged at byte 5");
}

TEST(RollupBlock, NeverReadsOtherThanItWouldWrite) {
    std::mt19937_64 random(11);
    const std::string good = encode_block(random_rows(random, 20));
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = good;
        bytes[random() % bytes.size()] = static_cast<char>(random());
        const auto rows = decode_block(bytes);
        if (!rows) continue;
        const std::string written = encode_block(*rows);
        if (written == bytes) continue;
        // Counters of a later version were passed over.
        EXPECT_EQ(bytes.front(), '\x02');
        EXPECT_LT(written.size(), bytes.size());
        EXPECT_EQ(read(written), *rows);
    }
}

TEST(RollupBlock, AddsTheRowsOfTwoPeriods) {
    block_rows rows{row(2, 1, 1), row(5, 1, 2)};
    add_rows(rows, {row(1, 1, 1), row(2, 2, 3), row(7, 4, 4)});
    EXPECT_EQ(rows, (block_rows{row(1, 1, 1), row(2, 3, 4), row(5, 1, 2), row(7, 4, 4)}));
    add_rows(rows, {});
    EXPECT_EQ(rows.size(), 4U);
    block_rows none;
    add_rows(none, rows);
    EXPECT_EQ(none, rows);
}

TEST(RollupBlock, OrdersRowsAndAddsThoseOfOneObject) {
    block_rows rows{row(9, 1, 1), row(2, 1, 2), row(9, 0, 0, 1), row(2, 1, 1)};
    sort_rows(rows);
    EXPECT_EQ(rows, (block_rows{row(2, 2, 3), row(9, 1, 1, 1)}));
}

}  // namespace
}  // namespace ie
