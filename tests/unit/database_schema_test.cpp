#include "actors/database_schema.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::array<const char*, 5> steps{
    "CREATE TABLE mails (id INTEGER, gone TEXT); INSERT INTO mails VALUES (7, 'x')",
    "ALTER TABLE mails DROP COLUMN gone", "CREATE TABLE three (x)", "CREATE TABLE four (x)",
    "CREATE TABLE five (x)"};

class DatabaseSchema : public ::testing::Test {
  protected:
    outcome<nothing> bring_to(size_t version) {
        SQLite::Database database(path_, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        database.exec("PRAGMA journal_mode = WAL");
        return bring_up_to_date(database, std::span(steps).first(version), path_);
    }
    int version_of(const std::string& path) const {
        SQLite::Database database(path, SQLite::OPEN_READONLY);
        return schema_version(database);
    }
    size_t files() const {
        return static_cast<size_t>(std::distance(fs::directory_iterator(folder_.path("")), {}));
    }

    const testing::temporary_folder folder_;
    const std::string path_ = folder_.path("quarantine.db");
};

TEST_F(DatabaseSchema, WhatIsMigratedIsKeptAsItWas) {
    ASSERT_TRUE(bring_to(1));
    ASSERT_TRUE(bring_to(2));
    EXPECT_EQ(version_of(path_), 2);
    const auto kept = backup_path(path_, 1);
    EXPECT_EQ(kept, path_ + ".schema-1.bak");
    EXPECT_EQ(version_of(kept), 1);
    SQLite::Database database(kept, SQLite::OPEN_READONLY);
    EXPECT_EQ(database.execAndGet("SELECT gone FROM mails").getString(), "x");
}

TEST_F(DatabaseSchema, WhatIsNewOrUpToDateIsNotKept) {
    ASSERT_TRUE(bring_to(2));
    ASSERT_TRUE(bring_to(2));
    EXPECT_EQ(files(), 1U);
}

TEST_F(DatabaseSchema, TheLastTwoAreKept) {
    folder_.write("quarantine.db.schema-1.bak.old", "somebody else's");
    for (size_t version = 1; version <= steps.size(); ++version) ASSERT_TRUE(bring_to(version));
    EXPECT_FALSE(fs::exists(backup_path(path_, 1)));
    EXPECT_FALSE(fs::exists(backup_path(path_, 2)));
    EXPECT_EQ(version_of(backup_path(path_, 3)), 3);
    EXPECT_EQ(version_of(backup_path(path_, 4)), 4);
    EXPECT_TRUE(fs::exists(path_ + ".schema-1.bak.old"));
}

TEST_F(DatabaseSchema, TheLastTwoAreKeptHoweverFarApartTheyAre) {
    ASSERT_TRUE(bring_to(1));
    ASSERT_TRUE(bring_to(2));
    ASSERT_TRUE(bring_to(4));
    ASSERT_TRUE(bring_to(5));
    EXPECT_FALSE(fs::exists(backup_path(path_, 1)));
    EXPECT_EQ(version_of(backup_path(path_, 2)), 2);
    EXPECT_EQ(version_of(backup_path(path_, 4)), 4);
}

// Whoever opens it puts a damaged one aside; see quarantine_database.
TEST_F(DatabaseSchema, ADamagedOneIsSaidToBeDamaged) {
    ASSERT_TRUE(bring_to(1));
    {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4096);  // the second page, the table's
        file << std::string(4096, '\xff');
    }
    EXPECT_THROW((void)bring_to(2), SQLite::Exception);
}

TEST_F(DatabaseSchema, OneThatWasBrokenOffIsMadeAgain) {
    ASSERT_TRUE(bring_to(1));
    folder_.write("quarantine.db.schema-1.bak.new", "half");
    folder_.write("quarantine.db.schema-1.bak", "of another time");
    ASSERT_TRUE(bring_to(2));
    EXPECT_EQ(version_of(backup_path(path_, 1)), 1);
    EXPECT_EQ(files(), 2U);
}

TEST_F(DatabaseSchema, WithoutABackupNothingIsMigrated) {
    ASSERT_TRUE(bring_to(1));
    fs::create_directories(backup_path(path_, 1) + ".new/not empty");
    const auto refused = bring_to(2);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::storage_failed);
    EXPECT_THAT(refused.failure().what, HasSubstr(path_ + ": can't be kept as"));
    EXPECT_EQ(version_of(path_), 1);
}

TEST_F(DatabaseSchema, ALaterOneIsRefusedAndStays) {
    ASSERT_TRUE(bring_to(3));
    const auto refused = bring_to(2);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.failure().code, error_code::conflict);
    EXPECT_THAT(refused.failure().what, HasSubstr("has schema 3, this engine knows 2"));
    EXPECT_EQ(version_of(path_), 3);
    EXPECT_FALSE(fs::exists(backup_path(path_, 3)));
}

}  // namespace
}  // namespace ie
