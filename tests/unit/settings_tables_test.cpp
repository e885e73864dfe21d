#include "actors/settings/settings_tables.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

decision_change records(int first, int count) {
    decision_change change;
    for (int i = first; i < first + count; ++i) {
        audit_record record;
        record.object = std::to_string(i);
        change.trail.push_back(record);
    }
    return change;
}

decision_change refusals(int first, int count) {
    decision_change change = records(first, count);
    change.refusals.swap(change.trail);
    return change;
}

constexpr audit_bounds few{10, 5};

TEST(SettingsStore, DropsTheOldestRecordsOfTheTrail) {
    const testing::temporary_folder folder;
    const auto store = settings_tables::open(folder.path("settings.db"), few);
    ASSERT_TRUE(store);
    for (int i = 0; i < 25; ++i) ASSERT_TRUE((*store)->commit(records(i, 1)));
    const auto found = (*store)->find({});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->max_count, 10U);
    EXPECT_EQ(found->items.front().object, "24");
    EXPECT_EQ(found->items.back().object, "15");
}

TEST(SettingsStore, DropsThemInStepsWhereThereAreFarTooMany) {
    const testing::temporary_folder folder;
    const auto path = folder.path("settings.db");
    { ASSERT_TRUE((*settings_tables::open(path))->commit(records(0, 5'000))); }
    const auto store = settings_tables::open(path, few);
    ASSERT_TRUE((*store)->commit(records(5'000, 1)));
    EXPECT_EQ((*store)->find({})->max_count, 3'001U);
    for (int i = 0; i < 2; ++i) ASSERT_TRUE((*store)->commit(records(5'001 + i, 1)));
    EXPECT_EQ((*store)->find({})->max_count, 10U);
}

TEST(SettingsStore, LetsRefusalsPushOutRefusalsOnly) {
    const testing::temporary_folder folder;
    const auto path = folder.path("settings.db");
    for (int i = 0; i < 20; ++i) {
        const auto store = settings_tables::open(path, few);
        ASSERT_TRUE((*store)->commit(records(i, i < 3 ? 1 : 0)));
        ASSERT_TRUE((*store)->commit(refusals(100 + i, 2)));
        ASSERT_TRUE((*store)->commit(refusals(200 + i, 1)));
    }
    const auto found = (*settings_tables::open(path))->find({});
    ASSERT_TRUE(found);
    std::string objects;
    for (const auto& each : found->items) objects += each.object + " ";
    EXPECT_EQ(objects, "219 120 119 218 119 2 1 0 ");
}

TEST(SettingsStore, KeepsTheChangesThatAnEarlierVersionMixedWithRefusals) {
    const testing::temporary_folder folder;
    const auto path = folder.path("settings.db");
    { ASSERT_TRUE((*settings_tables::open(path))->commit(records(0, 3))); }
    {
        SQLite::Database database(path, SQLite::OPEN_READWRITE);
        database.exec("DROP INDEX audit_refused; ALTER TABLE audit DROP COLUMN refused");
        database.exec(
            "DROP TABLE spaces; DROP TABLE audit_sources; "
            "DROP TABLE incoming_opt_outs");
        database.exec("UPDATE audit SET result = 'done'; PRAGMA user_version = 1");
        for (int i = 0; i < 20; ++i) {
            database.exec(
                "INSERT INTO audit (at_s, uid, who, interface, action, object, before, after,"
                " result) VALUES (7, 1001, 'alice', 0, 'list_audit', '', '', '', 'not for you')");
        }
    }
    const auto store = settings_tables::open(path, few);
    ASSERT_TRUE(store) << store.failure().what;
    ASSERT_TRUE((*store)->commit(refusals(9, 1)));
    const auto found = (*store)->find({});
    EXPECT_EQ(found->max_count, 3U + 5U);
    EXPECT_EQ(found->items.back().object, "0");
}

TEST(SettingsStore, ReadsWhatItWrote) {
    const testing::temporary_folder folder;
    const auto path = folder.path("settings.db");
    decision_change change;
    change.values = {{"spam", "off"}};
    change.limits = {{object_id{"x"}, sender_kind::script, account_name{"alice"}, "a'b.php", 3}};
    change.listed = {{whitelist_kind::recipient, "\"a b\"@x.test", false, 7}};
    { ASSERT_TRUE((*settings_tables::open(path))->commit(change)); }
    const auto content = (*settings_tables::open(path))->read();
    ASSERT_TRUE(content);
    EXPECT_EQ(content->values.at("spam"), "off");
    EXPECT_EQ(content->limits.at(object_id{"x"}), change.limits[0]);
    const auto* entry = content->lists.find(whitelist_kind::recipient, "\"a b\"@x.test");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(*entry, change.listed[0]);
    EXPECT_EQ(content->lists.last_number(), 7);
}

TEST(SettingsStore, SaysWhichFileItCantOpen) {
    const testing::temporary_folder folder;
    const std::string path = folder.path("none/settings.db");
    const auto store = settings_tables::open(path);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.failure().code, error_code::storage_failed);
    EXPECT_TRUE(store.failure().what.starts_with(path + ": "));
}

}  // namespace
}  // namespace ie
