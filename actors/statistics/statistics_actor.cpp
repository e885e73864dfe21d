#include "actors/statistics/statistics_actor.hpp"

#include "actors/owed_answer.hpp"
#include "actors/statistics/activity_report.hpp"
#include "actors/statistics/calendar.hpp"
#include "actors/statistics/statistics_store.hpp"
#include "config/log.hpp"
#include "messages/text.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr size_t usage_keys_max = 100'000;  // of one request to the rate limiter
constexpr std::chrono::seconds usage_timeout{5};
constexpr int64_t upkeep_interval_s = 60;  // of a store to which nothing new is written
constexpr int64_t forget_interval_s = 86'400;

keep_times keep_of(const settings_file::statistics_part& keep) {
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
    ~statistics_state() {
        if (store_) write(options_.clock->now_s());
    }

    statistics_actor::behavior_type start(std::unique_ptr<statistics_store> store,
                                          object_names objects, const statistics_options& options) {
        store_ = std::move(store);
        objects_ = std::make_shared<object_names>(std::move(objects));
        options_ = options;
        last_forgotten_s_ = options_.clock->now_s();
        schedule_flush();
        return {
            [this](const mails_judged& news) {
                reporter_ = caf::actor_cast<caf::actor_addr>(self_->current_sender());
                for (const mail_judged& each : news.mails) pending_.count(each, *objects_);
                for (const incoming_judged& each : news.incoming) {
                    count_incoming(incoming_, each, calendar_day(each.at_ms / 1'000));
                }
            },
            [this](flush_atom) {
                flush();
                schedule_flush();
            },
            [this](counts_atom) { return on_counts(); },
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
    caf::result<decision_counts> on_counts() {
        flush();
        return to_result(store_->counts());
    }

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

    // What isn't written yet counts, too.
    outcome<incoming_stats> incoming_of(const account_name& account, uint32_t days) {
        const bool is_server = account.value == root_account;
        const std::string key = is_server ? "" : to_lower(account.value);
        const int64_t today = calendar_day(options_.clock->now_s());
        const int64_t from_day = today - days + 1;
        auto sums = store_->read_incoming(key, from_day);
        if (!sums) return sums.failure();
        incoming_stats out{account, {}};
        for (int64_t day = today; day >= from_day; --day) {
            incoming_sums& of_day = (*sums)[day];
            const auto news = incoming_.find({key, day});
            if (news != incoming_.end()) of_day.add(news->second);
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
            cover_of(from_s, now_s + get_activity::since_s_max, store_->marks());
        auto work = std::make_shared<report_in_work>();
        if (const auto read = add_counts(cover, work->sums); !read) return read.failure();
        work->objects = objects_;
        work->policy = options_.policy->get();
        work->page = select_page(*objects_, work->sums, query, account);
        work->report.own_view = own_view;
        work->report.max_count = work->page.max_count;
        work->report.since_s = cover.from_s;
        constexpr size_t bytes_max = reply_body_bytes_max - (1 << 20);
        if (report_bytes(work->page, *objects_) > bytes_max) {
            return fail(error_code::too_large, "the page has more than " +
                                                   std::to_string(bytes_max >> 20) +
                                                   " MB of sender objects: take a smaller limit");
        }
        work->asked = limited_objects(work->page, *objects_, *work->policy);
        if (own_view) {
            if (const auto read = read_last_holds(*work); !read) return read.failure();
        }
        return work;
    }

    // What isn't written yet counts too: a report needs no flush, and can be had while the disk
    // refuses to write.
    outcome<nothing> add_counts(const time_cover& cover, sums_by_object& sums) {
        sums.resize(objects_->size() + 1);
        auto read = store_->read(cover, [&](const block_row& leaf) { add_leaf(sums, leaf); });
        if (!read) return read;
        report_damage();
        for (const pending_row& row : pending_.rows()) {
            if (row.at_s >= cover.from_s && row.at_s < cover.until_s) add_leaf(sums, row.leaf);
        }
        sum_up(*objects_, sums);
        return nothing{};
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
            auto stored = store_->read_last_hold(account.number);
            if (!stored) return stored.failure();
            const auto news = pending_.last_holds().find(account.number);
            const bool newer =
                news != pending_.last_holds().end() && news->second.held_at_s >= stored->held_at_s;
            work.last_holds.push_back(newer ? news->second : *stored);
        }
        return nothing{};
    }

    objects_found on_find_objects(const find_objects& wanted) const {
        objects_found out;
        for (const object_id& id : wanted.ids) {
            const uint32_t number = objects_->find(to_key(id.value));
            if (number != 0) out.items.push_back(objects_->describe(number));
        }
        return out;
    }

    actor_status on_get_status() const {
        actor_status out;
        out.actor = name;
        out.state = last_error_.empty() ? actor_state::running : actor_state::degraded;
        out.last_error = last_error_;
        out.queue = pending_.mails();
        out.detail = std::to_string(objects_->size()) + " sender objects";
        if (pending_.exact_to_s() > 1) {
            out.detail +=
                ", unwritten counts exact to " + std::to_string(pending_.exact_to_s()) + " s";
        }
        if (pending_.lost() > 0) {
            out.detail += ", " + std::to_string(pending_.lost()) + " mails not counted for senders";
        }
        if (pending_.unnamed() > 0) {
            out.detail += ", " + std::to_string(pending_.unnamed()) +
                          " mails counted without their address: too many objects";
        }
        if (damaged_ > 0) out.detail += ", " + std::to_string(damaged_) + " damaged blocks met";
        return out;
    }

    void flush() {
        const int64_t now_s = options_.clock->now_s();
        if (write(now_s)) forget_idle(now_s);
        report_damage();
    }

    // False where there was nothing to do. What can't be written now stays and is tried again with
    // the next flush.
    bool write(int64_t now_s) {
        const int64_t upkeep_s = period_start(now_s, upkeep_interval_s);
        const bool is_empty = pending_.empty() && incoming_.empty();
        if (is_empty && upkeep_s == last_upkeep_s_) return false;
        report_loss();
        if (const auto written = store_->write(pending_, *objects_, now_s, incoming_); !written) {
            report_error(written.failure());
            return false;
        }
        last_upkeep_s_ = upkeep_s;
        pending_.clear();
        incoming_.clear();
        last_error_.clear();
        return true;
    }

    // Once a day where they are a crowd. Reports in work keep the table that they have.
    void forget_idle(int64_t now_s) {
        const bool is_due = std::abs(now_s - last_forgotten_s_) >= forget_interval_s;
        if (!is_due || !objects_->crowded()) return;
        last_forgotten_s_ = now_s;
        auto kept = store_->forget_idle(*objects_);
        if (!kept) return report_error(kept.failure());
        objects_ = std::make_shared<object_names>(std::move(*kept));
    }

    void report_error(const error& failure) {
        if (last_error_.empty()) logger_.error(event::storage_failed, kv("what", failure.what));
        last_error_ = failure.what;
    }

    void report_loss() {
        if (pending_.lost() == lost_) return;
        logger_.error(event::storage_failed, kv("what", "no room for counts that can't be written"),
                      kv("mails_lost", pending_.lost() - lost_));
        lost_ = pending_.lost();
    }

    // Once: a block that can't be read is met again and again.
    void report_damage() {
        if (damaged_ == 0 && store_->damaged_blocks() > 0) {
            logger_.error(event::storage_failed,
                          kv("what", options_.path + ": a block of counts is damaged, "
                                                     "its end is left out"));
        }
        damaged_ = store_->damaged_blocks();
    }

    void schedule_flush() {
        self_->delayed_send(self_, std::chrono::milliseconds(options_.flush_interval_ms),
                            flush_atom_v);
    }

    pointer self_;
    logger logger_{name};
    statistics_options options_;
    std::unique_ptr<statistics_store> store_;
    std::shared_ptr<object_names> objects_;
    pending_counts pending_;
    incoming_counts incoming_;  // that aren't written yet
    caf::actor_addr reporter_;  // who sent mails_judged last
    std::string last_error_;
    int64_t last_upkeep_s_ = -1;
    int64_t last_forgotten_s_ = 0;
    uint64_t lost_ = 0;     // of pending_'s, as far as it is logged
    uint64_t damaged_ = 0;  // of store_'s
};

struct opened_store {
    std::unique_ptr<statistics_store> store;
    object_names objects;
};

statistics_actor::behavior_type behavior(statistics_state::pointer self,
                                         const std::shared_ptr<opened_store>& opened,
                                         const statistics_options& options) {
    return self->state.start(std::move(opened->store), std::move(opened->objects), options);
}

}  // namespace

outcome<statistics_actor> make_statistics(caf::actor_system& system, thread_use use,
                                          const statistics_options& options) {
    ensure(options.policy != nullptr && options.accounts != nullptr && options.clock != nullptr,
           "statistics: options incomplete");
    auto store = statistics_store::open(options.path, keep_of(options.keep));
    if (!store) return store.failure();
    auto objects = (*store)->read_objects(options.bounds);
    if (!objects) return objects.failure();
    auto opened =
        std::make_shared<opened_store>(opened_store{std::move(*store), std::move(*objects)});
    return statistics_actor{spawn_on(system, use, behavior, std::move(opened), options)};
}

}  // namespace ie
