// Whatever Rspamd answers, the client gets a verdict that makes sense or a failure that says why.
#include <cmath>
#include <cstdint>

#include "actors/scanner/verdict_rules.hpp"
#include "config/log.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto reply = ie::parse_rspamd_reply({reinterpret_cast<const char*>(data), size});
    if (!reply) {
        ie::ensure(!reply.failure().what.empty(), "a failure without words");
        return 0;
    }
    ie::ensure(!reply->action.empty() && std::isfinite(reply->score), "a reply without a verdict");
    (void)ie::judge_by_rspamd(*reply, 6.0);
    return 0;
}
