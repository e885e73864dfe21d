#include "gateway/doors/refusals.hpp"

namespace ie {

bool refusals::may_write(int64_t now_ms) {
    if (now_ms / 1000 != second_) {
        second_ = now_ms / 1000;
        lines_ = 0;
    }
    if (lines_ >= lines_a_second_max) {
        ++unwritten_;
        return false;
    }
    ++lines_;
    return true;
}

bool refusals::note(const request& refused, const error& why, int64_t now_ms) {
    if (!may_write(now_ms)) return false;
    const event_name name =
        why.code == error_code::busy ? event::caller_busy : event::request_denied;
    log_.warn(name, kv("request", refused.name), kv("role", refused.who.role),
              kv("uid", refused.who.uid), kv("key", refused.who.key_name), kv("code", why.code),
              kv("reason", why.what), kv("unwritten", unwritten_));
    unwritten_ = 0;
    return true;
}

bool refusals::note_connection(uint32_t uid, const std::string& why, int64_t now_ms) {
    if (!may_write(now_ms)) return false;
    log_.warn(event::connection_refused, kv("uid", uid), kv("reason", why),
              kv("unwritten", unwritten_));
    unwritten_ = 0;
    return true;
}

}  // namespace ie
