#include "gateway/exim_hook/lmtp_data.hpp"

namespace ie {

size_t lmtp_data::receive(std::string_view bytes) {
    size_t taken = 0;
    while (taken < bytes.size() && !complete()) {
        if (place_ == place::in_line) {
            const size_t end = std::min(bytes.find('\r', taken), bytes.size());
            keep(bytes.substr(taken, end - taken));
            taken = end;
            if (taken == bytes.size()) break;
        }
        take(bytes[taken++]);
    }
    return taken;
}

void lmtp_data::take(char c) {
    switch (place_) {
        case place::line_start:
            if (c == '.') {
                place_ = place::after_dot;
            } else {
                in_line(c);
            }
            break;
        case place::after_dot:  // the dot is dropped, whatever follows
            if (c == '\r') {
                place_ = place::after_dot_cr;
            } else {
                in_line(c);
            }
            break;
        case place::after_dot_cr:
        case place::after_cr:
            if (c == '\n') {
                const bool end = place_ == place::after_dot_cr;
                if (!end) keep("\n");
                place_ = end ? place::complete : place::line_start;
            } else {
                keep("\r");
                in_line(c);
            }
            break;
        case place::in_line:
            in_line(c);
            break;
        case place::complete:
            break;
    }
}

void lmtp_data::in_line(char c) {
    if (c == '\r') {
        place_ = place::after_cr;
        return;
    }
    keep({&c, 1});
    place_ = place::in_line;
}

void lmtp_data::keep(std::string_view bytes) {
    if (discarding_) return;
    if (bytes.size() > size_bytes_max_ - mail_.size()) {
        too_large_ = true;
        discard();
        return;
    }
    mail_.append(bytes);
}

void lmtp_data::discard() {
    discarding_ = true;
    mail_ = {};
}

}  // namespace ie
