// What quarantine.db is to know of a mail that was stored. Private to this folder.
#pragma once

#include "actors/quarantine/index/index_changes.hpp"
#include "actors/quarantine/store/stored_mail.hpp"

namespace ie {

add_mail row_of(const stored_record& record, std::string_view mail, uint64_t file_bytes);

}  // namespace ie
