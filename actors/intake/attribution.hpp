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

// How to look a Unix user up.
struct user_lookup {
    std::function<std::optional<unix_user>(uint32_t uid)> of_uid;
    std::function<std::optional<unix_user>(const std::string& login)> of_login;
};

// `bytes`: the whole mail, of which the headers are looked at for a PHP script. Names come out in
// normal form, so that nobody has two counts for one address; an address that has none is UNMANAGED
// below its domain.
sender_objects attribute(const judge_mail& mail, std::string_view bytes,
                         const account_directory& directory, const account_rules& rules,
                         const user_lookup& users);

// What follows the last '@'; empty where there is none, or nothing before it.
std::string_view domain_of(std::string_view address);

}  // namespace ie
