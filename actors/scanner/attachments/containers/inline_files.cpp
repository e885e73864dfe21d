#include "actors/scanner/attachments/containers/inline_files.hpp"

#include <algorithm>

namespace ie {
namespace {

constexpr std::string_view uu_begin = "begin ";
constexpr std::string_view yenc_begin = "=ybegin ";

std::string_view take_line(std::string_view& rest) {
    const size_t end = rest.find('\n');
    auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "begin 644 name", of a mode in octal.
std::string_view uu_name(std::string_view line) {
    if (!line.starts_with(uu_begin)) return {};
    line.remove_prefix(uu_begin.size());
    const size_t mode = std::min(line.find(' '), line.size());
    const auto digits = line.substr(0, mode);
    if (mode < 3 || mode > 5 || !std::all_of(digits.begin(), digits.end(), is_digit)) return {};
    return line.substr(std::min(mode + 1, line.size()));
}

std::string_view yenc_name(std::string_view line) {
    constexpr std::string_view key = " name=";
    const size_t at = line.starts_with(yenc_begin) ? line.find(key) : std::string_view::npos;
    return at == std::string_view::npos ? std::string_view{} : line.substr(at + key.size());
}

// Appends what a line holds; false: it isn't one, or the last.
bool decode_line(std::string_view line, std::string& out) {
    const auto bits = [&](size_t at) -> uint32_t {
        return at < line.size() ? (static_cast<uint8_t>(line[at]) - 0x20U) & 0x3f : 0;
    };
    const size_t size = line.empty() ? 0 : bits(0);
    if (size == 0 || line[0] < 0x20 || line[0] > 0x60) return false;
    for (size_t i = 0; i < size; ++i) {
        const size_t at = 1 + i / 3 * 4;
        const uint32_t group =
            bits(at) << 18 | bits(at + 1) << 12 | bits(at + 2) << 6 | bits(at + 3);
        out += static_cast<char>(group >> (16 - 8 * (i % 3)) & 0xff);
    }
    return true;
}

// From the line after `begin` on; leaves what isn't the file's.
std::string take_uu_bytes(std::string_view& rest) {
    std::string out;
    while (!rest.empty()) {
        auto after = rest;
        if (!decode_line(take_line(after), out)) break;
        rest = after;
    }
    return out;
}

}  // namespace

std::vector<inline_file> inline_files(std::string_view text, size_t files_max) {
    std::vector<inline_file> files;
    while (!text.empty() && files.size() < files_max) {
        const auto line = take_line(text);
        if (const auto name = uu_name(line); !name.empty()) {
            auto bytes = take_uu_bytes(text);
            if (!bytes.empty()) files.push_back({std::string(name), std::move(bytes)});
        } else if (const auto yenc = yenc_name(line); !yenc.empty()) {
            files.push_back({std::string(yenc), {}});
        }
    }
    return files;
}

bool may_have_inline_files(std::string_view text) {
    const auto begins = [](std::string_view rest) {
        return rest.starts_with(uu_begin) || rest.starts_with(yenc_begin);
    };
    if (begins(text)) return true;
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        if (begins(text.substr(at + 1))) return true;
    }
    return false;
}

}  // namespace ie
