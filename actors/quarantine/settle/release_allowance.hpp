// How many mails an owner may release an hour. Private to this folder.
#pragma once

#include "actors/quarantine/index/account_ledger.hpp"
#include "actors/quarantine/settle/mail_chooser.hpp"

namespace ie {

// Those that are too many for the account are refused, each for itself. Fails: storage_failed.
outcome<nothing> keep_allowance(const account_ledger& ledger, const account_name& account,
                                uint32_t limit, int64_t now_ms, chosen_mails& chosen);

}  // namespace ie
