#include "actors/statistics/statistics_actor.hpp"

#include "actors/owed_answer.hpp"
#include "actors/statistics/activity_report.hpp"
#include "actors/statistics/calendar.hpp"
#include "actors/statistics/counts_keeper.hpp"
#include "messages/text.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr size_t usage_keys_max = 100'000;  // of one request to the rate limiter
constexpr std::chrono::seconds usage_timeout{5};

keep_times keep_of(const configuration::statistics_part& keep) {
    constexpr int64_t hour_s = 3'600;
    constexpr int64_t day_s = 24 * hour_s;
    return {keep.seconds_kept_h * hour_s, keep.minutes_kept_d * day_s, keep.hours_kept_d * day_s,
            keep.days_kept_d * day_s};
}

// A report that waits for the rate limiter. It keeps the table of objects that it began with: the
// numbers in the actor's may be others by then.
struct report_in_work {
    std::shared_ptr<const object_names> objects;
    activity_page page;
    std::vector<last_hold> last_holds;  // by the page's accounts; only who sees his own has them
    sums_by_object sums;
    std::shared_ptr<const mail_policy> policy;
    activity_report report;
    std::vector<object_key> asked;  // of these, as many as `usage` has are answered
    usage_by_key usage;
    size_t answered = 0;
    owed_answer<activity_report> answer;
};
using report_pointer = std::shared_ptr<report_in_work>;

class statistics_state {
  public:
    using pointer = statistics_actor::stateful_pointer<statistics_state>;

    explicit statistics_state(pointer self) : self_(self) {}

    statistics_actor::behavior_type start(counts_keeper counts, const statistics_options& options) {
        counts_.emplace(std::move(counts));
        options_ = options;
        schedule_flush();
        return {
            [this](const mails_judged& news) {
                reporter_ = caf::actor_cast<caf::actor_addr>(self_->current_sender());
                counts_->count(news);
            },
            [this](flush_atom) {
                counts_->flush();
                schedule_flush();
            },
            [this](counts_atom) { return to_result(counts_->decisions()); },
            [this](const get_activity& query, const request_context& context) {
                return on_get_activity(query, context);
            },
            [this](const get_incoming_stats& query, const request_context& context) {
                return on_get_incoming_stats(query, context);
            },
            [this](const find_objects& wanted) { return on_find_objects(wanted); },
            [this](const get_status&) { return on_get_status(); },
        };
    }

    static constexpr const char* name = "statistics";

  private:
    caf::result<activity_report> on_get_activity(const get_activity& query,
                                                 const request_context& context) {
        const auto account = acting_account(context.who, query.account);
        if (!account) return to_caf(account.failure());
        if (const auto good = check_activity_query(query); !good) return to_caf(good.failure());
        const owed_answer<activity_report> answer(self_);
        when_up_to_date([this, answer, query, account = *account, who = context.who] {
            const bool all = account.value == root_account;
            const bool own_view = who.role == caller_role::account;
            auto work = begin_report(query, all ? account_name{} : account, own_view);
            if (!work) return answer.deliver(to_caf(work.failure()));
            (*work)->answer = answer;
            ask_usage(*work);
        });
        return answer;
    }

    caf::result<incoming_stats> on_get_incoming_stats(const get_incoming_stats& query,
                                                      const request_context& context) {
        const auto account = acting_account(context.who, query.account);
        if (!account) return to_caf(account.failure());
        if (query.days < 1 || query.days > get_incoming_stats::days_max) {
            return to_caf(fail(error_code::bad_request,
                               "days " + std::to_string(query.days) + ": it must be from 1 to " +
                                   std::to_string(get_incoming_stats::days_max)));
        }
        const owed_answer<incoming_stats> answer(self_);
        when_up_to_date([this, answer, account = *account, days = query.days] {
            auto stats = incoming_of(account, days);
            if (!stats) return answer.deliver(to_caf(stats.failure()));
            answer.deliver(std::move(*stats));
        });
        return answer;
    }

    outcome<incoming_stats> incoming_of(const account_name& account, uint32_t days) {
        const bool is_server = account.value == root_account;
        const std::string key = is_server ? "" : to_lower(account.value);
        const int64_t today = calendar_day(options_.clock->now_s());
        const int64_t from_day = today - days + 1;
        auto sums = counts_->incoming_of(key, from_day);
        if (!sums) return sums.failure();
        incoming_stats out{account, {}};
        for (int64_t day = today; day >= from_day; --day) {
            const incoming_sums& of_day = (*sums)[day];
            out.items.push_back({date_text(day), of_day.spam, of_day.legitimate});
        }
        return out;
    }

    // Whoever reports does so for many mails at once: what he has yet to tell is asked for first.
    void when_up_to_date(const std::function<void()>& next) {
        constexpr std::chrono::milliseconds report_timeout{500};
        const auto reporter = caf::actor_cast<caf::actor>(reporter_);
        if (!reporter) return next();
        self_->request(reporter, report_timeout, report_atom_v)
            .then([next](bool) { next(); }, [next](const caf::error&) { next(); });
    }

    // Everything but what only the rate limiter knows. What was counted before the clock was set
    // back lies in the future now, and counts.
    outcome<report_pointer> begin_report(const get_activity& query, const account_name& account,
                                         bool own_view) {
        const int64_t now_s = options_.clock->now_s();
        const int64_t from_s = std::max<int64_t>(now_s - query.since_s, 0);
        const time_cover cover =
            cover_of(from_s, now_s + get_activity::since_s_max, counts_->marks());
        auto work = std::make_shared<report_in_work>();
        auto sums = counts_->sums_of(cover);
        if (!sums) return sums.failure();
        work->sums = std::move(*sums);
        work->objects = counts_->objects();
        work->policy = options_.policy->get();
        work->page = select_page(*work->objects, work->sums, query, account);
        work->report.own_view = own_view;
        work->report.max_count = work->page.max_count;
        work->report.since_s = cover.from_s;
        constexpr size_t bytes_max = reply_body_bytes_max - (1 << 20);
        if (report_bytes(work->page, *work->objects) > bytes_max) {
            return fail(error_code::too_large, "the page has more than " +
                                                   std::to_string(bytes_max >> 20) +
                                                   " MB of sender objects: take a smaller limit");
        }
        work->asked = limited_objects(work->page, *work->objects, *work->policy);
        if (own_view) {
            if (const auto read = read_last_holds(*work); !read) return read.failure();
        }
        return work;
    }

    // One request after the other, until all are asked about.
    void ask_usage(const report_pointer& work) {
        if (work->answered == work->asked.size()) return finish_report(work);
        get_usage question;
        const auto begin = work->asked.begin() + static_cast<ptrdiff_t>(work->answered);
        const size_t count = std::min(usage_keys_max, work->asked.size() - work->answered);
        question.keys.assign(begin, begin + static_cast<ptrdiff_t>(count));
        self_->request(options_.rate_limiter, usage_timeout, std::move(question))
            .then([this, work](const usage_list& usage) { on_usage(work, usage); },
                  [work](const caf::error& why) { work->answer.deliver(to_caf(from_caf(why))); });
    }

    void on_usage(const report_pointer& work, const usage_list& usage) {
        const size_t left = work->asked.size() - work->answered;
        if (usage.items.size() != std::min(usage_keys_max, left)) {
            work->answer.deliver(
                to_caf(fail(error_code::internal, "the rate limiter left out some objects")));
            return;
        }
        for (const object_usage& each : usage.items) {
            work->usage.emplace(work->asked[work->answered++], each);
        }
        ask_usage(work);
    }

    void finish_report(const report_pointer& work) {
        const auto directory = options_.accounts->get();
        work->report.accounts = make_report(
            work->page, {*work->objects, work->sums, *work->policy, *directory, work->usage});
        for (size_t i = 0; i < work->last_holds.size(); ++i) {
            work->report.accounts[i].last_held = std::move(work->last_holds[i]);
        }
        work->answer.deliver(std::move(work->report));
    }

    outcome<nothing> read_last_holds(report_in_work& work) {
        for (const shown_account& account : work.page.accounts) {
            auto last = counts_->last_hold_of(account.number);
            if (!last) return last.failure();
            work.last_holds.push_back(std::move(*last));
        }
        return nothing{};
    }

    objects_found on_find_objects(const find_objects& wanted) const {
        objects_found out;
        const auto objects = counts_->objects();
        for (const object_id& id : wanted.ids) {
            const uint32_t number = objects->find(to_key(id.value));
            if (number != 0) out.items.push_back(objects->describe(number));
        }
        return out;
    }

    actor_status on_get_status() const {
        actor_status out;
        out.actor = name;
        counts_->describe(out);
        return out;
    }

    void schedule_flush() {
        self_->delayed_send(self_, std::chrono::milliseconds(options_.flush_interval_ms),
                            flush_atom_v);
    }

    pointer self_;
    statistics_options options_;
    std::optional<counts_keeper> counts_;
    caf::actor_addr reporter_;  // who sent mails_judged last
};

statistics_actor::behavior_type behavior(statistics_state::pointer self,
                                         const std::shared_ptr<counts_keeper>& counts,
                                         const statistics_options& options) {
    return self->state.start(std::move(*counts), options);
}

}  // namespace

statistics_actor make_statistics(caf::actor_system& system, thread_use use,
                                 const statistics_options& options) {
    ensure(options.policy != nullptr && options.accounts != nullptr && options.clock != nullptr,
           "statistics: options incomplete");
    auto counts = std::make_shared<counts_keeper>(
        counts_options{options.path, keep_of(options.keep), options.bounds, options.clock});
    return statistics_actor{spawn_on(system, use, behavior, std::move(counts), options)};
}

}  // namespace ie
