#include "actors/quarantine/quarantine_context.hpp"

#include "actors/quarantine/mail_headers.hpp"

namespace ie {

add_action action_on(const caller& who, int64_t now_ms, std::string_view action, std::string object,
                     std::string_view before, std::string_view after, std::string result) {
    return {{0, who, now_ms, std::string(action), std::move(object), std::string(before),
             std::string(after), std::move(result)}};
}

add_mail row_of(const stored_record& record, std::string_view mail, uint64_t file_bytes) {
    auto traits = read_traits(mail);
    return {{0,
             record.id,
             record.ticket,
             record.queue_id,
             record.recipients,
             std::move(traits.subject),
             std::move(traits.script_header),
             record.held_at_ms,
             record.size_bytes,
             file_bytes,
             {}}};
}

}  // namespace ie
