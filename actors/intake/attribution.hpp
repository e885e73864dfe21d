// Whose mail is it? Finds the sender objects a mail is counted under. Pure. In order of trust: the
// kernel's word for who submitted it, locally or from a client on loopback that didn't
// authenticate; whom Exim has authenticated. What the envelope says attributes nothing to anybody:
// it only says under which of the account's addresses the mail stands. What remains is root's,
// UNMANAGED.
#pragma once

#include <functional>
#include <optional>

#include "config/account_directory.hpp"
#include "messages/verdict.hpp"

namespace ie {

inline constexpr size_t sender_address_bytes_max = 320;  // RFC 3696, erratum 1690: 64 + 1 + 255
inline constexpr size_t sender_domain_bytes_max = 255;   // RFC 1035, section 2.3.4

// Who is an account: whom the domain map names, or, where none is configured, each uid in a range.
// The same rule as the gateway's.
struct account_rules {
    bool has_map = true;  // one is configured, be it empty
    uint32_t uid_min = 1'000;
    uint32_t uid_max = 59'999;
};

// How to look a Unix user up.
struct user_lookup {
    std::function<std::optional<std::string>(uint32_t uid)> login_of;
    std::function<std::optional<uint32_t>(const std::string& login)> uid_of;
};

// `bytes`: the whole mail, of which the headers are looked at for a PHP script. Names come out in
// lower case, so that nobody has two counts for one address.
sender_objects attribute(const judge_mail& mail, std::string_view bytes,
                         const account_directory& directory, const account_rules& rules,
                         const user_lookup& users);

// What follows the last '@', lower case (ASCII); empty where there is none, or nothing before it.
std::string domain_of(std::string_view address);

}  // namespace ie
