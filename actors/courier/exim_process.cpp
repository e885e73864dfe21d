#include "actors/courier/exim_process.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "actors/courier/child_process.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t errors_bytes_max = 1'000;
constexpr int end_wait_ms = 2'000;  // for Exim to end once the session is over

class exim_session {
  public:
    exim_session(child_process exim, const deliver_mail& request, const mail_bytes& mail)
        : exim_(std::move(exim)), dialog_(request, mail) {}

    outcome<mail_delivered> run(uint32_t timeout_ms) {
        const no_broken_pipe_signal guard;
        const int64_t end_at_ms = steady_now_ms() + timeout_ms;
        while (!dialog_.is_over()) {
            const int64_t left_ms = end_at_ms - steady_now_ms();
            if (left_ms <= 0) {
                dialog_.abandon("Exim didn't answer within " + std::to_string(timeout_ms) + " ms");
                patience_ms_ = 0;
            } else {
                turn(static_cast<int>(left_ms));
            }
        }
        exim_.close_input();
        exim_.wait(patience_ms_);
        read_errors();
        return result();
    }

  private:
    void turn(int timeout_ms) {
        const bool has_output = !dialog_.output().empty();
        std::array<pollfd, 3> watched{{{has_output ? exim_.input() : -1, POLLOUT, 0},
                                       {exim_.output(), POLLIN, 0},
                                       {exim_.errors(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), timeout_ms) < 0) {
            if (errno != EINTR) dialog_.abandon("poll: " + errno_text(errno));
            return;
        }
        if (watched[2].revents != 0) read_errors();
        if (watched[1].revents != 0) read_replies();
        if (watched[0].revents != 0 && !dialog_.is_over()) write_output();
    }

    void write_output() {
        const std::string_view output = dialog_.output();
        const ssize_t size = ::write(exim_.input(), output.data(), output.size());
        if (size >= 0) {
            dialog_.written(static_cast<size_t>(size));
        } else if (errno != EAGAIN && errno != EINTR) {
            read_replies();  // Exim may have said why
            dialog_.abandon("Exim closed the session");
        }
    }

    void read_replies() {
        std::array<char, 4096> block;
        const ssize_t size = ::read(exim_.output(), block.data(), block.size());
        if (size > 0) {
            dialog_.read({block.data(), static_cast<size_t>(size)});
        } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            exim_.close_output();
            dialog_.read_end();
        }
    }

    // What is beyond the bound is read and dropped, so that Exim never waits for us.
    void read_errors() {
        std::array<char, 4096> block;
        if (exim_.errors() < 0) return;
        const ssize_t size = ::read(exim_.errors(), block.data(), block.size());
        if (size > 0) {
            const std::string_view text(block.data(), static_cast<size_t>(size));
            errors_ += text.substr(0, errors_bytes_max - errors_.size());
        } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
            exim_.close_errors();
        }
    }

    outcome<mail_delivered> result() const {
        auto result = dialog_.result();
        if (result || errors_.empty()) return result;
        return fail(result.failure().code,
                    result.failure().what + "; Exim's words: " + printable(errors_));
    }

    child_process exim_;
    smtp_dialog dialog_;
    std::string errors_;
    int patience_ms_ = end_wait_ms;
};

}  // namespace

outcome<mail_delivered> deliver_through_exim(const exim_command& command,
                                             const deliver_mail& request, const mail_bytes& mail) {
    if (!is_uuid(request.id.value)) {
        return fail(error_code::delivery_failed, "no mail's id: " + printable(request.id.value));
    }
    auto exim = child_process::start(
        {command.program, "-bnq", "-G", "-oMt", "ie-release", "-oMai", request.id.value, "-bs"});
    if (!exim) return exim.failure();
    return exim_session(std::move(*exim), request, mail).run(command.timeout_ms);
}

}  // namespace ie
