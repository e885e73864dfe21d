// A door for clients on this machine: a Unix socket at which ZeroMQ's clients (DEALER, REQ) ask.
// The kernel says who connects, before anything is read, so that each user's part of everything is
// bounded: places, what he has begun to say and not finished, answers that he hasn't taken. When
// nothing is left, the user with the most loses a connection to one who has less. Root, the
// engine's user and the hook's are trusted: they share with nobody, not even with each other, and
// never lose.
// libzmq isn't behind it: it accepts by itself, aborts when it is out of descriptors, tells a
// peer's uid only with its first request, and can't tell what a client has yet to read. For one
// thread. On a crash each client finds its connection gone.
#pragma once

#include <deque>
#include <functional>

#include "config/log.hpp"
#include "gateway/doors/encoded_reply.hpp"
#include "gateway/doors/fair_shares.hpp"
#include "gateway/doors/ipc_connection.hpp"
#include "gateway/doors/listening_socket.hpp"
#include "gateway/doors/refusals.hpp"

namespace ie {

struct ipc_bounds {
    fair_shares::bounds trusted_places{256, 3 * 256};  // whole shares for the three uids
    fair_shares::bounds places{16, 512};
    fair_shares::bounds unfinished{2 << 20, 32 << 20};  // bytes of requests begun
    fair_shares::bounds unread{16 << 20, 96 << 20};     // bytes of answers not taken
    fair_shares::bounds unread_by_trusted{128 << 20, 192 << 20};
    size_t request_bytes_max = 320 << 10;         // of others: a body of 256 KiB fits well
    size_t trusted_request_bytes_max = 70 << 20;  // with a mail
};

struct ipc_visitors {
    std::function<bool(uint32_t uid)> is_trusted;
    std::function<uint32_t(uint32_t uid)> owner_of;  // whom it counts as
    bool only_trusted = false;                       // others are turned away
};

struct ipc_request {
    uint64_t connection = 0;
    uint32_t uid = 0;
    zmtp_input::message message;
};

class ipc_door {
  public:
    // Takes the message out of the request. False where it can't say yet who asks: it gets the
    // request again in each turn, and its connection isn't read meanwhile.
    using request_taker = std::function<bool(ipc_request&)>;

    // Fails: as listening_socket::open.
    static outcome<std::unique_ptr<ipc_door>> open(const socket_place& place,
                                                   const ipc_bounds& bounds, ipc_visitors visitors);
    ipc_door(const ipc_door&) = delete;
    ipc_door& operator=(const ipc_door&) = delete;

    int fd() const { return epoll_.get(); }  // readable when turn() has something to do
    long timeout_ms() const;                 // until it has without that; -1: never

    // Lets clients in, takes requests (a bounded number), looks for who is too slow. True where
    // there was something to do.
    bool turn(int64_t now_ms, const request_taker& take);

    // Goes out with the next flush(). Nobody is told where the client has gone. Fails: busy (its
    // user has too much to read yet), where nothing was sent.
    outcome<nothing> send(uint64_t connection, bool delimiter, std::string_view head,
                          encoded_reply reply);
    void flush();
    void flush_for_ms(int64_t limit_ms);  // what clients take in that time

    size_t connections() const { return connections_.size(); }

  private:
    struct visitor {
        uint32_t uid = 0;
        uint32_t user = 0;  // whom it counts as
        bool trusted = false;
    };

    ipc_door(socket_place place, listening_socket listening, const ipc_bounds& bounds,
             ipc_visitors visitors);

    void let_in();
    bool may_enter(const visitor& who);
    void admit(file_handle socket, const visitor& who);
    void stop_letting_in(const error& why);
    void listen_for(bool clients);
    void on_event(uint64_t id, uint32_t what, const request_taker& take);
    void read_some(ipc_connection& from, const request_taker& take);
    void serve(ipc_connection& from, std::string_view bytes, const request_taker& take);
    bool serve_message(ipc_connection& from, const request_taker& take);
    void serve_ready(const request_taker& take);
    bool count_unfinished(ipc_connection& from);
    void count_unread(ipc_connection& to);
    bool may_have(const ipc_connection& to, uint64_t bytes);
    bool make_room(fair_shares& shares, uint32_t user, uint64_t amount, connection_measure measure,
                   const char* what);
    void flush(ipc_connection& to);
    void set_interest(ipc_connection& of);
    void mark_dirty(ipc_connection& one);
    void mark_ready(ipc_connection& one);
    bool is_paused(const ipc_connection& one) const;
    void sweep();
    ipc_connection* find(uint64_t id);
    void end(uint64_t id, const char* why = nullptr);
    fair_shares& places_for(bool trusted);
    fair_shares& shares_of_answers(const ipc_connection& one);

    const socket_place place_;
    const ipc_bounds bounds_;
    const ipc_visitors visitors_;
    logger log_{"gateway"};
    refusals refusals_;
    listening_socket listening_;
    file_handle epoll_;
    connection_table connections_;
    std::deque<uint64_t> ready_;    // have bytes that aren't looked at yet
    std::deque<uint64_t> waiting_;  // until it is known who they are
    std::vector<uint64_t> dirty_;   // have something to send
    std::string buffer_;
    fair_shares places_;
    fair_shares trusted_places_;
    fair_shares unfinished_;
    fair_shares unread_;
    fair_shares unread_by_trusted_;
    uint64_t last_id_ = 0;
    size_t may_serve_ = 0;  // requests and commands in this turn
    int64_t now_ms_ = 0;
    int64_t swept_at_ms_ = 0;
    int64_t deaf_until_ms_ = 0;  // no descriptors; 0: it listens
};

}  // namespace ie
