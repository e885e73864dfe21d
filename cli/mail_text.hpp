// Held mail as the seed shows it, in text and JSON (seed, Operations with emails in the
// quarantine). Pure. Text is fit for a terminal: whatever came with the mail has been made
// printable.
#pragma once

#include "messages/json.hpp"
#include "messages/quarantine.hpp"

namespace ie::cli {

std::string list_text(const mail_list& list);

// What this engine found is told in headers of this prefix. A mail's own header of that prefix is
// shown as "Claimed-X-ImunifyEmail-…": it is its sender's word.
inline constexpr std::string_view result_prefix = "X-ImunifyEmail-";

// `body` as it was received.
std::string show_text(const mail_details& mail, std::string_view body);

// The last member is `content_key`, with `content` as its value.
json show_json(const mail_details& mail, const std::string& content_key, std::string content);

// Line by line printable, lines ended as they were.
std::string printable_lines(std::string_view text);

}  // namespace ie::cli
