#include "actors/settings/named_settings.hpp"

#include <gmock/gmock.h>

#include "actors/settings/admin_decisions.hpp"

namespace ie {
namespace {

using ::testing::HasSubstr;

std::string value_of(const mail_policy& policy, const std::string& key) {
    for (const auto& each : settings_of(policy)) {
        if (each.key == key) return each.value;
    }
    return "-";
}

// What a value is kept as; "refused" where it isn't right.
std::string kept(const std::string& key, const std::string& value) {
    mail_policy policy;
    return apply_setting(policy, {key, value}) ? value_of(policy, key) : "refused";
}

std::string refusal(const std::vector<setting>& changes) {
    const auto plan = plan_settings({}, changes);
    return plan ? "accepted" : plan.failure().what;
}

TEST(SettingsRules, AreAllThereInOrderWithTheirDefaults) {
    mail_policy defaults;
    defaults.spam_threshold = 7.25;
    std::string all;
    for (const auto& each : settings_of(defaults)) all += each.key + "=" + each.value + " ";
    EXPECT_EQ(all,
              "dry_run=off incoming=off limit_account=0 limit_domain=0 limit_mode=1 limit_script=0 "
              "limit_sender_email=0 notify_header=off quarantine_limit_bytes=104857600 "
              "quarantine_releases_limit=5 ratelimit=on spam=on spam_threshold=7.25 "
              "winexec=on ");
}

TEST(SettingsRules, GoWhereTheyBelongInThePolicy) {
    mail_policy policy;
    for (const auto& change : std::vector<setting>{{"limit_account", "1"},
                                                   {"limit_domain", "2"},
                                                   {"limit_sender_email", "3"},
                                                   {"limit_script", "4"},
                                                   {"limit_mode", "2"},
                                                   {"dry_run", "on"},
                                                   {"ratelimit", "off"},
                                                   {"spam", "off"},
                                                   {"winexec", "off"},
                                                   {"notify_header", "on"},
                                                   {"spam_threshold", "-1.5"}}) {
        ASSERT_TRUE(apply_setting(policy, change)) << change.key;
    }
    EXPECT_EQ(policy.limit_of(sender_kind::account, {}), 1U);
    EXPECT_EQ(policy.limit_of(sender_kind::domain, {}), 2U);
    EXPECT_EQ(policy.limit_of(sender_kind::sender_email, {}), 3U);
    EXPECT_EQ(policy.limit_of(sender_kind::script, {}), 4U);
    EXPECT_EQ(policy.mode, limit_mode::recipients);
    EXPECT_TRUE(policy.dry_run && policy.notify_header);
    EXPECT_TRUE(policy.reasons_on.none());
    EXPECT_DOUBLE_EQ(policy.spam_threshold, -1.5);
}

TEST(SettingsRules, KeepANumberInOneForm) {
    EXPECT_EQ(kept("limit_account", "007"), "7");
    EXPECT_EQ(kept("limit_account", "4294967295"), "4294967295");
    EXPECT_EQ(kept("spam_threshold", "6"), "6");
    EXPECT_EQ(kept("spam_threshold", "6.50"), "6.5");
    EXPECT_EQ(kept("spam_threshold", "1e2"), "100");
    EXPECT_EQ(kept("spam_threshold", "0.1"), "0.1");
    EXPECT_EQ(kept("spam_threshold", "-0.0"), "0");
    EXPECT_EQ(kept("spam_threshold", "-1e-9"), "0");
    EXPECT_EQ(kept("spam_threshold", "-1000"), "-1000");
}

TEST(SettingsRules, RefuseWhatIsOutOfRange) {
    for (const char* value : {"", "-1", "4294967296", "1.5", "0x10", " 1", "1 ", "+1", "ten",
                              "99999999999999999999999"}) {
        EXPECT_EQ(kept("limit_domain", value), "refused") << value;
    }
    for (const char* value : {"", "nan", "-nan", "inf", "-inf", "1000.1", "-1001", "1e400", "six",
                              "6,0", "1e", "0x6"}) {
        EXPECT_EQ(kept("spam_threshold", value), "refused") << value;
    }
    for (const char* value : {"", "0", "3", "12", "messages"}) {
        EXPECT_EQ(kept("limit_mode", value), "refused") << value;
    }
    for (const char* value : {"", "ON", "true", "1", "offf"}) {
        EXPECT_EQ(kept("spam", value), "refused") << value;
    }
}

TEST(SettingsRules, NameWhatIsWrongAndWhatWouldBeRight) {
    EXPECT_EQ(refusal({{"spam", "maybe"}}),
              "spam: maybe isn't right, it must be \"on\" or \"off\"");
    EXPECT_EQ(refusal({{"limit_script", "-2"}}),
              "limit_script: -2 isn't right, it must be a whole number from 0 (unlimited) to "
              "4294967295");
    EXPECT_THAT(refusal({{"spamm", "on"}}), HasSubstr("spamm is no setting; they are dry_run, "));
    EXPECT_EQ(refusal({{"spam", "on"}, {"spam", "off"}}), "spam is given twice; give it once");
    EXPECT_LT(refusal({{std::string(1 << 20, 'x'), "on"}}).size(), 500U);
    EXPECT_LT(refusal({{"spam", std::string(1 << 20, 'x')}}).size(), 500U);
}

TEST(SettingsRules, PlanAllChangesOrNone) {
    const auto plan = plan_settings({}, {{"spam", "off"}, {"limit_domain", "0"}});
    ASSERT_TRUE(plan);
    ASSERT_EQ(plan->size(), 2U);
    EXPECT_EQ((*plan)[0].before, "on");
    EXPECT_EQ((*plan)[0].after, "off");
    EXPECT_EQ((*plan)[1].before, "0");
    EXPECT_EQ((*plan)[1].after, "0");
    EXPECT_FALSE(plan_settings({}, {{"spam", "off"}, {"limit_domain", "many"}}));
}

TEST(SettingsContent, MakesThePolicyAndNamesValuesThatItCantRead) {
    admin_decisions content;
    content.values = {{"spam", "off"}, {"winexec", "perhaps"}, {"of_a_later_version", "1"}};
    const object_id id{"6ba7b810-9dad-41d1-80b4-00c04fd430c8"};
    content.limits[id] = {id, sender_kind::domain, account_name{"alice"}, "shop.test", 3};
    content.lists.put({whitelist_kind::sender, "a.test", true, 1});
    content.lists.put({whitelist_kind::authuser, "x@a.test", false, 2});
    content.lists.put({whitelist_kind::recipient, "b.test", false, 3});
    const auto made = policy_of(content, {});
    EXPECT_FALSE(made.policy.reasons_on.has(hold_reason::spam));
    EXPECT_TRUE(made.policy.reasons_on.has(hold_reason::winexec));
    EXPECT_EQ(made.refused.size(), 2U);
    EXPECT_EQ(made.policy.limit_of(sender_kind::domain, to_key(id.value)), 3U);
    EXPECT_TRUE(made.policy.senders.at("a.test"));
    EXPECT_TRUE(made.policy.authusers.contains("x@a.test"));
    EXPECT_TRUE(made.policy.recipients.contains("b.test"));
}

TEST(SettingsContent, ForgetsWhatAChangeRemoves) {
    admin_decisions content;
    const individual_limit limit{object_id{"x"}, sender_kind::domain, {}, "a.test", 3};
    const whitelist_entry entry{whitelist_kind::sender, "a.test", false, 1};
    decision_change change;
    change.limits = {limit};
    change.listed = {entry};
    apply(content, change);
    EXPECT_EQ(content.limits.size(), 1U);
    EXPECT_EQ(content.lists.size(), 1U);
    decision_change back;
    back.limits = {limit};
    back.limits[0].limit = change_limits::remove;
    back.unlisted = {entry};
    apply(content, back);
    EXPECT_TRUE(content.limits.empty());
    EXPECT_EQ(content.lists.size(), 0U);
}

}  // namespace
}  // namespace ie
