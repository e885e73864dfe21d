#include "actors/quarantine/store/stored_row.hpp"

#include "actors/reading/mail_headers.hpp"

namespace ie {

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
