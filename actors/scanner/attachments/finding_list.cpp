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

void add(std::vector<std::string>& list, std::string_view path, std::string_view what) {
    constexpr size_t bytes_max = mail_verdict::attachment_bytes_max;
    if (list.size() >= mail_verdict::attachments_max) return;
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
    return dangers_.size() >= mail_verdict::attachments_max;
}

attachments_found finding_list::take() {
    attachments_found report{!dangers_.empty(), std::move(dangers_)};
    for (auto& each : notes_) {
        if (report.findings.size() >= mail_verdict::attachments_max) break;
        report.findings.push_back(std::move(each));
    }
    return report;
}

std::string path_below(std::string_view path, std::string_view name) {
    constexpr size_t path_bytes_max = 1'024;
    std::string text(path);
    if (!text.empty()) text += '/';
    return shortened(text.append(name), path_bytes_max);
}

}  // namespace ie
