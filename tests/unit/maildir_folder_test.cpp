#include "gateway/folder_maker/maildir_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

class MaildirFolder : public ::testing::Test {
  protected:
    std::string subscriptions() const {
        std::ifstream in(folder_.path("subscriptions"));
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    bool made(const std::string& name) const {
        const fs::path path = folder_.path("." + name);
        return fs::is_directory(path / "cur") && fs::is_directory(path / "new") &&
               fs::is_directory(path / "tmp") && fs::exists(path / "maildirfolder");
    }

    testing::temporary_folder folder_;
    std::string maildir_ = folder_.path();
};

TEST_F(MaildirFolder, IsMadeAndSubscribedTo) {
    ASSERT_TRUE(make_folder(maildir_, "Junk"));
    EXPECT_TRUE(made("Junk"));
    EXPECT_EQ(subscriptions(), "Junk\n");
    struct stat found {};
    ASSERT_EQ(::stat(folder_.path(".Junk").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0700U);
    EXPECT_FALSE(fs::exists(folder_.path("subscriptions.lock")));
}

TEST_F(MaildirFolder, ThatIsThereStaysAsItIs) {
    folder_.write("subscriptions", "Junk\nSent\n");
    fs::create_directories(folder_.path(".Junk/cur"));
    std::ofstream(folder_.path(".Junk/cur/1:2,S")) << "mail";
    ASSERT_TRUE(make_folder(maildir_, "Junk"));
    EXPECT_TRUE(made("Junk") && fs::exists(folder_.path(".Junk/cur/1:2,S")));
    EXPECT_EQ(subscriptions(), "Junk\nSent\n");
}

TEST_F(MaildirFolder, CantBeOutsideOfTheMaildir) {
    for (const char* name : {"", "../x", "a/b", ".x", "a\nb", "a\tb"}) {
        const auto done = make_folder(maildir_, name);
        ASSERT_FALSE(done) << name;
        EXPECT_EQ(done.failure().code, error_code::bad_request) << name;
    }
}

TEST_F(MaildirFolder, WhoseSubscriptionsAreALinkIsNotSubscribedToNorMade) {
    const std::string target = folder_.write("somebody's", "mine\n");
    fs::create_symlink(target, folder_.path("subscriptions"));
    EXPECT_FALSE(make_folder(maildir_, "Junk"));
    EXPECT_FALSE(fs::exists(folder_.path(".Junk")));
    EXPECT_TRUE(fs::is_symlink(folder_.path("subscriptions")));
}

TEST(MaildirFolderOfNobody, IsNotMade) {
    for (const char* maildir : {"", "Maildir"}) {
        const auto done = make_folder(maildir, "Junk");
        ASSERT_FALSE(done) << maildir;
        EXPECT_NE(done.failure().what.find("isn't an absolute path"), std::string::npos);
    }
}

TEST_F(MaildirFolder, TakesOverALockThatSomebodyHasLeft) {
    const std::string lock = folder_.write("subscriptions.lock", "");
    const timespec long_ago[] = {{::time(nullptr) - 120, 0}, {::time(nullptr) - 120, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, lock.c_str(), long_ago, 0), 0);
    ASSERT_TRUE(make_folder(maildir_, "Junk"));
    EXPECT_EQ(subscriptions(), "Junk\n");
    EXPECT_FALSE(fs::exists(lock));
}

TEST_F(MaildirFolder, WaitsForDovecotsLockWithinBounds) {
    folder_.write("subscriptions.lock", "");
    const auto done = make_folder(maildir_, "Junk");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.failure().code, error_code::busy);
    EXPECT_TRUE(fs::exists(folder_.path("subscriptions.lock")));
}

TEST(Subscriptions, AreKeptInBothForms) {
    EXPECT_EQ(with_subscription("", "Junk"), "Junk\n");
    EXPECT_EQ(with_subscription("Sent", "Junk"), "Sent\nJunk\n");
    EXPECT_EQ(with_subscription("Junk E-mail\n", "Junk"), "Junk E-mail\nJunk\n");
    EXPECT_EQ(with_subscription("A.Junk\n", "A.Junk"), "A.Junk\n");
    EXPECT_EQ(with_subscription("V\t2\n\nSent\n", "A.Junk"), "V\t2\n\nSent\nA\tJunk\n");
    EXPECT_EQ(with_subscription("V\t2\n\nA\tJunk\n", "A.Junk"), "V\t2\n\nA\tJunk\n");
}

}  // namespace
}  // namespace ie
