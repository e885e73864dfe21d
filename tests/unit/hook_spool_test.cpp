#include <gtest/gtest.h>
#include <sys/stat.h>

#include "gateway/exim_hook/spool_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

using namespace std::string_literals;
namespace fs = std::filesystem;

constexpr size_t mail_bytes_max = 64 << 20;
const queue_id id{"1nFEym-0005TO-Qs"};

// A spool folder of Exim's form.
class HookSpool : public ::testing::Test {
  protected:
    HookSpool() { fs::create_directories(folder_.path("input/m")); }

    void store(const std::string& body, const std::string& first = id.value + "-D",
               const std::string& folder = "m") {
        folder_.write("input/" + folder + "/" + id.value + "-D", first + "\n" + body);
    }
    outcome<std::string> read(std::string_view headers, size_t bytes_max = mail_bytes_max) {
        return read_spooled_mail(folder_.path(), id, headers, bytes_max);
    }

    const testing::temporary_folder folder_;
};

TEST_F(HookSpool, PutsHeadersAndBodyTogether) {
    store("body\n");
    EXPECT_EQ(*read("Subject: x\n"), "Subject: x\n\nbody\n");
    EXPECT_EQ(*read(""), "\nbody\n");
}

TEST_F(HookSpool, EndsAHeaderThatWasCutInMidLine) {
    store("body\n");
    EXPECT_EQ(*read("Subject: x\nX-Long: yyy"), "Subject: x\nX-Long: yyy\n\nbody\n");
}

TEST_F(HookSpool, FindsTheFileWithoutASplitSpoolDirectory) {
    store("body\n", id.value + "-D", ".");
    EXPECT_EQ(*read("A: b\n"), "A: b\n\nbody\n");
}

TEST_F(HookSpool, TakesTheLongerIdsOfNewerExims) {
    const queue_id longer{"1nFEym-00000005TO0-0Qs1"};
    folder_.write("input/m/" + longer.value + "-D", longer.value + "-D\nbody\n");
    EXPECT_EQ(*read_spooled_mail(folder_.path(), longer, "", mail_bytes_max), "\nbody\n");
}

TEST_F(HookSpool, IsCleanForNulsAndOddLineEnds) {
    const std::string body = "a\0b\r\nc\rd\xFF without end"s;
    store(body);
    EXPECT_EQ(*read("A: b\n"), "A: b\n\n" + body);
}

TEST_F(HookSpool, ReadsTwentyMegabytes) {
    std::string body(20 << 20, 'x');
    body.back() = '\n';
    store(body);
    const auto mail = read("A: b\n");
    ASSERT_TRUE(mail);
    EXPECT_EQ(mail->size(), body.size() + 6);
    EXPECT_TRUE(mail->ends_with(body));
}

TEST_F(HookSpool, TakesAnEmptyBody) {
    store("");
    EXPECT_EQ(*read("A: b\n"), "A: b\n\n");
}

TEST_F(HookSpool, RefusesAMailBeyondTheBound) {
    store("12345");
    EXPECT_TRUE(read("A: b\n", 11));
    const auto mail = read("A: b\n", 10);
    ASSERT_FALSE(mail);
    EXPECT_EQ(mail.failure().code, error_code::too_large);
}

TEST_F(HookSpool, RefusesAFileOfAnotherMail) {
    store("body\n", "1nFEym-0005TO-Qt-D");
    EXPECT_EQ(read("").failure().code, error_code::storage_failed);
    store("body\n", id.value + "-D and more");
    EXPECT_EQ(read("").failure().code, error_code::storage_failed);
    EXPECT_FALSE(body_offset("", id));
    EXPECT_FALSE(body_offset(id.value + "-D", id));
}

TEST_F(HookSpool, RefusesALinkAndAPipe) {
    const fs::path file = folder_.path("input/m/" + id.value + "-D");
    fs::create_symlink(folder_.write("elsewhere", id.value + "-D\nsecret\n"), file);
    EXPECT_EQ(read("").failure().code, error_code::storage_failed);
    fs::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_EQ(read("").failure().code, error_code::storage_failed);
}

TEST_F(HookSpool, SaysThatThereIsNoSuchMail) {
    EXPECT_EQ(read("").failure().code, error_code::not_found);
}

}  // namespace
}  // namespace ie
