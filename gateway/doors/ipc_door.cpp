#include "gateway/doors/ipc_door.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>

#include "messages/steady_clock.hpp"

namespace ie {
namespace {

constexpr uint64_t listening_id = 0;  // of no connection
constexpr int events_a_turn = 64;
constexpr int clients_a_turn = 64;       // let in
constexpr size_t requests_a_turn = 128;  // and commands of the protocol's
constexpr size_t requests_a_visit = 16;  // of one connection before another's turn
constexpr size_t buffer_bytes = 128 << 10;
constexpr size_t pause_bytes = 64 << 10;  // of unread answers: further requests aren't read
constexpr size_t trusted_pause_bytes = 8 << 20;
constexpr int send_buffer_bytes = 32 << 10;     // of the kernel's, for others; it doubles that
constexpr uint64_t small_answer_bytes = 1'024;  // goes out whatever is unread: a refusal is one
constexpr int64_t sweep_every_ms = 1'000;
constexpr int64_t deaf_ms = 100;
constexpr size_t frames_kept_max = 4;  // delimiter, head, body, mail

bool tell_epoll(const file_handle& epoll, int what, int fd, uint64_t id, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    return ::epoll_ctl(epoll.get(), what, fd, &event) == 0;
}

}  // namespace

ipc_door::ipc_door(socket_place place, listening_socket listening, const ipc_bounds& bounds,
                   ipc_visitors visitors)
    : place_(std::move(place)),
      bounds_(bounds),
      visitors_(std::move(visitors)),
      listening_(std::move(listening)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      buffer_(buffer_bytes, '\0'),
      places_(bounds.places),
      trusted_places_(bounds.trusted_places),
      unfinished_(bounds.unfinished),
      unread_(bounds.unread),
      unread_by_trusted_(bounds.unread_by_trusted),
      now_ms_(steady_now_ms()) {
    ensure(static_cast<bool>(epoll_), "epoll_create1");
    ensure(tell_epoll(epoll_, EPOLL_CTL_ADD, listening_.fd(), listening_id, EPOLLIN), "epoll_ctl");
}

outcome<std::unique_ptr<ipc_door>> ipc_door::open(const socket_place& place,
                                                  const ipc_bounds& bounds, ipc_visitors visitors) {
    auto listening = listening_socket::open(place);
    if (!listening) return listening.failure();
    return std::unique_ptr<ipc_door>(
        new ipc_door(place, std::move(*listening), bounds, std::move(visitors)));
}

long ipc_door::timeout_ms() const {
    if (!ready_.empty()) return 0;
    if (deaf_until_ms_ != 0) return deaf_ms;
    return connections_.empty() ? -1 : sweep_every_ms;
}

bool ipc_door::turn(int64_t now_ms, const request_taker& take) {
    now_ms_ = now_ms;
    may_serve_ = requests_a_turn;
    if (deaf_until_ms_ != 0 && now_ms >= deaf_until_ms_) listen_for(true);
    serve_ready(take);
    epoll_event events[events_a_turn];
    const int count = ::epoll_wait(epoll_.get(), events, events_a_turn, 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& each = events[i];  // packed: no references into it
        const uint64_t id = each.data.u64;
        const uint32_t what = each.events;
        if (id == listening_id) {
            if (deaf_until_ms_ == 0) let_in();
        } else {
            on_event(id, what, take);
        }
    }
    flush();
    if (now_ms - swept_at_ms_ >= sweep_every_ms) sweep();
    return count > 0 || !ready_.empty();
}

// Letting in

void ipc_door::let_in() {
    for (int i = 0; i < clients_a_turn; ++i) {
        auto next = listening_.accept();
        if (!next) return stop_letting_in(next.failure());
        if (!*next) return;
        const uint32_t uid = (*next)->uid;
        const bool trusted = visitors_.is_trusted(uid);
        const visitor who{uid, trusted ? uid : visitors_.owner_of(uid), trusted};
        if (may_enter(who)) admit(std::move((*next)->socket), who);
    }
}

void ipc_door::admit(file_handle socket, const visitor& who) {
    if (!who.trusted) {
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes,
                     sizeof send_buffer_bytes);
    }
    const size_t request_max =
        who.trusted ? bounds_.trusted_request_bytes_max : bounds_.request_bytes_max;
    auto made = std::make_unique<ipc_connection>(++last_id_, std::move(socket),
                                                 zmtp_input::bounds{request_max, frames_kept_max});
    made->uid = who.uid;
    made->user = who.user;
    made->trusted = who.trusted;
    made->opened_at_ms = now_ms_;
    made->interest = EPOLLIN;
    if (!tell_epoll(epoll_, EPOLL_CTL_ADD, made->socket.get(), made->id, EPOLLIN)) return;
    places_for(who.trusted).take(who.user, 1);
    made->output.add(zmtp_hello());
    mark_dirty(*made);
    connections_.emplace(made->id, std::move(made));
}

bool ipc_door::may_enter(const visitor& who) {
    if (who.trusted) {
        if (trusted_places_.room_for(who.user, 1) == fair_shares::room::there) return true;
        refusals_.note_connection(who.uid, "too many connections of a trusted user", now_ms_);
        return false;
    }
    if (visitors_.only_trusted) {
        refusals_.note_connection(who.uid, "not for this user: " + place_.endpoint, now_ms_);
        return false;
    }
    if (make_room(places_, who.user, 1, number_of, "others need the place")) return true;
    refusals_.note_connection(who.uid, "too many connections", now_ms_);
    return false;
}

fair_shares& ipc_door::places_for(bool trusted) {
    return trusted ? trusted_places_ : places_;
}

// Clients wait in the kernel's queue until then. Somebody else may have taken all descriptors; if
// it is clients, then whoever has most of them.
void ipc_door::stop_letting_in(const error& why) {
    log_.error(event::connection_refused, kv("reason", why.what));
    listen_for(false);
    if (why.code != error_code::busy || places_.used() == 0) return;
    end(with_most(connections_, places_.greediest(), number_of), "there are no descriptors left");
}

void ipc_door::listen_for(bool clients) {
    deaf_until_ms_ = clients ? 0 : now_ms_ + deaf_ms;
    const uint32_t events = clients ? uint32_t{EPOLLIN} : 0;
    tell_epoll(epoll_, EPOLL_CTL_MOD, listening_.fd(), listening_id, events);
}

// True where the user may have so much more, after another's connections have ended for it.
bool ipc_door::make_room(fair_shares& shares, uint32_t user, uint64_t amount,
                         uint64_t (*measure)(const ipc_connection&), const char* what) {
    for (;;) {
        const auto room = shares.room_for(user, amount);
        if (room == fair_shares::room::there) return true;
        if (room != fair_shares::room::greediest) return false;
        end(with_most(connections_, shares.greediest(), measure), what);
    }
}

// Taking requests

void ipc_door::on_event(uint64_t id, uint32_t what, const request_taker& take) {
    ipc_connection* one = find(id);
    if (one == nullptr) return;
    if ((what & EPOLLOUT) != 0) mark_dirty(*one);
    if (one->is_ready) return;  // what was read first comes first
    if ((what & EPOLLIN) != 0 && (one->interest & EPOLLIN) != 0) {
        read_some(*one, take);
    } else if ((what & (EPOLLHUP | EPOLLERR)) != 0) {
        end(id);
    }
}

void ipc_door::read_some(ipc_connection& from, const request_taker& take) {
    std::string_view bytes;
    const auto done = ie::read_some(from, buffer_, bytes);
    if (done == transfer::ended) return end(from.id);
    if (done == transfer::done) serve(from, bytes, take);
}

// Goes through what has come until its end, or until the connection has to wait.
void ipc_door::serve(ipc_connection& from, std::string_view bytes, const request_taker& take) {
    for (size_t visit = 0;; ++visit) {
        from.is_held_up = is_paused(from) || visit == requests_a_visit || may_serve_ == 0;
        if (from.is_held_up) break;
        const auto step = from.input.take(bytes);
        if (std::string pongs = from.input.take_pongs(); !pongs.empty()) {
            from.output.add(pongs);
            count_unread(from);
            mark_dirty(from);
        }
        if (step == zmtp_input::step::broken) return end(from.id, "it broke the protocol");
        if (step != zmtp_input::step::hungry) --may_serve_;
        if (step == zmtp_input::step::message) {
            from.asked = from.input.take_message();
            if (!serve_message(from, take)) waiting_.push_back(from.id);
        }
        if (!count_unfinished(from)) return end(from.id, "it began too much at once");
        if (step == zmtp_input::step::hungry) break;
    }
    std::string(bytes).swap(from.left);
    if (from.is_held_up && !is_paused(from)) mark_ready(from);
    set_interest(from);
}

// False where it isn't known yet who asks.
bool ipc_door::serve_message(ipc_connection& from, const request_taker& take) {
    ipc_request request{from.id, from.uid, std::move(*from.asked)};
    from.asked.reset();
    from.begun_at_ms = 0;
    if (take(request)) return true;
    from.asked = std::move(request.message);
    return false;
}

void ipc_door::serve_ready(const request_taker& take) {
    for (size_t left = waiting_.size(); left > 0; --left) {
        const uint64_t id = waiting_.front();
        waiting_.pop_front();
        ipc_connection* one = find(id);
        if (one == nullptr) continue;
        if (!serve_message(*one, take)) {
            waiting_.push_back(id);
            continue;
        }
        count_unfinished(*one);
        mark_ready(*one);
    }
    for (size_t left = ready_.size(); left > 0 && may_serve_ > 0; --left) {
        const uint64_t id = ready_.front();
        ready_.pop_front();
        ipc_connection* one = find(id);
        if (one == nullptr) continue;
        one->is_ready = false;
        const std::string bytes = std::exchange(one->left, {});
        serve(*one, bytes, take);
    }
}

bool ipc_door::count_unfinished(ipc_connection& from) {
    const bool is_begun = from.input.greeted() && from.input.begun();
    if (!is_begun) from.begun_at_ms = 0;
    if (is_begun && from.begun_at_ms == 0) from.begun_at_ms = now_ms_;
    if (from.trusted) return true;
    const uint64_t bytes = unfinished_bytes(from);
    if (bytes > from.unfinished_counted) {
        const uint64_t more = bytes - from.unfinished_counted;
        if (!make_room(unfinished_, from.user, more, unfinished_of,
                       "others need the room for requests")) {
            return false;
        }
        unfinished_.take(from.user, more);
    } else {
        unfinished_.give_back(from.user, from.unfinished_counted - bytes);
    }
    from.unfinished_counted = bytes;
    return true;
}

// Who doesn't take his answers gets no further ones; who isn't known yet gets none.
bool ipc_door::is_paused(const ipc_connection& one) const {
    return one.asked.has_value() ||
           one.output.unsent_bytes() > (one.trusted ? trusted_pause_bytes : pause_bytes);
}

// Answering

fair_shares& ipc_door::shares_of_answers(const ipc_connection& one) {
    return one.trusted ? unread_by_trusted_ : unread_;
}

void ipc_door::count_unread(ipc_connection& to) {
    const uint64_t bytes = to.output.unsent_bytes();
    if (bytes > to.unread_counted) {
        shares_of_answers(to).take(to.user, bytes - to.unread_counted);
    } else {
        shares_of_answers(to).give_back(to.user, to.unread_counted - bytes);
    }
    to.unread_counted = bytes;
}

bool ipc_door::may_have(const ipc_connection& to, uint64_t bytes) {
    if (bytes <= small_answer_bytes) return true;
    if (to.trusted) return unread_by_trusted_.room_for(to.user, bytes) == fair_shares::room::there;
    return make_room(unread_, to.user, bytes, unread_of, "others need the room for answers");
}

outcome<nothing> ipc_door::send(uint64_t connection, bool delimiter, std::string_view head,
                                encoded_reply reply) {
    ipc_connection* to = find(connection);
    if (to == nullptr) {
        log_.debug(event::reply_dropped, kv("reply", std::string(reply.name)));
        return nothing{};
    }
    if (!may_have(*to, head.size() + reply.body.size() + reply.bytes.size())) {
        return fail(error_code::busy,
                    "too many answers of this user's are unread; read them, or try again");
    }
    if (delimiter) to->output.add_frame(std::string_view(), true);
    to->output.add_frame(head, true);
    to->output.add_frame(mail_bytes(std::move(reply.body)), !reply.bytes.empty());
    if (!reply.bytes.empty()) to->output.add_frame(std::move(reply.bytes), false);
    to->output.end_message(now_ms_);
    count_unread(*to);
    mark_dirty(*to);
    return nothing{};
}

void ipc_door::flush() {
    for (const uint64_t id : std::exchange(dirty_, {})) {
        if (ipc_connection* one = find(id)) flush(*one);
    }
}

void ipc_door::flush(ipc_connection& to) {
    to.is_dirty = false;
    if (send_some(to) == transfer::ended) return end(to.id);
    count_unread(to);
    if (to.is_held_up && !is_paused(to)) mark_ready(to);
    set_interest(to);
}

void ipc_door::flush_for_ms(int64_t limit_ms) {
    const int64_t until_ms = steady_now_ms() + limit_ms;
    for (;;) {
        flush();
        const bool unsent =
            std::any_of(connections_.begin(), connections_.end(),
                        [](const auto& each) { return !each.second->output.empty(); });
        const int64_t left_ms = until_ms - steady_now_ms();
        if (!unsent || left_ms <= 0) return;
        for (const auto& [id, one] : connections_) {
            if (!one->output.empty()) mark_dirty(*one);
        }
        ::poll(nullptr, 0, static_cast<int>(std::min<int64_t>(left_ms, 1)));
    }
}

// Keeping order

void ipc_door::set_interest(ipc_connection& of) {
    const uint32_t wanted = (is_paused(of) ? 0U : uint32_t{EPOLLIN}) |
                            (of.output.empty() || of.is_dirty ? 0U : uint32_t{EPOLLOUT});
    if (wanted == of.interest) return;
    of.interest = wanted;
    tell_epoll(epoll_, EPOLL_CTL_MOD, of.socket.get(), of.id, wanted);
}

void ipc_door::mark_dirty(ipc_connection& one) {
    if (std::exchange(one.is_dirty, true)) return;
    dirty_.push_back(one.id);
}

void ipc_door::mark_ready(ipc_connection& one) {
    if (std::exchange(one.is_ready, true)) return;
    ready_.push_back(one.id);
}

void ipc_door::sweep() {
    swept_at_ms_ = now_ms_;
    std::vector<std::pair<uint64_t, const char*>> slow;
    for (const auto& [id, one] : connections_) {
        if (const char* why = too_slow(*one, now_ms_)) slow.emplace_back(id, why);
    }
    for (const auto& [id, why] : slow) end(id, why);
}

ipc_connection* ipc_door::find(uint64_t id) {
    const auto found = connections_.find(id);
    return found == connections_.end() ? nullptr : found->second.get();
}

// `why` where it is the door that ends it.
void ipc_door::end(uint64_t id, const char* why) {
    const auto found = connections_.find(id);
    ipc_connection& one = *found->second;
    if (why != nullptr) refusals_.note_connection(one.uid, why, now_ms_);
    shares_of_answers(one).give_back(one.user, one.unread_counted);
    if (!one.trusted) unfinished_.give_back(one.user, one.unfinished_counted);
    places_for(one.trusted).give_back(one.user, 1);
    connections_.erase(found);
}

}  // namespace ie
