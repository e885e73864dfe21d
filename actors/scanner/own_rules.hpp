// The few rules that judge a mail while Rspamd can't be asked. Pure.
#pragma once

#include "messages/scan.hpp"

namespace ie {

scan_result judge_by_own_rules(std::string_view mail, double spam_threshold);

}  // namespace ie
