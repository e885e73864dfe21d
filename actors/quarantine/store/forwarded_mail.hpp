// Incoming spam that an address here would forward to the outside: what is held is a mail of that
// address's owner. Pure.
#pragma once

#include "messages/verdict.hpp"

namespace ie {

// The ticket of one incoming mail, made the account's. Two accounts that forward the same mail each
// have a held mail of their own: its id follows from the ticket's and the account.
hold_ticket forwarded_ticket(hold_ticket ticket, const account_name& account);

}  // namespace ie
