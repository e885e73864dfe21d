// Judging and holding: what Exim's hook asks, and what the engine answers (seed, Quarantine and
// Incoming Email Filtering).
// The mail's bytes travel beside `judge_mail` and `hold_mail`, as a frame of their own.
#pragma once

#include "messages/error.hpp"
#include "messages/hold_reason.hpp"
#include "messages/limits.hpp"

namespace ie {

// `junk`: incoming spam, which goes to its recipients' Junk folders.
enum class verdict_action : uint8_t { accept, hold, defer, refuse, junk };
constexpr auto enum_names(verdict_action) {
    return std::array<std::string_view, 5>{"accept", "hold", "defer", "refuse", "junk"};
}

// Incoming is what comes from outside to this server's users; what they submit is outgoing, to
// whomever it goes.
enum class mail_direction : uint8_t { outgoing, incoming };
constexpr auto enum_names(mail_direction) {
    return std::array<std::string_view, 2>{"outgoing", "incoming"};
}

// Which recipients a hold is for: those outside this server, or all of them.
enum class hold_scope : uint8_t { all, remote };
constexpr auto enum_names(hold_scope) {
    return std::array<std::string_view, 2>{"all", "remote"};
}

// Who judged: Rspamd, or, in degraded mode, the engine's own few rules.
enum class judge : uint8_t { rspamd, own_rules };
constexpr auto enum_names(judge) {
    return std::array<std::string_view, 2>{"rspamd", "own_rules"};
}

// What Exim knows of the mail that it is about to accept. All but `originator_uid` may be chosen by
// the sender.
struct judge_mail {
    static constexpr std::string_view name = "judge_mail";
    static constexpr uint32_t version = 3;
    static constexpr int64_t uid_unknown = -1;

    ie::queue_id queue_id;
    std::string protocol;          // $received_protocol: local, esmtpa, …
    uint32_t originator_uid = 0;   // $originator_uid; Exim's own over TCP
    std::string authenticated_id;  // empty: not authenticated
    std::string client_address;    // empty: submitted locally
    uint16_t client_port = 0;      // 0: submitted locally
    std::string helo;
    std::string sender;  // envelope sender; empty: the null sender
    std::vector<std::string> recipients;
    bool headers_cut = false;          // Exim gives an expansion the first 64 KB only
    int64_t client_uid = uid_unknown;  // the kernel's, of a client on loopback; since version 2
    mail_direction direction = mail_direction::outgoing;  // since version 3, as the next
    std::string client_name;  // $sender_host_name: that DNS confirms both ways; empty: none

    static constexpr auto fields() {
        return std::tuple{field{"queue_id", &judge_mail::queue_id},
                          field{"protocol", &judge_mail::protocol},
                          field{"originator_uid", &judge_mail::originator_uid},
                          field{"authenticated_id", &judge_mail::authenticated_id},
                          field{"client_address", &judge_mail::client_address},
                          field{"client_port", &judge_mail::client_port},
                          field{"helo", &judge_mail::helo},
                          field{"sender", &judge_mail::sender},
                          field{"recipients", &judge_mail::recipients},
                          field{"headers_cut", &judge_mail::headers_cut},
                          field{"client_uid", &judge_mail::client_uid},
                          field{"direction", &judge_mail::direction},
                          field{"client_name", &judge_mail::client_name}};
    }
};

// What must be known of a held mail beyond its bytes and recipients. The hook hands it to Exim, in
// a variable that no sender can set, and gets it back with the mail over LMTP.
struct hold_ticket {
    static constexpr size_t findings_max = 8;
    static constexpr size_t finding_bytes_max = 200;
    static constexpr size_t findings_bytes_max = 1'024;  // together; Exim keeps the ticket

    mail_id id;  // given with the verdict, so that a second delivery of one mail is known as such
    sender_objects owner;
    std::string sender;  // envelope sender as Exim gave it
    std::vector<hold_reason> reasons;
    double score = 0;
    judge judged_by = judge::rspamd;
    uint32_t originator_uid = 0;
    std::string authenticated_id;
    std::string client_address;
    int64_t received_at_ms = 0;     // Unix time of the verdict
    std::vector<limit_hit> limits;  // that the mail would have exceeded
    // What is dangerous in the mail's attachments, then what couldn't be looked into, one line of
    // printable UTF-8 each: "invoice.zip/invoice.pdf.exe: program by name". Where there is more,
    // the last line says so: "and 5 more".
    std::vector<std::string> attachment_findings;

    static constexpr auto fields() {
        return std::tuple{field{"email_id", &hold_ticket::id},
                          field{"owner", &hold_ticket::owner},
                          field{"sender", &hold_ticket::sender},
                          field{"reasons", &hold_ticket::reasons},
                          field{"score", &hold_ticket::score},
                          field{"judged_by", &hold_ticket::judged_by},
                          field{"originator_uid", &hold_ticket::originator_uid},
                          field{"authenticated_id", &hold_ticket::authenticated_id},
                          field{"client_address", &hold_ticket::client_address},
                          field{"received_at_ms", &hold_ticket::received_at_ms},
                          field{"limits", &hold_ticket::limits},
                          field{"attachment_findings", &hold_ticket::attachment_findings}};
    }
};

struct mail_verdict {
    static constexpr std::string_view name = "mail_verdict";
    static constexpr uint32_t version = 5;  // 2: the ticket's `limits`; 4: its findings

    verdict_action action = verdict_action::accept;
    hold_scope scope = hold_scope::all;
    std::string text;    // for the SMTP reply of defer and refuse
    hold_ticket ticket;  // always filled: also what an accepted mail is logged and counted by
    std::vector<std::string> attachments;  // the ticket's findings, for who reads version 3
    // The mail's headers may tell the score: of an incoming mail that was judged; of an outgoing
    // one where the settings want it (notify_header). Since version 5, as the next.
    bool is_judged = false;
    // Of an incoming mail, recipients as they were given.
    std::vector<std::string> unfiltered;   // whose account doesn't want its mail filtered
    std::vector<std::string> whitelisted;  // whose mail passes whatever it is

    static constexpr auto fields() {
        return std::tuple{field{"action", &mail_verdict::action},
                          field{"scope", &mail_verdict::scope},
                          field{"text", &mail_verdict::text},
                          field{"ticket", &mail_verdict::ticket},
                          field{"attachments", &mail_verdict::attachments},
                          field{"is_judged", &mail_verdict::is_judged},
                          field{"unfiltered", &mail_verdict::unfiltered},
                          field{"whitelisted", &mail_verdict::whitelisted}};
    }
};

// Exim hands over a mail for the quarantine. Answered by `mail_held` after fsync and commit only.
// Asking twice for the same ticket and recipients is answered the same and stores nothing new.
struct hold_mail {
    static constexpr std::string_view name = "hold_mail";
    static constexpr uint32_t version = 4;  // 2: the ticket's `limits`; 3: its findings

    hold_ticket ticket;
    ie::queue_id queue_id;
    std::vector<std::string> recipients;
    // Of incoming spam: the address here that forwards it to the recipients; its owner's is the
    // mail that is held. Empty: outgoing mail. Since version 4.
    std::string forwarded_by{};

    static constexpr auto fields() {
        return std::tuple{field{"ticket", &hold_mail::ticket},
                          field{"queue_id", &hold_mail::queue_id},
                          field{"recipients", &hold_mail::recipients},
                          field{"forwarded_by", &hold_mail::forwarded_by}};
    }
};

struct mail_held {
    static constexpr std::string_view name = "mail_held";
    static constexpr uint32_t version = 1;

    mail_id id;

    static constexpr auto fields() { return std::tuple{field{"email_id", &mail_held::id}}; }
};

}  // namespace ie
