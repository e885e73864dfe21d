// Which PHP script has sent this mail? PHP says so in a header, and anybody can write one: it is
// believed only where the uid that submitted the mail agrees. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ie {

inline constexpr size_t script_bytes_max = 255;  // of a script's name; longer ones are cut
inline constexpr size_t script_headers_bytes_max = 64 << 10;  // looked at of a mail

struct script_witness {
    uint32_t submitter_uid = 0;  // the kernel's, of a local submission
    std::function<bool(std::string_view domain)> owns_domain;  // the account that submitted
};

// From `X-PHP-Script: www.x.com/contact.php for 192.0.2.1` (cPanel's PHP), believed where the
// account owns the domain, "www.x.com/contact.php"; else from `X-PHP-Originating-Script:
// 1004:file.php` (PHP's mail.add_x_header), believed where the uid is the submitter's, "file.php".
// Neither is where the latter names another uid. Empty where none is believed. Paths are in their
// shortest form, without a query; control characters end them.
std::string sending_script(std::string_view mail, const script_witness& witness);

}  // namespace ie
