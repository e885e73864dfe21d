// Which accounts there are on this server, who owns which domain, and which Unix user is which
// account. Immutable once made, and pure; the settings actor makes a new one when one of the
// account files changes.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "config/system/unix_user.hpp"
#include "messages/caller.hpp"

namespace ie {

// Where the accounts of this server come from.
enum class account_provider : uint8_t {
    cpanel,  // whoever is named in cPanel's domain maps
    passwd,  // the system's users, by uid and home
};
constexpr auto enum_names(account_provider) {
    return std::array<std::string_view, 2>{"cpanel", "passwd"};
}

class account_directory {
  public:
    static constexpr size_t domains_max = 1'000'000;

    account_directory() = default;

    // From one domain map.
    static outcome<account_directory> parse(std::string_view text);

    // Adds a domain map: `domain: user` lines, as in /etc/userdomains and /etc/trueuserdomains.
    // Empty lines, lines that begin with '#', and domains that begin with '*' are passed over. A
    // domain that is there already keeps its owner. Fails: bad_request, with the line's number;
    // too_large. The directory is then of no use.
    outcome<nothing> add_domain_map(std::string_view text);

    // The same for /etc/userdatadomains: `domain: user==owner==type==main==docroot…` lines.
    outcome<nothing> add_user_data(std::string_view text);

    // Names compare without regard to case, IDN as A-labels.
    std::optional<account_name> owner_of_domain(std::string_view domain) const;
    bool is_account(std::string_view login) const;  // is named in one of the maps
    size_t domain_count() const { return owners_.size(); }
    size_t account_count() const { return accounts_.size(); }

  private:
    outcome<nothing> add_line(std::string_view domain, std::string_view login);

    std::unordered_map<std::string, std::string> owners_;  // domain in normal form → login
    std::unordered_set<std::string> accounts_;             // logins, lower case
};

// Who is an account. One rule for whose mail it is, and for who may look at it.
struct account_rules {
    account_provider provider = account_provider::cpanel;
    uint32_t uid_min = 1'000;  // of passwd's accounts, inclusive
    uint32_t uid_max = 59'999;
    std::string home_base = "/home";  // that the homes of passwd's accounts lie under; empty: any

    bool operator==(const account_rules&) const = default;
};

bool is_account(const unix_user& user, const account_rules& rules,
                const account_directory& directory);

}  // namespace ie
