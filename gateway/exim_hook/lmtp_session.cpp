#include "gateway/exim_hook/lmtp_session.hpp"

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t recipients_bytes_max = 16U << 20;

std::string reply_line(std::string line) {
    line.resize(std::min(line.size(), lmtp_text_bytes_max));
    for (char& c : line) {
        if (c < ' ' || c > '~') c = '?';
    }
    return line;
}

std::string failure_line(const error& failure) {
    return reply_line("451 4.3.0 not held: " + std::string(name_of(failure.code)) + ": " +
                      printable(failure.what));
}

}  // namespace

lmtp_session::lmtp_session(lmtp_bounds bounds, const std::string& trouble)
    : bounds_(bounds), data_(0) {
    reply(reply_line("220 ie-exim-hook LMTP" + (trouble.empty() ? trouble : "; " + trouble)));
}

void lmtp_session::receive(std::string_view bytes) {
    input_.append(bytes);
    work();
}

// Goes through the input as far as the state allows; the loop ends where more input is needed.
void lmtp_session::work() {
    while (!input_.empty()) {
        if (state_ == state::data) {
            take_data();
        } else if (state_ != state::commands || !take_line()) {
            break;
        }
    }
    if (state_ == state::finished) input_ = {};
}

void lmtp_session::take_data() {
    input_.erase(0, data_.receive(input_));
    if (!data_.complete()) return;
    lmtp_mail mail{std::move(*envelope_), std::move(recipients_), data_.take_mail(), {}};
    if (data_.too_large()) {
        mail.lost = fail(error_code::too_large,
                         "the mail is over " + std::to_string(bounds_.mail_bytes_max) + " bytes");
    } else if (discarded_) {
        mail.lost = fail(error_code::busy, "no memory for another mail");
    }
    settling_count_ = mail.recipients.size();
    mail_ = std::move(mail);
    reset();
    state_ = state::settling;
}

// Works through all complete lines but stops where a command changes the state. False: there is
// none left.
bool lmtp_session::take_line() {
    size_t begin = 0;
    while (state_ == state::commands) {
        const size_t end = input_.find('\n', begin);
        if (end == std::string::npos) break;
        std::string_view line = std::string_view(input_).substr(begin, end - begin);
        begin = end + 1;
        if (std::exchange(skipping_line_, false)) continue;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.size() > lmtp_line_bytes_max) {
            refuse(error_code::too_large, "a command line is too long");
        } else {
            on_command(read_lmtp_command(line));
        }
    }
    input_.erase(0, begin);
    if (state_ != state::commands) return true;
    if (input_.size() > lmtp_line_bytes_max) {
        if (!std::exchange(skipping_line_, true)) {
            refuse(error_code::too_large, "a command line is too long");
        }
        input_.clear();
    }
    return false;
}

void lmtp_session::on_command(const lmtp_command& command) {
    switch (command.verb) {
        case lmtp_verb::lhlo:
            return on_lhlo();
        case lmtp_verb::mail:
            return on_mail(command.argument);
        case lmtp_verb::rcpt:
            return on_rcpt(command.argument);
        case lmtp_verb::data:
            return on_data();
        case lmtp_verb::quit:
            return on_quit();
        case lmtp_verb::rset:
            reset();
            return reply("250 2.0.0 reset");
        case lmtp_verb::noop:
            return reply("250 2.0.0 here");
        case lmtp_verb::unknown:
            return reply("500 5.5.1 no such command");
    }
}

// Short: Exim reads the whole answer into 256 bytes.
void lmtp_session::on_lhlo() {
    reset();
    greeted_ = true;
    reply("250-ie-exim-hook");
    reply("250-PIPELINING");
    reply("250-8BITMIME");
    reply("250-SMTPUTF8");
    reply("250-ENHANCEDSTATUSCODES");
    reply("250 SIZE " + std::to_string(bounds_.mail_bytes_max));
}

void lmtp_session::on_mail(std::string_view argument) {
    if (!greeted_) return reply("503 5.5.1 LHLO first");
    if (envelope_) return reply("503 5.5.1 a mail is under way");
    const auto path = path_in(argument, "FROM");
    if (!path) return refuse(error_code::bad_request, "MAIL can't be read");
    auto envelope = read_ticket(*path);
    if (!envelope) return refuse(envelope.failure().code, envelope.failure().what);
    envelope_ = std::move(*envelope);
    reply("250 2.1.0 ticket taken");
}

void lmtp_session::on_rcpt(std::string_view argument) {
    if (!envelope_) return reply("503 5.5.1 MAIL first");
    const auto path = path_in(argument, "TO");
    if (!path || path->empty() || path->find('\0') != std::string_view::npos) {
        return refuse(error_code::bad_request, "RCPT can't be read");
    }
    if (recipients_.size() == bounds_.recipients_max ||
        recipients_bytes_ + path->size() > recipients_bytes_max) {
        return reply("452 4.5.3 too many recipients");
    }
    recipients_bytes_ += path->size();
    recipients_.emplace_back(*path);
    reply("250 2.1.5 noted");
}

void lmtp_session::on_data() {
    if (recipients_.empty()) return reply("503 5.5.1 RCPT first");
    data_ = lmtp_data(bounds_.mail_bytes_max);
    state_ = state::data;
    reply("354 the mail, and a dot");
}

void lmtp_session::on_quit() {
    reply("221 2.0.0 bye");
    state_ = state::finished;
}

void lmtp_session::settle(const outcome<nothing>& held) {
    const std::string line = held ? "250 2.0.0 held" : failure_line(held.failure());
    output_.reserve(output_.size() + settling_count_ * (line.size() + 2));
    for (size_t i = 0; i < settling_count_; ++i) reply(line);
    settling_count_ = 0;
    state_ = state::commands;
    work();
}

void lmtp_session::discard_mail() {
    if (state_ != state::data) return;
    data_.discard();
    discarded_ = true;
}

void lmtp_session::close_idle() {
    if (!idle()) return;
    reply("421 4.3.2 shutting down");
    state_ = state::finished;
}

void lmtp_session::refuse(error_code code, std::string what) {
    complaint_ = fail(code, std::move(what));
    reply(failure_line(*complaint_));
}

void lmtp_session::reset() {
    envelope_.reset();
    recipients_ = {};
    recipients_bytes_ = 0;
    data_ = lmtp_data(0);
    discarded_ = false;
}

size_t lmtp_session::memory_bytes() const {
    const size_t recipients = recipients_bytes_ + recipients_.capacity() * sizeof(std::string);
    const size_t settling = mail_ ? mail_->bytes.capacity() : 0;
    return input_.capacity() + output_.capacity() + recipients + data_.memory_bytes() + settling;
}

}  // namespace ie
