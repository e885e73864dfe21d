// The accounts' parts of the quarantine as people see them: what each has, and what it may have.
// Private to this folder.
#pragma once

#include "actors/quarantine/quarantine_context.hpp"

namespace ie {

// Those within the scope that have held mail at some time or values of their own, by name. Fails:
// bad_request, storage_failed.
outcome<account_list> list_spaces(quarantine_context& context, const mail_scope& scope,
                                  const list_accounts& request);

// An account that has a space, or could have one; root's is always there. Fails: not_found,
// storage_failed.
outcome<nothing> check_account(quarantine_context& context, const account_name& account);

}  // namespace ie
