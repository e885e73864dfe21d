// An Outlook message with one attachment, as small as MS-CFB and MS-OXMSG let it be.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ie::testing {

// The name in the mini stream; a file of 4,096 bytes and more in sectors, a smaller one beside the
// name.
inline std::string outlook_message(const std::string& name, const std::string& content) {
    constexpr size_t sector = 512, mini = 64, cutoff = 4'096;
    constexpr uint32_t end = 0xfffffffe, none = 0xffffffff, table = 0xfffffffd;
    const auto number = [](uint64_t value, size_t size) {
        std::string out;
        for (; size > 0; --size, value >>= 8) out += static_cast<char>(value & 0xff);
        return out;
    };
    const auto filled = [](std::string text, size_t size) {
        return text.append((size - text.size() % size) % size, '\0');
    };
    const auto wide = [](const std::string& text) {
        std::string out;
        for (const char c : text) out.append({c, '\0'});
        return out;
    };
    const std::string wide_name = wide(name);
    const bool is_large = content.size() >= cutoff;
    std::string minis = filled(wide_name, mini);
    const auto content_mini = static_cast<uint32_t>(minis.size() / mini);
    if (!is_large) minis += filled(content, mini);
    const size_t mini_count = minis.size() / mini;
    minis = filled(minis, sector);
    const std::string data = is_large ? filled(content, sector) : "";
    // Sectors: 0 the table, 1 and 2 the directory, 3 the mini table, then mini stream and data.
    const auto minis_at = uint32_t{4};
    const auto data_at = static_cast<uint32_t>(minis_at + minis.size() / sector);
    std::vector<uint32_t> next{table, 2, end, end};
    for (const std::string* each : {&std::as_const(minis), &data}) {
        const size_t count = each->size() / sector;
        for (size_t i = 1; i <= count; ++i) {
            next.push_back(i == count ? end : static_cast<uint32_t>(next.size() + 1));
        }
    }
    std::string fat, mini_fat;
    for (size_t i = 0; i < sector / 4; ++i) fat += number(i < next.size() ? next[i] : none, 4);
    for (size_t i = 0; i < sector / 4; ++i) {
        const bool ends = i + 1 == content_mini || i + 1 == mini_count;
        mini_fat += number(i >= mini_count ? none : ends ? end : i + 1, 4);
    }
    const auto entry = [&](const std::string& called, uint8_t type, uint32_t right, uint32_t child,
                           uint32_t start, size_t size) {
        std::string out = wide(called);
        out.resize(64, '\0');
        return out + number(2 * (called.size() + 1), 2) + number(type, 1) + number(1, 1) +
               number(none, 4) + number(right, 4) + number(child, 4) + std::string(36, '\0') +
               number(start, 4) + number(size, 8);
    };
    std::string directory = entry("Root Entry", 5, none, 1, minis_at, minis.size()) +
                            entry("__attach_version1.0_#00000000", 1, none, 2, 0, 0) +
                            entry("__substg1.0_3707001F", 2, 3, none, 0, wide_name.size()) +
                            entry("__substg1.0_37010102", 2, none, none,
                                  is_large ? data_at : content_mini, content.size());
    directory = filled(directory, 2 * sector);
    std::string header = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + std::string(16, '\0') +
                         number(0x3e, 2) + number(3, 2) + number(0xfffe, 2) + number(9, 2) +
                         number(6, 2) + std::string(6, '\0') + number(0, 4) + number(1, 4) +
                         number(1, 4) + number(0, 4) + number(cutoff, 4) + number(3, 4) +
                         number(1, 4) + number(end, 4) + number(0, 4) + number(0, 4);
    while (header.size() < sector) header += number(none, 4);
    return header + fat + directory + mini_fat + minis + data;
}

}  // namespace ie::testing
