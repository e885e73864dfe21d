#include "gateway/exim_hook/incoming_headers.hpp"

#include <algorithm>
#include <array>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::array<std::string_view, 2> claims{"x-imunifyemail-", "x-spam-"};

bool is_claim(std::string_view line) {
    const std::string_view name = trimmed(line.substr(0, line.find(':')));
    if (equal_ignoring_case(name, "x-spam")) return true;
    return std::any_of(claims.begin(), claims.end(), [&](std::string_view prefix) {
        return equal_ignoring_case(name.substr(0, prefix.size()), prefix);
    });
}

bool continues(std::string_view line) {
    return line.starts_with(' ') || line.starts_with('\t');
}

}  // namespace

std::string incoming_headers(std::string_view headers, std::string_view added) {
    std::string out;
    out.reserve(added.size() + 1 + headers.size());
    out.append(added);
    if (!out.empty() && out.back() != '\n') out += '\n';
    bool skipping = false;
    while (!headers.empty()) {
        const size_t end = std::min(headers.find('\n'), headers.size() - 1) + 1;
        const std::string_view line = headers.substr(0, end);
        headers.remove_prefix(end);
        skipping = continues(line) ? skipping : is_claim(line);
        if (!skipping) out.append(line);
    }
    return out;
}

}  // namespace ie
