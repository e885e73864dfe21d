// A mail's header block: where it ends, its fields in order, decoded for people. Pure, and safe
// with any bytes: work and memory are bounded by the block's first header_bytes_max.
#pragma once

#include "messages/quarantine.hpp"

namespace ie {

inline constexpr size_t header_bytes_max = 2 << 20;  // read of a block; what is beyond is left out
inline constexpr size_t header_count_max = 10'000;
inline constexpr size_t header_value_bytes_max = 64 << 10;  // of one decoded value
inline constexpr size_t subject_bytes_max = 4 << 10;

struct mail_split {
    std::string_view header_block;  // with the end of its last line, without the empty line
    size_t body_offset = 0;         // behind the empty line; the mail's size where there is none
};

mail_split split_mail(std::string_view mail);

// The charset that raw bytes in a mail's header are in, unless they are UTF-8: that of its text, as
// it tells or its first parts do; empty: none is told.
std::string_view charset_of_raw_headers(std::string_view mail);

// Names as written, values unfolded and decoded (RFC 5322, 2.2.3; RFC 2047): valid UTF-8, in which
// an encoded word may have put any character, line ends too. Lines that are no field are left out.
// `raw_charset`: by charset_of_raw_headers.
std::vector<mail_header> read_headers(std::string_view header_block,
                                      std::string_view raw_charset = {});

struct mail_traits {
    std::string subject;  // decoded, valid UTF-8, at most subject_bytes_max
    ie::script_header script_header;
};

// What the list of held mails shows of one.
mail_traits read_traits(std::string_view mail);

// From `www.x.com/contact.php for 192.0.2.1, 192.0.2.2` (X-PHP-Script, cPanel's PHP).
script_header parse_php_script(std::string_view value);
// From `1004:file.php` (X-PHP-Originating-Script, PHP's mail.add_x_header).
script_header parse_originating_script(std::string_view value);

// The start of a valid UTF-8 text, at most `size_max` bytes, cut between characters.
std::string_view utf8_prefix(std::string_view text, size_t size_max);

}  // namespace ie
