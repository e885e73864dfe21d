#include "actors/scanner/scanner_actor.hpp"

#include "actors/scanner/checker_health.hpp"
#include "actors/scanner/own_rules.hpp"
#include "actors/scanner/scanner_inbox.hpp"
#include "actors/scanner/verdict_rules.hpp"
#include "config/log.hpp"
#include "config/unix_user.hpp"

namespace ie {
namespace {

// The scanner as it knows itself: results come in besides.
using scanner_internal = scanner_actor::extend<reacts_to<flush_atom>>;

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

    check_request request_for(scan_mail& scan, const mail_bytes& bytes);
    scan_result judge_by(const check_result& result, const mail_bytes& bytes,
                         double spam_threshold);
    void learn(const check_result& result);

    scanner_internal::pointer self;
    scanner_options options;
    checker_health health{0};
    std::shared_ptr<scanner_inbox> inbox;
    login_cache logins;
    uint64_t in_flight = 0;
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
    if (!health.may_ask(now_ms)) return judge_by_own_rules(bytes.view(), scan.spam_threshold);
    const double spam_threshold = scan.spam_threshold;
    auto promise = self->make_response_promise<scan_result>();
    const auto at_once =
        options.checker->check(request_for(scan, bytes),
                               [to = inbox, promise, bytes, spam_threshold](check_result result) {
                                   to->put({promise, bytes, spam_threshold, std::move(result)});
                               });
    if (at_once) return promise.deliver(judge_by(*at_once, bytes, spam_threshold));
    ++in_flight;
    return promise;
}

void scanner_state::on_flush() {
    for (finished_check& check : inbox->take()) {
        --in_flight;
        check.promise.deliver(judge_by(check.result, check.bytes, check.spam_threshold));
    }
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
    status.queue = in_flight;
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
    ensure(options.checker != nullptr && options.clock != nullptr, "scanner: options incomplete");
    return system.spawn(scanner, std::move(options));
}

}  // namespace ie
