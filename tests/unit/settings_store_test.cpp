#include "actors/settings/settings_store.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

settings_change records(int first, int count) {
    settings_change change;
    for (int i = first; i < first + count; ++i) {
        audit_record record;
        record.object = std::to_string(i);
        change.trail.push_back(record);
    }
    return change;
}

TEST(SettingsStore, DropsTheOldestRecordsOfTheTrail) {
    const testing::temporary_folder folder;
    const auto store = settings_store::open(folder.path("settings.db"), 10);
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
    { ASSERT_TRUE((*settings_store::open(path))->commit(records(0, 5'000))); }
    const auto store = settings_store::open(path, 10);
    ASSERT_TRUE((*store)->commit(records(5'000, 1)));
    EXPECT_EQ((*store)->find({})->max_count, 3'001U);
    for (int i = 0; i < 2; ++i) ASSERT_TRUE((*store)->commit(records(5'001 + i, 1)));
    EXPECT_EQ((*store)->find({})->max_count, 10U);
}

TEST(SettingsStore, ReadsWhatItWrote) {
    const testing::temporary_folder folder;
    const auto path = folder.path("settings.db");
    settings_change change;
    change.values = {{"spam", "off"}};
    change.limits = {{object_id{"x"}, sender_kind::script, account_name{"alice"}, "a'b.php", 3}};
    change.listed = {{whitelist_kind::recipient, "\"a b\"@x.test", false, 7}};
    { ASSERT_TRUE((*settings_store::open(path))->commit(change)); }
    const auto content = (*settings_store::open(path))->read();
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
    const auto store = settings_store::open(path);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.failure().code, error_code::storage_failed);
    EXPECT_TRUE(store.failure().what.starts_with(path + ": "));
}

}  // namespace
}  // namespace ie
