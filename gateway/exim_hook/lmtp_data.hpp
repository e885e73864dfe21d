// The mail between DATA and the line with one dot, brought back to the form that Exim had it in.
// Exim's transport writes each newline as CRLF and doubles a dot at the start of a line; taking
// exactly that back gives Exim's own bytes, which a later re-injection hands in again the same way.
// So CRLF becomes LF, and everything else stays: a CR on its own, an LF on its own, NUL, 8-bit.
// Only CRLF.CRLF ends the mail. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ie {

class lmtp_data {
  public:
    explicit lmtp_data(size_t size_bytes_max) : size_bytes_max_(size_bytes_max) {}

    // Returns how many of the bytes belong to the mail: fewer than given once it is complete.
    size_t receive(std::string_view bytes);

    bool complete() const { return place_ == place::complete; }
    bool too_large() const { return too_large_; }
    size_t memory_bytes() const { return mail_.capacity(); }

    // From here on what comes is read, but not kept.
    void discard();
    std::string take_mail() { return std::move(mail_); }

  private:
    enum class place : uint8_t { line_start, after_dot, after_dot_cr, after_cr, in_line, complete };

    void take(char c);
    void in_line(char c);
    void keep(std::string_view bytes);

    size_t size_bytes_max_;
    std::string mail_;
    place place_ = place::line_start;
    bool discarding_ = false;
    bool too_large_ = false;
};

}  // namespace ie
