// A held mail as the quarantine's parts hand it to one another, without its bytes.
#pragma once

#include "actors/quarantine/settle/release_rules.hpp"
#include "messages/quarantine.hpp"
#include "messages/scan.hpp"

namespace ie {

struct mail_row {
    int64_t number = 0;  // the database's own, in the order of holding
    mail_id id;
    hold_ticket ticket;  // its id is another one where Exim delivered in parts
    ie::queue_id queue_id;
    std::vector<std::string> recipients;
    std::string subject;
    ie::script_header script_header;
    int64_t held_at_ms = 0;
    uint64_t size_bytes = 0;
    uint64_t file_bytes = 0;  // that its file takes; 0: not known yet
    release_record release;
};

}  // namespace ie
