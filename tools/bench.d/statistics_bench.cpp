// What statistics cost: decisions of 30 days taken in by the actor with its database, as many as
// come in when nobody else wants the machine; the file; and `am stats` for 30 days and for 24
// hours, compared with SQL's GROUP BY over the same day or hour rollups kept as plain rows, in the
// same run. Ours is the whole report, made and sent by the actor; SQL's are the sums alone. Prints
// a JSON line for each figure.
//   statistics_bench [EVENTS, 10000000] [ROUNDS, 9]
#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "actors/statistics/statistics_actor.hpp"
#include "actors/statistics/statistics_store.hpp"
#include "config/log.hpp"

namespace ie {
namespace {

constexpr size_t sender_count = 15'000;
constexpr size_t account_count = 500;
constexpr size_t domains_of_account = 3;
constexpr size_t script_count = 2'000;
constexpr int64_t day_s = 86'400;
constexpr int64_t first_s = 20'000 * day_s;
constexpr int64_t days = 30;
constexpr size_t batch_mails = 1'000;    // of one message to the actor
constexpr size_t ahead_mails = 20'000;   // at most, in its mailbox
constexpr size_t flush_mails = 100'000;  // a second's, at the pace that is aimed at

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void print(const char* figure, double value, const char* unit) {
    std::printf(R"({"bench":"statistics","figure":"%s","value":%.1f,"unit":"%s"})"
                "\n",
                figure, value, unit);
    std::fflush(stdout);
}

void print(const std::string& figure, double value, double ratio) {
    std::printf(R"({"bench":"statistics","figure":"%s","value":%.1f,"unit":"ms","ratio":%.3f})"
                "\n",
                figure.c_str(), value, ratio);
}

// Senders of whom the n-th sends 1/n of what the first sends (Zipf).
class sender_crowd {
  public:
    sender_crowd() {
        double sum = 0;
        for (size_t i = 0; i < sender_count; ++i) {
            mails_.push_back(mail_of(i));
            sum += 1.0 / static_cast<double>(i + 1);
            share_up_to_.push_back(sum);
        }
    }

    mail_judged next(int64_t at_ms) {
        const double at = std::uniform_real_distribution<>(0, share_up_to_.back())(random_);
        const auto found = std::upper_bound(share_up_to_.begin(), share_up_to_.end(), at);
        mail_judged mail = mails_[static_cast<size_t>(found - share_up_to_.begin())];
        mail.ticket.received_at_ms = at_ms;
        if (random_() % 25 == 0) {
            mail.action = verdict_action::hold;
            mail.ticket.reasons = {hold_reason::spam};
        }
        return mail;
    }

  private:
    // Every fifth sender sends by a script.
    static mail_judged mail_of(size_t sender) {
        const size_t account = sender % account_count;
        const size_t domain = account * domains_of_account + sender / account_count % 3;
        mail_judged mail;
        sender_objects& owner = mail.ticket.owner;
        owner.account.value = "account" + std::to_string(account);
        owner.domain = "domain" + std::to_string(domain) + ".test";
        owner.sender_address = "sender" + std::to_string(sender) + "@" + owner.domain;
        mail.keys = {key(1, account), key(2, domain), key(3, sender), {}};
        if (sender % 5 == 0) {
            const size_t script = sender / 5 % script_count;
            owner.script = "/home/" + owner.account.value + "/send" + std::to_string(script);
            mail.keys.script = key(4, script);
        }
        mail.ticket.sender = owner.sender_address;
        mail.recipient_count = 1 + static_cast<uint32_t>(sender % 7 == 0);
        mail.size_bytes = 8'190;
        return mail;
    }
    static object_key key(uint64_t kind, uint64_t number) {
        std::mt19937_64 mixer(kind << 32 | number);
        return {mixer(), mixer()};
    }

    std::mt19937_64 random_{42};
    std::vector<mail_judged> mails_;
    std::vector<double> share_up_to_;
};

rate_limiter_actor::behavior_type idle_limiter() {
    return {[](const reserve_quota&) { return quota_verdict{}; },
            [](const give_back_quota&) {},
            [](const renew_quota&) { return true; },
            [](const get_usage& question) {
                return usage_list{std::vector<object_usage>(question.keys.size())};
            },
            [](const forget_counts&) { return usage_list{}; },
            [](const get_status&) { return actor_status{}; }};
}

// The actor with its database, and the time that it goes by.
class statistics_under_test {
  public:
    explicit statistics_under_test(std::string path) : path_(std::move(path)) {
        mail_policy policy;
        policy.default_limits = {1'000, 500, 100, 100};
        policy_.set(policy);
        limiter_ = system_.spawn([](rate_limiter_actor::pointer) { return idle_limiter(); });
        statistics_options options;
        options.path = path_;
        options.rate_limiter = limiter_;
        options.policy = &policy_;
        options.accounts = &accounts_;
        options.clock = &time_;
        statistics_ = make_statistics(system_, thread_use::own, options);
    }
    ~statistics_under_test() {
        caf::anon_send_exit(statistics_, caf::exit_reason::user_shutdown);
        caf::anon_send_exit(limiter_, caf::exit_reason::user_shutdown);
    }
    statistics_under_test(const statistics_under_test&) = delete;
    statistics_under_test& operator=(const statistics_under_test&) = delete;

    // Events a second, until the last is durable.
    double take_in(size_t events) {
        sender_crowd crowd;
        const auto begin = std::chrono::steady_clock::now();
        const double step_ms =
            static_cast<double>(days * day_s * 1'000) / static_cast<double>(events);
        for (size_t done = 0; done < events;) {
            mails_judged batch;
            for (; batch.mails.size() < batch_mails && done < events; ++done) {
                const auto at_ms = static_cast<int64_t>(step_ms * static_cast<double>(done));
                batch.mails.push_back(crowd.next(first_s * 1'000 + at_ms));
            }
            const int64_t now_ms = batch.mails.back().ticket.received_at_ms;
            time_.advance_ms(now_ms - time_.now_ms());
            caf::anon_send(statistics_, std::move(batch));
            if (done % flush_mails == 0) caf::anon_send(statistics_, flush_atom_v);
            if (done % ahead_mails == 0) ask<actor_status>(get_status{});
        }
        const auto counted = ask<decision_counts>(counts_atom_v);
        ensure(counted.accepted + counted.held == events, "events were lost");
        ensure(ask<actor_status>(get_status{}).detail.find(',') == std::string::npos, "inexact");
        return static_cast<double>(events) / seconds_since(begin);
    }

    double report_ms(int64_t since_s) {
        get_activity query;
        query.since_s = since_s;
        const request_context context{{caller_role::root, 0, account_name{"root"}, {}}, 0};
        const auto begin = std::chrono::steady_clock::now();
        const auto report = ask<activity_report>(query, context);
        const double took_ms = seconds_since(begin) * 1'000;
        ensure(report.max_count > 0, "an empty report");
        return took_ms;
    }

    // Sent and held in the stretch, of all accounts.
    uint64_t mails(int64_t since_s) {
        get_activity query;
        query.since_s = since_s;
        query.limit = get_activity::limit_max;
        const request_context context{{caller_role::root, 0, account_name{"root"}, {}}, 0};
        uint64_t sum = 0;
        for (const account_activity& each : ask<activity_report>(query, context).accounts) {
            sum += each.messages + each.quarantined;
        }
        return sum;
    }

    int64_t now_s() const { return time_.now_s(); }

  private:
    template <class Reply, class... Args>
    Reply ask(Args... args) {
        Reply out;
        self_->request(statistics_, caf::infinite, args...)
            .receive([&](Reply& reply) { out = std::move(reply); },
                     [](const caf::error& why) { ensure(false, from_caf(why).what); });
        return out;
    }

    std::string path_;
    manual_clock time_{first_s * 1'000};
    snapshot<mail_policy> policy_;
    snapshot<account_directory> accounts_;
    actor_config config_;
    caf::actor_system system_{config_};
    caf::scoped_actor self_{system_};
    rate_limiter_actor limiter_;
    statistics_actor statistics_;
};

// The same rollups as plain rows, and SQL to sum them up.
class plain_rows {
  public:
    plain_rows(const std::string& path, statistics_store& store, int64_t now_s)
        : database_(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
        database_.exec("PRAGMA journal_mode = WAL; PRAGMA cache_size = -65536");
        for (const size_t level : {size_t{2}, size_t{3}}) copy(level, store, now_s);
    }

    double group_by_ms(size_t level, int64_t from_s) {
        const auto begin = std::chrono::steady_clock::now();
        SQLite::Statement select(database_, "SELECT object, SUM(messages), SUM(quarantined) FROM " +
                                                table(level) + " WHERE start >= ? GROUP BY object");
        select.bind(1, period_start(from_s, rollup_levels[level].period_s));
        uint64_t messages = 0;
        while (select.executeStep()) {
            messages += static_cast<uint64_t>(select.getColumn(1).getInt64() +
                                              select.getColumn(2).getInt64());
        }
        const double took_ms = seconds_since(begin) * 1'000;
        ensure(messages > 0, "an empty sum");
        return took_ms;
    }

    int64_t rows(size_t level) {
        return database_.execAndGet("SELECT COUNT(*) FROM " + table(level)).getInt64();
    }

  private:
    static std::string table(size_t level) { return std::string(rollup_levels[level].table); }

    // (Today's or this hour's rows aren't made yet: SQL is spared them.)
    void copy(size_t level, statistics_store& store, int64_t now_s) {
        std::string columns =
            "start INTEGER, object INTEGER, messages INTEGER, recipients INTEGER,"
            " quarantined INTEGER";
        std::string places = "?, ?, ?, ?, ?";
        for (size_t i = 3; i < counters; ++i) {
            columns += ", counter_" + std::to_string(i) + " INTEGER";
            places += ", ?";
        }
        database_.exec("CREATE TABLE " + table(level) + " (" + columns +
                       ", PRIMARY KEY (start, object)) WITHOUT ROWID");
        SQLite::Transaction transaction(database_);
        SQLite::Statement insert(database_,
                                 "INSERT INTO " + table(level) + " VALUES (" + places + ")");
        const int64_t step_s = rollup_levels[level].period_s;
        for (int64_t at_s = first_s; at_s < now_s; at_s += step_s) {
            const auto read = store.read({{{level, at_s, at_s + step_s}}, 0, 0},
                                         [&](const block_row& leaf) { put(insert, at_s, leaf); });
            ensure(static_cast<bool>(read), "the store can't be read");
        }
        transaction.commit();
    }

    static void put(SQLite::Statement& insert, int64_t at_s, const block_row& leaf) {
        insert.bind(1, at_s);
        insert.bind(2, static_cast<int64_t>(leaf.object));
        for (size_t i = 0; i < counters; ++i) {
            insert.bind(static_cast<int>(i + 3), static_cast<int64_t>(leaf.counts.values[i]));
        }
        insert.exec();
        insert.reset();
    }

    SQLite::Database database_;
};

void compare(statistics_under_test& ours, plain_rows& theirs, int rounds, const std::string& range,
             int64_t since_s, size_t level) {
    std::vector<double> our_ms, their_ms, ratios;
    const int64_t from_s = ours.now_s() - since_s;
    for (int i = 0; i <= rounds; ++i) {
        const double our_round_ms = ours.report_ms(since_s);
        const double their_round_ms = theirs.group_by_ms(level, from_s);
        if (i == 0) continue;  // to warm up
        our_ms.push_back(our_round_ms);
        their_ms.push_back(their_round_ms);
        ratios.push_back(our_round_ms / their_round_ms);
    }
    print("group_by_" + range, median(their_ms), 1.0);
    print("since_" + range, median(our_ms), median(ratios));
}

void run(size_t events, int rounds, const std::string& folder) {
    const std::string path = folder + "/statistics.db";
    statistics_under_test ours(path);
    print("events_per_second", ours.take_in(events), "1/s");
    ensure(ours.mails(days * day_s) == events, "the report and the decisions differ");
    auto store = statistics_store::open(path, {});
    ensure(static_cast<bool>(store), "the store can't be opened");
    plain_rows theirs(folder + "/plain.db", **store, ours.now_s());
    const auto bytes = static_cast<double>(std::filesystem::file_size(path));
    print("file", bytes, "bytes");
    print("wal", static_cast<double>(std::filesystem::file_size(path + "-wal")), "bytes");
    print("file_per_event", bytes / static_cast<double>(events), "bytes");
    print("day_rows", static_cast<double>(theirs.rows(3)), "rows");
    print("hour_rows", static_cast<double>(theirs.rows(2)), "rows");
    compare(ours, theirs, rounds, "30d", 30 * day_s, 3);
    compare(ours, theirs, rounds, "24h", day_s, 2);
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const auto events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
    const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 9;
    std::string folder = (std::filesystem::temp_directory_path() / "ie-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr || events == 0) return 2;
    ie::ensure(static_cast<bool>(ie::open_log(folder + "/log", ie::log_level::info)), "log");
    ie::run(events, rounds, folder);
    std::filesystem::remove_all(folder);
    return 0;
}
