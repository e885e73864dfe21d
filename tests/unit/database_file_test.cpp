#include "actors/database_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "tests/support/damages.hpp"
#include "tests/support/faulty_disk.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;
using testing::cut_off;
using testing::faulty_disk;
using ::testing::HasSubstr;
using testing::set_aside;
using testing::write_noise;

constexpr std::array<const char*, 1> steps{"CREATE TABLE mails (id INTEGER, text TEXT)"};

class DatabaseFile : public ::testing::Test {
  protected:
    DatabaseFile() {
        const auto opened = open();
        opened->database->exec(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 400) "
            "INSERT INTO mails SELECT n, hex(randomblob(200)) FROM numbers");
    }
    outcome<opened_database> open() { return open_database(path_, {steps}); }
    static int rows(const opened_database& opened) {
        return opened.database->execAndGet("SELECT COUNT(*) FROM mails").getInt();
    }
    void expect_begun_anew(const std::string& why) {
        const auto opened = open();
        ASSERT_TRUE(opened) << opened.failure().what;
        EXPECT_TRUE(opened->is_new);
        EXPECT_EQ(rows(*opened), 0);
        EXPECT_EQ(set_aside(path_), std::vector<std::string>{opened->set_aside});
        EXPECT_THAT(opened->damage, HasSubstr(why));
        EXPECT_THAT(opened->damage, HasSubstr(path_ + ": "));
    }
    void expect_left_as_it_is(const std::string& why) {
        const auto opened = open();
        ASSERT_FALSE(opened);
        EXPECT_THAT(opened.failure().what, HasSubstr(path_ + ": "));
        EXPECT_THAT(opened.failure().what, HasSubstr(why));
        EXPECT_THAT(set_aside(path_), ::testing::IsEmpty());
    }

    const testing::temporary_folder folder_;
    const std::string path_ = folder_.path("some.db");
};

TEST_F(DatabaseFile, ASoundOneIsOpenedAsItIs) {
    const auto opened = open();
    ASSERT_TRUE(opened);
    EXPECT_FALSE(opened->is_new);
    EXPECT_EQ(opened->set_aside, "");
    EXPECT_EQ(rows(*opened), 400);
}

TEST_F(DatabaseFile, NoiseIsSetAside) {
    write_noise(path_, 0, 50'000);
    expect_begun_anew("not a database");
}

TEST_F(DatabaseFile, NoiseInItsMiddleIsSetAside) {
    write_noise(path_, 40'000, 9'000);
    expect_begun_anew("");
}

TEST_F(DatabaseFile, OneThatIsCutIsSetAside) {
    cut_off(path_, fs::file_size(path_) / 2);
    expect_begun_anew("malformed");
}

TEST_F(DatabaseFile, AnEmptyOneIsSetAside) {
    cut_off(path_, 0);
    expect_begun_anew("is empty");
}

TEST_F(DatabaseFile, ALogWithoutItsDatabaseIsSetAside) {
    fs::rename(path_, path_ + "-wal");
    expect_begun_anew("only its log");
}

TEST_F(DatabaseFile, WhatWasMarkedInUseIsSetAsideOnce) {
    mark_damaged(path_);
    expect_begun_anew("in use");
    EXPECT_TRUE(open());
    EXPECT_EQ(set_aside(path_).size(), 1U);
}

TEST_F(DatabaseFile, WhatTheFirstLookFindsDamagedIsSetAside) {
    const auto look = [](SQLite::Database& database) {
        if (database.execAndGet("SELECT COUNT(*) FROM mails").getInt() > 0) {
            throw SQLite::Exception("too many mails", 11);  // SQLITE_CORRUPT
        }
    };
    const auto opened = open_database(path_, {steps, "", look});
    ASSERT_TRUE(opened) << opened.failure().what;
    EXPECT_THAT(opened->damage, HasSubstr("too many mails"));
}

TEST_F(DatabaseFile, AnotherCanBePutInItsPlace) {
    fs::copy_file(path_, path_ + ".copy");
    write_noise(path_, 0, 50'000);
    const auto opened = open_database(path_, {steps, "", [](SQLite::Database&) {},
                                              [this] { fs::copy_file(path_ + ".copy", path_); }});
    ASSERT_TRUE(opened) << opened.failure().what;
    EXPECT_FALSE(opened->is_new);
    EXPECT_NE(opened->set_aside, "");
    EXPECT_EQ(rows(*opened), 400);
}

TEST_F(DatabaseFile, ADirectoryInItsPlaceStays) {
    fs::remove(path_);
    fs::create_directory(path_);
    expect_left_as_it_is("unable to open");
}

TEST_F(DatabaseFile, OneThatIsLockedStays) {
    SQLite::Database other(path_, SQLite::OPEN_READWRITE);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    expect_left_as_it_is("locked");
}

TEST_F(DatabaseFile, OneOfALaterSchemaStays) {
    SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 9");
    expect_left_as_it_is("has schema 9");
    EXPECT_EQ(open().failure().code, error_code::conflict);
}

TEST_F(DatabaseFile, ADiskErrorThatGoesAwayIsNone) {
    int left = 1;
    const faulty_disk disk([&](std::string_view step, const std::string&) {
        return step == "read" && left-- > 0 ? EIO : 0;
    });
    const auto opened = open();
    ASSERT_TRUE(opened) << opened.failure().what;
    EXPECT_EQ(opened->set_aside, "");
    EXPECT_LT(left, 0);
}

TEST_F(DatabaseFile, ADiskErrorThatComesAgainSetsItAside) {
    int left = 2;
    const faulty_disk disk([&](std::string_view step, const std::string&) {
        return step == "read" && left-- > 0 ? EIO : 0;
    });
    expect_begun_anew("disk I/O error");
}

TEST_F(DatabaseFile, AFullDiskSetsNothingAside) {
    const faulty_disk disk(
        [](std::string_view step, const std::string&) { return step == "read" ? ENOSPC : 0; });
    expect_left_as_it_is("disk I/O error");
}

TEST_F(DatabaseFile, ADiskThatIsBrokenForGoodSetsAsideOnce) {
    const faulty_disk disk(faulty_disk::on("write", ""));
    mark_damaged(path_);
    for (int i = 0; i < 3; ++i) {
        const auto opened = open();
        ASSERT_FALSE(opened);
        EXPECT_THAT(opened.failure().what, HasSubstr("disk I/O error"));
        if (i == 0) EXPECT_THAT(opened.failure().what, HasSubstr("set aside as " + path_));
        EXPECT_EQ(set_aside(path_).size(), 1U);
    }
}

class DatabaseGuard : public DatabaseFile {
  protected:
    outcome<int> write() {
        return guard_.guarded([&] { return (*guard_).exec("INSERT INTO mails VALUES (8, '')"); });
    }
    void fail_from_now(bool fails) {
        disk_.set(fails ? faulty_disk::on("write", "some.db-wal") : faulty_disk::fault{});
    }

    faulty_disk disk_{{}};
    database_guard guard_{path_, std::move(open()->database)};
};

TEST_F(DatabaseGuard, OneDiskErrorIsNoDamage) {
    for (int i = 0; i < 3; ++i) {
        fail_from_now(true);
        EXPECT_FALSE(write());
        fail_from_now(false);
        EXPECT_TRUE(write());
    }
    EXPECT_FALSE(guard_.is_damaged());
    EXPECT_FALSE(fs::exists(path_ + ".damaged"));
}

TEST_F(DatabaseGuard, TwoInARowAre) {
    fail_from_now(true);
    EXPECT_FALSE(write());
    EXPECT_FALSE(guard_.is_damaged());
    EXPECT_FALSE(write());
    EXPECT_TRUE(guard_.is_damaged());
    EXPECT_TRUE(fs::exists(path_ + ".damaged"));
}

TEST_F(DatabaseGuard, AFullDiskIsNone) {
    disk_.set(
        [](std::string_view step, const std::string&) { return step == "write" ? ENOSPC : 0; });
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(write());
    EXPECT_FALSE(guard_.is_damaged());
}

TEST_F(DatabaseGuard, APageThatIsFoundDamagedIs) {
    (*guard_).exec("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA shrink_memory");
    write_noise(path_, 40'000, 9'000);
    const auto read = guard_.guarded(
        [&] { return (*guard_).execAndGet("SELECT SUM(length(text)) FROM mails").getInt(); });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.failure().code, error_code::storage_failed);
    EXPECT_TRUE(guard_.is_damaged());
}

}  // namespace
}  // namespace ie
