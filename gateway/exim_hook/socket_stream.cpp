#include "gateway/exim_hook/socket_stream.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace ie {

socket_stream::reading socket_stream::read(std::string& buffer, std::string_view& taken) {
    ssize_t got = 0;
    do {
        got = ::recv(connection_.get(), buffer.data(), buffer.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return reading::ended;
    if (got < 0) return errno == EAGAIN ? reading::nothing : reading::broken;
    taken = std::string_view(buffer).substr(0, static_cast<size_t>(got));
    return reading::some;
}

bool socket_stream::write(std::string_view bytes) {
    unwritten_.append(bytes);
    return flush();
}

bool socket_stream::flush() {
    while (written_ < unwritten_.size()) {
        const ssize_t done = ::send(connection_.get(), unwritten_.data() + written_,
                                    unwritten_.size() - written_, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return errno == EAGAIN;
        written_ += static_cast<size_t>(done);
    }
    unwritten_ = {};
    written_ = 0;
    return true;
}

}  // namespace ie
