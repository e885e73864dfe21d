#include "actors/statistics/statistics_actor.hpp"

#include <map>

#include "actors/statistics/decision_log.hpp"
#include "config/log.hpp"

namespace ie {
namespace {

// Decisions are summed up in memory between flushes: one row an hour and kind, however many mails.
class statistics_state {
  public:
    using pointer = statistics_actor::stateful_pointer<statistics_state>;

    explicit statistics_state(pointer self) : self_(self) {}
    ~statistics_state() { flush(); }

    statistics_actor::behavior_type start(std::unique_ptr<decision_log> log,
                                          const statistics_options& options) {
        log_ = std::move(log);
        options_ = options;
        schedule_flush();
        return {
            [this](const mails_judged& news) {
                for (const mail_judged& each : news.mails) count(each);
            },
            [this](flush_atom) {
                flush();
                schedule_flush();
            },
            [this](counts_atom) { return on_counts(); },
            [this](const get_status&) { return on_get_status(); },
        };
    }

    static constexpr const char* name = "statistics";

  private:
    void count(const mail_judged& decision) {
        constexpr int64_t hour_ms = 3'600'000;
        const int64_t hour = decision.ticket.received_at_ms / hour_ms;
        decision_row& row = pending_[{hour, decision.action}];
        row.hour = hour;
        row.action = decision.action;
        row.messages += 1;
        row.recipients += decision.recipient_count;
        row.size_bytes += decision.size_bytes;
    }

    caf::result<decision_counts> on_counts() {
        flush();
        return to_result(log_->counts());
    }

    actor_status on_get_status() {
        actor_status out;
        out.actor = name;
        out.state = last_error_.empty() ? actor_state::running : actor_state::degraded;
        out.last_error = last_error_;
        for (const auto& [key, row] : pending_) out.queue += row.messages;
        return out;
    }

    // What can't be written now stays and is tried again with the next flush.
    void flush() {
        if (pending_.empty()) return;
        std::vector<decision_row> rows;
        for (const auto& [key, row] : pending_) rows.push_back(row);
        if (const auto added = log_->add(rows); !added) {
            if (last_error_.empty()) {
                logger_.error(event::storage_failed, kv("what", added.failure().what));
            }
            last_error_ = added.failure().what;
            return;
        }
        pending_.clear();
        last_error_.clear();
    }

    void schedule_flush() {
        self_->delayed_send(self_, std::chrono::milliseconds(options_.flush_interval_ms),
                            flush_atom_v);
    }

    pointer self_;
    logger logger_{name};
    statistics_options options_;
    std::unique_ptr<decision_log> log_;
    std::map<std::pair<int64_t, verdict_action>, decision_row> pending_;
    std::string last_error_;
};

statistics_actor::behavior_type behavior(statistics_state::pointer self,
                                         std::shared_ptr<std::unique_ptr<decision_log>> log,
                                         const statistics_options& options) {
    return self->state.start(std::move(*log), options);
}

}  // namespace

outcome<statistics_actor> make_statistics(caf::actor_system& system, thread_use use,
                                          const statistics_options& options) {
    auto log = decision_log::open(options.path);
    if (!log) return log.failure();
    auto handed_over = std::make_shared<std::unique_ptr<decision_log>>(std::move(*log));
    return statistics_actor{spawn_on(system, use, behavior, std::move(handed_over), options)};
}

}  // namespace ie
