#include "cli/log_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/temporary_folder.hpp"

namespace ie::cli {
namespace {

using ie::testing::temporary_folder;

std::string line(int second, const std::string& level, const std::string& actor,
                 const std::string& event = "mail_judged") {
    char time[32];
    std::snprintf(time, sizeof time, "2026-11-22T07:53:%02d.123Z", second % 60);
    return std::string(time) + " " + level + " " + actor + " " + event + " mail=x\n";
}

void append(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

TEST(LogLine, IsTakenApart) {
    const auto parsed = parse_log_line(
        "2026-11-22T07:53:06.123Z info quarantine mail_quarantined mail=1 account=mws");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->time, "2026-11-22T07:53:06.123Z");
    EXPECT_EQ(parsed->level, "info");
    EXPECT_EQ(parsed->actor, "quarantine");
    EXPECT_EQ(parsed->event, "mail_quarantined");
    EXPECT_EQ(parsed->keys, "mail=1 account=mws");
}

TEST(LogLine, IsNoneWithoutTimeOrLevel) {
    for (const char* text : {"", "AddressSanitizer: oops", "2026-11-22 07:53:06 info a b",
                             "2026-11-22T07:53:06.123Z loud a b", "2026-11-22T07:53:06.123Z "}) {
        EXPECT_FALSE(parse_log_line(text)) << text;
    }
}

TEST(LogReader, GivesTheLastLinesOldestFirst) {
    const temporary_folder folder;
    std::string text;
    for (int i = 0; i < 50; ++i) text += line(i, "info", "intake");
    log_reader reader(folder.write("a.log", text), {});
    const auto last = reader.last(2);
    ASSERT_TRUE(last);
    ASSERT_EQ(last->size(), 2U);
    EXPECT_EQ(last->front().time, "2026-11-22T07:53:48.123Z");
    EXPECT_EQ(last->back().time, "2026-11-22T07:53:49.123Z");
}

TEST(LogReader, LooksAtTheWholeFileWhereItsEndHasTooFew) {
    const temporary_folder folder;
    std::string text = line(1, "error", "courier");
    while (text.size() < 3 << 20) text += line(2, "info", "intake");
    log_reader reader(folder.write("a.log", text), {"courier", log_level::warn});
    const auto last = reader.last(10);
    ASSERT_TRUE(last);
    ASSERT_EQ(last->size(), 1U);
    EXPECT_EQ(last->front().actor, "courier");
}

TEST(LogReader, FiltersByActorAndLevel) {
    const temporary_folder folder;
    const auto path = folder.write("a.log", line(1, "debug", "intake") + line(2, "warn", "intake") +
                                                line(3, "error", "courier"));
    EXPECT_EQ(log_reader(path, {"intake", log_level::debug}).last(10)->size(), 2U);
    EXPECT_EQ(log_reader(path, {"", log_level::warn}).last(10)->size(), 2U);
    EXPECT_EQ(log_reader(path, {"intake", log_level::error}).last(10)->size(), 0U);
}

TEST(LogReader, KeepsLinesTogetherThatBelongTogether) {
    const temporary_folder folder;
    log_reader reader(
        folder.write("a.log", "stray\n" + line(1, "error", "bug") + "frame 1\nframe 2\n"), {});
    const auto last = reader.last(10);
    ASSERT_EQ(last->size(), 1U);
    EXPECT_EQ(last->front().keys, "mail=x\nframe 1\nframe 2");
}

TEST(LogReader, WaitsForTheRestOfALine) {
    const temporary_folder folder;
    const auto path = folder.write("a.log", "");
    log_reader reader(path, {});
    EXPECT_TRUE(reader.last(10)->empty());
    const std::string whole = line(1, "info", "intake");
    append(path, whole.substr(0, 30));
    EXPECT_TRUE(reader.news().empty());
    append(path, whole.substr(30));
    EXPECT_EQ(reader.news().size(), 1U);
    EXPECT_TRUE(reader.news().empty());
}

TEST(LogReader, FollowsItsNameWhenLogrotateMovesTheFileAway) {
    const temporary_folder folder;
    const auto path = folder.write("a.log", line(1, "info", "intake"));
    log_reader reader(path, {});
    ASSERT_TRUE(reader.last(10));
    append(path, line(2, "info", "intake"));
    std::filesystem::rename(path, path + ".1");
    append(path + ".1", line(3, "info", "intake"));
    folder.write("a.log", line(4, "info", "intake"));
    const auto news = reader.news();
    ASSERT_EQ(news.size(), 3U);
    EXPECT_EQ(news[0].time, "2026-11-22T07:53:02.123Z");
    EXPECT_EQ(news[2].time, "2026-11-22T07:53:04.123Z");
}

TEST(LogReader, LosesNothingWhileTheNewFileIsNotThereYet) {
    const temporary_folder folder;
    const auto path = folder.write("a.log", "");
    log_reader reader(path, {});
    ASSERT_TRUE(reader.last(10));
    std::filesystem::rename(path, path + ".1");
    append(path + ".1", line(1, "info", "intake"));
    EXPECT_EQ(reader.news().size(), 1U);
    append(path + ".1", line(2, "info", "intake"));
    EXPECT_EQ(reader.news().size(), 1U);
    folder.write("a.log", line(3, "info", "intake"));
    EXPECT_EQ(reader.news().size(), 1U);
}

TEST(LogReader, StartsAgainInAFileThatWasCutShort) {
    const temporary_folder folder;
    const auto path = folder.write("a.log", line(1, "info", "intake") + line(2, "info", "intake"));
    log_reader reader(path, {});
    ASSERT_TRUE(reader.last(10));
    folder.write("a.log", line(3, "info", "intake"));
    EXPECT_EQ(reader.news().size(), 1U);
}

TEST(LogReader, CutsALineThatNeverEnds) {
    const temporary_folder folder;
    std::string text = line(1, "info", "intake");
    text.pop_back();
    log_reader reader(folder.write("a.log", text + std::string(8 << 20, 'x')), {});
    const auto last = reader.last(10);
    ASSERT_TRUE(last);
}

TEST(LogReader, SaysWhyAFileCannotBeRead) {
    EXPECT_EQ(log_reader("/nonexistent/a.log", {}).last(1).failure().code, error_code::not_found);
}

TEST(LogPaths, AreThoseOfOneFolderSorted) {
    const temporary_folder folder;
    const auto b = folder.write("b.log", "");
    const auto a = folder.write("a.log", "");
    folder.write("a.log.1", "");
    EXPECT_EQ(*log_paths(folder.path()), (std::vector<std::string>{a, b}));
    EXPECT_EQ(log_paths(folder.path("none")).failure().code, error_code::not_found);
}

}  // namespace
}  // namespace ie::cli
