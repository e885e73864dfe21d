#include "actors/scanner/attachments/containers/web_link.hpp"

#include <string>

#include "messages/text.hpp"

namespace ie {

bool is_web_link(std::string_view bytes) {
    constexpr size_t link_bytes_max = 4'096;
    if (bytes.size() > link_bytes_max) return false;
    std::string text = to_lower(bytes) + "\n";
    if (text.find("[internetshortcut]") == std::string::npos) return false;
    if (text.find("\\\\") != std::string::npos || text.find("file:") != std::string::npos) {
        return false;
    }
    size_t links = 0;
    for (size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        const auto line = trimmed(std::string_view(text).substr(at, end - at));
        const size_t equals = line.find('=');
        const auto key = trimmed(line.substr(0, equals));
        if (equals == std::string_view::npos || !key.ends_with("url")) continue;
        const auto value = trimmed(line.substr(equals + 1));
        if (!value.starts_with("http://") && !value.starts_with("https://")) return false;
        ++links;
    }
    return links > 0;
}

}  // namespace ie
