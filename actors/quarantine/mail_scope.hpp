// Which held mails a caller may see. Private to this folder.
#pragma once

#include "actors/quarantine/index/held_mails.hpp"
#include "messages/text.hpp"

namespace ie {

// Every account's mail, or one's.
struct mail_scope {
    account_name account;  // empty: every account's

    bool holds(const mail_row& row) const {
        return account.empty() ||
               equal_ignoring_case(account.value, row.ticket.owner.account.value);
    }
};

// Fails: not_permitted.
outcome<mail_scope> scope_of(const caller& who, const account_name& asked);

std::string object_text(const mail_row& row);  // "mail ID of alice"

struct shown_mail {
    outcome<mail_row> row;  // without recipients
    std::string refused;    // why, for the audit trail; empty: nobody was refused
};

// A mail that is still there, within the scope. Another's is not told from none, but `refused`.
// Fails: not_found, storage_failed.
shown_mail find_shown(const held_mails& mails, const mail_scope& scope, const mail_id& id);

}  // namespace ie
