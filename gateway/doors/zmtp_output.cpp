#include "gateway/doors/zmtp_output.hpp"

#include <algorithm>
#include <utility>

namespace ie {
namespace {

constexpr size_t copied_bytes_max = 32 << 10;  // of a frame; a larger one is kept as it is
constexpr size_t text_size_max = 64 << 10;     // small frames are put together up to that
constexpr size_t short_size_max = 255;
constexpr char flag_more = 1;
constexpr char flag_long = 2;

}  // namespace

void zmtp_output::add(std::string_view raw) {
    if (raw.empty()) return;
    const bool fits = !pieces_.empty() && !pieces_.back().text.empty() &&
                      pieces_.back().text.size() + raw.size() <= text_size_max;
    if (!fits) pieces_.emplace_back();
    pieces_.back().text += raw;
    unsent_bytes_ += raw.size();
}

void zmtp_output::add_header(size_t size, bool more) {
    char header[9];
    header[0] = more ? flag_more : 0;
    if (size <= short_size_max) {
        header[1] = static_cast<char>(size);
        add({header, 2});
        return;
    }
    header[0] |= flag_long;
    for (int i = 0; i < 8; ++i) header[1 + i] = static_cast<char>(uint64_t{size} >> (56 - 8 * i));
    add({header, sizeof header});
}

void zmtp_output::add_frame(std::string_view text, bool more) {
    add_header(text.size(), more);
    add(text);
}

void zmtp_output::add_frame(mail_bytes bytes, bool more) {
    if (bytes.size() <= copied_bytes_max) return add_frame(bytes.view(), more);
    add_header(bytes.size(), more);
    unsent_bytes_ += bytes.size();
    pieces_.push_back({{}, std::move(bytes)});
}

void zmtp_output::end_message(int64_t now_ms) {
    messages_.push_back({sent_bytes_ + unsent_bytes_, now_ms});
}

size_t zmtp_output::next(std::span<iovec> out, size_t bytes_max) const {
    size_t count = 0;
    size_t skipped = first_at_;
    for (const auto& each : pieces_) {
        if (count == out.size() || bytes_max == 0) break;
        const std::string_view view =
            each.view().substr(std::exchange(skipped, 0)).substr(0, bytes_max);
        bytes_max -= view.size();
        out[count++] = {const_cast<char*>(view.data()), view.size()};
    }
    return count;
}

void zmtp_output::sent(size_t bytes) {
    unsent_bytes_ -= bytes;
    sent_bytes_ += bytes;
    first_at_ += bytes;
    while (!pieces_.empty() && first_at_ >= pieces_.front().view().size()) {
        first_at_ -= pieces_.front().view().size();
        pieces_.pop_front();
    }
    while (!messages_.empty() && messages_.front().at_bytes <= sent_bytes_) messages_.pop_front();
}

}  // namespace ie
