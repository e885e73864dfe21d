// A Unix socket that clients connect to, with its owner group and mode.
#pragma once

#include <optional>

#include "config/system/file_handle.hpp"
#include "messages/error.hpp"

namespace ie {

struct socket_place {
    std::string setting;   // that names it, for errors
    std::string endpoint;  // ipc://PATH
    uint32_t mode = 0666;
    std::string group;           // empty: as it is made
    bool closed_folder = false;  // others must not be able to enter it
};

class listening_socket {
  public:
    // Doesn't block. A socket file that nobody listens at is replaced; of a closed folder that
    // isn't there the last part is made, for the group of the folder above. Fails: conflict
    // (another engine listens there, or a file that is no socket), bad_request (endpoint, group, a
    // folder that others may enter), storage_failed (the folder); each names path and cause.
    static outcome<listening_socket> open(const socket_place& place);
    ~listening_socket();  // removes the file
    listening_socket(listening_socket&&) noexcept = default;
    listening_socket& operator=(listening_socket&&) noexcept = default;

    int fd() const { return socket_.get(); }

    struct visitor {
        file_handle socket;  // doesn't block
        uint32_t uid = 0;    // the kernel's word, of when it connected
    };
    // Who waits longest; nothing where nobody does. A client that went while it was let in is
    // passed over. Fails, with the system's words: busy (descriptors or memory are short),
    // internal (whatever else a socket may say that listens).
    outcome<std::optional<visitor>> accept() const;

  private:
    listening_socket() = default;

    file_handle socket_;
    std::string path_;
};

// What an error of accept(2) means.
enum class accept_error { none_waits, client_gone, short_of_room, other };
accept_error accept_error_of(int system_error);

}  // namespace ie
