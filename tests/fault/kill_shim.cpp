// Preloaded into ie-config: kills it right before its n-th step on the disk (fsync, link, rename,
// unlink), n being IE_KILL_AT. Processes that it starts go on unharmed.
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace {

const pid_t loaded_into = ::getpid();
long steps = 0;

void step() {
    const char* wanted = std::getenv("IE_KILL_AT");  // NOLINT(concurrency-mt-unsafe): one thread
    if (wanted == nullptr || ::getpid() != loaded_into) return;
    if (std::strcmp(::program_invocation_short_name, "ie-config") != 0) return;
    if (++steps == std::atol(wanted)) ::kill(loaded_into, SIGKILL);
}

template <class Function>
Function real(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int fd) {
    step();
    return real<int (*)(int)>("fsync")(fd);
}

int link(const char* from, const char* to) noexcept {
    step();
    return real<int (*)(const char*, const char*)>("link")(from, to);
}

int rename(const char* from, const char* to) noexcept {
    step();
    return real<int (*)(const char*, const char*)>("rename")(from, to);
}

int unlink(const char* path) noexcept {
    step();
    return real<int (*)(const char*)>("unlink")(path);
}
}
