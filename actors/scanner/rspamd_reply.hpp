// Reads what Rspamd answers to /checkv2. Pure. The reply is not trusted: parts of it are the mail's
// own text. It is read up to the four values that matter and no further, so that a long list of
// links or symbols behind them costs nothing and can't spoil the verdict.
#pragma once

#include "messages/error.hpp"

namespace ie {

struct rspamd_reply {
    std::string action;  // "no action", "add header", "reject", …
    double score = 0;
    double required_score = 0;  // from which Rspamd itself would reject
    bool is_skipped = false;    // Rspamd was told not to judge this mail

    static constexpr size_t size_bytes_max = 1 << 20;
    static constexpr size_t depth_max = 64;
};

// Fails: bad_request (not JSON, no action or score, nested too deep, an error report), too_large.
outcome<rspamd_reply> parse_rspamd_reply(std::string_view body);

}  // namespace ie
