// One client's talk with the LMTP server (RFC 2033) that takes held mail from Exim's transport.
// Pure: bytes in, replies and mails out. MAIL FROM carries the ticket; RCPT is kept exactly as
// written. Each mail is given out once, and its recipients are answered when the caller settles
// it; until then what follows is kept unread. Whatever might be our fault is answered 4xx, so that
// Exim keeps the mail and tries again: a 5xx would make it a bounce.
#pragma once

#include "gateway/exim_hook/lmtp_command.hpp"
#include "gateway/exim_hook/lmtp_data.hpp"
#include "gateway/exim_hook/ticket.hpp"

namespace ie {

inline constexpr size_t lmtp_line_bytes_max = 16 << 10;  // Exim writes no longer one
inline constexpr size_t lmtp_text_bytes_max = 150;       // Exim reads a reply into 256 bytes

struct lmtp_bounds {
    size_t mail_bytes_max = 64 << 20;
    size_t recipients_max = 50'000;
};

// A mail whose data has come to its end.
struct lmtp_mail {
    ticket_envelope envelope;
    std::vector<std::string> recipients;
    std::string bytes;
    std::optional<error> lost;  // why the bytes were not kept: to be settled with that
};

class lmtp_session {
  public:
    // `trouble`: what else is wrong with the hook, for its greeting, which `ie-config status`
    // reads.
    explicit lmtp_session(lmtp_bounds bounds, const std::string& trouble = {});

    void receive(std::string_view bytes);
    std::string take_output() { return std::exchange(output_, {}); }

    std::optional<lmtp_mail> take_mail() { return std::exchange(mail_, {}); }
    // Answers each recipient of the mail taken last, and goes on with what was kept unread.
    void settle(const outcome<nothing>& held);

    // There is no memory for the mail that is coming in: it is read, not kept, and lost as `busy`.
    void discard_mail();

    // What was refused since the last call and an operator should know of.
    std::optional<error> take_complaint() { return std::exchange(complaint_, {}); }

    // No transaction is under way.
    bool idle() const { return state_ == state::commands && !envelope_; }
    bool waiting() const { return state_ == state::settling; }
    bool finished() const { return state_ == state::finished; }
    size_t memory_bytes() const;

    // Ends the session with a 421, if it is idle.
    void close_idle();

  private:
    enum class state : uint8_t { commands, data, settling, finished };

    void work();
    bool take_line();
    void take_data();
    void on_command(const lmtp_command& command);
    void on_lhlo();
    void on_mail(std::string_view argument);
    void on_rcpt(std::string_view argument);
    void on_data();
    void on_quit();
    void refuse(error_code code, std::string what);
    void reply(std::string_view line) { output_.append(line).append("\r\n"); }
    void reset();

    lmtp_bounds bounds_;
    state state_ = state::commands;
    std::string input_;  // not yet worked on
    std::string output_;
    bool skipping_line_ = false;  // the rest of one that is too long
    bool greeted_ = false;
    std::optional<ticket_envelope> envelope_;
    std::vector<std::string> recipients_;
    size_t recipients_bytes_ = 0;
    lmtp_data data_;
    bool discarded_ = false;
    size_t settling_count_ = 0;
    std::optional<lmtp_mail> mail_;
    std::optional<error> complaint_;
};

}  // namespace ie
