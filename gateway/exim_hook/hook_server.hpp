// The hook's loop, on one thread: two unix sockets, their connections and the link to the engine.
// Nothing in it blocks but reading a mail from the spool. Owns the sockets and connections, keeps
// nothing on disk; on a crash the mails under way are still Exim's.
#pragma once

#include <functional>
#include <optional>

#include "config/system/service_notice.hpp"
#include "gateway/exim_hook/conversation.hpp"
#include "gateway/exim_hook/listener.hpp"
#include "gateway/exim_hook/socket_stream.hpp"

namespace ie {

struct hook_bounds {
    int64_t judge_idle_ms_max = 30'000;  // without a byte, from a client that owes us some
    int64_t lmtp_idle_ms_max = 300'000;  // RFC 5321, section 4.5.3.2.7
    int64_t drain_ms_max = 5'000;        // for what is in hand when we are told to end
    int64_t engine_wait_ms_max = 250;    // at the start, before the first mail is answered
};

class hook_server {
  public:
    // `settings` must outlive it. `notice` hears when it takes mail, and that its loop goes round.
    hook_server(const configuration& settings, hook_bounds bounds, service_notice notice = {});

    // `on_signal` is called when `signals` can be read; it returns true where the hook is to end.
    void watch_signals(int signals, std::function<bool()> on_signal);

    // Takes the two sockets. Fails: conflict, storage_failed, bad_request.
    outcome<nothing> open();

    // Serves until a signal says to end, then finishes what is in hand. Fails: storage_failed.
    outcome<nothing> run();

  private:
    enum class door : uint8_t { judge, lmtp };
    struct connection {
        door through;
        socket_stream stream;
        std::unique_ptr<conversation> talk;
        int64_t active_at_ms = 0;
        size_t memory_bytes = 0;
        uint32_t interest = 0;
        bool ended = false;  // the client sends nothing more
    };
    struct entrance {
        door kind;
        std::optional<listener> socket;
        size_t connections = 0;
        bool open = false;  // its visitors are let in
    };

    outcome<nothing> wait_for_events(std::vector<std::pair<connection_id, uint32_t>>& events);
    int poll_timeout_ms() const;
    void on_event(connection_id id, uint32_t events);
    void on_engine();
    void note_presence();
    void open_doors();
    void beat();
    void let_in(entrance& at);
    void admit(entrance& at, file_handle visitor);
    void serve(connection_id id, uint32_t events);
    bool read_from(connection& one);
    void move_on(connection_id id, connection& one);
    void watch(connection_id id, connection& one);
    void count_memory(connection& one);
    void close(connection_id id);
    void sweep();
    void drain();
    bool done() const;

    const configuration& settings_;
    hook_bounds bounds_;
    service_notice notice_;
    logger log_{"hook"};
    engine_desk desk_;
    confirmed_releases confirmed_;
    hook_shared shared_;
    file_handle epoll_;
    entrance judge_{door::judge, {}, 0, false};
    entrance lmtp_{door::lmtp, {}, 0, false};
    std::function<bool()> on_signal_;
    std::unordered_map<connection_id, connection> connections_;
    connection_id last_id_;
    size_t memory_bytes_ = 0;  // of all connections
    std::string buffer_;       // for reading
    std::optional<bool> engine_present_;
    int64_t started_at_ms_ = 0;
    int64_t swept_at_ms_ = 0;
    int64_t beat_at_ms_ = 0;  // when systemd last heard of us
    std::optional<int64_t> drain_until_ms_;
};

}  // namespace ie
