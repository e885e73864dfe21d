// What Exim keeps between the verdict and the LMTP delivery, in an ACL variable that no sender can
// set: the engine's ticket and the id of the mail that it was given for, as one base64url word
// that serves as LMTP's MAIL FROM. Of incoming spam that is forwarded, `.` and the forwarding
// address follow, as recipient_word() has it. Pure.
#pragma once

#include <optional>

#include "messages/verdict.hpp"

namespace ie {

// Exim's LMTP transport writes a command line of 16 KB at most.
inline constexpr size_t ticket_text_bytes_max = 8 << 10;

struct ticket_envelope {
    hold_ticket ticket;
    ie::queue_id queue_id;
    std::string forwarded_by{};  // isn't part of the word that Exim keeps

    static constexpr auto fields() {
        return std::tuple{field{"ticket", &ticket_envelope::ticket},
                          field{"queue_id", &ticket_envelope::queue_id}};
    }
};

// Fails: too_large (a giant sender address).
outcome<std::string> ticket_text(const ticket_envelope& envelope);

// With what Exim has added to it. Fails: bad_request, too_large.
outcome<ticket_envelope> read_ticket(std::string_view text);

}  // namespace ie
