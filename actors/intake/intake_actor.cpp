#include "actors/intake/intake_actor.hpp"

#include "actors/intake/attribution.hpp"
#include "actors/intake/pipeline.hpp"
#include "config/log.hpp"
#include "config/random.hpp"
#include "config/unix_user.hpp"

namespace ie {
namespace {

// One mail between question and verdict.
struct mail_in_work {
    queue_id id;
    hold_ticket ticket;
    uint32_t recipient_count = 0;
    uint64_t size_bytes = 0;
    int64_t begun_at_ms = 0;  // steady
    caf::typed_response_promise<mail_verdict> promise;
};

// The intake as it knows itself: it reminds itself to report.
using intake_internal = intake_actor::extend<reacts_to<flush_atom>>;

struct intake_state {
    explicit intake_state(intake_internal::pointer self_) : self(self_) {}
    ~intake_state() { report(); }

    void open(intake_options given);
    caf::result<mail_verdict> on_judge_mail(judge_mail& mail, const request_context& context,
                                            mail_bytes& bytes);
    actor_status on_get_status() const;

    mail_in_work begin(const judge_mail& mail, const mail_bytes& bytes, int64_t now_ms);
    void finish(mail_in_work& work, const scan_result& scan);
    void give_up(mail_in_work& work, const error& failure);
    void log_decision(const mail_in_work& work, const mail_verdict& verdict) const;
    void count(mail_judged decision);
    void report();

    intake_internal::pointer self;
    intake_options options;
    account_uids uids;
    user_lookup users;
    login_cache logins;
    random_source random;
    uint64_t in_flight = 0;
    uint64_t verdicts = 0;
    uint64_t failures = 0;
    mails_judged unreported;
    std::string last_error;
    logger log{"intake"};

    static constexpr const char* name = "intake";
};

void intake_state::open(intake_options given) {
    options = std::move(given);
    uids = {options.accounts.uid_min, options.accounts.uid_max};
    users.login_of = [this](uint32_t uid) { return logins.login_of(uid, options.steady_now_ms()); };
    users.uid_of = uid_of_login;
}

caf::result<mail_verdict> intake_state::on_judge_mail(judge_mail& mail,
                                                      const request_context& context,
                                                      mail_bytes& bytes) {
    const int64_t now_ms = options.steady_now_ms();
    const int64_t left_ms =
        std::min<int64_t>(context.deadline_at_ms - now_ms, options.filter.judge_timeout_ms);
    mail_in_work work = begin(mail, bytes, now_ms);
    auto promise = work.promise;
    if (left_ms <= 0) {
        give_up(work, fail(error_code::deadline_exceeded, "no time left to judge"));
        return promise;
    }
    self->request(options.scanner, std::chrono::milliseconds(left_ms),
                  scan_mail{std::move(mail), now_ms + left_ms}, std::move(bytes))
        .then([this, work](const scan_result& scan) mutable { finish(work, scan); },
              [this, work](const caf::error& why) mutable { give_up(work, from_caf(why)); });
    return promise;
}

mail_in_work intake_state::begin(const judge_mail& mail, const mail_bytes& bytes, int64_t now_ms) {
    ++in_flight;
    mail_in_work work;
    work.id = mail.queue_id;
    work.ticket = begin_ticket(
        mail, {mail_id{random.uuid()}, attribute(mail, *options.directory->get(), uids, users),
               options.clock->now_ms()});
    work.recipient_count = static_cast<uint32_t>(mail.recipients.size());
    work.size_bytes = bytes.size();
    work.begun_at_ms = now_ms;
    work.promise = self->make_response_promise<mail_verdict>();
    return work;
}

void intake_state::finish(mail_in_work& work, const scan_result& scan) {
    --in_flight;
    ++verdicts;
    mail_verdict verdict = decide(std::move(work.ticket), scan, options.filter.scope);
    if (log_enabled(log_level::info)) log_decision(work, verdict);
    count({verdict.action, verdict.ticket, work.recipient_count, work.size_bytes});
    work.promise.deliver(std::move(verdict));
}

void intake_state::count(mail_judged decision) {
    constexpr size_t report_mails_max = 1'000;
    unreported.mails.push_back(std::move(decision));
    if (unreported.mails.size() == 1) self->delayed_send(self, report_interval, flush_atom_v);
    if (unreported.mails.size() >= report_mails_max) report();
}

void intake_state::report() {
    if (unreported.mails.empty()) return;
    caf::anon_send(options.statistics, std::exchange(unreported, {}));
}

// No verdict: what happens to the mail is the policy of who asked.
void intake_state::give_up(mail_in_work& work, const error& failure) {
    --in_flight;
    ++failures;
    last_error = std::string(name_of(failure.code)) + ": " + work.id.value + ": " + failure.what;
    work.promise.deliver(to_caf(failure));
}

void intake_state::log_decision(const mail_in_work& work, const mail_verdict& verdict) const {
    const hold_ticket& ticket = verdict.ticket;
    log.info(event::mail_judged, work.id, kv("action", verdict.action),
             kv("account", ticket.owner.account), kv("domain", ticket.owner.domain),
             kv("sender", ticket.sender.substr(0, sender_address_bytes_max)),
             kv("reasons", reasons_text(ticket.reasons)), kv("score", ticket.score),
             kv("judged_by", ticket.judged_by), kv("recipients", work.recipient_count),
             kv("size_bytes", work.size_bytes),
             kv("ms", options.steady_now_ms() - work.begun_at_ms));
}

actor_status intake_state::on_get_status() const {
    actor_status status;
    status.actor = name;
    status.queue = in_flight;
    status.last_error = last_error;
    status.detail =
        std::to_string(verdicts) + " verdicts, " + std::to_string(failures) + " without one";
    return status;
}

intake_internal::behavior_type intake(intake_internal::stateful_pointer<intake_state> self,
                                      intake_options options) {
    auto& state = self->state;
    state.open(std::move(options));
    return {
        [&state](judge_mail& mail, const request_context& context, mail_bytes& bytes) {
            return state.on_judge_mail(mail, context, bytes);
        },
        [&state](flush_atom) { state.report(); },
        [&state](get_status) { return state.on_get_status(); },
    };
}

}  // namespace

intake_actor make_intake(caf::actor_system& system, intake_options options) {
    ensure(options.scanner && options.statistics && options.directory != nullptr &&
               options.clock != nullptr,
           "intake: options incomplete");
    return system.spawn(intake, std::move(options));
}

}  // namespace ie
