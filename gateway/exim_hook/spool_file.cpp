#include "gateway/exim_hook/spool_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "config/system/file_handle.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t split_character = 5;  // the 6th of the id names the folder
constexpr size_t name_line_bytes_max = 64;

error system_failure(const std::string& path) {
    const auto code = errno == ENOENT ? error_code::not_found : error_code::storage_failed;
    return fail(code, path + ": " + errno_text(errno));
}

// Reads up to `size` bytes at `offset`; fewer where the file ends.
outcome<size_t> read_at(const file_handle& file, char* to, size_t size, size_t offset) {
    size_t done = 0;
    while (done < size) {
        const ssize_t got =
            ::pread(file.get(), to + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(error_code::storage_failed, errno_text(errno));
        if (got == 0) break;
        done += static_cast<size_t>(got);
    }
    return done;
}

outcome<std::string> read_mail(const file_handle& file, size_t size_bytes, const queue_id& id,
                               std::string_view headers, size_t mail_bytes_max) {
    char start[name_line_bytes_max];
    const auto started = read_at(file, start, sizeof start, 0);
    if (!started) return started.failure();
    const auto offset = body_offset({start, *started}, id);
    if (!offset) return offset.failure();
    const bool ended = headers.empty() || headers.ends_with('\n');
    const size_t head_bytes = headers.size() + (ended ? 1 : 2);
    const size_t body_bytes = size_bytes > *offset ? size_bytes - *offset : 0;
    if (head_bytes + body_bytes > mail_bytes_max) {
        return fail(error_code::too_large, "a mail of " + std::to_string(head_bytes + body_bytes) +
                                               " bytes; at most " + std::to_string(mail_bytes_max));
    }
    std::string mail;
    mail.reserve(head_bytes + body_bytes);
    mail.append(headers).append(ended ? "\n" : "\n\n");
    mail.resize(head_bytes + body_bytes);
    const auto got = read_at(file, mail.data() + head_bytes, body_bytes, *offset);
    if (!got) return got.failure();
    mail.resize(head_bytes + *got);
    return mail;
}

}  // namespace

std::array<std::string, 2> body_paths(const std::string& spool_dir, const queue_id& id) {
    const std::string input = spool_dir + "/input/";
    const std::string file = id.value + "-D";
    if (id.value.size() <= split_character) return {input + file, input + file};
    return {input + id.value[split_character] + "/" + file, input + file};
}

outcome<size_t> body_offset(std::string_view file_start, const queue_id& id) {
    const size_t end = file_start.find('\n');
    if (end == std::string_view::npos || file_start.substr(0, end) != id.value + "-D") {
        return fail(error_code::storage_failed, "its first line isn't its own name");
    }
    return end + 1;
}

outcome<std::string> read_spooled_mail(const std::string& spool_dir, const queue_id& id,
                                       std::string_view headers, size_t mail_bytes_max) {
    error last;
    for (const auto& path : body_paths(spool_dir, id)) {
        const file_handle file(
            ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
        if (!file) {
            last = system_failure(path);
            if (last.code == error_code::not_found) continue;
            return last;
        }
        struct stat about {};
        if (::fstat(file.get(), &about) != 0) return system_failure(path);
        if (!S_ISREG(about.st_mode)) {
            return fail(error_code::storage_failed, path + ": not a regular file");
        }
        auto mail =
            read_mail(file, static_cast<size_t>(about.st_size), id, headers, mail_bytes_max);
        if (mail) return mail;
        return fail(mail.failure().code, path + ": " + mail.failure().what);
    }
    return last;
}

}  // namespace ie
