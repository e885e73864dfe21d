#include "gateway/exim_hook/hook_server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "config/system/unix_user.hpp"
#include "gateway/exim_hook/judge_conversation.hpp"
#include "gateway/exim_hook/lmtp_conversation.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

// What epoll calls the descriptors that are no connection.
constexpr connection_id judge_door = 1;
constexpr connection_id lmtp_door = 2;
constexpr connection_id signals_id = 3;
constexpr connection_id first_connection = 16;

constexpr size_t read_bytes = 128 << 10;  // at once
constexpr int reads_a_turn = 4;           // of one connection, before others have theirs
constexpr int visitors_a_turn = 64;
constexpr size_t unwritten_bytes_max = 64 << 10;  // beyond it nothing more is read
constexpr int events_a_turn = 128;
constexpr int64_t sweep_every_ms = 1'000;
constexpr int64_t beats_a_watchdog = 4;
constexpr std::string_view lmtp_busy = "421 4.3.2 too many connections\r\n";

void tell_epoll(const file_handle& epoll, int what, int number, connection_id id, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    const bool done = ::epoll_ctl(epoll.get(), what, number, &event) == 0;
    ensure(done || errno == ENOMEM || errno == ENOSPC, "epoll_ctl");
}

}  // namespace

hook_server::hook_server(const configuration& settings, hook_bounds bounds, service_notice notice)
    : settings_(settings),
      bounds_(bounds),
      notice_(std::move(notice)),
      desk_(settings.engine.endpoint_of_trusted(), settings.gateway.bytes_in_flight_max),
      shared_{settings_, desk_, confirmed_, log_, uid_of_login(settings.hook.scanner_user)},
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      last_id_(first_connection),
      buffer_(read_bytes, '\0'),
      started_at_ms_(steady_now_ms()) {
    ensure(static_cast<bool>(epoll_), "epoll_create1");
}

void hook_server::watch_signals(int signals, std::function<bool()> on_signal) {
    on_signal_ = std::move(on_signal);
    tell_epoll(epoll_, EPOLL_CTL_ADD, signals, signals_id, EPOLLIN);
}

outcome<nothing> hook_server::open() {
    auto judge = listener::open(settings_.hook.judge_socket);
    if (!judge) return judge.failure();
    auto lmtp = listener::open(settings_.hook.lmtp_socket);
    if (!lmtp) return lmtp.failure();
    if (const auto& scanner = settings_.hook.scanner_user;
        !scanner.empty() && !shared_.scanner_uid) {
        log_.warn(event::settings_rejected,
                  kv("what", "hook.scanner_user: there is no user " + scanner +
                                 "; what it hands back is judged again"));
    }
    judge_.socket.emplace(std::move(*judge));
    lmtp_.socket.emplace(std::move(*lmtp));
    return nothing{};
}

outcome<nothing> hook_server::run() {
    std::vector<std::pair<connection_id, uint32_t>> events;
    while (!done()) {
        if (auto waited = wait_for_events(events); !waited) return waited;
        on_engine();
        for (const auto& [id, what] : events) on_event(id, what);
        if (steady_now_ms() - swept_at_ms_ >= sweep_every_ms) sweep();
        beat();
    }
    if (!connections_.empty()) {
        log_.warn(event::stopped, kv("unfinished_connections", connections_.size()));
    }
    connections_.clear();
    return nothing{};
}

outcome<nothing> hook_server::wait_for_events(
    std::vector<std::pair<connection_id, uint32_t>>& events) {
    events.clear();
    std::vector<zmq_pollitem_t> items;
    desk_.add_poll_items(items);
    items.push_back({nullptr, epoll_.get(), ZMQ_POLLIN, 0});
    const int polled = zmq_poll(items.data(), static_cast<int>(items.size()), poll_timeout_ms());
    if (polled < 0 && errno != EINTR) {
        return fail(error_code::storage_failed, std::string("zmq_poll: ") + zmq_strerror(errno));
    }
    epoll_event ready[events_a_turn];
    const int count = ::epoll_wait(epoll_.get(), ready, events_a_turn, 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& each = ready[i];  // packed: no references into it
        events.emplace_back(connection_id{each.data.u64}, uint32_t{each.events});
    }
    return nothing{};
}

// Up to the next deadline or sweep; for ever where there is nothing to wait for but events.
int hook_server::poll_timeout_ms() const {
    const int64_t now = steady_now_ms();
    int64_t until = std::numeric_limits<int64_t>::max();
    if (const long engine = desk_.timeout_ms(); engine >= 0) until = now + engine;
    if (!judge_.open || !lmtp_.open) until = std::min(until, now + sweep_every_ms);
    if (!engine_present_) until = std::min(until, started_at_ms_ + bounds_.engine_wait_ms_max);
    if (!connections_.empty()) until = std::min(until, swept_at_ms_ + sweep_every_ms);
    if (drain_until_ms_) until = std::min(until, *drain_until_ms_);
    if (const int64_t watchdog = notice_.watchdog_ms(); watchdog > 0) {
        until = std::min(until, beat_at_ms_ + watchdog / beats_a_watchdog);
    }
    if (until == std::numeric_limits<int64_t>::max()) return -1;
    return static_cast<int>(std::clamp<int64_t>(until - now, 0, 60'000));
}

void hook_server::on_engine() {
    for (const auto& answer : desk_.receive()) {
        const auto found = connections_.find(answer.asker);
        if (found == connections_.end()) continue;
        found->second.active_at_ms = steady_now_ms();
        found->second.talk->on_answer(answer.reply);
        move_on(answer.asker, found->second);
    }
    note_presence();
}

// The doors open once the engine is there, or has been waited for: what comes meanwhile waits in
// the sockets' backlog, so that a restarted hook lets no mail through unjudged.
void hook_server::note_presence() {
    const bool present = desk_.present();
    if (engine_present_ == present) return;
    if (!engine_present_) {
        const int64_t waited_ms = steady_now_ms() - started_at_ms_;
        if (!present && waited_ms < bounds_.engine_wait_ms_max) return;
        open_doors();
        notice_.ready();
    }
    engine_present_ = present;
    if (present) {
        log_.info(event::engine_present, kv("endpoint", settings_.engine.endpoint_of_trusted()));
    } else {
        log_.warn(event::engine_absent, kv("endpoint", settings_.engine.endpoint_of_trusted()),
                  kv("policy", settings_.hook.fail_open));
    }
}

void hook_server::beat() {
    const int64_t watchdog = notice_.watchdog_ms();
    const int64_t now = steady_now_ms();
    if (watchdog == 0 || now - beat_at_ms_ < watchdog / beats_a_watchdog) return;
    beat_at_ms_ = now;
    notice_.alive();
}

void hook_server::open_doors() {
    for (auto* const at : {&judge_, &lmtp_}) {
        if (at->open || !at->socket) continue;
        const auto id = at->kind == door::judge ? judge_door : lmtp_door;
        tell_epoll(epoll_, EPOLL_CTL_ADD, at->socket->get(), id, EPOLLIN);
        at->open = true;
    }
}

void hook_server::on_event(connection_id id, uint32_t events) {
    if (id == signals_id) {
        if (on_signal_() && !drain_until_ms_) drain();
    } else if (id == judge_door) {
        let_in(judge_);
    } else if (id == lmtp_door) {
        let_in(lmtp_);
    } else if (connections_.contains(id)) {
        serve(id, events);
    }
}

void hook_server::let_in(entrance& at) {
    for (int i = 0; i < visitors_a_turn && at.socket; ++i) {
        auto visitor = at.socket->accept();
        if (!visitor && visitor.failure().code == error_code::not_found) return;
        if (!visitor) {
            // Out of descriptors: the sweep opens the door again.
            log_.error(event::caller_busy, kv("what", visitor.failure().what));
            if (at.open) tell_epoll(epoll_, EPOLL_CTL_DEL, at.socket->get(), 0, 0);
            at.open = false;
            return;
        }
        if (!visitor->welcome) {
            log_.warn(event::request_denied, kv("uid", visitor->uid));
            continue;
        }
        admit(at, std::move(visitor->connection));
    }
}

void hook_server::admit(entrance& at, file_handle visitor) {
    if (at.connections >= settings_.hook.connections_max) {
        log_.warn(event::caller_busy, kv("connections_max", settings_.hook.connections_max));
        // The answer is a courtesy: the socket's buffer takes it, or the client goes without.
        if (at.kind == door::lmtp) {
            (void)::send(visitor.get(), lmtp_busy.data(), lmtp_busy.size(), MSG_NOSIGNAL);
        }
        return;
    }
    const connection_id id = ++last_id_;
    std::unique_ptr<conversation> talk;
    if (at.kind == door::judge) {
        talk = std::make_unique<judge_conversation>(id, shared_);
    } else {
        talk = std::make_unique<lmtp_conversation>(id, shared_);
    }
    connection made{
        at.kind, socket_stream(std::move(visitor)), std::move(talk), steady_now_ms(), 0, EPOLLIN,
        false};
    tell_epoll(epoll_, EPOLL_CTL_ADD, made.stream.get(), id, EPOLLIN);
    connections_.emplace(id, std::move(made));
    ++at.connections;
    serve(id, EPOLLIN);
}

void hook_server::serve(connection_id id, uint32_t events) {
    connection& one = connections_.at(id);
    if ((events & (EPOLLHUP | EPOLLERR)) != 0) return close(id);
    if ((events & EPOLLOUT) != 0) {
        one.active_at_ms = steady_now_ms();
        if (!one.stream.flush()) return close(id);
    }
    if ((events & EPOLLIN) != 0 && !read_from(one)) return close(id);
    move_on(id, one);
}

// False where the connection is broken.
bool hook_server::read_from(connection& one) {
    for (int i = 0; i < reads_a_turn; ++i) {
        if (one.ended || one.talk->waiting() || one.talk->finished()) return true;
        std::string_view taken;
        switch (one.stream.read(buffer_, taken)) {
            case socket_stream::reading::nothing:
                return true;
            case socket_stream::reading::broken:
                return false;
            case socket_stream::reading::ended:
                one.ended = true;
                one.talk->on_end();
                return true;
            case socket_stream::reading::some:
                break;
        }
        one.active_at_ms = steady_now_ms();
        one.talk->on_bytes(taken);
        count_memory(one);
        if (taken.size() < buffer_.size()) return true;
    }
    return true;
}

// Writes what there is to say, and ends the connection where all is said.
void hook_server::move_on(connection_id id, connection& one) {
    const std::string output = one.talk->take_output();
    if (!output.empty() && !one.stream.write(output)) return close(id);
    const bool over = one.talk->finished() || (one.ended && !one.talk->waiting());
    if (over && one.stream.unwritten_bytes() == 0) return close(id);
    count_memory(one);
    watch(id, one);
}

void hook_server::watch(connection_id id, connection& one) {
    const bool reads = !one.ended && !one.talk->waiting() && !one.talk->finished() &&
                       one.stream.unwritten_bytes() < unwritten_bytes_max;
    const bool writes = one.stream.unwritten_bytes() > 0;
    const uint32_t interest = (reads ? uint32_t{EPOLLIN} : 0U) | (writes ? uint32_t{EPOLLOUT} : 0U);
    if (interest == one.interest) return;
    one.interest = interest;
    tell_epoll(epoll_, EPOLL_CTL_MOD, one.stream.get(), id, interest);
}

void hook_server::count_memory(connection& one) {
    const auto count = [&] {
        const size_t now = one.talk->memory_bytes() + one.stream.unwritten_bytes();
        memory_bytes_ += now - one.memory_bytes;
        one.memory_bytes = now;
    };
    count();
    if (memory_bytes_ <= settings_.gateway.bytes_in_flight_max) return;
    one.talk->on_no_memory();
    count();
}

void hook_server::close(connection_id id) {
    const auto found = connections_.find(id);
    memory_bytes_ -= found->second.memory_bytes;
    --(found->second.through == door::judge ? judge_ : lmtp_).connections;
    connections_.erase(found);
}

void hook_server::sweep() {
    const int64_t now = steady_now_ms();
    swept_at_ms_ = now;
    std::vector<connection_id> silent;
    for (const auto& [id, one] : connections_) {
        const int64_t idle_ms_max =
            one.through == door::judge ? bounds_.judge_idle_ms_max : bounds_.lmtp_idle_ms_max;
        if (!one.talk->waiting() && now - one.active_at_ms >= idle_ms_max) silent.push_back(id);
    }
    for (const connection_id id : silent) close(id);
    if (!silent.empty()) {
        log_.debug(event::request_refused, kv("what", "silent for too long"),
                   kv("connections", silent.size()));
    }
    if (engine_present_) open_doors();
}

// Takes in who is waiting already, gives the sockets free for the next hook, and lets each
// connection come to its end.
void hook_server::drain() {
    notice_.stopping();
    log_.info(event::draining, kv("connections", connections_.size()),
              kv("requests", desk_.in_flight()));
    drain_until_ms_ = steady_now_ms() + bounds_.drain_ms_max;
    for (auto* const at : {&judge_, &lmtp_}) {
        let_in(*at);
        at->socket.reset();
    }
    std::vector<connection_id> ids;
    for (const auto& [id, one] : connections_) ids.push_back(id);
    for (const connection_id id : ids) {
        connection& one = connections_.at(id);
        one.talk->on_drain();
        move_on(id, one);
    }
}

bool hook_server::done() const {
    return drain_until_ms_ && (connections_.empty() || steady_now_ms() >= *drain_until_ms_);
}

}  // namespace ie
