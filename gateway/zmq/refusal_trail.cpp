#include "gateway/zmq/refusal_trail.hpp"

#include <algorithm>

#include "gateway/zmq/routes.hpp"

namespace ie {
namespace {

constexpr int64_t look_every_ms = 1'000;

// A minute here lasts 61 s, so that the trail's own, which counts what comes from elsewhere too, is
// over when the next one's refusals come.
int64_t budget_ms(int64_t now_ms) {
    return now_ms - now_ms / 61;
}

}  // namespace

template <class... Parts>
void refusal_trail::send(const settings_actor& to, Parts&&... parts) {
    ++on_the_way_;
    bridge_.request(to, make_event_ticket(++sequence_), std::forward<Parts>(parts)...);
}

void refusal_trail::add(const settings_actor& to, request_refused refused, int64_t now_ms) {
    if (!to) return;
    if (on_the_way_ >= on_the_way_max) {
        budget_.leave_out(refused, budget_ms(now_ms));
    } else if (budget_.admit(refused, budget_ms(now_ms))) {
        send(to, std::move(refused));
    }
}

int64_t refusal_trail::timeout_ms(int64_t now_ms) const {
    if (budget_.empty()) return -1;
    return std::max<int64_t>(0, looked_at_ms_ + look_every_ms - now_ms);
}

void refusal_trail::send_sums(const settings_actor& to, int64_t now_ms, bool stopping) {
    looked_at_ms_ = now_ms;
    if (!to || (on_the_way_ >= on_the_way_max && !stopping)) return;
    for (auto& each : stopping ? budget_.take_all() : budget_.take_ended(budget_ms(now_ms))) {
        send(to, std::move(each.last), each.count);
    }
}

bool refusal_trail::arrived(uint64_t ticket) {
    if (!is_event_ticket(ticket)) return false;
    --on_the_way_;
    return true;
}

}  // namespace ie
