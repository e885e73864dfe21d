#include "actors/quarantine/store/mail_store.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cerrno>
#include <fstream>

#include "tests/support/mime_corpus.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

class MailStore : public ::testing::Test {
  protected:
    const mail_store store() {
        auto opened = mail_store::open(folder_.path("q"), [this](const disk_step& step) {
            return step.name == faulty_ ? EIO : 0;
        });
        return std::move(*opened);
    }
    std::string path(const mail_id& id) const {
        return folder_.path("q/") + id.value.substr(0, 2) + "/" + id.value;
    }
    stored_record record(const mail_id& id) const {
        stored_record made;
        made.id = id;
        made.size_bytes = mail_.size();
        made.digest = digest_of(mail_);
        return made;
    }
    outcome<nothing> put(const mail_store& into, const mail_id& id) {
        return into.put(record(id), mail_);
    }
    size_t file_count() const {
        size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }

    const testing::temporary_folder folder_;
    const mail_id id_{"ef69f707-d547-4b29-b8f0-f5331821c930"};
    const std::string mail_ = "A: 1\n\nbody\n";
    std::string faulty_;
};

TEST_F(MailStore, GivesBackWhatItWasGiven) {
    ASSERT_TRUE(put(store(), id_));
    const auto stored = store().read(id_);
    ASSERT_TRUE(stored) << stored.failure().what;
    EXPECT_EQ(stored->mail.view(), mail_);
    EXPECT_EQ(stored->record, record(id_));
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(MailStore, NobodyElseMayReadItsFiles) {
    ASSERT_TRUE(put(store(), id_));
    struct stat file {};
    ASSERT_EQ(::stat(path(id_).c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0600U);
    ASSERT_EQ(::stat(folder_.path("q").c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777U, 0700U);
}

TEST_F(MailStore, WhatIsStagedIsNotThereYet) {
    const auto staged = store().stage(record(id_), mail_);
    ASSERT_TRUE(staged);
    EXPECT_EQ(store().read(id_).failure().code, error_code::not_found);
    const auto names = store().names_in(0xef);
    EXPECT_EQ(names->mails.size(), 0U);
    EXPECT_EQ(names->staged.size(), 1U);
}

TEST_F(MailStore, EachFailedStepIsAnErrorThatNamesItAndLeavesNoTemporaryFile) {
    for (const char* step : {"write", "rename"}) {
        faulty_ = step;
        const auto result = put(store(), id_);
        ASSERT_FALSE(result) << step;
        EXPECT_EQ(result.failure().code, error_code::storage_failed);
        EXPECT_THAT(result.failure().what,
                    ::testing::AllOf(::testing::HasSubstr(step), ::testing::HasSubstr(id_.value),
                                     ::testing::HasSubstr("Input/output error")));
        EXPECT_EQ(file_count(), 0U) << step;
    }
}

TEST_F(MailStore, AFolderThatCantBeMadeDurableIsAnError) {
    const auto full = [](const disk_step&) { return ENOSPC; };
    const auto opened = mail_store::open(folder_.path("new"), full);
    ASSERT_FALSE(opened);
    EXPECT_THAT(opened.failure().what, ::testing::HasSubstr("can't fsync folder"));
}

TEST_F(MailStore, WhatCantBeSyncedIsAnError) {
    const auto into = store();
    const auto staged = into.stage(record(id_), mail_);
    EXPECT_TRUE(into.sync_file(*staged));
    EXPECT_TRUE(into.sync_folder(*staged));
    faulty_ = "fsync_file";
    EXPECT_THAT(into.sync_file(*staged).failure().what, ::testing::HasSubstr("can't fsync"));
    faulty_ = "fsync_folder";
    EXPECT_THAT(into.sync_folder(*staged).failure().what, ::testing::HasSubstr("can't fsync"));
}

TEST_F(MailStore, ANewFileTakesTheOldOnesPlace) {
    ASSERT_TRUE(put(store(), id_));
    stored_record changed = record(id_);
    changed.recipients = {"c@far.test"};
    ASSERT_TRUE(store().put(changed, mail_));
    EXPECT_EQ(store().read(id_)->record, changed);
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(MailStore, AnAlteredFileIsRefused) {
    ASSERT_TRUE(put(store(), id_));
    std::ofstream(path(id_), std::ios::app) << "x";
    const auto read = store().read(id_);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.failure().code, error_code::storage_failed);
    EXPECT_THAT(read.failure().what, ::testing::HasSubstr("altered"));
}

TEST_F(MailStore, AnotherMailsFileIsRefused) {
    const mail_id other{"00000000-d547-4b29-b8f0-f5331821c930"};
    ASSERT_TRUE(put(store(), other));
    fs::rename(path(other), path(id_));
    EXPECT_THAT(store().read(id_).failure().what, ::testing::HasSubstr("altered"));
}

TEST_F(MailStore, RemovingTwiceIsFine) {
    ASSERT_TRUE(put(store(), id_));
    EXPECT_TRUE(store().remove(id_));
    EXPECT_TRUE(store().remove(id_));
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(MailStore, AFolderThatCantBeMadeIsNamed) {
    const auto opened = mail_store::open(folder_.path("none/q"));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.failure().what,
              "can't make folder " + folder_.path("none/q: No such file or directory"));
}

}  // namespace
}  // namespace ie
