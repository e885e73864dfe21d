#include "gateway/doors/open_files.hpp"

#include <sys/resource.h>

#include <cerrno>

#include "messages/text.hpp"

namespace ie {

outcome<nothing> raise_open_files_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return nothing{};
    }
    return fail(error_code::internal, std::string("open files limit: ") + errno_text(errno));
}

}  // namespace ie
