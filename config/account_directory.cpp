#include "config/account_directory.hpp"

#include "config/domain_name.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t login_bytes_max = 255;
constexpr size_t shown_bytes_max = 80;  // of a broken line

bool is_login(std::string_view text) {
    constexpr std::string_view never = " \t/:\"'\\<>=";
    if (text.empty() || text.size() > login_bytes_max) return false;
    if (text.find_first_of(never) != text.npos) return false;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
    }
    return true;
}

error broken(size_t number, std::string_view line, std::string_view form) {
    return fail(error_code::bad_request, "line " + std::to_string(number) + ": expected `" +
                                             std::string(form) + "`, found " +
                                             log_value(line.substr(0, shown_bytes_max)));
}

// Calls take(domain, what follows the colon) for each line that has a domain to itself, until it
// fails.
template <class Take>
outcome<nothing> for_each_line(std::string_view text, std::string_view form, Take&& take) {
    for (size_t number = 1; !text.empty(); ++number) {
        const size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty() || line.front() == '#' || line.front() == '*') continue;
        const size_t colon = line.find(':');
        if (colon == line.npos) return broken(number, line, form);
        outcome<nothing> taken =
            take(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
        if (taken) continue;
        if (taken.failure().code != error_code::bad_request) return taken;
        return broken(number, line, form);
    }
    return nothing{};
}

// Whether `path` lies under the folder `base`, by the names alone.
bool lies_under(std::string_view path, std::string_view base) {
    while (base.ends_with('/')) base.remove_suffix(1);
    if (!path.starts_with(base)) return false;
    path.remove_prefix(base.size());
    return path.size() > 1 && path.front() == '/' && path.find("/../") == path.npos &&
           !path.ends_with("/..");
}

}  // namespace

outcome<account_directory> account_directory::parse(std::string_view text) {
    account_directory out;
    if (const auto added = out.add_domain_map(text); !added) return added.failure();
    return out;
}

outcome<nothing> account_directory::add_domain_map(std::string_view text) {
    return for_each_line(text, "domain: user",
                         [this](std::string_view domain, std::string_view login) {
                             return add_line(domain, login);
                         });
}

outcome<nothing> account_directory::add_user_data(std::string_view text) {
    return for_each_line(text, "domain: user==owner==…",
                         [this](std::string_view domain, std::string_view data) {
                             const size_t end = data.find("==");
                             // Without the mark it is another file's line.
                             const bool has_mark = end != data.npos;
                             return add_line(domain, has_mark ? data.substr(0, end) : "");
                         });
}

outcome<nothing> account_directory::add_line(std::string_view domain, std::string_view login) {
    auto name = normal_domain(domain);
    if (!name || !is_login(login)) return fail(error_code::bad_request, {});
    if (owners_.size() >= domains_max && !owners_.contains(*name)) {
        return fail(error_code::too_large, "more than " + std::to_string(domains_max) + " domains");
    }
    owners_.try_emplace(std::move(*name), to_lower(login));
    accounts_.insert(to_lower(login));
    return nothing{};
}

std::optional<account_name> account_directory::owner_of_domain(std::string_view domain) const {
    const auto name = normal_domain(domain);
    if (!name) return std::nullopt;
    const auto found = owners_.find(*name);
    if (found == owners_.end()) return std::nullopt;
    return account_name{found->second};
}

bool account_directory::is_account(std::string_view login) const {
    return accounts_.contains(to_lower(login));
}

bool is_account(const unix_user& user, const account_rules& rules,
                const account_directory& directory) {
    if (rules.provider == account_provider::cpanel) return directory.is_account(user.login);
    if (user.login.empty() || user.uid < rules.uid_min || user.uid > rules.uid_max) return false;
    return rules.home_base.empty() || lies_under(user.home, rules.home_base);
}

}  // namespace ie
