#include "actors/supervisor/supervisor_actor.hpp"

#include <algorithm>

#include "actors/owed_answer.hpp"
#include "actors/supervisor/watched_part.hpp"
#include "config/log.hpp"

namespace ie {
namespace {

constexpr std::chrono::milliseconds status_timeout{500};
constexpr std::chrono::milliseconds start_retry{500};
constexpr std::chrono::seconds aside_retry{5};
constexpr std::chrono::seconds aside_wait{5};  // for those that stand aside, before the door opens
constexpr std::chrono::milliseconds drain_poll{20};
constexpr std::chrono::seconds start_timeout{30};  // of an actor, to its first answer

// From itself only.
using open_atom = caf::atom_constant<caf::atom("open")>;
using late_atom = caf::atom_constant<caf::atom("late")>;

// The supervisor as it knows itself: it reminds itself.
using supervisor_internal =
    supervisor_actor::extend<reacts_to<begin_atom, uint64_t>,  // the part's wait is over
                             reacts_to<open_atom>,   // don't wait for those that stand aside
                             reacts_to<late_atom>>;  // the stop has taken too long

class supervisor_state {
  public:
    using pointer = supervisor_internal::stateful_pointer<supervisor_state>;

    explicit supervisor_state(pointer self) : self_(self) {}

    supervisor_internal::behavior_type start(supervisor_options options) {
        options_ = std::move(options);
        started_at_s_ = options_.time->now_s();
        for (auto& part : options_.parts) parts_.push_back({std::move(part)});
        self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
        self_->delayed_send(self_, aside_wait, open_atom{});
        return {
            [this](const get_status&, const request_context&) { return on_get_status(); },
            [this](const advance_clock& request, const request_context& context) {
                return on_advance_clock(request, context);
            },
            [this](begin_atom) { on_begin(); },
            [this](poll_atom) { on_drain_poll(); },
            [this](reload_atom) { on_reload(); },
            [this](stop_atom) { on_stop(); },
            [this](watch_atom) { on_watch(); },
            [this](begin_atom, uint64_t index) {
                parts_[index].waits = false;
                on_begin();
            },
            [this](open_atom) {
                door_waits_ = false;
                if (needed_parts_run()) open_door();
            },
            [this](late_atom) { on_late(); },
        };
    }

    static constexpr const char* name = "supervisor";

  private:
    // Starts the parts that aren't there, first to last; each answers before the next is started,
    // but for those that stand aside.
    void on_begin() {
        if (stopping_) return;
        for (watched_part& each : parts_) {
            if (!each.is_there() && !each.waits) start_part_of(each);
            if (!each.runs() && !each.part.stands_aside) return;
        }
        open_door();
    }

    // The first time, those that stand aside are waited for: mostly they are there in a moment.
    void open_door() {
        const bool all_settled =
            std::all_of(parts_.begin(), parts_.end(),
                        [](const watched_part& each) { return each.runs() || each.waits; });
        if (door_waits_ && !all_settled) return;
        door_waits_ = false;
        if (!std::exchange(has_news_, false)) return;
        options_.door->open();
        options_.on_ready();
        if (options_.watchdog_ms > 0 && !std::exchange(watching_, true)) on_watch();
    }

    void start_part_of(watched_part& part) {
        part.is_starting = true;
        part.has_answered = part.told_to_end = part.is_mute = false;
        const auto starter =
            make_part_starter(self_->system(), options_.start_on, part.part.prepare());
        self_->request(starter, caf::infinite, begin_atom_v)
            .then(
                [this, &part](const caf::actor& started) { on_started(part, started); },
                [this, &part](const caf::error& why) { on_not_started(part, from_caf(why).what); });
    }

    // One that was told to end meanwhile has addresses of those that are gone.
    void on_started(watched_part& part, const caf::actor& started) {
        part.is_starting = false;
        part.actor = started;
        self_->monitor(started);
        if (drained_) return stop_next();
        if (part.told_to_end) return self_->send_exit(started, caf::exit_reason::user_shutdown);
        await_first_answer(part);
    }

    void on_not_started(watched_part& part, const std::string& why) {
        part.is_starting = false;
        if (drained_) return stop_next();
        if (stopping_) return;
        if (part.told_to_end) return self_->send(self_, begin_atom_v);
        part.last_error = why;
        logger_.error(event::actor_failed, kv("actor", part.part.name), kv("what", why));
        if (take_restart(part)) begin_later(part);
    }

    void begin_later(watched_part& part) {
        part.waits = true;
        const auto index = static_cast<uint64_t>(&part - parts_.data());
        const std::chrono::milliseconds wait = part.part.stands_aside ? aside_retry : start_retry;
        self_->delayed_send(self_, wait, begin_atom_v, index);
        self_->send(self_, begin_atom_v);  // the others don't wait with it
    }

    void await_first_answer(watched_part& part) {
        const auto answered = [this, &part](const actor_status&) {
            if (part.told_to_end) return;
            part.has_answered = has_news_ = true;
            part.part.started(part.actor);
            logger_.info(event::started, kv("actor", part.part.name),
                         kv("restarts", part.restarts));
            self_->send(self_, begin_atom_v);
        };
        // Its end is reported by the monitor; one that lives on in silence is ended.
        const auto failed = [this, &part](const caf::error& why) {
            if (!part.actor || from_caf(why).code == error_code::unavailable) return;
            part.is_mute = true;
            self_->send_exit(part.actor, caf::exit_reason::kill);
        };
        if (part.part.stands_aside) {
            self_->request(part.actor, caf::infinite, get_status{}).then(answered, failed);
        } else {
            self_->request(part.actor, start_timeout, get_status{}).then(answered, failed);
        }
    }

    void on_down(const caf::down_msg& down) {
        const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const auto& each) {
            return each.actor && each.actor.address() == down.source;
        });
        if (found == parts_.end()) return;
        found->actor = nullptr;
        if (drained_) return stop_next();
        if (stopping_) return;  // the others go on with what is in hand
        if (!found->told_to_end && !on_failed(*found, down.reason)) return;
        self_->send(self_, begin_atom_v);
    }

    // True where it may be started again at once.
    bool on_failed(watched_part& part, const caf::error& reason) {
        part.last_error =
            part.is_mute ? "it didn't answer when it was started" : self_->system().render(reason);
        logger_.error(event::actor_failed, kv("actor", part.part.name),
                      kv("what", part.last_error));
        if (!take_restart(part)) return false;
        if (part.part.stands_aside) {
            if (!part.has_answered) begin_later(part);
            return part.has_answered;
        }
        end_all_after(part);
        return true;
    }

    void end_all_after(const watched_part& failed) {
        const auto first = parts_.begin() + (&failed - parts_.data()) + 1;
        for (auto later = first; later != parts_.end(); ++later) {
            if (!later->is_there() || later->told_to_end) continue;
            later->told_to_end = true;
            if (later->actor) self_->send_exit(later->actor, caf::exit_reason::user_shutdown);
        }
    }

    bool take_restart(watched_part& part) {
        ++part.restarts;
        if (part.part.stands_aside || options_.budget.take(steady_now_ms())) {
            logger_.warn(event::actor_restarted, kv("actor", part.part.name),
                         kv("restarts", part.restarts));
            return true;
        }
        logger_.error(event::stopped, kv("what", "too many restarts: giving up"),
                      kv("actor", part.part.name));
        options_.on_give_up(part.part.name + ": " + part.last_error);
        on_stop();
        return false;
    }

    void on_reload() {
        const auto* settings = running("settings");
        if (settings == nullptr) return;
        const auto done = [this] {
            if (needed_parts_run() && !stopping_) options_.on_ready();
        };
        self_->request(settings->actor, start_timeout, reload_atom_v)
            .then(done, [done](const caf::error&) { done(); });
    }

    bool needed_parts_run() const {
        return std::all_of(parts_.begin(), parts_.end(), [](const watched_part& each) {
            return each.runs() || each.part.stands_aside;
        });
    }

    const watched_part* running(std::string_view part_name) const {
        const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const auto& each) {
            return each.part.name == part_name && each.actor;
        });
        return found == parts_.end() ? nullptr : &*found;
    }

    caf::result<clock_advanced> on_advance_clock(const advance_clock& request,
                                                 const request_context& context) {
        if (options_.movable_time == nullptr) {
            return to_caf(fail(error_code::not_permitted,
                               "the clock of an engine that wasn't started with "
                               "--allow-clock-advance can't be moved"));
        }
        if (request.seconds < 0 || request.seconds > advance_clock::seconds_max) {
            return to_caf(
                fail(error_code::bad_request,
                     "seconds must be from 0 to " + std::to_string(advance_clock::seconds_max)));
        }
        options_.movable_time->advance_ms(request.seconds * 1'000);
        logger_.warn(event::clock_advanced, kv("seconds", request.seconds),
                     kv("uid", context.who.uid));
        return clock_advanced{options_.time->now_s()};
    }

    // ---- status

    struct report {
        engine_status status;
        size_t awaited = 0;
        std::chrono::milliseconds timeout;
        std::function<void(engine_status&)> deliver;
    };

    caf::result<engine_status> on_get_status() {
        const owed_answer<engine_status> answer(self_);
        ask_all(status_timeout,
                [answer](engine_status& status) { answer.deliver(std::move(status)); });
        return answer;
    }

    void ask_all(std::chrono::milliseconds timeout, std::function<void(engine_status&)> deliver) {
        auto made = std::make_shared<report>();
        made->timeout = timeout;
        made->deliver = std::move(deliver);
        made->status.engine_version = IE_VERSION;
        made->status.started_at_s = started_at_s_;
        made->status.now_s = options_.time->now_s();
        made->status.draining = stopping_;
        for (const auto& each : parts_) made->status.actors.push_back(blank_status(each));
        made->status.actors.push_back(options_.door->status());
        made->status.actors.push_back(status_of_log());
        made->awaited = parts_.size() + 1;
        for (size_t i = 0; i < parts_.size(); ++i) ask_part(i, made);
        ask_counts(made);
    }

    void ask_part(size_t index, const std::shared_ptr<report>& made) {
        if (!parts_[index].actor || !parts_[index].has_answered) return answered(made);
        self_->request(parts_[index].actor, made->timeout, get_status{})
            .then(
                [index, made](actor_status& got) {
                    actor_status& slot = made->status.actors[index];
                    got.restarts = slot.restarts;
                    if (got.last_error.empty()) got.last_error = slot.last_error;
                    slot = std::move(got);
                    answered(made);
                },
                [made](const caf::error&) { answered(made); });
    }

    void ask_counts(const std::shared_ptr<report>& made) {
        const auto* statistics = running("statistics");
        if (statistics == nullptr) return answered(made);
        self_->request(statistics->actor, made->timeout, counts_atom_v)
            .then(
                [made](const decision_counts& counts) {
                    made->status.decisions = counts;
                    answered(made);
                },
                [made](const caf::error&) { answered(made); });
    }

    static void answered(const std::shared_ptr<report>& made) {
        if (--made->awaited == 0) made->deliver(made->status);
    }

    // ---- watchdog

    void on_watch() {
        ask_all(std::chrono::milliseconds(options_.watchdog_ms / 2),
                [this](const engine_status& status) { on_watched(status); });
    }

    // A part that is being started again is the budget's business, one that is silent nobody
    // else's. Only those without whom there is no verdict count: a disk may be slow for minutes.
    void on_watched(const engine_status& status) {
        bool is_alive = true;
        for (size_t i = 0; i < parts_.size(); ++i) {
            if (status.actors[i].state != actor_state::silent) continue;
            logger_.warn(event::actor_silent, kv("actor", parts_[i].part.name));
            is_alive = is_alive && !parts_[i].part.is_watched;
        }
        if (!options_.door->has_turned()) {
            logger_.warn(event::actor_silent, kv("actor", options_.door->status().actor));
            is_alive = false;
        }
        if (is_alive) options_.on_alive();
        if (stopping_) return;
        self_->delayed_send(self_, std::chrono::milliseconds(options_.watchdog_ms / 4),
                            watch_atom_v);
    }

    // ---- drain and stop

    void on_stop() {
        if (stopping_) return;
        stopping_ = true;
        drain_until_ms_ = steady_now_ms() + options_.drain_timeout_ms;
        logger_.info(event::draining, kv("in_flight", options_.door->in_flight()));
        options_.door->close();
        on_drain_poll();
    }

    void on_drain_poll() {
        if (options_.door->in_flight() == 0 || steady_now_ms() >= drain_until_ms_) {
            drained_ = true;
            self_->delayed_send(self_, std::chrono::milliseconds(options_.stop_timeout_ms),
                                late_atom{});
            return stop_next();
        }
        self_->delayed_send(self_, drain_poll, poll_atom_v);
    }

    // Last to first; each is gone before the one it depends on is told to go. One that is being
    // started still comes, and goes then.
    void stop_next() {
        const auto last = std::find_if(parts_.rbegin(), parts_.rend(),
                                       [](const watched_part& each) { return each.is_there(); });
        if (last == parts_.rend()) {
            logger_.info(event::stopped);
            return self_->quit();
        }
        if (last->actor) self_->send_exit(last->actor, caf::exit_reason::user_shutdown);
    }

    void on_late() {
        for (const watched_part& each : parts_) {
            if (!each.is_there()) continue;
            logger_.error(event::stopped, kv("what", "without waiting for a part that is stuck"),
                          kv("actor", each.part.name));
        }
        options_.on_stuck();
        self_->quit();
    }

    pointer self_;
    logger logger_{name};
    supervisor_options options_;
    std::vector<watched_part> parts_;  // never resized once started
    int64_t started_at_s_ = 0;
    int64_t drain_until_ms_ = 0;
    bool door_waits_ = true;  // for those that stand aside
    bool has_news_ = false;   // parts for the door
    bool stopping_ = false;
    bool drained_ = false;  // parts are being stopped
    bool watching_ = false;
};

supervisor_internal::behavior_type behavior(supervisor_state::pointer self,
                                            const supervisor_options& options) {
    return self->state.start(options);
}

}  // namespace

supervisor_actor make_supervisor(caf::actor_system& system, supervisor_options options) {
    return spawn_on(system, thread_use::shared, behavior, std::move(options));
}

}  // namespace ie
