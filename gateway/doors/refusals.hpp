// Logs refused requests and connections, a few a second and then their number only, so that whoever
// is refused can't fill the disk with it. For one thread.
#pragma once

#include "config/log.hpp"
#include "messages/caller.hpp"

namespace ie {

class refusals {
  public:
    static constexpr uint32_t lines_a_second_max = 10;

    struct request {
        std::string name;  // as the client wrote it
        caller who;
    };

    // True where the line was written.
    bool note(const request& refused, const error& why, int64_t now_ms);
    bool note_connection(uint32_t uid, const std::string& why, int64_t now_ms);

  private:
    bool may_write(int64_t now_ms);

    logger log_{"gateway"};
    int64_t second_ = 0;
    uint32_t lines_ = 0;
    uint64_t unwritten_ = 0;
};

}  // namespace ie
