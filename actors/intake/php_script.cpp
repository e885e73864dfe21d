#include "actors/intake/php_script.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "actors/reading/script_name.hpp"
#include "config/domain_name.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

// The first of each; empty where there is none.
struct script_headers {
    std::string_view script;       // X-PHP-Script
    std::string_view originating;  // X-PHP-Originating-Script
};

// PHP writes these on one line; one that is folded is no work of PHP's.
script_headers find_headers(std::string_view mail) {
    script_headers found;
    std::string_view rest = mail.substr(0, script_headers_bytes_max);
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (trimmed(line).empty()) break;
        const size_t colon = line.find(':');
        if (colon == line.npos || (line[0] | 0x20) != 'x') continue;
        const std::string_view name = trimmed(line.substr(0, colon));
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (found.script.empty() && equal_ignoring_case(name, "X-PHP-Script")) {
            found.script = value;
        } else if (found.originating.empty() &&
                   equal_ignoring_case(name, "X-PHP-Originating-Script")) {
            found.originating = value;
        }
    }
    return found;
}

// Without empty and "." parts, ".." resolved, nothing behind a '?', '#' or control character.
std::string shortest_path(std::string_view path) {
    const auto ends = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    path = path.substr(0, path.find_first_of("?#"));
    path = path.substr(
        0, static_cast<size_t>(std::find_if(path.begin(), path.end(), ends) - path.begin()));
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const size_t slash = std::min(path.find('/'), path.size());
        const std::string_view part = path.substr(0, slash);
        path.remove_prefix(std::min(slash + 1, path.size()));
        if (part == "..") {
            if (!parts.empty()) parts.pop_back();
        } else if (!part.empty() && part != ".") {
            parts.push_back(part);
        }
    }
    std::string out;
    for (const auto part : parts) out.append(out.empty() ? "" : "/").append(part);
    return out;
}

std::string bounded(std::string name) {
    if (name.size() > script_bytes_max) name.resize(script_bytes_max);
    return valid_utf8(name);
}

// The domain itself, or one that it lies under, but for the last label.
bool owns_any(const script_witness& witness, std::string_view domain) {
    while (domain.find('.') != domain.npos) {
        if (witness.owns_domain(domain)) return true;
        domain.remove_prefix(domain.find('.') + 1);
    }
    return false;
}

std::string from_script(std::string_view value, const script_witness& witness) {
    const std::string_view place = script_file(script_place(value));
    const size_t slash = std::min(place.find('/'), place.size());
    // (Bounded before anybody is asked about each of its labels.)
    const auto domain = normal_domain(without_port(place.substr(0, slash)));
    const std::string path = shortest_path(place.substr(slash));
    if (!domain || path.empty() || !owns_any(witness, *domain)) return {};
    return *domain + "/" + path;
}

}  // namespace

std::string sending_script(std::string_view mail, const script_witness& witness) {
    const script_headers found = find_headers(mail);
    const size_t colon = found.originating.find(':');
    uint32_t uid = 0;
    if (colon != found.originating.npos) {
        const char* end = found.originating.data() + colon;
        const auto read = std::from_chars(found.originating.data(), end, uid);
        if (read.ec != std::errc{} || read.ptr != end || uid != witness.submitter_uid) return {};
    }
    if (auto script = from_script(found.script, witness); !script.empty()) {
        return bounded(std::move(script));
    }
    if (colon == found.originating.npos) return {};
    return bounded(shortest_path(script_file(found.originating.substr(colon + 1))));
}

}  // namespace ie
