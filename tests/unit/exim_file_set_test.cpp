#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "config/system/exim_setup/file_set.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::exim {
namespace {

using ie::testing::temporary_folder;
using ie::testing::text_of_file;
using ::testing::HasSubstr;

stored_file mine(const std::string& text) {
    return {text, {0644, ::geteuid(), ::getegid(), std::nullopt}};
}

file_change change(const std::string& path, const std::string& now, const std::string& wanted) {
    return {path, mine(now), mine(wanted)};
}

size_t files_in(const temporary_folder& folder) {
    const std::filesystem::directory_iterator files(folder.path());
    return static_cast<size_t>(std::distance(begin(files), end(files)));
}

TEST(FileSet, ChangesWhatALinkLeadsToAndKeepsTheLink) {
    const temporary_folder folder;
    const std::string file = folder.write("file", "was");
    std::filesystem::create_symlink(file, folder.path("link"));
    file_set files({change(folder.path("link"), "was", "is")});
    ASSERT_TRUE(files.prepare());
    ASSERT_TRUE(files.replace());
    files.keep();
    EXPECT_EQ(text_of_file(file), "is");
    EXPECT_EQ(std::filesystem::read_symlink(folder.path("link")), file);
    EXPECT_EQ(files_in(folder), 2U);
}

TEST(FileSet, KeepsWhatSomebodyElseHasWritten) {
    const temporary_folder folder;
    const std::string first = folder.write("first", "was");
    const std::string edited = folder.write("edited", "was, and his");
    file_set files({change(first, "was", "is"), change(edited, "was", "is")});
    ASSERT_TRUE(files.prepare());
    const auto done = files.replace();
    ASSERT_FALSE(done);
    EXPECT_THAT(done.failure().what, HasSubstr("edited was changed meanwhile; run it again"));
    EXPECT_EQ(text_of_file(edited), "was, and his");
    EXPECT_EQ(text_of_file(first), "was");
    EXPECT_EQ(files_in(folder), 2U);
}

TEST(FileSet, KeepsAFileThatSomebodyElseHasMade) {
    const temporary_folder folder;
    file_set files({{folder.path("new"), std::nullopt, mine("is")}});
    ASSERT_TRUE(files.prepare());
    folder.write("new", "his");
    EXPECT_FALSE(files.replace());
    EXPECT_EQ(text_of_file(folder.path("new")), "his");
    EXPECT_EQ(files_in(folder), 1U);
}

TEST(FileSet, ChangesAFileInStepsAndUndoesThemAll) {
    const temporary_folder folder;
    const std::string path = folder.write("file", "a");
    {
        file_set files({change(path, "a", "b"), change(path, "b", "c")});
        ASSERT_TRUE(files.prepare());
        ASSERT_TRUE(files.replace());
        EXPECT_EQ(text_of_file(path), "c");
    }
    EXPECT_EQ(text_of_file(path), "a");
    EXPECT_EQ(files_in(folder), 1U);
}

TEST(FileSet, WritesToNothingThatLiesInTheWay) {
    const temporary_folder folder;
    const std::string his = folder.write("his", "his");
    const std::string path = folder.write("file", "a");
    std::filesystem::create_hard_link(his, path + ".imunifyemail-0-new");
    file_set files({change(path, "a", "b")});
    ASSERT_TRUE(files.prepare());
    ASSERT_TRUE(files.replace());
    files.keep();
    EXPECT_EQ(text_of_file(his), "his");
}

}  // namespace
}  // namespace ie::exim
