#include "actors/courier/smtp_dialog.hpp"

#include <algorithm>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view own_name = "localhost";

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
}

bool is_control(char c) {
    return (c >= 0 && c < ' ') || c == 0x7f;
}

// Whether it can stand between < and > without ending them (RFC 5321, 4.1.2).
bool is_path(std::string_view address) {
    bool quoted = false;
    for (size_t i = 0; i < address.size(); ++i) {
        const char c = address[i];
        if (is_control(c)) return false;
        if (quoted && c == '\\') {
            ++i;
            if (i == address.size() || is_control(address[i])) return false;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '<' || c == '>' || c == ' ')) {
            return false;
        }
    }
    return !quoted;
}

int reply_code(std::string_view line) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

// From `OK id=1nFEym-0005TO-Qs`.
queue_id queue_id_in(std::string_view text) {
    const size_t at = text.find("id=");
    if (at == text.npos) return {};
    const std::string_view rest = text.substr(at + 3);
    const std::string_view id = rest.substr(0, rest.find_first_of(" \r\n"));
    return is_queue_id(id) ? queue_id{std::string(id)} : queue_id{};
}

// A path for people.
std::string shown(const std::string& address) {
    return "<" + printable(address) + ">";
}

}  // namespace

void append_smtp_data(std::string& out, std::string_view part, bool& at_line_start) {
    while (!part.empty()) {
        const size_t end = part.find('\n');
        std::string_view line = part.substr(0, end);
        if (at_line_start && line.starts_with('.')) out += '.';
        if (end == part.npos) {
            out += line;
            at_line_start = false;
            return;
        }
        if (line.ends_with('\r')) line.remove_suffix(1);
        out.append(line).append("\r\n");
        at_line_start = true;
        part.remove_prefix(end + 1);
    }
}

smtp_dialog::smtp_dialog(deliver_mail request, mail_bytes mail)
    : request_(std::move(request)), mail_(std::move(mail)) {
    const auto unfit = std::find_if_not(request_.recipients.begin(), request_.recipients.end(),
                                        [](const auto& each) { return is_path(each); });
    if (!is_path(request_.sender)) {
        abandon("sender " + shown(request_.sender) + " can't be said in SMTP");
    } else if (unfit != request_.recipients.end()) {
        abandon("recipient " + shown(*unfit) + " can't be said in SMTP");
    } else if (request_.recipients.empty()) {
        abandon("the mail has no recipients");
    }
}

void smtp_dialog::read(std::string_view bytes) {
    while (!bytes.empty() && !is_over()) {
        const size_t end = bytes.find('\n');
        input_ += bytes.substr(0, end);
        if (input_.size() > line_bytes_max) return abandon("Exim's reply has a line too long");
        if (end == bytes.npos) return;
        bytes.remove_prefix(end + 1);
        if (input_.ends_with('\r')) input_.pop_back();
        on_line(std::exchange(input_, {}));
    }
}

void smtp_dialog::on_line(std::string_view line) {
    const int code = reply_code(line);
    if (code == 0) return abandon("Exim said what is no SMTP: " + printable(line));
    const bool more = line.size() > 3 && line[3] == '-';
    if (++reply_lines_ > reply_lines_max) return abandon("Exim's reply has too many lines");
    const std::string_view text = line.substr(std::min<size_t>(4, line.size()));
    if (step_ == step::ehlo) extensions_.push_back(to_lower(text));
    reply_ += (reply_.empty() ? "" : " ") + std::string(text);
    if (more) return;
    reply_lines_ = 0;
    on_reply(code, std::exchange(reply_, {}));
}

void smtp_dialog::on_reply(int code, const std::string& text) {
    const std::string reply = std::to_string(code) + " " + printable(text);
    const bool accepted = code >= 200 && code < 300;
    switch (step_) {
        case step::greeting:
            if (!accepted) return fail_with("Exim's greeting: " + reply);
            step_ = step::ehlo;
            return send("EHLO " + std::string(own_name));
        case step::ehlo:
            if (!accepted) return fail_with("EHLO: " + reply);
            return send_mail_from();
        case step::mail:
            if (!accepted) return fail_with("sender " + shown(request_.sender) + ": " + reply);
            return send_next_recipient();
        case step::recipients:
            return on_recipient_reply(code >= 250 && code <= 252, reply);
        case step::data:
            if (code != 354) return fail_with("DATA: " + reply);
            step_ = step::body;
            return;
        case step::body:
        case step::answer:
            return on_answer(code == 250, text, reply);
        case step::quit:
            step_ = step::over;
            return;
        case step::over:
            return;
    }
}

void smtp_dialog::on_recipient_reply(bool accepted, const std::string& reply) {
    if (!accepted) {
        return fail_with("recipient " + shown(request_.recipients[recipient_]) + ": " + reply);
    }
    ++recipient_;
    if (recipient_ < request_.recipients.size()) return send_next_recipient();
    step_ = step::data;
    send("DATA");
}

// An answer before the final dot means that Exim doesn't want the rest.
void smtp_dialog::on_answer(bool accepted, const std::string& text, const std::string& reply) {
    if (step_ == step::body) return abandon("Exim stopped reading the mail: " + reply);
    body_sent_ = false;
    if (!accepted) return fail_with("the mail: " + reply);
    delivered_ = queue_id_in(text);
    if (delivered_.empty()) {
        body_sent_ = true;
        return fail_with("Exim took the mail without naming its queue id: " + reply);
    }
    quit();
}

void smtp_dialog::send_mail_from() {
    std::string line = "MAIL FROM:<" + request_.sender + ">";
    if (!is_ascii(mail_.view()) && offers("8bitmime")) line += " BODY=8BITMIME";
    const bool international =
        !is_ascii(request_.sender) ||
        !std::all_of(request_.recipients.begin(), request_.recipients.end(), is_ascii);
    if (international && offers("smtputf8")) line += " SMTPUTF8";
    step_ = step::mail;
    send(line);
}

void smtp_dialog::send_next_recipient() {
    step_ = step::recipients;
    send("RCPT TO:<" + request_.recipients[recipient_] + ">");
}

void smtp_dialog::read_end() {
    if (step_ == step::quit) step_ = step::over;
    if (!is_over()) abandon("Exim closed the session");
}

std::string_view smtp_dialog::output() {
    if (output_offset_ == output_.size()) {
        output_.clear();
        output_offset_ = 0;
        if (step_ == step::body) refill_body();
    }
    return std::string_view(output_).substr(output_offset_);
}

// A part ends at a line's end where there is one, so that no CRLF is cut in two.
void smtp_dialog::refill_body() {
    const std::string_view rest = mail_.view().substr(mail_offset_);
    std::string_view part = rest.substr(0, output_block_bytes);
    if (part.size() < rest.size() && part.ends_with('\r')) part.remove_suffix(1);
    if (part.empty() && !rest.empty()) part = rest.substr(0, 2);
    append_smtp_data(output_, part, at_line_start_);
    mail_offset_ += part.size();
    if (mail_offset_ < mail_.size()) return;
    if (!at_line_start_) output_ += "\r\n";
    output_ += ".\r\n";
    body_sent_ = true;
    step_ = step::answer;
}

outcome<mail_delivered> smtp_dialog::result() const {
    if (!delivered_.empty()) return mail_delivered{delivered_};
    std::string why = failure_.empty() ? "the session didn't end" : failure_;
    if (body_sent_) why += "; unknown whether Exim has the mail";
    return fail(error_code::delivery_failed, why);
}

void smtp_dialog::abandon(const std::string& why) {
    if (failure_.empty()) failure_ = why;
    step_ = step::over;
}

void smtp_dialog::fail_with(const std::string& why) {
    failure_ = why;
    quit();
}

void smtp_dialog::quit() {
    step_ = step::quit;
    send("QUIT");
}

void smtp_dialog::send(const std::string& line) {
    output_ += line + "\r\n";
}

bool smtp_dialog::offers(std::string_view extension) const {
    return std::any_of(extensions_.begin(), extensions_.end(), [&](std::string_view each) {
        return each.substr(0, each.find(' ')) == extension;
    });
}

}  // namespace ie
