// The command group `ie-cli accounts` (seed, Accounts settings).
#pragma once

#include "cli/parser.hpp"
#include "messages/accounts.hpp"

namespace ie::cli {

void add_accounts(CLI::App& program, session& self);

// Deletes an account's held mail; a file of its own.
void add_accounts_remove(CLI::App& accounts, session& self);

// Where the names come from.
inline constexpr std::string_view accounts_remedy = "'ie-cli accounts list' shows what there is";

// Makes the option for an account's name a required one; an empty name would be root's to the
// engine.
void require_account(CLI::Option* option);

// That account alone, or none. Fails: what the engine says.
outcome<account_list> fetch_account(client& engine, const account_name& account);

}  // namespace ie::cli
