#include "config/system/subordinate_uids.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ie {
namespace {

std::optional<uint32_t> number_in(std::string_view text) {
    uint32_t out = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// Takes what stands before the next `mark`, and the mark, off `text`.
std::string_view take_until(std::string_view& text, char mark) {
    const std::string_view part = text.substr(0, text.find(mark));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    return part;
}

}  // namespace

subordinate_uids subordinate_uids::parse(std::string_view text, const uid_finder& uid_of) {
    subordinate_uids out;
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        const std::string_view who = take_until(line, ':');
        const auto first = number_in(take_until(line, ':'));
        const auto count = number_in(line);
        if (who.empty() || !first || !count || *count == 0) continue;
        const uint32_t most = std::numeric_limits<uint32_t>::max() - *first;
        auto owner = number_in(who);
        if (!owner) owner = uid_of(std::string(who));
        out.ranges_.push_back(
            {*first, *first + std::min(*count - 1, most), owner.value_or(*first)});
    }
    return out;
}

uint32_t subordinate_uids::owner_of(uint32_t uid) const {
    const auto found = std::find_if(ranges_.begin(), ranges_.end(), [&](const range& each) {
        return each.first <= uid && uid <= each.last;
    });
    return found == ranges_.end() ? uid : found->owner;
}

}  // namespace ie
