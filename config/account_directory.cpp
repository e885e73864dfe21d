#include "config/account_directory.hpp"

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t domain_size_max = 255;  // RFC 1035, section 2.3.4
constexpr size_t login_size_max = 255;

std::string_view trim(std::string_view text) {
    constexpr std::string_view space = " \t\r";
    const size_t begin = text.find_first_not_of(space);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

bool is_name(std::string_view text, size_t size_max) {
    constexpr std::string_view never = " \t/:\"'\\<>";
    if (text.empty() || text.size() > size_max || text.find_first_of(never) != text.npos) {
        return false;
    }
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
    }
    return true;
}

}  // namespace

outcome<account_directory> account_directory::parse(std::string_view text) {
    account_directory out;
    for (size_t number = 1; !text.empty(); ++number) {
        const size_t end = text.find('\n');
        const std::string_view line = trim(text.substr(0, end));
        text = end == text.npos ? std::string_view{} : text.substr(end + 1);
        if (line.empty() || line.front() == '#') continue;
        const size_t colon = line.find(':');
        const std::string_view domain = trim(line.substr(0, colon));
        if (domain == "*") continue;
        const auto login = colon == line.npos ? std::string_view{} : trim(line.substr(colon + 1));
        if (!is_name(domain, domain_size_max) || !is_name(login, login_size_max)) {
            return fail(error_code::bad_request, "line " + std::to_string(number) +
                                                     ": expected `domain: user`, found " +
                                                     log_value(line.substr(0, 80)));
        }
        out.owners_.insert_or_assign(to_lower(domain), to_lower(login));
        out.accounts_.insert(to_lower(login));
    }
    return out;
}

std::optional<account_name> account_directory::owner_of_domain(std::string_view domain) const {
    const auto found = owners_.find(to_lower(domain));
    if (found == owners_.end()) return std::nullopt;
    return account_name{found->second};
}

bool account_directory::is_account(std::string_view login) const {
    return accounts_.contains(to_lower(login));
}

}  // namespace ie
