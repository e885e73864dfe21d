#include "config/log.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>

#include "config/log_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::text_of_file;

// No file of this process grows beyond so many bytes, as on a full disk, until its end.
class full_disk {
  public:
    explicit full_disk(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;

  private:
    rlimit before_{};
    void (*handler_)(int);
};

// What is written to standard error meanwhile. A pipe: the disk is full for a file.
class standard_error {
  public:
    standard_error() : before_(::dup(STDERR_FILENO)) {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
        reader_ = file_handle(ends[0]);
        ::dup2(ends[1], STDERR_FILENO);
        ::close(ends[1]);
    }
    ~standard_error() { ::dup2(before_.get(), STDERR_FILENO); }
    standard_error(const standard_error&) = delete;
    standard_error& operator=(const standard_error&) = delete;

    std::string text() const {
        std::string got(4'096, '\0');
        got.resize(static_cast<size_t>(
            std::max<ssize_t>(::read(reader_.get(), got.data(), got.size()), 0)));
        return got;
    }

  private:
    file_handle before_;
    file_handle reader_;
};

class LogFile : public ::testing::Test {
  protected:
    const testing::temporary_folder folder_;
    const std::string path_ = folder_.path("x.log");
    log_file file_{path_};

    // Nobody, root neither, can write into what is a folder.
    void block() {
        if (fs::exists(path_)) fs::rename(path_, path_ + ".1");
        fs::create_directory(path_);
    }
    void unblock() { fs::remove(path_); }
};

TEST_F(LogFile, GoesOnInTheOldFileWhileTheNewOneCantBeOpened) {
    ASSERT_TRUE(file_.open(0));
    EXPECT_TRUE(file_.append("a\n"));
    EXPECT_EQ(file_.trouble(), "");
    block();
    const auto refused = file_.open(5'000);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_TRUE(file_.append("b\n"));
    EXPECT_EQ(text_of_file(path_ + ".1"), "a\nb\n");
    EXPECT_EQ(file_.trouble(),
              path_ + ": Is a directory; lines go to the file that was open before");
}

TEST_F(LogFile, TriesAgainByItself) {
    ASSERT_TRUE(file_.open(0));
    block();
    ASSERT_FALSE(file_.open(5'000));
    unblock();
    EXPECT_FALSE(file_.recover(5'999));
    EXPECT_TRUE(file_.recover(6'000));
    EXPECT_FALSE(file_.recover(60'000)) << "there is nothing to recover from";
    EXPECT_TRUE(file_.append("c\n"));
    EXPECT_EQ(text_of_file(path_), "c\n");
    EXPECT_EQ(file_.trouble(), "");
}

TEST_F(LogFile, WithoutAnyFileWritesToStandardError) {
    log_file file(folder_.path("missing/x.log"));
    ASSERT_FALSE(file.open(0));
    const standard_error heard;
    EXPECT_TRUE(file.append("a\n"));
    EXPECT_EQ(heard.text(), "a\n");
    EXPECT_THAT(file.trouble(), EndsWith("No such file or directory; lines go to standard error"));
    fs::create_directory(folder_.path("missing"));
    EXPECT_TRUE(file.recover(1'000));
    EXPECT_TRUE(file.append("b\n"));
    EXPECT_EQ(text_of_file(folder_.path("missing/x.log")), "b\n");
}

// The folder was removed with all that was in it.
TEST_F(LogFile, ThatNobodyCanReadAnyMoreIsNone) {
    ASSERT_TRUE(file_.open(0));
    fs::remove(path_);
    fs::create_directory(path_);
    ASSERT_FALSE(file_.open(5'000));
    const standard_error heard;
    EXPECT_TRUE(file_.append("a\n"));
    EXPECT_EQ(heard.text(), "a\n");
}

TEST_F(LogFile, CountsWhatAFullDiskTakesAndTellsStandardErrorOnce) {
    ASSERT_TRUE(file_.open(0));
    ASSERT_TRUE(file_.append("first\n"));
    const standard_error heard;
    {
        const full_disk full(8);
        for (uint64_t i = 1; i <= 3; ++i) {
            EXPECT_FALSE(file_.append("second\n"));
            EXPECT_EQ(file_.lost(), i);
        }
    }
    EXPECT_EQ(heard.text(), "log lines are lost: " + path_ + ": File too large\n");
    EXPECT_EQ(file_.trouble(), path_ + ": File too large; 3 lines lost so far");
    EXPECT_TRUE(file_.append("third\n"));
    EXPECT_EQ(text_of_file(path_), "first\nse\nthird\n") << "a torn line is ended";
    EXPECT_EQ(file_.lost(), 0U);
    EXPECT_EQ(file_.trouble(), "");
}

TEST_F(LogFile, NeverWaitsForWhoReadsAFifo) {
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    ASSERT_FALSE(file_.open(0)) << "nobody reads";
    const file_handle reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    ASSERT_TRUE(file_.recover(1'000));
    const std::string line = std::string(4'095, 'x') + "\n";
    const standard_error heard;
    while (file_.append(line)) {
    }
    EXPECT_THAT(heard.text(), HasSubstr("Resource temporarily unavailable"));
}

// What the engine and the hook do with their log.
class Log : public LogFile {
  protected:
    void TearDown() override { close_log(); }
    const logger log_{"test"};
};

TEST_F(Log, LivesOnWhereItCantBeOpenedAgain) {
    ASSERT_TRUE(open_log(path_, log_level::info));
    log_.info(event::started);
    block();
    EXPECT_FALSE(reopen_log());
    log_.info(event::stopped);
    EXPECT_THAT(text_of_file(path_ + ".1"), EndsWith("Z info test stopped\n"));
    EXPECT_THAT(log_trouble(), HasSubstr("Is a directory"));
    unblock();
    EXPECT_TRUE(reopen_log());
    log_.info(event::draining);
    EXPECT_THAT(text_of_file(path_), EndsWith("Z info test draining\n"));
    EXPECT_EQ(log_trouble(), "");
}

TEST_F(Log, IsOnStandardErrorWhereItCantBeOpenedAtTheStart) {
    block();
    const standard_error heard;
    EXPECT_FALSE(open_log(path_, log_level::info));
    log_.info(event::started);
    EXPECT_THAT(heard.text(), EndsWith("Z info test started\n"));
    EXPECT_THAT(log_trouble(), HasSubstr("lines go to standard error"));
}

TEST_F(Log, SaysHowManyLinesWereLost) {
    ASSERT_TRUE(open_log(path_, log_level::info));
    const standard_error heard;
    {
        const full_disk full(0);
        for (int i = 0; i < 3; ++i) log_.info(event::started);
    }
    log_.info(event::stopped);
    const std::string text = text_of_file(path_);
    EXPECT_THAT(text, HasSubstr("Z warn log log_lines_lost count=3\n"));
    EXPECT_THAT(text, EndsWith("Z info test stopped\n"));
    EXPECT_EQ(log_trouble(), "");
}

TEST_F(Log, TakesLinesAfterItsEnd) {
    ASSERT_TRUE(open_log(path_, log_level::info));
    close_log();
    const standard_error heard;
    log_.info(event::stopped);
    EXPECT_THAT(heard.text(), EndsWith("Z info test stopped\n"));
    EXPECT_EQ(text_of_file(path_), "");
}

}  // namespace
}  // namespace ie
