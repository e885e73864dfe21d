// What is in force where settings.db is damaged, or can't be had.
#include <gmock/gmock.h>

#include "actors/settings/settings_copies.hpp"
#include "tests/actor/settings_fixture.hpp"
#include "tests/support/damages.hpp"
#include "tests/support/faulty_disk.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;
using testing::cut_off;
using ::testing::ElementsAre;
using testing::faulty_disk;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::set_aside;
using testing::write_noise;

constexpr std::chrono::milliseconds a_poll{2'000};
constexpr std::chrono::seconds a_retry{6};

class SettingsDisk : public testing::settings_fixture {
  protected:
    SettingsDisk() { options_.incoming_switch = folder_.path("incoming.switch"); }

    // Decided yesterday, and so in the copy; decided today, and so lost with the database.
    void prepare() {
        start();
        ASSERT_TRUE(change({{"spam", "off"}}));
        ASSERT_TRUE(whitelist({"yesterday.test"}));
        advance(a_poll);
        advance(std::chrono::hours(2));
        ASSERT_TRUE(whitelist({"today.test"}));
        stop();
        testing::put_into_one_file(path());
    }
    void stop() {
        caf::anon_send_exit(settings_, caf::exit_reason::user_shutdown);
        run();
        owned_.pop_back();
    }
    const std::string& path() const { return options_.path; }
    std::vector<std::string> domains() { return listed(whitelist_kind::sender).domains; }
    std::vector<std::string> copies() const {
        std::vector<std::string> out;
        for (const auto& each : settings_copies(path())) out.push_back(each.date);
        return out;
    }
    static std::string whole_text(const actor_status& status) {
        return status.detail + " " + status.last_error;
    }
    void expect_yesterdays() {
        EXPECT_FALSE(policy_.get()->reasons_on.has(hold_reason::spam));
        EXPECT_THAT(domains(), ElementsAre("yesterday.test"));
        EXPECT_THAT(whole_text(status()), HasSubstr("the copy of 2026-11-22"));
    }
    void expect_put_back() {
        expect_yesterdays();
        EXPECT_EQ(status().state, actor_state::running);
        ASSERT_TRUE(whitelist({"new.test"}));
        EXPECT_EQ(trail().size(), 3U);  // yesterday's and this
        restart();
        EXPECT_THAT(domains(), ElementsAre("yesterday.test", "new.test"));
    }
    void expect_refused(const std::string& why) {
        EXPECT_EQ(status().state, actor_state::degraded);
        EXPECT_THAT(status().last_error, HasSubstr(why));
        const auto refused = whitelist({"new.test"});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.failure().code, error_code::storage_failed);
        EXPECT_THAT(refused.failure().what, HasSubstr("can't be changed"));
        EXPECT_THAT(set_aside(path()), IsEmpty());
    }
    void put_directory() {
        fs::rename(path(), path() + ".kept");
        fs::create_directory(path());
    }
    void put_back() {
        fs::remove(path());
        fs::rename(path() + ".kept", path());
    }
    static auto reads_that_fail(int& left, const std::string& path) {
        return [&left, path](std::string_view step, const std::string& of) {
            return step == "read" && of == path && left-- > 0 ? EIO : 0;
        };
    }
};

TEST_F(SettingsDisk, MakesACopyEachDayAndKeepsTwo) {
    start();
    EXPECT_THAT(copies(), IsEmpty());
    for (const char* newest : {"2026-11-22", "2026-11-23", "2026-11-24"}) {
        for (int i = 0; i < 3; ++i) advance(a_poll);
        EXPECT_EQ(copies().at(0), newest);
        advance(std::chrono::hours(24));
    }
    advance(a_poll);
    EXPECT_THAT(copies(), ElementsAre("2026-11-25", "2026-11-24"));
}

TEST_F(SettingsDisk, ACopyOfAClockThatWasAheadGoes) {
    start();
    time_.set_back_ms(-std::chrono::milliseconds(std::chrono::hours(24 * 30)).count());
    advance(a_poll);
    time_.set_back_ms(std::chrono::milliseconds(std::chrono::hours(24 * 30)).count());
    advance(a_poll);
    EXPECT_THAT(copies(), ElementsAre("2026-11-22"));
}

TEST_F(SettingsDisk, SaysThatNoCopyCanBeMadeAndTriesAgainLater) {
    start();
    const std::string in_its_way = path() + ".copy-2026-11-22.new";
    fs::create_directories(in_its_way + "/not empty");
    for (int i = 0; i < 2; ++i) advance(a_poll);
    EXPECT_THAT(status().detail, HasSubstr("no copy could be made"));
    fs::remove_all(in_its_way);
    for (int i = 0; i < 2; ++i) advance(a_poll);
    EXPECT_THAT(copies(), IsEmpty()) << "it isn't later yet";
    advance(std::chrono::minutes(10));
    for (int i = 0; i < 2; ++i) advance(a_poll);
    EXPECT_THAT(copies(), ElementsAre("2026-11-22"));
    EXPECT_THAT(status().detail, ::testing::Not(HasSubstr("no copy")));
}

TEST_F(SettingsDisk, NoiseGivesWayToTheNewestCopy) {
    prepare();
    write_noise(path(), 0, 8'000);
    start();
    EXPECT_EQ(set_aside(path()).size(), 1U);
    expect_put_back();
}

TEST_F(SettingsDisk, OneThatIsCutGivesWayToTheNewestCopy) {
    prepare();
    cut_off(path(), fs::file_size(path()) / 2);
    start();
    EXPECT_EQ(set_aside(path()).size(), 1U);
    expect_put_back();
}

TEST_F(SettingsDisk, AnEmptyOneGivesWayToTheNewestCopy) {
    prepare();
    cut_off(path(), 0);
    start();
    expect_put_back();
}

TEST_F(SettingsDisk, OneThatIsGoneGivesWayToTheNewestCopy) {
    prepare();
    fs::remove(path());
    start();
    EXPECT_THAT(set_aside(path()), IsEmpty());
    expect_put_back();
}

TEST_F(SettingsDisk, ALogWithoutItsDatabaseIsNotTheCopys) {
    prepare();
    fs::rename(path(), path() + "-wal");
    start();
    EXPECT_EQ(set_aside(path()).size(), 1U) << "the log's";
    expect_put_back();
}

TEST_F(SettingsDisk, ACopyThatIsDamagedGivesWayToTheOneBefore) {
    prepare();
    start();
    advance(std::chrono::hours(24));
    advance(a_poll);
    ASSERT_THAT(copies(), ElementsAre("2026-11-23", "2026-11-22"));
    stop();
    write_noise(path() + ".copy-2026-11-23", 4'096, 20'000);
    write_noise(path(), 0, 8'000);
    start();
    expect_put_back();
}

TEST_F(SettingsDisk, WithoutACopyItIsBegunAnewByTheDefaults) {
    prepare();
    fs::remove(path() + ".copy-2026-11-22");
    write_noise(path(), 0, 8'000);
    start();
    EXPECT_TRUE(policy_.get()->reasons_on.has(hold_reason::spam));
    EXPECT_THAT(domains(), IsEmpty());
    EXPECT_EQ(set_aside(path()).size(), 1U);
    EXPECT_THAT(status().detail, HasSubstr(set_aside(path()).at(0)));
    EXPECT_THAT(status().detail, HasSubstr("the defaults"));
    EXPECT_TRUE(change({{"spam", "off"}}));
}

TEST_F(SettingsDisk, WhileItCantBeReadTheCopyIsInForceAndNothingCanBeChanged) {
    prepare();
    put_directory();
    start();
    expect_yesterdays();
    expect_refused("unable to open");
    EXPECT_FALSE(*ask<audit_list>(settings_, list_audit{}, root()));
    EXPECT_FALSE(*ask<audit_recorded>(settings_, record_audit{"one", {}}));
    put_back();
    advance(a_retry);
    EXPECT_EQ(status().state, actor_state::running);
    EXPECT_THAT(domains(), ElementsAre("yesterday.test", "today.test"));
    EXPECT_FALSE(policy_.get()->reasons_on.has(hold_reason::spam));
    EXPECT_TRUE(whitelist({"new.test"}));
}

TEST_F(SettingsDisk, WhileItCantBeReadAndThereIsNoCopyTheDefaultsAreInForce) {
    prepare();
    fs::remove(path() + ".copy-2026-11-22");
    put_directory();
    start();
    EXPECT_TRUE(policy_.get()->reasons_on.has(hold_reason::spam));
    expect_refused("unable to open");
    EXPECT_THAT(status().detail, HasSubstr("in force is the defaults"));
}

TEST_F(SettingsDisk, WhileNothingIsKnownEximIsToldNothingElseThanBefore) {
    for (const bool on : {true, false}) {
        fs::remove(options_.incoming_switch);
        if (on) folder_.write("incoming.switch", "");
        fs::create_directory(path());
        start();
        advance(a_poll);
        EXPECT_EQ(fs::exists(options_.incoming_switch), on);
        EXPECT_EQ(policy_.get()->incoming_on, on);
        stop();
        fs::remove(path());
    }
}

TEST_F(SettingsDisk, OneThatIsLockedIsWaitedFor) {
    prepare();
    std::optional<SQLite::Database> other(std::in_place, path(), SQLite::OPEN_READWRITE);
    other->exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    start();
    expect_yesterdays();
    expect_refused("locked");
    other.reset();
    advance(a_retry);
    EXPECT_THAT(domains(), ElementsAre("yesterday.test", "today.test"));
}

TEST_F(SettingsDisk, OneOfALaterVersionIsLeftAsItIs) {
    prepare();
    SQLite::Database(path(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 1000");
    start();
    expect_yesterdays();
    expect_refused("schema 1000");
}

TEST_F(SettingsDisk, ADiskErrorAtTheStartThatGoesAwayIsNone) {
    prepare();
    int left = 1;
    const faulty_disk disk(reads_that_fail(left, path()));
    start();
    EXPECT_THAT(domains(), ElementsAre("yesterday.test", "today.test"));
    EXPECT_LT(left, 0);
}

TEST_F(SettingsDisk, ADiskErrorAtTheStartThatComesAgainGivesWayToTheNewestCopy) {
    prepare();
    int left = 2;
    const faulty_disk disk(reads_that_fail(left, path()));
    start();
    expect_put_back();
}

TEST_F(SettingsDisk, DamageThatAppearsInUseLosesNothingThatIsInForce) {
    prepare();
    start();
    {
        SQLite::Database(path(), SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
        write_noise(path(), 4'096, fs::file_size(path()) - 4'096);
    }
    EXPECT_FALSE(*ask<audit_list>(settings_, list_audit{}, root()));
    advance(a_poll);
    EXPECT_EQ(set_aside(path()).size(), 1U);
    EXPECT_EQ(status().state, actor_state::running);
    EXPECT_THAT(status().detail, HasSubstr(set_aside(path()).at(0)));
    EXPECT_TRUE(whitelist({"new.test"}));
    restart();
    EXPECT_FALSE(policy_.get()->reasons_on.has(hold_reason::spam));
    EXPECT_THAT(domains(), ElementsAre("yesterday.test", "today.test", "new.test"));
}

TEST_F(SettingsDisk, DiskErrorsInUseThatComeAgainLoseNothingThatIsInForce) {
    faulty_disk disk({});
    prepare();
    start();
    disk.set(faulty_disk::on("write", "settings.db-wal"));
    EXPECT_FALSE(whitelist({"new.test"}));
    EXPECT_THAT(set_aside(path()), IsEmpty());
    EXPECT_FALSE(whitelist({"new.test"}));
    disk.set({});
    advance(a_poll);
    EXPECT_EQ(set_aside(path()).size(), 1U);
    restart();
    EXPECT_THAT(domains(), ElementsAre("yesterday.test", "today.test"));
}

TEST_F(SettingsDisk, AllKindsOfSettingsAreWrittenIntoTheNewFile) {
    start();
    ASSERT_TRUE(change({{"spam", "off"}, {"limit_domain", "77"}}));
    ASSERT_TRUE(set_limit({shop_.id}, sender_kind::domain, 7));
    ASSERT_TRUE(whitelist({"a.test"}, true));
    edit_account edit;
    edit.account = account_name{"alice"};
    edit.limit_bytes = 123'000'000;
    ASSERT_TRUE(*ask<account_edited>(settings_, edit, root()));
    ASSERT_TRUE(
        *ask<incoming_status>(settings_, change_incoming{account_name{"alice"}, false}, root()));
    ASSERT_TRUE(*ask<audit_recorded>(
        settings_, record_audit{"one", {{1, root().who, 5, "x", "y", "", "", ""}}}));
    const auto before = *policy_.get();
    fs::remove_all(path() + ".copy-2026-11-22");
    {
        SQLite::Database(path(), SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
        write_noise(path(), 4'096, fs::file_size(path()) - 4'096);
    }
    EXPECT_FALSE(*ask<audit_list>(settings_, list_audit{}, root()));
    advance(a_poll);
    restart();
    const auto after = *policy_.get();
    EXPECT_EQ(after.reasons_on.bits, before.reasons_on.bits);
    EXPECT_EQ(after.default_limits, before.default_limits);
    EXPECT_EQ(after.own_limits, before.own_limits);
    EXPECT_EQ(after.senders, before.senders);
    EXPECT_EQ(after.own_spaces.size(), 1U);
    EXPECT_EQ(after.incoming_opt_outs, before.incoming_opt_outs);
    const auto known = *ask<audit_recorded>(settings_, record_audit{"one", {}});
    EXPECT_EQ(known->last_number, 1U);
}

}  // namespace
}  // namespace ie
