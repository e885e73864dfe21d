#include "config/system/whole_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/system/file_handle.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

using ::testing::HasSubstr;
using testing::temporary_folder;
using testing::text_of_file;

stored_file mine(const std::string& text, mode_t mode = 0644) {
    return {text, {mode, ::geteuid(), ::getegid(), std::nullopt}};
}

TEST(WholeFile, IsReadToTheByteWithItsAttributes) {
    const temporary_folder folder;
    std::string text("a\0b\r\n", 5);
    text += std::string(200'000, 'x');
    const std::string path = folder.write("file", text);
    ::chmod(path.c_str(), 0640);
    const auto file = must_read_file(path);
    ASSERT_TRUE(file) << file.failure().what;
    EXPECT_EQ(file->text, text);
    EXPECT_EQ(file->attributes.mode, 0640U);
    EXPECT_EQ(file->attributes.uid, ::geteuid());
    EXPECT_TRUE(file->attributes.modified);
    EXPECT_EQ(must_read_file(folder.write("empty", ""))->text, "");
}

TEST(WholeFile, OfProcHasNoSizeAndIsReadAllTheSame) {
    const auto file = must_read_file("/proc/self/maps");
    ASSERT_TRUE(file) << file.failure().what;
    EXPECT_THAT(file->text, HasSubstr("[stack]"));
    EXPECT_TRUE(file->text.ends_with('\n'));
}

TEST(WholeFile, ThatIsMissingIsNoneOrAnError) {
    const temporary_folder folder;
    const auto none = read_file(folder.path("none"));
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    const auto missing = must_read_file(folder.path("none"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.failure().code, error_code::not_found);
    EXPECT_EQ(missing.failure().what, folder.path("none") + ": No such file or directory");
}

TEST(WholeFile, IsRefusedAboveItsBoundOnly) {
    const temporary_folder folder;
    const std::string path = folder.write("file", std::string(100'000, 'x'));
    EXPECT_TRUE(read_file(path, 100'000));
    const auto large = read_file(path, 99'999);
    ASSERT_FALSE(large);
    EXPECT_EQ(large.failure().code, error_code::too_large);
    EXPECT_EQ(large.failure().what, path + ": more than 99999 bytes");
    const auto of_proc = read_file("/proc/self/maps", 10);
    ASSERT_FALSE(of_proc);
    EXPECT_EQ(of_proc.failure().code, error_code::too_large);
}

// A pipe that nobody writes to would be waited for.
TEST(WholeFile, IsNeverAPipeAFolderOrADevice) {
    const temporary_folder folder;
    const std::string pipe = folder.path("pipe");
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& path : {pipe, folder.path(), std::string("/dev/zero")}) {
        const auto file = read_file(path);
        ASSERT_FALSE(file) << path;
        EXPECT_EQ(file.failure().code, error_code::conflict) << path;
        EXPECT_EQ(file.failure().what, path + " isn't a file; put it out of the way");
    }
}

TEST(WholeFile, IsReadFromADescriptorWhereItStands) {
    const temporary_folder folder;
    const file_handle file(folder.write("file", "0123456789"), O_RDONLY);
    ASSERT_EQ(::lseek(file.get(), 4, SEEK_SET), 4);
    EXPECT_EQ(*read_all(file.get(), "file", 6), "456789");
    EXPECT_FALSE(read_all(-1, "file", 6));
}

TEST(WholeFile, IsReadToItsEndWhereNothingTellsItsSize) {
    constexpr size_t bytes = 200'000;
    int ends[2] = {};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const file_handle from(ends[0]);
    {
        const file_handle to(ends[1]);
        ASSERT_GE(::fcntl(to.get(), F_SETPIPE_SZ, 1 << 20), static_cast<int>(bytes));
        const std::string text(bytes, 'x');
        ASSERT_EQ(::write(to.get(), text.data(), bytes), static_cast<ssize_t>(bytes));
    }
    EXPECT_EQ(*read_all(from.get(), "pipe", bytes), std::string(bytes, 'x'));
}

TEST(WholeFile, IsWrittenWithItsFoldersAndNothingBeside) {
    const temporary_folder folder;
    const std::string path = folder.path("a/b/file");
    ASSERT_TRUE(write_file(path, mine("was")));
    ASSERT_TRUE(write_file(path, mine("is", 0600)));
    EXPECT_EQ(text_of_file(path), "is");
    EXPECT_EQ(must_read_file(path)->attributes.mode, 0600U);
    const std::filesystem::directory_iterator files(folder.path("a/b"));
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
    struct stat found {};
    ASSERT_EQ(::stat(folder.path("a/b").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0700U);
}

TEST(WholeFile, KeepsTheTimeThatItWasGiven) {
    const temporary_folder folder;
    stored_file file = mine("text");
    file.attributes.modified = timespec{1'000'000, 7};
    ASSERT_TRUE(write_file(folder.path("file"), file));
    const auto modified = must_read_file(folder.path("file"))->attributes.modified;
    EXPECT_EQ(modified->tv_sec, 1'000'000);
    EXPECT_EQ(modified->tv_nsec, 7);
}

TEST(WholeFile, WritesToNothingThatLiesInTheWay) {
    const temporary_folder folder;
    const std::string his = folder.write("his", "his");
    const std::string path = folder.path("file");
    std::filesystem::create_hard_link(his, path + ".imunifyemail--new");
    ASSERT_TRUE(write_file(path, mine("is")));
    EXPECT_EQ(text_of_file(his), "his");
    EXPECT_EQ(text_of_file(path), "is");
}

TEST(WholeFile, SaysWhyItCannotBeWritten) {
    const temporary_folder folder;
    const std::string in_a_file = folder.write("file", "") + "/below";
    const auto done = write_file(in_a_file, mine("text"));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.failure().code, error_code::storage_failed);
    EXPECT_THAT(done.failure().what, HasSubstr("Not a directory"));
}

}  // namespace
}  // namespace ie
