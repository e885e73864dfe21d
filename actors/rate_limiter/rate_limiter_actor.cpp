#include "actors/rate_limiter/rate_limiter_actor.hpp"

#include <atomic>
#include <cstdlib>

#include "actors/owed_answer.hpp"
#include "actors/rate_limiter/limiter_time.hpp"
#include "actors/rate_limiter/quota_journal.hpp"
#include "actors/rate_limiter/quota_ledger.hpp"
#include "config/log.hpp"

namespace ie {
namespace {

constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t second_ms = 1'000;
constexpr std::chrono::seconds tick_interval{1};

// What is limited. mail_policy's limits are about the one there is.
std::vector<window_rule> limited_windows() {
    return {{hour_ms, second_ms}};
}

// Counts and their journal, as they were found.
struct limiter_parts {
    quota_ledger ledger;
    quota_journal journal;
    limiter_time time;
};

void run_once(caf::event_based_actor*, const std::function<void()>& job) {
    job();
}

// The limiter as it knows itself: it looks after its objects and its journal each second.
using rate_limiter_internal = rate_limiter_actor::extend<reacts_to<flush_atom>>;

class rate_limiter_state {
  public:
    using pointer = rate_limiter_internal::stateful_pointer<rate_limiter_state>;

    explicit rate_limiter_state(pointer self) : self_(self) {}
    ~rate_limiter_state() { sync(); }

    rate_limiter_internal::behavior_type start(limiter_parts parts, rate_limiter_options options) {
        parts_.emplace(std::move(parts));
        options_ = std::move(options);
        self_->delayed_send(self_, tick_interval, flush_atom_v);
        return {
            [this](const reserve_quota& mail) { return on_reserve_quota(mail); },
            [this](const give_back_quota& mail) { on_give_back_quota(mail); },
            [this](const renew_quota& mail) { on_renew_quota(mail); },
            [this](const get_usage& request) { return on_get_usage(request); },
            [this](const forget_counts& request) { return on_forget_counts(request); },
            [this](flush_atom) { on_tick(); },
            [this](get_status) { return on_get_status(); },
        };
    }

    static constexpr const char* name = "rate_limiter";

  private:
    int64_t now_ms() const { return parts_->time.now_ms(options_.clock->steady_ms()); }

    quota_verdict on_reserve_quota(const reserve_quota& mail) {
        const auto policy = options_.policy->get();
        limit_rules rules;
        rules.mode = policy->mode;
        rules.limited = policy->limits_on();
        rules.limit_of = [&policy](size_t, sender_kind kind, const object_key& key) {
            return policy->limit_of(kind, key);
        };
        rules.has_own_limit = [&policy](const object_key& key) {
            return policy->own_limits.contains(key);
        };
        auto verdict = parts_->ledger.reserve(mail, rules, now_ms());
        if (!verdict.hits.empty()) {
            ++over_limit_;
        } else if (!verdict.reservation.keys.account.none()) {
            ++counted_;
            write_down(mail_counted{verdict.reservation});
        }
        return verdict;
    }

    void on_give_back_quota(const give_back_quota& mail) {
        if (mail.reservation.keys.account.none()) return;
        const int64_t now = now_ms();
        parts_->ledger.give_back(mail.reservation, now);
        write_down(mail_given_back{mail.reservation, now});
    }

    void on_renew_quota(const renew_quota& mail) {
        if (mail.reservation.keys.account.none()) return;
        on_give_back_quota({mail.reservation});
        quota_reservation renewed = mail.reservation;
        renewed.at_ms = now_ms();
        parts_->ledger.count(renewed, renewed.at_ms);
        write_down(mail_counted{renewed});
    }

    usage_list on_get_usage(const get_usage& request) {
        usage_list out;
        const int64_t now = now_ms();
        for (const auto& key : request.keys) {
            const auto sent = parts_->ledger.usage(key, now);
            out.items.push_back({sent.messages, sent.recipients});
        }
        return out;
    }

    usage_list on_forget_counts(const forget_counts& request) {
        usage_list out;
        const int64_t now = now_ms();
        for (const auto& key : request.keys) {
            const auto sent = parts_->ledger.forget(key, now);
            out.items.push_back({sent.messages, sent.recipients});
            write_down(object_forgotten{key, now});
        }
        return out;
    }

    // Mail goes on where the disk refuses: the counts in memory are exact, a restart would know
    // less. So it is told loudly.
    void write_down(const journal_record& record) {
        const auto done = parts_->journal.append(record, {now_ms(), options_.clock->now_ms()});
        if (done) {
            last_error_.clear();
            return;
        }
        if (last_error_.empty()) {
            logger_.error(event::storage_failed, kv("what", done.failure().what));
        }
        last_error_ = done.failure().what;
    }

    void on_tick() {
        constexpr size_t ticks_a_round = 600;
        constexpr size_t steps_min = 64;
        parts_->ledger.sweep(now_ms(), parts_->ledger.size() / ticks_a_round + steps_min);
        anchor();
        sync();
        self_->delayed_send(self_, tick_interval, flush_atom_v);
    }

    // A calendar that was set while no mail came must not count as time away at the next start.
    void anchor() {
        const int64_t offset_ms = options_.clock->now_ms() - now_ms();
        if (offset_ms_ && std::abs(offset_ms - *offset_ms_) >= second_ms) {
            write_down(time_anchor{now_ms(), options_.clock->now_ms()});
        }
        if (!offset_ms_ || std::abs(offset_ms - *offset_ms_) >= second_ms) offset_ms_ = offset_ms;
    }

    // On a thread of its own, one at a time: a disk may be slow, a verdict may not.
    void sync() {
        if (!parts_ || syncing_->exchange(true)) return;
        auto work = parts_->journal.take_sync();
        if (!work) {
            *syncing_ = false;
            return;
        }
        const std::function<void()> job = [work = std::move(work), syncing = syncing_] {
            if (const auto done = work(); !done) {
                logger(name).error(event::storage_failed, kv("what", done.failure().what));
            }
            *syncing = false;
        };
        spawn_on(self_->home_system(), options_.sync_on, run_once, job);
    }

    actor_status on_get_status() const {
        actor_status out;
        out.actor = name;
        out.state = last_error_.empty() ? actor_state::running : actor_state::degraded;
        out.last_error = last_error_;
        out.detail = std::to_string(parts_->ledger.size()) + " sender objects, " +
                     std::to_string(counted_) + " mails counted, " + std::to_string(over_limit_) +
                     " over a limit";
        return out;
    }

    pointer self_;
    logger logger_{name};
    std::optional<limiter_parts> parts_;
    rate_limiter_options options_;
    uint64_t counted_ = 0;
    uint64_t over_limit_ = 0;
    std::string last_error_;
    std::optional<int64_t> offset_ms_;  // of the calendar to the limiter's time, when last looked
    std::shared_ptr<std::atomic<bool>> syncing_ = std::make_shared<std::atomic<bool>>(false);
};

void replay(quota_ledger& ledger, const std::vector<journal_record>& batch) {
    for (const auto& record : batch) {
        if (const auto* mail = std::get_if<mail_counted>(&record)) {
            ledger.prefetch(mail->reservation.keys);
        }
    }
    for (const auto& record : batch) {
        if (const auto* mail = std::get_if<mail_counted>(&record)) {
            ledger.count(mail->reservation, mail->reservation.at_ms);
        } else if (const auto* back = std::get_if<mail_given_back>(&record)) {
            ledger.give_back(back->reservation, back->at_ms);
        } else if (const auto* gone = std::get_if<object_forgotten>(&record)) {
            ledger.forget(gone->key, gone->at_ms);
        }
    }
}

outcome<limiter_parts> restore(const rate_limiter_options& options) {
    const auto& bounds = options.bounds;
    quota_ledger ledger(limited_windows(),
                        {bounds.domains_max, bounds.addresses_max, bounds.scripts_max});
    auto journal = quota_journal::open(
        options.journal_dir, ledger.longest_span_ms(),
        [&ledger](const std::vector<journal_record>& batch) { replay(ledger, batch); });
    if (!journal) return journal.failure();
    const auto& found = journal->found();
    const limiter_time time(found.anchor, found.last_ms, options.clock->now_ms(),
                            options.clock->steady_ms());
    const logger log(rate_limiter_state::name);
    if (found.unreadable_bytes > 0) {
        log.warn(event::storage_failed, kv("what", "the journal ends in something unreadable"),
                 kv("folder", options.journal_dir), kv("bytes", found.unreadable_bytes));
    }
    log.info(event::counts_rebuilt, kv("records", found.records), kv("objects", ledger.size()));
    return limiter_parts{std::move(ledger), std::move(*journal), time};
}

rate_limiter_internal::behavior_type rate_limiter(rate_limiter_state::pointer self,
                                                  const std::shared_ptr<limiter_parts>& parts,
                                                  rate_limiter_options options) {
    return self->state.start(std::move(*parts), std::move(options));
}

}  // namespace

outcome<rate_limiter_actor> make_rate_limiter(caf::actor_system& system,
                                              rate_limiter_options options) {
    ensure(options.policy != nullptr && options.clock != nullptr, "rate_limiter: no options");
    auto parts = restore(options);
    if (!parts) return parts.failure();
    auto handed_over = std::make_shared<limiter_parts>(std::move(*parts));
    return rate_limiter_actor{spawn_on(system, thread_use::shared, rate_limiter,
                                       std::move(handed_over), std::move(options))};
}

}  // namespace ie
