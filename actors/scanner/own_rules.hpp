// The engine's few rules: they judge alone while Rspamd can't be asked, and are heard besides it
// otherwise, since Rspamd looks for GTUBE in the parts and sizes of text that it scans only. Pure.
#pragma once

#include "messages/scan.hpp"

namespace ie {

// 0: no rule matched.
double own_score(std::string_view mail);

scan_result judge_by_own_rules(std::string_view mail, double spam_threshold);

}  // namespace ie
