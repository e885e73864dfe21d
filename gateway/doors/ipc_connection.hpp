// A client's connection: what it has said and not finished, and what it has yet to take.
#pragma once

#include <memory>
#include <unordered_map>

#include "config/system/file_handle.hpp"
#include "gateway/doors/zmtp_input.hpp"
#include "gateway/doors/zmtp_output.hpp"

namespace ie {

struct ipc_connection {
    ipc_connection(uint64_t number, file_handle connected, const zmtp_input::bounds& within)
        : id(number), socket(std::move(connected)), input(within) {}

    const uint64_t id;
    file_handle socket;
    uint32_t uid = 0;   // the kernel's word
    uint32_t user = 0;  // whom it counts as
    bool trusted = false;

    zmtp_input input;
    zmtp_output output;
    std::string left;                          // read, and not looked at yet
    std::optional<zmtp_input::message> asked;  // by somebody of whom isn't known who he is

    uint64_t unfinished_counted = 0;
    uint64_t unread_counted = 0;
    int64_t opened_at_ms = 0;
    int64_t begun_at_ms = 0;  // of the request that is half there; 0: there is none
    uint32_t interest = 0;    // what epoll was told
    bool is_dirty = false;    // has something to send
    bool is_ready = false;    // has something to look at
    bool is_held_up = false;  // the same, once it may go on
};

// What of it counts as begun and not finished.
uint64_t unfinished_bytes(const ipc_connection& one);

// What a user's connections are compared by, when one of them has to go.
using connection_measure = uint64_t (*)(const ipc_connection&);
inline uint64_t number_of(const ipc_connection& one) {
    return one.id;  // the youngest has the highest
}
inline uint64_t unread_of(const ipc_connection& one) {
    return one.unread_counted;
}
inline uint64_t unfinished_of(const ipc_connection& one) {
    return one.unfinished_counted;
}

// The user's with most of it, of those that aren't trusted. There must be one.
using connection_table = std::unordered_map<uint64_t, std::unique_ptr<ipc_connection>>;
uint64_t with_most(const connection_table& all, uint32_t user, connection_measure measure);

// Why it has to end because it is too slow; null: it hasn't.
const char* too_slow(const ipc_connection& one, int64_t now_ms);

enum class transfer { done, blocked, ended };

// Sends what it can, a bounded part: `blocked` where there is more.
transfer send_some(ipc_connection& to);

// Reads what there is into `buffer` and, where a large frame is half there, straight into that:
// `bytes` is what came into the buffer.
transfer read_some(ipc_connection& from, std::string& buffer, std::string_view& bytes);

}  // namespace ie
