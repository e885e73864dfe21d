#include "actors/supervisor/supervisor_actor.hpp"

#include <algorithm>

#include "config/log.hpp"

namespace ie {
namespace {

constexpr std::chrono::milliseconds status_timeout{500};
constexpr std::chrono::milliseconds start_retry{500};
constexpr std::chrono::milliseconds drain_poll{20};
constexpr std::chrono::seconds start_timeout{30};  // of an actor, to its first answer

struct watched_part {
    engine_part part;
    caf::actor actor;          // null: not running
    bool told_to_end = false;  // its end is no failure
    bool is_mute = false;      // it didn't answer and is being ended, which is one
    uint32_t restarts = 0;
    std::string last_error;
};

class supervisor_state {
  public:
    using pointer = supervisor_actor::stateful_pointer<supervisor_state>;

    explicit supervisor_state(pointer self) : self_(self) {}

    supervisor_actor::behavior_type start(supervisor_options options) {
        options_ = std::move(options);
        started_at_s_ = options_.time->now_s();
        for (auto& part : options_.parts)
            parts_.push_back({std::move(part), {}, false, false, 0, {}});
        self_->set_down_handler([this](caf::down_msg& down) { on_down(down); });
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
        };
    }

    static constexpr const char* name = "supervisor";

  private:
    // Starts the parts that aren't running, first to last; each answers before the next is started.
    void on_begin() {
        if (stopping_ || starting_ || still_ending()) return;
        const auto next = std::find_if(parts_.begin(), parts_.end(),
                                       [](const watched_part& each) { return !each.actor; });
        if (next == parts_.end()) {
            return all_run();
        }
        auto started = next->part.start();
        if (!started) return start_failed(*next, started.failure().what);
        next->actor = std::move(*started);
        next->told_to_end = next->is_mute = false;
        self_->monitor(next->actor);
        await_first_answer(*next);
    }

    void all_run() {
        options_.door->open();
        options_.on_ready();
        if (options_.watchdog_ms > 0 && !std::exchange(watching_, true)) on_watch();
    }

    void await_first_answer(watched_part& part) {
        starting_ = true;
        self_->request(part.actor, start_timeout, get_status{})
            .then(
                [this, &part](const actor_status&) {
                    starting_ = false;
                    logger_.info(event::started, kv("actor", part.part.name),
                                 kv("restarts", part.restarts));
                    self_->send(self_, begin_atom_v);
                },
                // Its end is reported by the monitor; one that lives on in silence is ended.
                [this, &part](const caf::error&) {
                    starting_ = false;
                    if (!part.actor) return self_->send(self_, begin_atom_v);
                    part.is_mute = true;
                    self_->send_exit(part.actor, caf::exit_reason::kill);
                });
    }

    void start_failed(watched_part& part, const std::string& why) {
        part.last_error = why;
        logger_.error(event::actor_failed, kv("actor", part.part.name), kv("what", why));
        if (!take_restart(part)) return;
        self_->delayed_send(self_, start_retry, begin_atom_v);
    }

    void on_down(const caf::down_msg& down) {
        const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const auto& each) {
            return each.actor && each.actor.address() == down.source;
        });
        if (found == parts_.end()) return;
        found->actor = nullptr;
        if (drained_) return stop_next();
        if (stopping_) return;  // the others go on with what is in hand
        if (!found->told_to_end) {
            found->last_error = found->is_mute ? "it didn't answer when it was started"
                                               : self_->system().render(down.reason);
            logger_.error(event::actor_failed, kv("actor", found->part.name),
                          kv("what", found->last_error));
            if (!take_restart(*found)) return;
            end_all_after(found);
        }
        self_->send(self_, begin_atom_v);
    }

    void end_all_after(std::vector<watched_part>::iterator failed) {
        for (auto later = failed + 1; later != parts_.end(); ++later) {
            if (!later->actor || later->told_to_end) continue;
            later->told_to_end = true;
            self_->send_exit(later->actor, caf::exit_reason::user_shutdown);
        }
    }

    // A part that was told to end and hasn't yet still owns its files.
    bool still_ending() const {
        return std::any_of(parts_.begin(), parts_.end(), [](const watched_part& each) {
            return each.actor && (each.told_to_end || each.is_mute);
        });
    }

    bool take_restart(watched_part& part) {
        ++part.restarts;
        if (options_.budget.take(steady_now_ms())) {
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
            if (all_parts_run() && !stopping_) options_.on_ready();
        };
        self_->request(settings->actor, start_timeout, reload_atom_v)
            .then(done, [done](const caf::error&) { done(); });
    }

    bool all_parts_run() const {
        return !starting_ &&
               std::all_of(parts_.begin(), parts_.end(), [](const watched_part& each) {
                   return each.actor && !each.told_to_end;
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
        auto promise = self_->make_response_promise<engine_status>();
        ask_all(status_timeout,
                [promise](engine_status& status) mutable { promise.deliver(std::move(status)); });
        return promise;
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
        made->awaited = parts_.size() + 1;
        for (size_t i = 0; i < parts_.size(); ++i) ask_part(i, made);
        ask_counts(made);
    }

    static actor_status blank_status(const watched_part& part) {
        actor_status out;
        out.actor = part.part.name;
        out.state = part.actor ? actor_state::silent : actor_state::restarting;
        out.restarts = part.restarts;
        out.last_error = part.last_error;
        return out;
    }

    void ask_part(size_t index, const std::shared_ptr<report>& made) {
        if (!parts_[index].actor) return answered(made);
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
    // else's.
    void on_watched(const engine_status& status) {
        const auto silent = std::find_if(
            status.actors.begin(), status.actors.end(),
            [](const actor_status& each) { return each.state == actor_state::silent; });
        if (silent != status.actors.end()) {
            logger_.warn(event::actor_silent, kv("actor", silent->actor));
        } else if (!options_.door->has_turned()) {
            logger_.warn(event::actor_silent, kv("actor", options_.door->status().actor));
        } else {
            options_.on_alive();
        }
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
            return stop_next();
        }
        self_->delayed_send(self_, drain_poll, poll_atom_v);
    }

    // Last to first; each is gone before the one it depends on is told to go.
    void stop_next() {
        const auto last = std::find_if(parts_.rbegin(), parts_.rend(),
                                       [](const watched_part& each) { return bool{each.actor}; });
        if (last != parts_.rend()) {
            self_->send_exit(last->actor, caf::exit_reason::user_shutdown);
            return;
        }
        logger_.info(event::stopped);
        self_->quit();
    }

    pointer self_;
    logger logger_{name};
    supervisor_options options_;
    std::vector<watched_part> parts_;  // never resized once started
    int64_t started_at_s_ = 0;
    int64_t drain_until_ms_ = 0;
    bool starting_ = false;  // a part has been started and hasn't answered yet
    bool stopping_ = false;
    bool drained_ = false;  // parts are being stopped
    bool watching_ = false;
};

supervisor_actor::behavior_type behavior(supervisor_state::pointer self,
                                         const supervisor_options& options) {
    return self->state.start(options);
}

}  // namespace

supervisor_actor make_supervisor(caf::actor_system& system, supervisor_options options) {
    return system.spawn(behavior, std::move(options));
}

}  // namespace ie
