// The limiter beside one that is so simple that it must be right, driven by the same random steps:
// each verdict must be the same.
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "actors/rate_limiter/journal_record.hpp"
#include "actors/rate_limiter/quota_ledger.hpp"

namespace ie {
namespace {

constexpr window_rule hour{3'600'000, 1'000};
constexpr int64_t start_ms = 1'795'333'986'123;

struct sent_mail {
    int64_t at_ms = 0;
    uint32_t recipients = 0;
    bool counts = true;  // not given back
};

// Remembers each mail, and counts by looking at all of them: a mail counts until the last of its
// second is an hour old.
class naive_limiter {
  public:
    sent_counts count(const object_key& key, int64_t now_ms) {
        sent_counts out;
        int64_t last_of_second = 0;  // of the mail that is looked at, newest first
        auto& mails = mails_[key];
        for (auto mail = mails.rbegin(); mail != mails.rend(); ++mail) {
            if (mail->at_ms / 1'000 != last_of_second / 1'000) last_of_second = mail->at_ms;
            if (now_ms - last_of_second >= hour.span_ms) {
                mails.erase(mails.begin(), mail.base());
                break;
            }
            if (!mail->counts) continue;
            out.messages += 1;
            out.recipients += mail->recipients;
        }
        return out;
    }
    void add(const object_key& key, const sent_mail& mail) { mails_[key].push_back(mail); }
    void give_back(const object_key& key, int64_t at_ms, uint32_t recipients) {
        for (auto& mail : mails_[key]) {
            if (mail.at_ms != at_ms || mail.recipients != recipients || !mail.counts) continue;
            mail.counts = false;
            return;
        }
    }
    void forget(const object_key& key) { mails_[key].clear(); }

  private:
    std::map<object_key, std::vector<sent_mail>> mails_;
};

class both_limiters {
  public:
    explicit both_limiters(uint64_t seed) : random_(seed) { change_limits(); }

    void step() {
        now_ms_ += time_step();
        const uint32_t what = below(1'000);
        if (what < 850) return send();
        if (what < 980) return give_back();
        if (what < 990) return change_limits();
        if (what < 996) return forget();
        if (what < 999) return ledger_.sweep(now_ms_, 10);
        restart();
    }

    uint64_t passed = 0;
    uint64_t held = 0;

  private:
    uint32_t below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

    // Often none, mostly some seconds, now and then to just before, at or after an edge.
    int64_t time_step() {
        const uint32_t what = below(100);
        if (what < 30) return 0;
        if (what < 60) return below(1'500);
        if (what < 98) return below(120'000);
        if (what == 98 || reservations_.empty()) return below(2) * hour.span_ms / 2;
        const int64_t edge_ms =
            reservations_[below(static_cast<uint32_t>(reservations_.size()))].at_ms + hour.span_ms -
            1 + below(3);
        return std::max<int64_t>(edge_ms - now_ms_, 0);
    }

    reserve_quota some_mail() {
        reserve_quota mail;
        const std::string login(1, static_cast<char>('a' + below(3)));
        mail.owner.account = account_name(login);
        mail.owner.domain = login + std::to_string(below(2)) + ".test";
        mail.owner.sender_address = std::to_string(below(3)) + "@" + mail.owner.domain;
        if (below(3) == 0) mail.owner.script = std::to_string(below(2)) + ".php";
        mail.recipients = below(4) == 0 ? 1 + below(6) : 1;
        mail.is_bounce = below(20) == 0;
        mail.whitelisted = below(20) == 0;
        return mail;
    }

    limit_rules rules() const {
        limit_rules out;
        out.mode = mode_;
        out.limited = limited_;
        out.limit_of = [this](size_t, sender_kind kind, const object_key& key) {
            const auto own = own_limits_.find(key);
            return own != own_limits_.end() ? own->second : limits_[static_cast<size_t>(kind)];
        };
        return out;
    }

    void send() {
        const auto mail = some_mail();
        const auto verdict = ledger_.reserve(mail, rules(), now_ms_);
        const std::array<object_key, sender_kinds> keys{verdict.keys.account, verdict.keys.domain,
                                                        verdict.keys.sender_address,
                                                        verdict.keys.script};
        std::vector<std::pair<sender_kind, uint64_t>> expected;
        for (size_t kind = 0; kind < sender_kinds; ++kind) {
            if (keys[kind].none() || mail.is_bounce || mail.whitelisted || !limited_) continue;
            const auto sent = naive_.count(keys[kind], now_ms_);
            const bool by_messages = mode_ == limit_mode::messages;
            const uint64_t used = by_messages ? sent.messages : sent.recipients;
            const uint32_t limit = rules().limit_of(0, static_cast<sender_kind>(kind), keys[kind]);
            if (limit > 0 && used + (by_messages ? 1 : mail.recipients) > limit) {
                expected.emplace_back(static_cast<sender_kind>(kind), used);
            }
        }
        std::vector<std::pair<sender_kind, uint64_t>> got;
        for (const auto& hit : verdict.hits) got.emplace_back(hit.kind, hit.count);
        ASSERT_EQ(got, expected) << "at " << now_ms_;
        ++(got.empty() ? passed : held);
        if (!got.empty() || mail.whitelisted) return;
        for (size_t kind = 0; kind < (mail.is_bounce ? 1 : sender_kinds); ++kind) {
            if (!keys[kind].none()) naive_.add(keys[kind], {now_ms_, mail.recipients, true});
        }
        reservations_.push_back(verdict.reservation);
        journal_.push_back(mail_counted{verdict.reservation});
    }

    void give_back() {
        if (reservations_.empty()) return;
        const size_t newest = std::min<size_t>(reservations_.size(), 20);
        const size_t at = reservations_.size() - 1 - below(static_cast<uint32_t>(newest));
        const auto given = reservations_[at];
        reservations_.erase(reservations_.begin() + static_cast<std::ptrdiff_t>(at));
        for (const auto& key : {given.keys.account, given.keys.domain, given.keys.sender_address,
                                given.keys.script}) {
            if (!key.none()) naive_.give_back(key, given.at_ms, given.recipients);
        }
        ledger_.give_back(given, now_ms_);
        journal_.push_back(mail_given_back{given, now_ms_});
    }

    void change_limits() {
        mode_ = below(2) == 0 ? limit_mode::messages : limit_mode::recipients;
        limited_ = below(10) > 0;
        for (auto& limit : limits_) limit = below(3) == 0 ? 0 : 1 + below(60);
        own_limits_.clear();
        if (reservations_.empty()) return;
        own_limits_[reservations_.back().keys.account] = below(100);
        own_limits_[reservations_.back().keys.sender_address] = below(10);
    }

    void forget() {
        if (reservations_.empty()) return;
        const auto key = reservations_.back().keys.account;
        ledger_.forget(key, now_ms_);
        naive_.forget(key);
        journal_.push_back(object_forgotten{key, now_ms_});
        now_ms_ += 1'000;  // what is sent and taken back in that very second is not told apart
    }

    // From the bytes of the journal's last hours, as after a crash.
    void restart() {
        std::string bytes;
        for (const auto& record : journal_) append_record(bytes, record);
        ledger_ = quota_ledger({hour}, {});
        std::string_view rest = bytes;
        while (const auto record = take_record(rest)) replay(*record);
        ASSERT_TRUE(rest.empty());
        const int64_t old_ms = now_ms_ - 2 * hour.span_ms;
        std::erase_if(journal_, [&](const journal_record& record) {
            const auto* mail = std::get_if<mail_counted>(&record);
            return mail != nullptr && mail->reservation.at_ms < old_ms;
        });
        std::erase_if(reservations_,
                      [&](const quota_reservation& each) { return each.at_ms < old_ms; });
    }

    void replay(const journal_record& record) {
        if (const auto* mail = std::get_if<mail_counted>(&record)) {
            ledger_.count(mail->reservation, mail->reservation.at_ms);
        } else if (const auto* back = std::get_if<mail_given_back>(&record)) {
            ledger_.give_back(back->reservation, back->at_ms);
        } else if (const auto* gone = std::get_if<object_forgotten>(&record)) {
            ledger_.forget(gone->key, gone->at_ms);
        }
    }

    std::mt19937_64 random_;
    int64_t now_ms_ = start_ms;
    quota_ledger ledger_{{hour}, {}};
    naive_limiter naive_;
    limit_mode mode_ = limit_mode::messages;
    bool limited_ = true;
    std::array<uint32_t, sender_kinds> limits_{};
    std::map<object_key, uint32_t> own_limits_;
    std::vector<quota_reservation> reservations_;
    std::vector<journal_record> journal_;
};

TEST(LimiterProperty, AMillionRandomStepsGiveTheVerdictsOfTheNaiveLimiter) {
    constexpr uint64_t seeds = 4;
    constexpr uint64_t steps = 250'000;
    for (uint64_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        both_limiters both(seed);
        for (uint64_t i = 0; i < steps && !HasFatalFailure(); ++i) both.step();
        if (HasFatalFailure()) return;
        EXPECT_GT(both.passed, steps / 10);
        EXPECT_GT(both.held, steps / 10);
    }
}

}  // namespace
}  // namespace ie
