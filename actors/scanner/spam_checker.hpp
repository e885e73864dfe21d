// Whom the scanner asks about a mail: Rspamd, or a stand-in in tests and benchmarks.
#pragma once

#include <functional>
#include <optional>

#include "actors/scanner/rspamd_reply.hpp"
#include "messages/mail_bytes.hpp"
#include "messages/scan.hpp"

namespace ie {

struct check_request {
    judge_mail mail;
    std::string submitter;  // who handed the mail in: authenticated id or login; may be empty
    mail_bytes bytes;
    int64_t deadline_at_ms = 0;  // by steady_now_ms()
};

// Why there is no reply.
enum class check_fault : uint8_t {
    none,
    absent,   // nobody listens, or hangs up
    slow,     // no answer in time
    garbage,  // an answer that isn't one
    refused,  // it doesn't judge this very mail
    hurried,  // there was no time, or no room, to ask properly
};
constexpr auto enum_names(check_fault) {
    return std::array<std::string_view, 6>{"none",    "absent",  "slow",
                                           "garbage", "refused", "hurried"};
}

// Whether it says something of the checker's health, and not of one mail or of us.
constexpr bool speaks_against_checker(check_fault fault) {
    return fault == check_fault::absent || fault == check_fault::slow ||
           fault == check_fault::garbage;
}

struct check_result {
    rspamd_reply reply;  // where fault is none
    check_fault fault = check_fault::none;
    std::string what;  // of the fault
};

class spam_checker {
  public:
    using callback = std::function<void(check_result)>;

    virtual ~spam_checker() = default;

    // Returns the result where it is there at once, and never calls `done` then. Otherwise `done`
    // is called exactly once, from another thread, by the deadline or soon after.
    virtual std::optional<check_result> check(check_request request, callback done) = 0;
};

}  // namespace ie
