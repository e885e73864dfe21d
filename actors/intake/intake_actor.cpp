#include "actors/intake/intake_actor.hpp"

#include <unordered_map>

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
    int64_t begun_at_ms = 0;     // steady
    int64_t deadline_at_ms = 0;  // steady
    caf::typed_response_promise<mail_verdict> promise;
};

// The intake as it knows itself: it reminds itself to report, and of mails that are late.
using intake_internal = intake_actor::extend<reacts_to<flush_atom>>;

struct intake_state {
    explicit intake_state(intake_internal::pointer self_) : self(self_) {}
    ~intake_state() { report(); }

    void open(intake_options given);
    caf::result<mail_verdict> on_judge_mail(judge_mail& mail, const request_context& context,
                                            mail_bytes& bytes);
    actor_status on_get_status() const;

    mail_in_work begin(const judge_mail& mail, const mail_bytes& bytes, int64_t now_ms);
    std::optional<mail_in_work> end(uint64_t number);
    void finish(mail_in_work work, const scan_result& scan);
    void give_up(const mail_in_work& work, const error& failure);
    void log_decision(const mail_in_work& work, const mail_verdict& verdict) const;
    void count(mail_judged decision);
    void remind();
    void on_reminder();
    void report();

    intake_internal::pointer self;
    intake_options options;
    account_rules rules;
    user_lookup users;
    login_cache logins;
    random_source random;
    std::unordered_map<uint64_t, mail_in_work> in_work;
    uint64_t last_number = 0;
    bool reminded = false;  // a flush_atom is under way
    uint64_t verdicts = 0;
    uint64_t failures = 0;
    mails_judged unreported;
    std::string last_error;
    logger log{"intake"};

    static constexpr const char* name = "intake";
};

void intake_state::open(intake_options given) {
    options = std::move(given);
    rules = options.accounts.rules();
    users.of_uid = [this](uint32_t uid) { return logins.user_of(uid, options.steady_now_ms()); };
    users.of_login = user_of_login;
}

// The scanner is asked without a timer of CAF's: one for each mail woke two threads each time.
caf::result<mail_verdict> intake_state::on_judge_mail(judge_mail& mail,
                                                      const request_context& context,
                                                      mail_bytes& bytes) {
    const int64_t now_ms = options.steady_now_ms();
    const int64_t left_ms =
        std::min<int64_t>(context.deadline_at_ms - now_ms, options.filter.judge_timeout_ms);
    mail_in_work work = begin(mail, bytes, now_ms);
    work.deadline_at_ms = now_ms + left_ms;
    auto promise = work.promise;
    if (left_ms <= 0) {
        give_up(work, fail(error_code::deadline_exceeded, "no time left to judge"));
        return promise;
    }
    const uint64_t number = ++last_number;
    self->request(options.scanner, caf::infinite, scan_mail{std::move(mail), work.deadline_at_ms},
                  std::move(bytes))
        .then(
            [this, number](const scan_result& scan) {
                if (auto found = end(number)) finish(std::move(*found), scan);
            },
            [this, number](const caf::error& why) {
                if (const auto found = end(number)) give_up(*found, from_caf(why));
            });
    in_work.emplace(number, std::move(work));
    remind();
    return promise;
}

mail_in_work intake_state::begin(const judge_mail& mail, const mail_bytes& bytes, int64_t now_ms) {
    mail_in_work work;
    work.id = mail.queue_id;
    work.ticket = begin_ticket(
        mail, {mail_id{random.uuid()}, attribute(mail, *options.directory->get(), rules, users),
               options.clock->now_ms()});
    work.recipient_count = static_cast<uint32_t>(mail.recipients.size());
    work.size_bytes = bytes.size();
    work.begun_at_ms = now_ms;
    work.promise = self->make_response_promise<mail_verdict>();
    return work;
}

// Nothing where it has been given up.
std::optional<mail_in_work> intake_state::end(uint64_t number) {
    auto found = in_work.extract(number);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
}

void intake_state::finish(mail_in_work work, const scan_result& scan) {
    ++verdicts;
    mail_verdict verdict = decide(std::move(work.ticket), scan, options.filter.scope);
    if (log_enabled(log_level::info)) log_decision(work, verdict);
    count({verdict.action, verdict.ticket, work.recipient_count, work.size_bytes});
    work.promise.deliver(std::move(verdict));
}

void intake_state::count(mail_judged decision) {
    constexpr size_t report_mails_max = 1'000;
    unreported.mails.push_back(std::move(decision));
    if (unreported.mails.size() >= report_mails_max) report();
}

void intake_state::remind() {
    if (std::exchange(reminded, true)) return;
    self->delayed_send(self, reminder_interval, flush_atom_v);
}

void intake_state::on_reminder() {
    reminded = false;
    report();
    const int64_t now_ms = options.steady_now_ms();
    std::vector<uint64_t> late;
    for (const auto& [number, work] : in_work) {
        if (work.deadline_at_ms <= now_ms) late.push_back(number);
    }
    for (const uint64_t number : late) {
        give_up(*end(number), fail(error_code::deadline_exceeded, "no answer in time"));
    }
    if (!in_work.empty()) remind();
}

void intake_state::report() {
    if (unreported.mails.empty()) return;
    caf::anon_send(options.statistics, std::exchange(unreported, {}));
}

// No verdict: what happens to the mail is the policy of who asked.
void intake_state::give_up(const mail_in_work& work, const error& failure) {
    ++failures;
    last_error = std::string(name_of(failure.code)) + ": " + work.id.value + ": " + failure.what;
    auto promise = work.promise;
    promise.deliver(to_caf(failure));
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
    status.queue = in_work.size();
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
        [&state](flush_atom) { state.on_reminder(); },
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
