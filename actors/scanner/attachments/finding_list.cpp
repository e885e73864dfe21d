#include "actors/scanner/attachments/finding_list.hpp"

#include <algorithm>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view ellipsis = "…";

// Valid UTF-8 stays so.
std::string shortened(std::string text, size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    const size_t room = bytes_max - ellipsis.size();
    size_t head = room / 3;
    size_t tail = text.size() - (room - head);
    const auto is_inside = [&](size_t at) { return (static_cast<uint8_t>(text[at]) >> 6) == 2; };
    while (head > 0 && is_inside(head)) --head;
    while (tail < text.size() && is_inside(tail)) ++tail;
    return text.substr(0, head).append(ellipsis).append(text, tail);
}

std::string line_of_more(size_t left_out, bool is_counted) {
    if (left_out == 0) return {};
    return is_counted ? "and " + std::to_string(left_out) + " more" : "and many more";
}

// As many as a ticket has room for, and a line of how many more there are.
std::vector<std::string> told(std::vector<std::string> texts, bool is_counted) {
    size_t bytes = 0;
    for (const auto& each : texts) bytes += each.size();
    const size_t found = texts.size();
    std::string more;
    while (texts.size() + (more.empty() ? 0 : 1) > hold_ticket::findings_max ||
           bytes + more.size() > hold_ticket::findings_bytes_max) {
        bytes -= texts.back().size();
        texts.pop_back();
        more = line_of_more(found - texts.size(), is_counted);
    }
    if (!more.empty()) texts.push_back(std::move(more));
    return texts;
}

void add(std::vector<std::string>& list, std::string_view path, std::string_view what) {
    constexpr size_t bytes_max = hold_ticket::finding_bytes_max;
    if (list.size() >= finding_list::counted_max) return;
    std::string text =
        shortened(printable(path.empty() ? "(no name)" : path), bytes_max - what.size() - 2);
    text.append(": ").append(what);
    if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

}  // namespace

void finding_list::danger(std::string_view path, std::string_view what) {
    add(dangers_, path, what);
}

void finding_list::note(std::string_view path, std::string_view what) {
    add(notes_, path, what);
}

bool finding_list::is_full() const {
    return dangers_.size() >= counted_max;
}

attachments_found finding_list::take() {
    const bool is_dangerous = !dangers_.empty();
    const bool is_counted = std::max(dangers_.size(), notes_.size()) < counted_max;
    auto all = std::move(dangers_);
    std::move(notes_.begin(), notes_.end(), std::back_inserter(all));
    return {is_dangerous, told(std::move(all), is_counted)};
}

std::string path_below(std::string_view path, std::string_view name) {
    constexpr size_t path_bytes_max = 1'024;
    std::string text(path);
    if (!text.empty()) text += '/';
    return shortened(text.append(name), path_bytes_max);
}

}  // namespace ie
