#include "actors/scanner/scanner_actor.hpp"

#include <unordered_map>

#include "actors/owed_answer.hpp"
#include "actors/scanner/attachments/attachment_scan.hpp"
#include "actors/scanner/checker_health.hpp"
#include "actors/scanner/own_rules.hpp"
#include "actors/scanner/scanner_inbox.hpp"
#include "actors/scanner/verdict_rules.hpp"
#include "config/log.hpp"
#include "config/system/unix_user.hpp"

namespace ie {
namespace {

// The scanner as it knows itself: results come in besides.
using scanner_internal = scanner_actor::extend<reacts_to<flush_atom>>;

// One mail between question and answer, which needs both words.
struct scan_in_work {
    owed_answer<scan_result> answer;
    mail_bytes bytes;
    double spam_threshold = 0;
    std::optional<scan_result> judged;       // of spam
    std::optional<attachments_found> found;  // in attachments
};

scan_result with_attachments(scan_result judged, attachments_found found) {
    if (found.is_dangerous) judged.reasons.push_back(hold_reason::winexec);
    judged.attachments = std::move(found.findings);
    return judged;
}

struct scanner_state {
    explicit scanner_state(scanner_internal::pointer self_) : self(self_) {}

    void open(scanner_options given) {
        options = std::move(given);
        health = checker_health(options.retry_after_ms);
        inbox = std::make_shared<scanner_inbox>(self->address());
    }

    caf::result<scan_result> on_scan_mail(scan_mail& scan, mail_bytes& bytes);
    void on_flush();
    actor_status on_get_status() const;

    void look_into_attachments(uint64_t number, const scan_mail& scan, int64_t now_ms);
    void look_for_spam(uint64_t number, scan_mail& scan, int64_t now_ms);
    void on_judged(uint64_t number, scan_result judged);
    void on_found(uint64_t number, attachments_found found);
    void answer_if_done(uint64_t number);

    check_request request_for(scan_mail& scan, const mail_bytes& bytes);
    scan_result judge_by(const check_result& result, const mail_bytes& bytes,
                         double spam_threshold);
    void learn(const check_result& result);

    scanner_internal::pointer self;
    scanner_options options;
    checker_health health{0};
    std::shared_ptr<scanner_inbox> inbox;
    login_cache logins;
    std::unordered_map<uint64_t, scan_in_work> in_work;
    uint64_t last_number = 0;
    logger log{"scanner"};

    static constexpr const char* name = "scanner";
};

std::string submitter_of(const judge_mail& mail, login_cache& logins, int64_t now_ms) {
    if (!mail.client_address.empty()) return mail.authenticated_id;
    return logins.login_of(mail.originator_uid, now_ms).value_or(std::string{});
}

check_request scanner_state::request_for(scan_mail& scan, const mail_bytes& bytes) {
    check_request request;
    request.submitter = submitter_of(scan.mail, logins, options.steady_now_ms());
    request.mail = std::move(scan.mail);
    request.bytes = bytes;
    request.deadline_at_ms = scan.deadline_at_ms;
    return request;
}

caf::result<scan_result> scanner_state::on_scan_mail(scan_mail& scan, mail_bytes& bytes) {
    const int64_t now_ms = options.steady_now_ms();
    if (now_ms >= scan.deadline_at_ms) {
        return to_caf(fail(error_code::deadline_exceeded, "no time left to scan"));
    }
    const uint64_t number = ++last_number;
    const owed_answer<scan_result> answer(self);
    in_work.emplace(number, scan_in_work{answer, bytes, scan.spam_threshold, {}, {}});
    if (scan.look_for.has(hold_reason::winexec) && may_have_attachments(bytes.view())) {
        look_into_attachments(number, scan, now_ms);
    } else {
        on_found(number, {});
    }
    if (scan.look_for.has(hold_reason::spam)) {
        look_for_spam(number, scan, now_ms);
    } else {
        on_judged(number, {});
    }
    return answer;
}

// Rspamd's answer, and the way back, want some of the time that is left.
void scanner_state::look_into_attachments(uint64_t number, const scan_mail& scan, int64_t now_ms) {
    const int64_t half_ms = (scan.deadline_at_ms - now_ms) / 2;
    const int64_t left_ms = std::min<int64_t>(half_ms, options.attachments_timeout_ms);
    self->request(options.attachments, caf::infinite,
                  look_into_mail{now_ms + left_ms, scan.account}, in_work.at(number).bytes)
        .then([this, number](attachments_found& found) { on_found(number, std::move(found)); },
              [this, number](const caf::error& why) {
                  on_found(number, {false, {"not looked into: " + from_caf(why).what}});
              });
}

void scanner_state::look_for_spam(uint64_t number, scan_mail& scan, int64_t now_ms) {
    const scan_in_work& work = in_work.at(number);
    if (!health.may_ask(now_ms)) {
        return on_judged(number, judge_by_own_rules(work.bytes.view(), work.spam_threshold));
    }
    const auto at_once = options.checker->check(request_for(scan, work.bytes),
                                                [to = inbox, number](check_result result) {
                                                    to->put({number, std::move(result)});
                                                });
    if (at_once) return on_judged(number, judge_by(*at_once, work.bytes, work.spam_threshold));
}

void scanner_state::on_flush() {
    for (const finished_check& check : inbox->take()) {
        const scan_in_work& work = in_work.at(check.number);
        on_judged(check.number, judge_by(check.result, work.bytes, work.spam_threshold));
    }
}

void scanner_state::on_judged(uint64_t number, scan_result judged) {
    in_work.at(number).judged = std::move(judged);
    answer_if_done(number);
}

void scanner_state::on_found(uint64_t number, attachments_found found) {
    in_work.at(number).found = std::move(found);
    answer_if_done(number);
}

void scanner_state::answer_if_done(uint64_t number) {
    const auto at = in_work.find(number);
    scan_in_work& work = at->second;
    if (!work.judged || !work.found) return;
    work.answer.deliver(with_attachments(std::move(*work.judged), std::move(*work.found)));
    in_work.erase(at);
}

scan_result scanner_state::judge_by(const check_result& result, const mail_bytes& bytes,
                                    double spam_threshold) {
    learn(result);
    if (result.fault == check_fault::none) {
        auto judged = judge_by_rspamd(result.reply, spam_threshold);
        if (!judged.reasons.empty() || own_score(bytes.view()) <= 0) return judged;
    }
    return judge_by_own_rules(bytes.view(), spam_threshold);
}

void scanner_state::learn(const check_result& result) {
    const int64_t now_ms = options.clock->now_ms();
    switch (health.learn(result, options.steady_now_ms(), now_ms)) {
        case checker_health::change::none:
            return;
        case checker_health::change::lost:
            log.warn(event::rspamd_lost, kv("reason", result.fault), kv("what", result.what));
            return;
        case checker_health::change::back:
            log.info(event::rspamd_back);
            return;
    }
}

actor_status scanner_state::on_get_status() const {
    actor_status status;
    status.actor = name;
    status.state = health.is_lost() ? actor_state::degraded : actor_state::running;
    status.queue = in_work.size();
    status.last_error = health.last_error();
    status.detail = health.detail();
    return status;
}

scanner_internal::behavior_type scanner(scanner_internal::stateful_pointer<scanner_state> self,
                                        scanner_options options) {
    auto& state = self->state;
    state.open(std::move(options));
    return {
        [&state](scan_mail& scan, mail_bytes& bytes) { return state.on_scan_mail(scan, bytes); },
        [&state](flush_atom) { state.on_flush(); },
        [&state](get_status) { return state.on_get_status(); },
    };
}

}  // namespace

scanner_actor make_scanner(caf::actor_system& system, scanner_options options) {
    ensure(options.checker != nullptr && options.attachments && options.clock != nullptr,
           "scanner: options incomplete");
    return spawn_on(system, thread_use::shared, scanner, std::move(options));
}

}  // namespace ie
