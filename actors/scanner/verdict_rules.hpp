// What Rspamd's reply means for the mail. Pure.
#pragma once

#include "actors/scanner/rspamd_reply.hpp"
#include "messages/scan.hpp"

namespace ie {

// `spam_threshold`: the score from which a mail is spam, whatever Rspamd's own bands are.
scan_result judge_by_rspamd(const rspamd_reply& reply, double spam_threshold);

}  // namespace ie
