#include "gateway/exim_hook/ticket.hpp"

#include <algorithm>

#include "messages/base64.hpp"
#include "messages/wire.hpp"

namespace ie {

outcome<std::string> ticket_text(const ticket_envelope& envelope) {
    std::string text = base64url(encode(envelope));
    if (text.size() > ticket_text_bytes_max) {
        return fail(error_code::too_large, "a ticket of " + std::to_string(text.size()) +
                                               " characters; at most " +
                                               std::to_string(ticket_text_bytes_max));
    }
    return text;
}

outcome<ticket_envelope> read_ticket(std::string_view text) {
    const size_t word_end = std::min(text.find('.'), text.size());
    if (word_end > ticket_text_bytes_max) {
        return fail(error_code::too_large, "the ticket is too long");
    }
    const auto bytes = from_base64(text.substr(0, word_end));
    const auto forwarder = from_base64(text.substr(std::min(word_end + 1, text.size())));
    if (!bytes || !forwarder) return fail(error_code::bad_request, "the ticket isn't base64");
    auto envelope = decode<ticket_envelope>(*bytes);
    if (!envelope) return envelope.failure();
    if (!is_uuid(envelope->ticket.id.value) || !is_queue_id(envelope->queue_id.value)) {
        return fail(error_code::bad_request, "the ticket names no mail");
    }
    envelope->forwarded_by = *forwarder;
    return envelope;
}

}  // namespace ie
