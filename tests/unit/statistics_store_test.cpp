// statistics.db against a list of all decisions that is gone through from end to end.
#include "actors/statistics/statistics_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

constexpr int64_t minute = 60;
constexpr int64_t hour = 3'600;
constexpr int64_t day = 86'400;
constexpr int64_t start_s = 1'795'333'986;
constexpr keep_times keep{2 * hour, 2 * day, 10 * day, 60 * day};

using counts_by_object = std::map<uint32_t, leaf_counts>;

class StatisticsStore : public ::testing::Test {
  protected:
    StatisticsStore() { open(); }

    void open(const object_bounds& bounds = {}) {
        store_.reset();
        auto opened = statistics_store::open(path_, keep_);
        ASSERT_TRUE(opened) << opened.failure().what;
        store_ = std::move(*opened);
        auto objects = store_->read_objects(bounds);
        ASSERT_TRUE(objects) << objects.failure().what;
        objects_ = std::move(*objects);
    }

    void judge(const mail_judged& mail) {
        pending_.count(mail, objects_);
        all_.push_back(mail);
    }

    void flush() {
        const auto written = store_->write(pending_, objects_, now_s_);
        ASSERT_TRUE(written) << written.failure().what;
        pending_.clear();
        latest_s_ = std::max(latest_s_, now_s_);
    }

    // What isn't written is lost; objects of whom nothing is kept are forgotten.
    void crash() {
        constexpr object_bounds few{.objects = 200};
        all_.resize(all_.size() - pending_.mails());
        pending_.clear();
        open(few);
    }

    void forget() {
        flush();
        auto kept = store_->forget_idle(objects_);
        ASSERT_TRUE(kept) << kept.failure().what;
        objects_ = std::move(*kept);
    }

    counts_by_object counted(int64_t from_s, int64_t until_s) {
        counts_by_object out;
        for (const mail_judged& mail : all_) {
            const int64_t at_s = mail.ticket.received_at_ms / 1'000;
            if (at_s < from_s || at_s >= until_s || counts_of(mail).none()) continue;
            out[objects_.find(mail.keys.sender_address)] += counts_of(mail);
            if (!mail.keys.script.none()) out[objects_.find(mail.keys.script)] += counts_of(mail);
        }
        return out;
    }

    counts_by_object stored(const time_cover& cover) {
        counts_by_object out;
        EXPECT_TRUE(
            store_->read(cover, [&](const block_row& leaf) { out[leaf.object] += leaf.counts; }));
        return out;
    }

    time_cover cover(int64_t since_s) {
        return cover_of(now_s_ - since_s, now_s_ + 1, store_->marks());
    }

    int64_t rows_in(const std::string& table) {
        SQLite::Database database(path_, SQLite::OPEN_READONLY);
        return database.execAndGet("SELECT COUNT(*) FROM " + table).getInt64();
    }

    keep_times keep_ = keep;
    testing::temporary_folder folder_;
    std::string path_ = folder_.path("statistics.db");
    std::unique_ptr<statistics_store> store_;
    object_names objects_;
    pending_counts pending_;
    std::vector<mail_judged> all_;
    int64_t now_s_ = start_s;
    int64_t latest_s_ = start_s;
};

mail_judged mail_at(int64_t at_s, uint64_t sender = 1) {
    mail_judged mail;
    mail.ticket.owner = {account_name{"mws"}, "mws.test", std::to_string(sender) + "@mws.test", ""};
    mail.ticket.sender = mail.ticket.owner.sender_address;
    mail.ticket.received_at_ms = at_s * 1'000 + 7;
    mail.recipient_count = 2;
    mail.keys = {{1, 1}, {2, 2}, {3, sender}, {}};
    return mail;
}

mail_judged random_mail(std::mt19937_64& random, int64_t at_s) {
    mail_judged mail = mail_at(at_s, random() % 40);
    const uint64_t account = random() % 3;
    mail.ticket.owner.account.value += std::to_string(account);
    mail.keys.account.low = mail.keys.sender_address.high = 10 + account;
    mail.keys.domain.low = 100 + account;
    if (random() % 4 == 0) {
        mail.ticket.owner.script = "/home/send.php";
        mail.keys.script = {5, account * 2 + random() % 2};
    }
    mail.recipient_count = static_cast<uint32_t>(random() % 5);
    mail.action = static_cast<verdict_action>(random() % 6 % 4);
    mail.would_limit = random() % 5 == 0;
    if (random() % 7 == 0) mail.ticket.sender.clear();
    mail.ticket.reasons = reasons_of(static_cast<uint32_t>(random() % 8));
    return mail;
}

TEST_F(StatisticsStore, MakesTheBlockOfAPeriodOnceItIsOver) {
    judge(mail_at(now_s_));
    flush();
    EXPECT_EQ(rows_in("minutes"), 0);
    now_s_ += minute;
    flush();
    EXPECT_EQ(rows_in("minutes"), 1);
    EXPECT_EQ(rows_in("hours"), 0);
    now_s_ += hour;
    flush();
    EXPECT_EQ(rows_in("hours"), 1);
    EXPECT_EQ(rows_in("days"), 0);
    now_s_ += day;
    flush();
    EXPECT_EQ(rows_in("days"), 1);
}

TEST_F(StatisticsStore, WaitsAFewSecondsForLateDecisions) {
    now_s_ = period_start(start_s, minute) + minute + 1;
    judge(mail_at(now_s_ - 2));
    flush();
    EXPECT_EQ(rows_in("minutes"), 0);
}

TEST_F(StatisticsStore, AddsWhatComesLateToEveryBlockThatIsMade) {
    judge(mail_at(now_s_));
    flush();
    now_s_ += 2 * day;
    flush();
    judge(mail_at(start_s, 1));
    judge(mail_at(start_s + 1, 2));
    flush();
    for (size_t level = 1; level < levels; ++level) {
        const int64_t from_s = period_start(start_s, rollup_levels[level].period_s);
        const time_cover one{{{level, from_s, from_s + rollup_levels[level].period_s + 1}}, 0, 0};
        EXPECT_EQ(stored(one), counted(start_s, start_s + 2)) << rollup_levels[level].table;
    }
}

TEST_F(StatisticsStore, GoesOnWhenTheClockJumpsByYearsAndBack) {
    judge(mail_at(now_s_));
    flush();
    now_s_ += 30 * 365 * day;
    judge(mail_at(now_s_));
    flush();
    now_s_ -= 30 * 365 * day - hour;
    judge(mail_at(now_s_));
    flush();
    const auto last_minute = cover(minute);
    EXPECT_EQ(last_minute.from_s, now_s_ - minute);
    EXPECT_EQ(stored(last_minute), counted(now_s_ - minute, now_s_ + 1));
}

TEST_F(StatisticsStore, DropsWhatIsOlderThanItIsKept) {
    for (int i = 0; i < 80 * 24; ++i) {
        now_s_ += hour;
        judge(mail_at(now_s_));
        flush();
    }
    EXPECT_LE(rows_in("seconds"), 2 + 1);
    EXPECT_LE(rows_in("minutes"), 48 + 1);
    EXPECT_LE(rows_in("hours"), 240 + 2);
    EXPECT_LE(rows_in("days"), 60 + 1);
}

TEST_F(StatisticsStore, KeepsABlockUntilTheOneAboveIsMadeHoweverShortItIsKept) {
    keep_ = {1, 1, 1, 60 * day};
    open();
    judge(mail_at(now_s_));
    now_s_ += 20;  // within the minute
    flush();
    EXPECT_EQ(rows_in("seconds"), 1);
    now_s_ += minute;
    flush();
    EXPECT_EQ(rows_in("seconds"), 0);
    EXPECT_EQ(rows_in("minutes"), 1);
    EXPECT_EQ(stored(cover(2 * minute)), counted(0, now_s_ + 1));
    now_s_ += hour;
    flush();
    EXPECT_EQ(rows_in("minutes"), 0);
    EXPECT_EQ(rows_in("hours"), 1);
}

TEST_F(StatisticsStore, ReadsADamagedBlockUpToTheDamage) {
    judge(mail_at(now_s_, 1));
    judge(mail_at(now_s_, 2));
    flush();
    SQLite::Database(path_, SQLite::OPEN_READWRITE)
        .exec("UPDATE seconds SET rows = CAST(substr(rows, 1, length(rows) - 1) AS BLOB)");
    const auto left = stored(cover(minute));
    EXPECT_EQ(left.size(), 1U);
    EXPECT_EQ(store_->damaged_blocks(), 1U);
    judge(mail_at(now_s_, 3));
    flush();
    EXPECT_EQ(stored(cover(minute)).size(), 2U);
}

TEST_F(StatisticsStore, RefusesObjectsThatStandInNoTree) {
    judge(mail_at(now_s_));
    flush();
    SQLite::Database(path_, SQLite::OPEN_READWRITE).exec("UPDATE objects SET parent = 3");
    const auto again = statistics_store::open(path_, keep);
    const auto objects = (*again)->read_objects();
    ASSERT_FALSE(objects);
    EXPECT_EQ(objects.failure().what, path_ + ": table objects is damaged after 0 rows");
}

TEST_F(StatisticsStore, ForgetsObjectsThatNothingIsKeptOfWhereTheyAreMany) {
    mail_judged gone = mail_at(now_s_, 1);
    gone.ticket.owner.account.value = "gone";
    gone.keys = {{1, 7}, {2, 7}, {3, 7}, {}};
    gone.action = verdict_action::hold;
    judge(gone);
    flush();
    now_s_ += 70 * day;
    mail_judged kept = mail_at(now_s_, 2);
    kept.action = verdict_action::hold;
    judge(kept);
    for (int i = 0; i < 3; ++i, now_s_ += 2 * day) flush();
    EXPECT_EQ(store_->read_objects({.objects = 12})->size(), 6U);
    const auto objects = store_->read_objects({.objects = 11});
    ASSERT_TRUE(objects);
    EXPECT_EQ(objects->size(), 3U);
    EXPECT_EQ(objects->describe(3).object, "2@mws.test");
    EXPECT_EQ(store_->read_last_hold(1)->sender, "2@mws.test");
    open();
    EXPECT_EQ(objects_.size(), 3U);
    const auto sums = stored(cover(20 * day));
    ASSERT_EQ(sums.size(), 1U);
    EXPECT_EQ(sums.begin()->first, 3U);
    EXPECT_EQ(sums.begin()->second, counts_of(kept));
}

TEST_F(StatisticsStore, ForgetsIdleObjectsWhileItGoesOn) {
    for (uint64_t i = 0; i < 30; ++i) judge(mail_at(now_s_, i));
    flush();
    now_s_ += 70 * day;
    judge(mail_at(now_s_, 29));
    for (int i = 0; i < 3; ++i, now_s_ += 2 * day) flush();
    ASSERT_EQ(objects_.size(), 32U);
    forget();
    EXPECT_EQ(objects_.size(), 3U);
    judge(mail_at(now_s_, 3));
    flush();
    EXPECT_EQ(stored(cover(20 * day)), counted(now_s_ - 20 * day, now_s_ + 1));
    open();
    EXPECT_EQ(objects_.size(), 4U);
    EXPECT_EQ(objects_.describe(4).object, "3@mws.test");
}

TEST_F(StatisticsStore, DoesNotWriteAllAnewToForgetAFew) {
    judge(mail_at(now_s_, 1'000));
    flush();
    now_s_ += 70 * day;
    for (uint64_t i = 0; i < 30; ++i) judge(mail_at(now_s_, i));
    for (int i = 0; i < 3; ++i, now_s_ += 2 * day) flush();
    forget();
    EXPECT_EQ(objects_.size(), 33U);
}

TEST_F(StatisticsStore, KeepsNamesOfAnyBytes) {
    mail_judged mail = mail_at(now_s_);
    mail.ticket.owner.sender_address = std::string("'; DROP TABLE objects; \0\xFF\xFE--", 28);
    judge(mail);
    flush();
    open();
    EXPECT_EQ(objects_[3].name, mail.ticket.owner.sender_address);
}

TEST_F(StatisticsStore, KeepsTheLastHeldMailOfAnAccount) {
    mail_judged mail = mail_at(now_s_);
    mail.action = verdict_action::hold;
    mail.ticket.reasons = {hold_reason::spam, hold_reason::ratelimit};
    mail.ticket.limits = {{sender_kind::domain, "mws.test", 3, 3, limit_mode::messages, 3'600}};
    judge(mail);
    flush();
    mail_judged older = mail_at(now_s_ - 5);
    older.action = verdict_action::hold;
    judge(older);
    flush();
    open();
    const auto last = store_->read_last_hold(1);
    ASSERT_TRUE(last);
    EXPECT_EQ(*last,
              (last_hold{now_s_, mail.ticket.reasons, mail.ticket.sender, mail.ticket.limits}));
    EXPECT_EQ(store_->read_last_hold(77)->held_at_s, 0);
}

// Moves the clock as machines do: mostly on by little, at times far, at times back.
int64_t clock_step(std::mt19937_64& random) {
    const auto up_to = [&](int64_t most) { return static_cast<int64_t>(random()) % most; };
    switch (random() % 40) {
        case 0:
            return up_to(40 * day);
        case 1:
        case 2:
            return up_to(2 * day);  // either way
        case 3:
            return -(std::abs(up_to(hour)));
        case 4:
        case 5:
        case 6:
        case 7:
            return std::abs(up_to(hour));
        default:
            return std::abs(up_to(90));
    }
}

class StatisticsStoreAtRandom : public StatisticsStore,
                                public ::testing::WithParamInterface<uint64_t> {
  protected:
    void step() {
        now_s_ = std::max(start_s, now_s_ + clock_step(random_));
        const uint64_t mails = random_() % 6;
        for (uint64_t i = 0; i < mails; ++i) {
            const int64_t late_s = random_() % 10 == 0 ? 6 * hour : 8;
            judge(random_mail(random_, now_s_ - static_cast<int64_t>(random_()) % late_s));
        }
        if (random_() % 3 != 0) flush();
        if (random_() % 20 == 0) crash();
        if (random_() % 20 == 0) forget();
    }

    void expect_sums_of_any_stretch() {
        static constexpr int64_t stretches[] = {1, minute, hour, day, 100 * day};
        const int64_t longest = stretches[random_() % 5];
        const auto since_s = static_cast<int64_t>(random_() % static_cast<uint64_t>(longest));
        const time_cover covered = cover(since_s);
        auto sums = stored(covered);
        for (const pending_row& row : pending_.rows()) {
            if (row.at_s < covered.from_s || row.at_s >= covered.until_s) continue;
            sums[row.leaf.object] += row.leaf.counts;
        }
        ASSERT_EQ(sums, counted(covered.from_s, covered.until_s));
        expect_as_exact_as_promised(now_s_ - since_s, covered);
    }

    void expect_as_exact_as_promised(int64_t from_s, const time_cover& covered) {
        for (size_t level = 0; level < levels; ++level) {
            if (from_s < latest_s_ - keep[level]) continue;
            const int64_t edge_s = from_s - covered.from_s;
            EXPECT_GE(edge_s, 0);
            EXPECT_LT(edge_s, rollup_levels[level].period_s);
        }
    }

    // What is made and not gone has each decision once.
    void expect_each_level_whole() {
        flush();
        for (size_t level = 0; level < levels; ++level) {
            const level_marks& marks = store_->marks()[level];
            const int64_t until_s = level == 0 ? now_s_ + 30 * day : marks.made_until_s;
            const time_cover whole{{{level, marks.gone_until_s, until_s}}, 0, 0};
            ASSERT_EQ(stored(whole), counted(marks.gone_until_s, until_s)) << level;
        }
    }

    std::mt19937_64 random_{GetParam()};
};

TEST_P(StatisticsStoreAtRandom, AgreesWithTheListOfAllDecisions) {
    for (int i = 0; i < 400 && !HasFatalFailure(); ++i) {
        step();
        expect_sums_of_any_stretch();
        if (i % 50 == 49) expect_each_level_whole();
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, StatisticsStoreAtRandom, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace ie
