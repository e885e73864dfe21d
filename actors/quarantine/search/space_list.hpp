// The accounts' parts of the quarantine as people see them: what each has, and what it may have.
// Private to this folder.
#pragma once

#include "actors/quarantine/index/account_ledger.hpp"
#include "actors/quarantine/mail_scope.hpp"
#include "config/mail_policy.hpp"

namespace ie {

// Those within the scope that have held mail at some time or values of their own, by name. Fails:
// bad_request, storage_failed.
outcome<account_list> list_spaces(const account_ledger& ledger, const mail_policy& policy,
                                  int64_t now_ms, const mail_scope& scope,
                                  const list_accounts& request);

}  // namespace ie
