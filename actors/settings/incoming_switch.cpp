#include "actors/settings/incoming_switch.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "messages/text.hpp"

namespace ie {
namespace {

bool make_file(const std::string& path) {
    if (::access(path.c_str(), F_OK) == 0) return true;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    return fd >= 0 && ::close(fd) == 0;
}

bool remove_file(const std::string& path) {
    return ::unlink(path.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR;
}

}  // namespace

bool incoming_switch(const std::string& path) {
    return !path.empty() && ::access(path.c_str(), F_OK) == 0;
}

outcome<nothing> set_incoming_switch(const std::string& path, bool on) {
    if (path.empty() || (on ? make_file(path) : remove_file(path))) return nothing{};
    return fail(error_code::storage_failed,
                "Exim can't be told to " + std::string(on ? "ask" : "stop asking") +
                    " about incoming mail: " + path + ": " + errno_text(errno));
}

}  // namespace ie
