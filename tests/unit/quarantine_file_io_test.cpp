#include "actors/journal/file_io.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <cerrno>
#include <string>

#include "config/system/file_handle.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

class FileIo : public ::testing::Test {
  protected:
    std::string read(size_t size, uint64_t offset = 0) const {
        std::string bytes(size, '\0');
        EXPECT_TRUE(read_all_at(file_.get(), bytes.data(), size, offset));
        return bytes;
    }
    const testing::temporary_folder folder_;
    const file_handle file_{folder_.path("file"), O_RDWR | O_CREAT};
};

TEST_F(FileIo, GivesBackWhatItWasGivenWhereItWasPut) {
    ASSERT_TRUE(write_all_at(file_.get(), {part_of("ab"), part_of(""), part_of("cd")}, 3));
    EXPECT_EQ(read(7), std::string("\0\0\0abcd", 7));
    EXPECT_EQ(read(3, 4), "bcd");
}

TEST_F(FileIo, NothingIsWritten) {
    EXPECT_TRUE(write_all_at(file_.get(), {}, 0));
    EXPECT_TRUE(write_all_at(file_.get(), {part_of("")}, 0));
}

// The kernel takes 1,024 at a time.
TEST_F(FileIo, PartsMayBeMany) {
    std::string all;
    for (int i = 0; i < 3'000; ++i) all += static_cast<char>('a' + i % 26);
    std::vector<iovec> parts;
    for (const char& each : all) parts.push_back(part_of({&each, 1}));
    ASSERT_TRUE(write_all_at(file_.get(), parts, 0));
    EXPECT_EQ(read(all.size()), all);
}

TEST_F(FileIo, AFileThatEndsBeforeIsAnError) {
    ASSERT_TRUE(write_all_at(file_.get(), {part_of("abc")}, 0));
    std::string bytes(4, '\0');
    errno = 0;
    EXPECT_FALSE(read_all_at(file_.get(), bytes.data(), bytes.size(), 0));
    EXPECT_EQ(errno, EIO);
}

// The kernel writes what still fits, within a part, and refuses the rest.
TEST_F(FileIo, WhatIsCutShortGoesOnFromThere) {
    const auto before = ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const rlimit five{5, limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &five), 0);
    errno = 0;
    const bool written = write_all_at(file_.get(), {part_of("abc"), part_of("defg")}, 0);
    const int code = errno;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    ::signal(SIGXFSZ, before);
    EXPECT_FALSE(written);
    EXPECT_EQ(code, EFBIG);
    EXPECT_EQ(read(5), "abcde");
}

}  // namespace
}  // namespace ie
