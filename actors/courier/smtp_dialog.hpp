// The client's side of one SMTP session that hands one mail to `exim -bs` (RFC 5321; RFC 6152 and
// RFC 6531 where the mail needs them). All recipients or none: the mail's bytes follow only when
// each recipient was accepted. Pure: bytes in, bytes out, no clock.
#pragma once

#include "messages/mail_bytes.hpp"
#include "messages/release.hpp"

namespace ie {

class smtp_dialog {
  public:
    static constexpr size_t line_bytes_max = 4 << 10;  // of a reply
    static constexpr size_t reply_lines_max = 100;     // of one reply
    static constexpr size_t output_block_bytes = 64 << 10;

    smtp_dialog(deliver_mail request, mail_bytes mail);

    // What the server sent, cut anywhere.
    void read(std::string_view bytes);
    // The server closed its side.
    void read_end();

    // What is to be sent next; empty: wait for the server. `written` takes bytes off its front.
    std::string_view output();
    void written(size_t size) { output_offset_ += size; }

    // The session is over, whether well or badly.
    bool is_over() const { return step_ == step::over; }

    // Exim's answer, or what went wrong so far. A mail whose last byte was sent and that wasn't
    // answered may be Exim's: the text then says so.
    outcome<mail_delivered> result() const;
    // Ends the session from this side, as for a timeout.
    void abandon(const std::string& why);

  private:
    enum class step : uint8_t { greeting, ehlo, mail, recipients, data, body, answer, quit, over };

    void on_line(std::string_view line);
    void on_reply(int code, const std::string& text);
    void on_recipient_reply(bool accepted, const std::string& reply);
    void on_answer(bool accepted, const std::string& text, const std::string& reply);
    void send(const std::string& line);
    void send_mail_from();
    void send_next_recipient();
    void refill_body();
    void fail_with(const std::string& why);
    void quit();
    bool offers(std::string_view extension) const;

    deliver_mail request_;
    mail_bytes mail_;
    step step_ = step::greeting;
    std::string input_;  // of a line that isn't complete
    std::string reply_;  // the lines of a reply so far
    size_t reply_lines_ = 0;
    std::vector<std::string> extensions_;
    std::string output_;
    size_t output_offset_ = 0;   // of output_: sent
    size_t mail_offset_ = 0;     // of mail_: encoded
    bool at_line_start_ = true;  // of what is encoded
    size_t recipient_ = 0;       // the one asked about
    bool body_sent_ = false;     // with its final dot, maybe
    std::string failure_;
    queue_id delivered_;
};

// Encodes a part of a mail for DATA: line ends as CRLF, dots doubled. `at_line_start` is carried
// from part to part; a part must not end between CR and LF.
void append_smtp_data(std::string& out, std::string_view part, bool& at_line_start);

}  // namespace ie
