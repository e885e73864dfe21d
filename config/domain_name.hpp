// Domains and mail addresses in the one form in which they are compared and kept: lower case, IDN
// as A-labels (RFC 5890), no dot at the end. Pure; may be called for every mail: what is ASCII is
// never given to the IDN library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ie {

inline constexpr size_t domain_bytes_max = 255;        // RFC 5321, section 4.5.3.1.2
inline constexpr size_t local_part_bytes_max = 64;     // RFC 5321, section 4.5.3.1.1
inline constexpr size_t mail_address_bytes_max = 320;  // RFC 3696, erratum 1690: 64 + 1 + 255

// Nothing where it isn't a domain name: one or more labels of letters, digits, '-' and '_'. An
// address literal and an IPv4 address are none.
std::optional<std::string> normal_domain(std::string_view text);

// The local part (RFC 5321, section 4.1.2; UTF-8 as RFC 6531 has it) keeps what it says: quotes and
// backslashes that it doesn't need go, plus-addresses stay as they are. Nothing where it isn't an
// address.
std::optional<std::string> normal_address(std::string_view text);

// What a local part says that may be quoted (RFC 5321, section 4.1.2): without the quotes and
// their backslashes. One that begins or ends without its quote stays as it is.
std::string unquoted_local_part(std::string_view text);

// What follows the last '@' of an address in normal form.
std::string_view domain_part(std::string_view address);

}  // namespace ie
