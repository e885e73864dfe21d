// What a client has yet to take, in order: whole messages as ZMTP frames. Pure: knows no socket.
// A large body or a mail's bytes are kept, not copied.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <deque>
#include <span>

#include "messages/mail_bytes.hpp"

namespace ie {

class zmtp_output {
  public:
    // Bytes of the protocol itself.
    void add(std::string_view raw);

    void add_frame(std::string_view text, bool more);  // copies
    void add_frame(mail_bytes bytes, bool more);

    // Says when what was added last was added: since_ms() is about the oldest that is left.
    void end_message(int64_t now_ms);

    bool empty() const { return unsent_bytes_ == 0; }
    size_t unsent_bytes() const { return unsent_bytes_; }
    int64_t since_ms() const { return messages_.empty() ? 0 : messages_.front().added_at_ms; }

    // What goes next, as many of `out` as there are, `bytes_max` together; returns how many.
    size_t next(std::span<iovec> out, size_t bytes_max) const;
    void sent(size_t bytes);

  private:
    struct piece {
        std::string text;
        mail_bytes bytes;  // where there is no text
        std::string_view view() const { return text.empty() ? bytes.view() : text; }
    };
    struct ending {
        uint64_t at_bytes = 0;  // of all that was ever added
        int64_t added_at_ms = 0;
    };

    void add_header(size_t size, bool more);

    std::deque<piece> pieces_;
    size_t first_at_ = 0;  // of the first piece, what is sent
    size_t unsent_bytes_ = 0;
    uint64_t sent_bytes_ = 0;
    std::deque<ending> messages_;
};

}  // namespace ie
