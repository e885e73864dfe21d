#include <gtest/gtest.h>

#include "actors/object_keys.hpp"
#include "actors/statistics/object_names.hpp"
#include "actors/statistics/pending_counts.hpp"

namespace ie {
namespace {

constexpr int64_t at_ms = 1'795'333'986'123;
constexpr int64_t at_s = at_ms / 1000;

mail_judged mail_of(uint64_t sender, verdict_action action = verdict_action::accept) {
    mail_judged mail;
    mail.action = action;
    mail.ticket.owner = {account_name{"mws"}, "mws.test", std::to_string(sender) + "@mws.test", ""};
    mail.ticket.sender = mail.ticket.owner.sender_address;
    mail.ticket.received_at_ms = at_ms;
    mail.recipient_count = 3;
    mail.size_bytes = 100;
    mail.keys = {{1, 1}, {2, 2}, {3, sender}, {}};
    return mail;
}

uint64_t total(const pending_counts& pending, counter which) {
    uint64_t sum = 0;
    for (const pending_row& row : pending.rows()) sum += row.leaf.counts[which];
    return sum;
}

TEST(ObjectTable, GivesANumberAtFirstSightAndKeepsIt) {
    object_names objects;
    EXPECT_EQ(objects.add({{7, 7}, sender_kind::account, 0, "mws"}), 1U);
    EXPECT_EQ(objects.add({{8, 8}, sender_kind::domain, 1, "mws.test"}), 2U);
    EXPECT_EQ(objects.add({{9, 9}, sender_kind::sender_email, 2, "a@mws.test"}), 3U);
    EXPECT_EQ(objects.add({{8, 8}, sender_kind::domain, 1, "mws.test"}), 2U);
    EXPECT_EQ(objects.account_of(3), 1U);
    EXPECT_EQ(objects.describe(3).account.value, "mws");
    EXPECT_EQ(objects.describe(3).object, "a@mws.test");
}

TEST(ObjectTable, FindsEachOfManyByItsKey) {
    object_names objects;
    for (uint64_t i = 1; i <= 100'000; ++i) {
        objects.add({{i << 32, i}, sender_kind::account, 0, std::to_string(i)});
    }
    for (uint64_t i = 1; i <= 100'000; ++i) {
        ASSERT_EQ(objects.find({i << 32, i}), i);
        ASSERT_EQ(objects[static_cast<uint32_t>(i)].name, std::to_string(i));
    }
    EXPECT_EQ(objects.find({1, 2}), 0U);
    EXPECT_EQ(object_names{}.find({1, 2}), 0U);
}

TEST(ObjectTable, RefusesAParentOfAnotherKind) {
    object_names objects;
    objects.add({{7, 7}, sender_kind::account, 0, "mws"});
    EXPECT_EQ(objects.add({{9, 9}, sender_kind::sender_email, 1, "a@mws.test"}), 0U);
    EXPECT_EQ(objects.add({{9, 9}, sender_kind::domain, 5, "mws.test"}), 0U);
    EXPECT_EQ(objects.add({{9, 9}, sender_kind::account, 1, "other"}), 0U);
    EXPECT_EQ(objects.size(), 1U);
}

TEST(ObjectTable, GivesAnAccountAPartOfTheRoomThatIsLeft) {
    object_names objects({.objects = 1'000, .leaves_of_account = 10, .shares = 4});
    const auto fill = [&](uint64_t account) {
        const uint32_t number = objects.add({{1, account}, sender_kind::account, 0, "a"});
        const uint32_t domain = objects.add({{2, account}, sender_kind::domain, number, "d"});
        uint64_t added = 0;
        while (objects.may_name(number, sender_kind::sender_email)) {
            objects.add({{account, 100 + added++}, sender_kind::sender_email, domain, "x"});
        }
        EXPECT_FALSE(objects.may_name(number, sender_kind::script));
        return added;
    };
    EXPECT_EQ(fill(1), 199U);
    EXPECT_EQ(fill(2), 159U);
    for (uint64_t account = 3; account <= 15; ++account) EXPECT_GE(fill(account), 10U);
    EXPECT_LT(objects.size(), 1'000U);
}

TEST(ObjectTable, BoundsTheDomainsOfAnAccount) {
    object_names objects({.domains_of_account = 2});
    objects.add({{1, 1}, sender_kind::account, 0, "mws"});
    for (uint64_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(objects.may_name(1, sender_kind::domain));
        objects.add({{2, i}, sender_kind::domain, 1, "d"});
    }
    EXPECT_FALSE(objects.may_name(1, sender_kind::domain));
    EXPECT_TRUE(objects.may_name(1, sender_kind::script));
}

TEST(PendingCounts, CountsAMailSentForItsAddressAndItsScript) {
    mail_judged mail = mail_of(1);
    mail.ticket.owner.script = "/home/mws/send.php";
    mail.keys.script = {4, 4};
    mail.would_limit = true;
    object_names objects;
    pending_counts pending;
    pending.count(mail, objects);
    ASSERT_EQ(pending.sorted_rows().size(), 2U);
    for (const pending_row& row : pending.rows()) {
        EXPECT_EQ(row.at_s, at_s);
        EXPECT_EQ(row.leaf.counts.values, (std::array<uint64_t, counters>{1, 3, 0, 0, 0, 0, 1, 0}));
    }
    EXPECT_EQ(objects.size(), 4U);
}

TEST(PendingCounts, CountsAHeldMailForEachOfItsReasons) {
    mail_judged mail = mail_of(1, verdict_action::hold);
    mail.ticket.reasons = {hold_reason::spam, hold_reason::ratelimit};
    mail.ticket.sender.clear();
    EXPECT_EQ(counts_of(mail).values, (std::array<uint64_t, counters>{0, 0, 1, 1, 0, 1, 0, 1}));
}

TEST(PendingCounts, CountsNothingForASenderWhoseMailWasTurnedAway) {
    object_names objects;
    pending_counts pending;
    pending.count(mail_of(1, verdict_action::defer), objects);
    pending.count(mail_of(1, verdict_action::refuse), objects);
    EXPECT_TRUE(pending.rows().empty());
    EXPECT_EQ(pending.daily().size(), 2U);
    EXPECT_EQ(pending.mails(), 2U);
}

TEST(PendingCounts, CountsAMailWithoutKeysForTheServerOnly) {
    mail_judged mail = mail_of(1);
    mail.keys = {};
    object_names objects;
    pending_counts pending;
    pending.count(mail, objects);
    EXPECT_TRUE(pending.rows().empty());
    EXPECT_EQ(pending.daily().begin()->second.size_bytes, 100U);
}

TEST(PendingCounts, CountsForWhatHasANumberWhereTheTableIsFull) {
    object_names objects({.objects = 3});
    pending_counts pending;
    pending.count(mail_of(1), objects);
    pending.count(mail_of(2), objects);
    EXPECT_EQ(pending.rows().back().leaf.object, objects.find({2, 2}));
    mail_judged mail = mail_of(3);
    mail.keys.domain = {2, 9};
    pending.count(mail, objects);
    EXPECT_EQ(pending.rows().back().leaf.object, objects.find({1, 1}));
    EXPECT_EQ(pending.unnamed(), 2U);
    EXPECT_EQ(pending.lost(), 0U);
    mail.keys.account = {1, 9};
    pending.count(mail, objects);
    EXPECT_EQ(pending.lost(), 1U);
    EXPECT_EQ(objects.size(), 3U);
}

// Of the object with that number.
uint64_t messages_of(const pending_counts& pending, uint32_t number) {
    uint64_t sum = 0;
    for (const pending_row& row : pending.rows()) {
        if (row.leaf.object == number) sum += row.leaf.counts[counter::messages];
    }
    return sum;
}

constexpr object_bounds small{.domains_of_account = 2, .leaves_of_account = 3, .shares = 1 << 30};

TEST(PendingCounts, CountsUnderOtherWhatItsAccountHasNoRoomFor) {
    object_names objects(small);
    pending_counts pending;
    for (uint64_t i = 0; i < 10; ++i) {
        mail_judged mail = mail_of(i);
        mail.ticket.owner.script = "/home/" + std::to_string(i);
        mail.keys.script = {4, i};
        if (i == 0) mail.keys.script = {};
        pending.count(mail, objects);
    }
    const uint32_t other = objects.find(sender_key("mws", "mws.test", "other"));
    ASSERT_NE(other, 0U);
    EXPECT_EQ(objects.describe(other).object, "other");
    EXPECT_EQ(objects[other].parent, objects.find({2, 2}));
    EXPECT_EQ(messages_of(pending, other), 8U);
    EXPECT_EQ(messages_of(pending, objects.find({4, 1})), 1U);
    EXPECT_EQ(messages_of(pending, objects.find(script_key("mws", "other"))), 8U);
    EXPECT_EQ(pending.unnamed(), 8U);
    EXPECT_EQ(objects.size(), 2U + 3U + 2U);
}

TEST(PendingCounts, CountsUnderOneOtherTheDomainsThatItsAccountHasNoRoomFor) {
    object_names objects(small);
    pending_counts pending;
    for (uint64_t i = 0; i < 10; ++i) {
        mail_judged mail = mail_of(i);
        mail.ticket.owner.domain = std::to_string(i) + ".test";
        mail.keys.domain = {2, i};
        pending.count(mail, objects);
    }
    const uint32_t other = objects.find(sender_key("mws", "other", "other"));
    EXPECT_EQ(messages_of(pending, other), 8U);
    EXPECT_EQ(objects[other].parent, objects.find(domain_key("mws", "other")));
    EXPECT_EQ(objects.size(), 1U + 2U + 2U + 2U);
}

TEST(PendingCounts, LetsNoAccountTakeAnothersRoom) {
    object_names objects({.objects = 10'000});
    pending_counts pending;
    for (uint64_t i = 0; i < 50'000; ++i) pending.count(mail_of(i), objects);
    EXPECT_LT(objects.size(), 250U);
    mail_judged mail = mail_of(7);
    mail.ticket.owner.account.value = "victim";
    mail.keys = {{9, 1}, {9, 2}, {9, 3}, {9, 4}};
    pending.count(mail, objects);
    EXPECT_EQ(messages_of(pending, objects.find({9, 3})), 1U);
    EXPECT_EQ(messages_of(pending, objects.find({9, 4})), 1U);
}

TEST(PendingCounts, KnowsTheSendersThatItHasHoweverManyOthersCome) {
    object_names objects(small);
    pending_counts pending;
    for (uint64_t i = 0; i < 10; ++i) pending.count(mail_of(i), objects);
    pending.count(mail_of(0), objects);
    EXPECT_EQ(messages_of(pending, objects.find({3, 0})), 2U);
    EXPECT_EQ(pending.unnamed(), 7U);
}

TEST(PendingCounts, PutsMomentsTogetherWhereRoomIsShort) {
    object_names objects;
    pending_counts pending(100);
    for (int64_t i = 0; i < 1'000; ++i) {
        mail_judged mail = mail_of(1);
        mail.ticket.received_at_ms += i * 1'000;
        pending.count(mail, objects);
    }
    EXPECT_EQ(pending.exact_to_s(), 60);
    EXPECT_LE(pending.sorted_rows().size(), 100U);
    EXPECT_EQ(total(pending, counter::messages), 1'000U);
    EXPECT_EQ(pending.lost(), 0U);
}

TEST(PendingCounts, TellsWhatItHasNoRoomFor) {
    object_names objects;
    pending_counts pending(100);
    for (uint64_t i = 0; i < 1'000; ++i) pending.count(mail_of(i), objects);
    EXPECT_LE(pending.rows().size(), 100U);
    EXPECT_EQ(total(pending, counter::messages) + pending.lost(), 1'000U);
    EXPECT_EQ(pending.mails(), 1'000U);
    EXPECT_EQ(pending.daily().begin()->second.messages, 1'000U);
    EXPECT_LE(objects.size(), 110U);
    pending.clear();
    EXPECT_EQ(pending.exact_to_s(), 1);
    pending.count(mail_of(5'000), objects);
    EXPECT_EQ(pending.rows().size(), 1U);
}

}  // namespace
}  // namespace ie
