// Which accounts there are on this server, who owns which domain, and which Unix user is which
// account. Immutable and pure; the settings actor makes a new one when the domain map changes.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "messages/caller.hpp"

namespace ie {

class account_directory {
  public:
    account_directory() = default;

    // From cPanel's /etc/userdomains: `domain: user` lines; empty lines, lines that begin with '#'
    // and the wildcard `*: nobody` are passed over. Names compare without regard to case.
    // Fails: bad_request, with the line's number.
    static outcome<account_directory> parse(std::string_view text);

    std::optional<account_name> owner_of_domain(std::string_view domain) const;
    bool is_account(std::string_view login) const;
    size_t domain_count() const { return owners_.size(); }

  private:
    std::unordered_map<std::string, std::string> owners_;  // domain, lower case → login
    std::unordered_set<std::string> accounts_;             // logins, lower case
};

}  // namespace ie
