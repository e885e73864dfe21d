#include "actors/settings/settings_actor.hpp"

#include <atomic>
#include <chrono>

#include "actors/owed_answer.hpp"
#include "actors/settings/account_watch.hpp"
#include "actors/settings/decision_keeper.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::chrono::milliseconds ask_timeout{3'000};  // of statistics and the rate limiter

// What is read before the actor starts.
struct settings_parts {
    std::unique_ptr<decision_keeper> keeper;
    account_watch accounts;
};

// Of the database, on a thread of its own: with a long trail it takes seconds.
struct copy_in_work {
    enum class state { none, working, done };
    std::atomic<state> at = state::none;
    std::optional<outcome<nothing>> result;  // where it is done
};

// The settings as they know themselves: they remind themselves to write what was refused.
using settings_internal = settings_actor::extend<reacts_to<flush_atom>>;

class settings_state {
  public:
    using pointer = settings_internal::stateful_pointer<settings_state>;

    explicit settings_state(pointer self) : self_(self) {}

    settings_internal::behavior_type start(settings_parts parts, const settings_options& options);

    static constexpr const char* name = "settings";

  private:
    // A reset that waits for others.
    struct reset {
        std::vector<object_id> ids;
        std::vector<known_object> objects;
        caller who;
        owed_answer<counts_reset> answer;
    };

    // Answers with what work() gives, for root; anybody else is refused.
    template <class Reply, class Work>
    caf::result<Reply> for_root(const request_context& context, Work&& work);

    caf::result<limit_list> on_change_limits(const change_limits& request,
                                             const request_context& context);
    outcome<limit_list> set_limits(const std::vector<object_id>& ids, const objects_found& found,
                                   const change_limits& request, const caller& who);
    caf::result<counts_reset> on_reset_counts(const reset_counts& request,
                                              const request_context& context);
    void forget_counts_of(const std::shared_ptr<reset>& work, const objects_found& found);
    void finish_reset(const std::shared_ptr<reset>& work, const usage_list& usage);
    caf::result<incoming_status> on_get_incoming(const get_incoming& request,
                                                 const request_context& context);
    caf::result<incoming_status> on_change_incoming(const change_incoming& request,
                                                    const request_context& context);
    outcome<account_name> known_account(const caller& who, const account_name& asked);
    outcome<account_edited> change_space(const edit_account& request, const caller& who);
    bool is_known_account(const std::string& login);
    void on_request_refused(const request_refused& refused);
    void on_left_out(const request_refused& last, uint64_t count);
    void remind();
    void on_poll();
    void make_copy();
    actor_status on_get_status() const;
    void schedule_poll();

    pointer self_;
    std::optional<settings_parts> parts_;
    settings_options options_;
    bool reminded_ = false;  // a flush_atom is under way
    std::shared_ptr<copy_in_work> copying_ = std::make_shared<copy_in_work>();
};

settings_internal::behavior_type settings_state::start(settings_parts parts,
                                                       const settings_options& options) {
    parts_.emplace(std::move(parts));
    options_ = options;
    schedule_poll();
    return {
        [this](poll_atom) { on_poll(); },
        [this](reload_atom) { parts_->accounts.load(); },
        [this](const get_settings&, const request_context& context) {
            return for_root<settings_values>(context, [&] { return parts_->keeper->values(); });
        },
        [this](const change_settings& request, const request_context& context) {
            return for_root<settings_values>(
                context, [&] { return parts_->keeper->change(request, context.who); });
        },
        [this](const list_limits&, const request_context& context) {
            return for_root<limit_list>(context, [&] { return parts_->keeper->limits(); });
        },
        [this](const change_limits& request, const request_context& context) {
            return on_change_limits(request, context);
        },
        [this](const reset_counts& request, const request_context& context) {
            return on_reset_counts(request, context);
        },
        [this](const list_whitelist& request, const request_context& context) {
            return for_root<whitelist_entries>(
                context, [&] { return parts_->keeper->listed(request.kind); });
        },
        [this](const change_whitelist& request, const request_context& context) {
            return for_root<whitelist_changed>(
                context, [&] { return parts_->keeper->change(request, context.who); });
        },
        [this](const edit_account& request, const request_context& context) {
            return for_root<account_edited>(context,
                                            [&] { return change_space(request, context.who); });
        },
        [this](const get_incoming& request, const request_context& context) {
            return on_get_incoming(request, context);
        },
        [this](const change_incoming& request, const request_context& context) {
            return on_change_incoming(request, context);
        },
        [this](const list_audit& request, const request_context& context) {
            return for_root<audit_list>(context, [&] { return parts_->keeper->find(request); });
        },
        [this](const record_audit& request) { return to_result(parts_->keeper->record(request)); },
        [this](const request_refused& refused) { on_request_refused(refused); },
        [this](const request_refused& last, uint64_t count) { on_left_out(last, count); },
        [this](const get_status&) { return on_get_status(); },
        [this](flush_atom) {
            reminded_ = false;
            parts_->keeper->write_pending();
        },
    };
}

outcome<nothing> check_root(const request_context& context) {
    if (context.who.role == caller_role::root) return nothing{};
    return fail(error_code::not_permitted,
                "uid " + std::to_string(context.who.uid) +
                    " may not look at the server's settings or change them; only root may");
}

template <class Reply, class Work>
caf::result<Reply> settings_state::for_root(const request_context& context, Work&& work) {
    if (const auto allowed = check_root(context); !allowed) return to_caf(allowed.failure());
    return to_result<Reply>(work());
}

caf::result<limit_list> settings_state::on_change_limits(const change_limits& request,
                                                         const request_context& context) {
    if (const auto allowed = check_root(context); !allowed) return to_caf(allowed.failure());
    if (const auto right = check_limit(request.limit); !right) return to_caf(right.failure());
    const auto ids = checked_ids(request.ids);
    if (!ids) return to_caf(ids.failure());
    const owed_answer<limit_list> answer(self_);
    self_->request(options_.statistics, ask_timeout, find_objects{*ids})
        .then(
            [this, answer, ids = *ids, request, who = context.who](const objects_found& found) {
                auto done = set_limits(ids, found, request, who);
                if (!done) return answer.deliver(to_caf(done.failure()));
                answer.deliver(std::move(*done));
            },
            [answer](const caf::error& why) { answer.deliver(why); });
    return answer;
}

// Meanwhile other requests were served: what there is now counts.
outcome<limit_list> settings_state::set_limits(const std::vector<object_id>& ids,
                                               const objects_found& found,
                                               const change_limits& request, const caller& who) {
    const auto objects = objects_of(ids, found, parts_->keeper->limits_by_id());
    if (!objects) return objects.failure();
    if (const auto right = check_kind(*objects, request.kind); !right) return right.failure();
    return parts_->keeper->set_limits(*objects, request.limit, who);
}

caf::result<counts_reset> settings_state::on_reset_counts(const reset_counts& request,
                                                          const request_context& context) {
    if (const auto allowed = check_root(context); !allowed) return to_caf(allowed.failure());
    const auto ids = checked_ids(request.ids);
    if (!ids) return to_caf(ids.failure());
    auto work = std::make_shared<reset>();
    work->ids = *ids;
    work->who = context.who;
    work->answer = owed_answer<counts_reset>(self_);
    self_->request(options_.statistics, ask_timeout, find_objects{*ids})
        .then([this, work](const objects_found& found) { forget_counts_of(work, found); },
              [work](const caf::error& why) { work->answer.deliver(why); });
    return work->answer;
}

void settings_state::forget_counts_of(const std::shared_ptr<reset>& work,
                                      const objects_found& found) {
    auto objects = objects_of(work->ids, found, parts_->keeper->limits_by_id());
    if (!objects) return work->answer.deliver(to_caf(objects.failure()));
    work->objects = std::move(*objects);
    forget_counts request;
    for (const auto& each : work->ids) request.keys.push_back(to_key(each.value));
    self_->request(options_.rate_limiter, ask_timeout, std::move(request))
        .then([this, work](const usage_list& usage) { finish_reset(work, usage); },
              [this, work](const caf::error& why) {
                  // They may be forgotten all the same, and that somebody wanted it is recorded.
                  const error failure = from_caf(why);
                  (void)parts_->keeper->record_reset(work->objects, {}, work->who, failure.what);
                  work->answer.deliver(to_caf(failure));
              });
}

void settings_state::finish_reset(const std::shared_ptr<reset>& work, const usage_list& usage) {
    const auto recorded = parts_->keeper->record_reset(work->objects, usage, work->who, {});
    if (!recorded) {
        const std::string what = "the counts are forgotten, which couldn't be recorded yet: ";
        const error failure = fail(recorded.failure().code, what + recorded.failure().what);
        return work->answer.deliver(to_caf(failure));
    }
    work->answer.deliver(counts_reset{work->ids});
}

// Of an account that is gone from the server what it has of its own can still be changed.
outcome<account_edited> settings_state::change_space(const edit_account& request,
                                                     const caller& who) {
    const std::string& asked = request.account.value;
    if (asked.empty() || asked.size() > account_name_bytes_max) {
        return fail(error_code::bad_request, "an account's name has 1 to " +
                                                 std::to_string(account_name_bytes_max) + " bytes");
    }
    const bool known = equal_ignoring_case(asked, root_account) || is_known_account(asked) ||
                       parts_->keeper->has_own_space(request.account);
    if (!known) {
        return fail(error_code::not_found,
                    "there is no account " + log_value(asked) + " on this server");
    }
    return parts_->keeper->change(request, who);
}

// Whom the caller may speak for; root only for who is there, or has been.
outcome<account_name> settings_state::known_account(const caller& who, const account_name& asked) {
    auto account = acting_account(who, asked);
    if (!account || who.role != caller_role::root) return account;
    const std::string& login = account->value;
    const bool known = equal_ignoring_case(login, root_account) || is_known_account(login) ||
                       !parts_->keeper->incoming_of(*account).account_on;
    if (known) return account;
    return fail(error_code::not_found, "there is no account " +
                                           log_value(login.substr(0, account_name_bytes_max)) +
                                           " on this server");
}

caf::result<incoming_status> settings_state::on_get_incoming(const get_incoming& request,
                                                             const request_context& context) {
    const auto account = known_account(context.who, request.account);
    if (!account) return to_caf(account.failure());
    return parts_->keeper->incoming_of(*account);
}

caf::result<incoming_status> settings_state::on_change_incoming(const change_incoming& request,
                                                                const request_context& context) {
    const auto account = known_account(context.who, request.account);
    if (!account) return to_caf(account.failure());
    return to_result(parts_->keeper->change(change_incoming{*account, request.on}, context.who));
}

bool settings_state::is_known_account(const std::string& login) {
    return is_account_name(login, options_.account_files.rules(), *options_.accounts->get());
}

// Many at once are written in one commit: the reminder comes after those that are here already.
void settings_state::on_request_refused(const request_refused& refused) {
    parts_->keeper->record_refusal(refused);
    remind();
}

void settings_state::on_left_out(const request_refused& last, uint64_t count) {
    parts_->keeper->add_sums({{last, count}});
    remind();
}

void settings_state::remind() {
    if (reminded_ || parts_->keeper->pending() == 0) return;
    reminded_ = true;
    self_->send(self_, flush_atom_v);
}

void settings_state::on_poll() {
    parts_->accounts.poll();
    parts_->keeper->mend();
    parts_->keeper->write_pending();
    (void)parts_->keeper->keep_switch();
    make_copy();
    schedule_poll();
}

void settings_state::make_copy() {
    using state = copy_in_work::state;
    if (copying_->at == state::working) return;
    if (copying_->at == state::done) parts_->keeper->copied(*copying_->result);
    copying_->at = state::none;
    auto work = parts_->keeper->take_copy();
    if (!work) return;
    copying_->at = state::working;
    const std::function<void()> job = [work = std::move(work), copying = copying_] {
        copying->result = work();
        copying->at = state::done;
    };
    run_on(self_->home_system(), options_.copy_on, job);
}

actor_status settings_state::on_get_status() const {
    actor_status out;
    out.actor = name;
    out.last_error = parts_->accounts.last_error();
    if (out.last_error.empty()) out.last_error = parts_->keeper->last_error();
    out.state = out.last_error.empty() ? actor_state::running : actor_state::degraded;
    out.queue = parts_->keeper->pending();
    out.detail = parts_->accounts.detail();
    if (const auto more = parts_->keeper->detail(); !more.empty()) out.detail += "; " + more;
    return out;
}

void settings_state::schedule_poll() {
    self_->delayed_send(self_, std::chrono::milliseconds(options_.poll_interval_ms), poll_atom_v);
}

settings_internal::behavior_type behavior(settings_state::pointer self,
                                          const std::shared_ptr<settings_parts>& parts,
                                          const settings_options& options) {
    return self->state.start(std::move(*parts), options);
}

}  // namespace

settings_actor make_settings(caf::actor_system& system, thread_use use,
                             const settings_options& options) {
    auto parts = std::make_shared<settings_parts>(
        settings_parts{std::make_unique<decision_keeper>(options),
                       account_watch(options.account_files, *options.accounts)});
    parts->accounts.load();
    return settings_actor{spawn_on(system, use, behavior, std::move(parts), options)};
}

}  // namespace ie
