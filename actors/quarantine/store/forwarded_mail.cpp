#include "actors/quarantine/store/forwarded_mail.hpp"

#include <algorithm>

#include "actors/sha256.hpp"
#include "config/random.hpp"
#include "messages/text.hpp"

namespace ie {

hold_ticket forwarded_ticket(hold_ticket ticket, const account_name& account) {
    const auto digest = sha256(to_lower(ticket.id.value) + " " + to_lower(account.value));
    random_source::uuid_bytes bytes{};
    std::copy_n(digest.begin(), bytes.size(), bytes.begin());
    ticket.id.value = random_source::uuid_text(bytes);
    ticket.owner = {};
    ticket.owner.account = account;
    return ticket;
}

}  // namespace ie
