// The hook's LMTP server: the same bytes, whole and in pieces whose length the first byte gives,
// must give the same replies and the same mails.
#include "gateway/exim_hook/lmtp_session.hpp"

namespace {

struct outcome_of_talk {
    std::string replies;
    std::string mails;
    bool operator==(const outcome_of_talk&) const = default;
};

outcome_of_talk talk(std::string_view bytes, size_t step) {
    ie::lmtp_session session({.mail_bytes_max = 1'024, .recipients_max = 4});
    outcome_of_talk result;
    const auto go_on = [&] {
        while (const auto mail = session.take_mail()) {
            for (const auto& each : mail->recipients) result.mails += each + "\n";
            result.mails += mail->bytes + (mail->lost ? "lost\n" : "\n");
            if (mail->bytes.size() > 1'024 || mail->recipients.size() > 4) __builtin_trap();
            session.settle(ie::nothing{});
        }
        result.replies += session.take_output();
    };
    go_on();
    for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
        session.receive(bytes.substr(0, step));
        go_on();
    }
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (!(talk(bytes, bytes.size()) == talk(bytes, size_t{data[0]} + 1))) __builtin_trap();
    return 0;
}
