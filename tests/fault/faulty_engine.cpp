// ie-engine whose quarantine's disk fails when a case says so. IE_FAULT_FILE names a file with one
// line, `STEP N WHAT [PART]`: at the N-th such step (fault_point.hpp) from then on, of those whose
// path has that part, the engine kills itself (WHAT is `kill`), all such steps hang until a file of
// that name with `.go` is there (`hang`), or the step fails once with that errno. The file is gone
// when it has happened.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>

#include "gateway/engine/engine_program.hpp"

namespace ie {
namespace {

class armed_fault {
  public:
    explicit armed_fault(std::string path) : path_(std::move(path)) {}

    int operator()(const disk_step& step) {
        const std::lock_guard lock(*mutex_);
        std::ifstream file(path_);
        std::string armed_step, what, part;
        int number = 0;
        if (!(file >> armed_step >> number >> what) || step.name != armed_step) return 0;
        if (file >> part && step.path.find(part) == std::string_view::npos) return 0;
        if (++seen_ < number) return 0;
        seen_ = 0;
        if (::unlink(path_.c_str()) != 0) std::abort();
        if (what == "kill") ::kill(::getpid(), SIGKILL);
        if (what == "hang") return hang();
        return std::stoi(what);
    }

  private:
    int hang() const {
        constexpr useconds_t look_us = 10'000;
        while (::access((path_ + ".go").c_str(), F_OK) != 0) ::usleep(look_us);
        return 0;
    }

    std::string path_;
    int seen_ = 0;
    std::shared_ptr<std::mutex> mutex_ = std::make_shared<std::mutex>();  // a copy shares it
};

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const char* path = std::getenv("IE_FAULT_FILE");
    if (path == nullptr) {
        std::cerr << "ie-faulty-engine: IE_FAULT_FILE isn't set\n";
        return 2;
    }
    return ie::run_engine(argc, argv, ie::armed_fault(path));
}
