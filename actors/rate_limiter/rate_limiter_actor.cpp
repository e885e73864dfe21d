#include "actors/rate_limiter/rate_limiter_actor.hpp"

#include <atomic>
#include <cstdlib>
#include <initializer_list>

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

// Of the journal, on a thread of its own.
struct sync_in_work {
    enum class state { none, working, done };
    std::atomic<state> at = state::none;
    std::optional<outcome<nothing>> result;  // where it is done
};

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
        all_known_ms_ = now_ms() + parts_->ledger.longest_span_ms();
        self_->delayed_send(self_, tick_interval, flush_atom_v);
        return {
            [this](const reserve_quota& mail) { return on_reserve_quota(mail); },
            [this](const give_back_quota& mail) { on_give_back_quota(mail); },
            [this](const renew_quota& mail) { return on_renew_quota(mail); },
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
            write_down({mail_counted{verdict.reservation}});
        }
        return verdict;
    }

    void on_give_back_quota(const give_back_quota& mail) {
        if (mail.reservation.keys.account.none()) return;
        const int64_t now = now_ms();
        parts_->ledger.give_back(mail.reservation, now);
        write_down({mail_given_back{mail.reservation, now}});
    }

    // One write, answered when it is done: a kill leaves the old count or the new one, and no
    // verdict is out before. Should a power cut leave half of it, the mail counts twice: the sender
    // has one less for an hour, and never one more.
    bool on_renew_quota(const renew_quota& mail) {
        if (mail.reservation.keys.account.none()) return true;
        const int64_t now = now_ms();
        quota_reservation renewed = mail.reservation;
        renewed.at_ms = now;
        parts_->ledger.count(renewed, now);
        parts_->ledger.give_back(mail.reservation, now);
        write_down({mail_counted{renewed}, mail_given_back{mail.reservation, now}});
        return true;
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
            write_down({object_forgotten{key, now}});
        }
        return out;
    }

    // Mail goes on where the disk refuses: the counts in memory are exact, a restart would know
    // less. So it is told loudly.
    void write_down(std::initializer_list<journal_record> records) {
        const auto done = parts_->journal.append(records, anchor_now());
        if (done) {
            last_error_.clear();
            return;
        }
        if (last_error_.empty()) {
            logger_.error(event::storage_failed, kv("what", done.failure().what));
        }
        last_error_ = done.failure().what;
    }

    time_anchor anchor_now() const {
        return {now_ms(), options_.clock->now_ms(), options_.clock->booted()};
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
            write_down({anchor_now()});
        }
        if (!offset_ms_ || std::abs(offset_ms - *offset_ms_) >= second_ms) offset_ms_ = offset_ms;
    }

    // On a thread of its own, one at a time: a disk may be slow, a verdict may not.
    void sync() {
        using state = sync_in_work::state;
        if (!parts_ || syncing_->at == state::working) return;
        if (syncing_->at == state::done) on_synced(*syncing_->result);
        syncing_->at = state::none;
        auto work = parts_->journal.take_sync();
        if (!work) return;
        syncing_->at = state::working;
        const std::function<void()> job = [work = std::move(work), syncing = syncing_] {
            syncing->result = work();
            syncing->at = state::done;
        };
        run_on(self_->home_system(), options_.sync_on, job);
    }

    void on_synced(const outcome<nothing>& done) {
        const std::string why = done ? std::string{} : done.failure().what;
        if (!done) {
            logger_.error(event::storage_failed,
                          kv("what", why + "; not proof against a power cut"));
            parts_->journal.tell_failed_sync();
        }
        sync_error_ = why;
    }

    // What couldn't be read at the start is of interest as long as it would count.
    std::string trouble() const {
        if (!last_error_.empty()) return last_error_;
        if (!sync_error_.empty()) return sync_error_ + "; not proof against a power cut";
        const auto& unread = parts_->journal.found().unread;
        if (unread.empty() || now_ms() >= all_known_ms_) return {};
        return unread.front() + "; what was sent before the start isn't all counted";
    }

    actor_status on_get_status() const {
        actor_status out;
        out.actor = name;
        out.last_error = trouble();
        out.state = out.last_error.empty() ? actor_state::running : actor_state::degraded;
        out.detail = std::to_string(parts_->ledger.size()) + " sender objects, " +
                     std::to_string(counted_) + " mails counted, " + std::to_string(over_limit_) +
                     " over a limit";
        for (const auto& each : parts_->journal.found().set_aside) out.detail += "; " + each;
        return out;
    }

    pointer self_;
    logger logger_{name};
    std::optional<limiter_parts> parts_;
    rate_limiter_options options_;
    uint64_t counted_ = 0;
    uint64_t over_limit_ = 0;
    std::string last_error_;
    std::string sync_error_;
    int64_t all_known_ms_ = 0;          // from then on nothing of before the start counts
    std::optional<int64_t> offset_ms_;  // of the calendar to the limiter's time, when last looked
    std::shared_ptr<sync_in_work> syncing_ = std::make_shared<sync_in_work>();
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

void report(const quota_journal::history& found, const std::string& folder, uint32_t objects) {
    const logger log(rate_limiter_state::name);
    for (const auto& each : found.set_aside) log.error(event::data_damaged, kv("what", each));
    for (const auto& each : found.unread) log.error(event::storage_failed, kv("what", each));
    if (found.unreadable_bytes > 0) {
        log.warn(event::storage_failed, kv("what", "the journal has something unreadable"),
                 kv("folder", folder), kv("bytes", found.unreadable_bytes));
    }
    log.info(event::counts_rebuilt, kv("records", found.records), kv("objects", objects));
}

limiter_parts restore(const rate_limiter_options& options) {
    const auto& bounds = options.bounds;
    quota_ledger ledger(limited_windows(),
                        {bounds.domains_max, bounds.addresses_max, bounds.scripts_max});
    quota_journal journal = quota_journal::open(
        options.journal_dir, ledger.longest_span_ms(),
        [&ledger](const std::vector<journal_record>& batch) { replay(ledger, batch); },
        options.journal_fault);
    const auto& found = journal.found();
    report(found, options.journal_dir, static_cast<uint32_t>(ledger.size()));
    const limiter_time time(found.anchor, found.last_ms, options.clock->now_ms(),
                            options.clock->steady_ms(), options.clock->booted());
    return limiter_parts{std::move(ledger), std::move(journal), time};
}

rate_limiter_internal::behavior_type rate_limiter(rate_limiter_state::pointer self,
                                                  const std::shared_ptr<limiter_parts>& parts,
                                                  rate_limiter_options options) {
    return self->state.start(std::move(*parts), std::move(options));
}

}  // namespace

rate_limiter_actor make_rate_limiter(caf::actor_system& system, rate_limiter_options options) {
    ensure(options.policy != nullptr && options.clock != nullptr, "rate_limiter: no options");
    auto handed_over = std::make_shared<limiter_parts>(restore(options));
    return rate_limiter_actor{spawn_on(system, thread_use::shared, rate_limiter,
                                       std::move(handed_over), std::move(options))};
}

}  // namespace ie
