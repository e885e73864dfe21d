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

// How to look a Unix user up.
struct user_lookup {
    std::function<std::optional<unix_user>(uint32_t uid)> of_uid;
    std::function<std::optional<unix_user>(const std::string& login)> of_login;
};

// `bytes`: the whole mail, of which the headers are looked at for a PHP script. Names come out in
// lower case, so that nobody has two counts for one address.
sender_objects attribute(const judge_mail& mail, std::string_view bytes,
                         const account_directory& directory, const account_rules& rules,
                         const user_lookup& users);

// What follows the last '@', lower case (ASCII); empty where there is none, or nothing before it.
std::string domain_of(std::string_view address);

}  // namespace ie
