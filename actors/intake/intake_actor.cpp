#include "actors/intake/intake_actor.hpp"

#include <unordered_map>

#include "actors/intake/attribution.hpp"
#include "actors/intake/incoming.hpp"
#include "actors/intake/pipeline.hpp"
#include "actors/owed_answer.hpp"
#include "config/account_files.hpp"
#include "config/domain_name.hpp"
#include "config/log.hpp"
#include "config/random.hpp"
#include "config/system/unix_user.hpp"

namespace ie {
namespace {

// Of one mail's recipients, those that are looked for among the system's users, which takes tens of
// microseconds and keeps everybody waiting; whoever comes after them is root's.
constexpr size_t recipient_lookups_max = 1'000;

// One mail between question and verdict.
struct mail_in_work {
    queue_id id;
    uint32_t recipient_count = 0;
    judge_mail mail;  // until it is scanned
    mail_bytes bytes;
    std::shared_ptr<const mail_policy> policy;  // in force when the mail came
    std::optional<incoming_plan> incoming{};    // where it is that
    bool whitelisted = false;
    hold_ticket ticket;
    quota_verdict quota;
    int64_t begun_at_ms = 0;     // steady
    int64_t deadline_at_ms = 0;  // steady
    owed_answer<mail_verdict> answer;
};

// Sender entries hold for the owner of the sender's domain only, unless they say otherwise.
bool is_whitelisted(const hold_ticket& ticket, const mail_policy& policy,
                    const account_directory& directory) {
    whitelist_question question;
    question.authenticated_id = ticket.authenticated_id;
    question.sender_address = ticket.sender;
    question.sender_domain = domain_of(ticket.sender);
    question.account = ticket.owner.account;
    question.owns_domain =
        directory.owner_of_domain(question.sender_domain) == ticket.owner.account;
    return whitelisted(policy, question);
}

// The intake as it knows itself: it reminds itself to report, and of mails that are late.
using intake_internal = intake_actor::extend<reacts_to<flush_atom>>;

struct intake_state {
    explicit intake_state(intake_internal::pointer self_) : self(self_) {}
    ~intake_state() {
        if (!nothing_unreported()) caf::anon_send(options.statistics, std::move(unreported));
    }

    void open(intake_options given);
    caf::result<mail_verdict> on_judge_mail(judge_mail& mail, const request_context& context,
                                            mail_bytes& bytes);
    actor_status on_get_status() const;

    mail_in_work begin(judge_mail& mail, mail_bytes& bytes, int64_t now_ms);
    void attribute_sender(mail_in_work& work, const judge_mail& mail, std::string_view bytes);
    incoming_plan plan_for(const judge_mail& mail, const mail_policy& policy) const;
    void ask_for_quota(uint64_t number, const mail_in_work& work);
    void on_quota(uint64_t number, quota_verdict& quota);
    void scan(uint64_t number, mail_in_work& work);
    std::optional<mail_in_work> end(uint64_t number);
    void fail_mail(uint64_t number, const error& why);
    void begin_incoming(uint64_t number, mail_in_work work);
    void finish_incoming(mail_in_work work, const std::optional<scan_result>& scan);
    void finish(mail_in_work work, const std::optional<scan_result>& scan);
    void settle_quota(const mail_in_work& work, mail_verdict verdict);
    void give_up(const mail_in_work& work, const error& failure);
    void log_decision(const mail_in_work& work, const mail_verdict& verdict) const;
    void log_incoming(const mail_in_work& work, const mail_verdict& verdict) const;
    bool nothing_unreported() const {
        return unreported.mails.empty() && unreported.incoming.empty();
    }
    void count(mail_judged decision);
    void report_if_many();
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

// Others are asked without a timer of CAF's: one for each mail woke two threads each time.
caf::result<mail_verdict> intake_state::on_judge_mail(judge_mail& mail,
                                                      const request_context& context,
                                                      mail_bytes& bytes) {
    const int64_t now_ms = options.steady_now_ms();
    const int64_t left_ms =
        std::min<int64_t>(context.deadline_at_ms - now_ms, options.filter.judge_timeout_ms);
    mail_in_work work = begin(mail, bytes, now_ms);
    work.deadline_at_ms = now_ms + left_ms;
    const auto answer = work.answer;
    if (left_ms <= 0) {
        give_up(work, fail(error_code::deadline_exceeded, "no time left to judge"));
        return answer;
    }
    const uint64_t number = ++last_number;
    if (work.incoming) {
        begin_incoming(number, std::move(work));
        return answer;
    }
    ask_for_quota(number, work);
    in_work.emplace(number, std::move(work));
    remind();
    return answer;
}

mail_in_work intake_state::begin(judge_mail& mail, mail_bytes& bytes, int64_t now_ms) {
    mail_in_work work;
    work.policy = options.policy->get();
    work.ticket = begin_ticket(mail, {mail_id{random.uuid()}, {}, options.clock->now_ms()});
    if (mail.direction == mail_direction::incoming) {
        work.incoming = plan_for(mail, *work.policy);
    } else {
        attribute_sender(work, mail, bytes.view());
    }
    work.id = mail.queue_id;
    work.recipient_count = count_distinct(mail.recipients);
    work.mail = std::move(mail);
    work.bytes = std::move(bytes);
    work.begun_at_ms = now_ms;
    work.answer = owed_answer<mail_verdict>(self);
    return work;
}

void intake_state::attribute_sender(mail_in_work& work, const judge_mail& mail,
                                    std::string_view bytes) {
    const auto directory = options.directory->get();
    work.ticket.owner = attribute(mail, bytes, *directory, rules, users);
    work.whitelisted = is_whitelisted(work.ticket, *work.policy, *directory);
}

// Exim may ask a moment longer than incoming mail is filtered: then nobody wants it.
incoming_plan intake_state::plan_for(const judge_mail& mail, const mail_policy& policy) const {
    if (!policy.incoming_on) return {};
    const auto directory = options.directory->get();
    size_t lookups = 0;
    const auto is_account = [&](const std::string& login) {
        return lookups++ < recipient_lookups_max && is_account_name(login, rules, *directory);
    };
    return plan_incoming(mail.recipients, policy, [&](const std::string& recipient) {
        return account_of_recipient(recipient, *directory, is_account);
    });
}

// Nobody's limits are asked: it is others' mail.
void intake_state::begin_incoming(uint64_t number, mail_in_work work) {
    if (!work.incoming->is_scanned) return finish_incoming(std::move(work), std::nullopt);
    auto& waiting = in_work.emplace(number, std::move(work)).first->second;
    scan(number, waiting);
    remind();
}

void intake_state::ask_for_quota(uint64_t number, const mail_in_work& work) {
    reserve_quota request;
    request.owner = work.ticket.owner;
    request.recipients = work.recipient_count;
    request.is_bounce = work.ticket.sender.empty();
    request.whitelisted = work.whitelisted;
    self->request(options.rate_limiter, caf::infinite, std::move(request))
        .then([this, number](quota_verdict& quota) { on_quota(number, quota); },
              [this, number](const caf::error& why) { fail_mail(number, from_caf(why)); });
}

// A mail that has no room is scanned as well: whoever looks at it later sees all that speaks
// against it.
void intake_state::on_quota(uint64_t number, quota_verdict& quota) {
    const auto found = in_work.find(number);
    if (found == in_work.end()) return;  // given up, and it may be under way: its count stays
    mail_in_work& work = found->second;
    work.quota = std::move(quota);
    apply_quota(work.ticket, work.quota, *work.policy);
    const reason_set look_for = work.policy->reasons_on.of(reason_kind::content);
    if (work.whitelisted || look_for.none()) return finish(*end(number), {});
    scan(number, work);
}

void intake_state::scan(uint64_t number, mail_in_work& work) {
    const bool incoming = work.incoming.has_value();
    const reason_set look_for = incoming ? reason_set::only(hold_reason::spam)
                                         : work.policy->reasons_on.of(reason_kind::content);
    scan_mail scan{std::move(work.mail), work.deadline_at_ms, work.policy->spam_threshold, look_for,
                   work.ticket.owner.account};
    self->request(options.scanner, caf::infinite, std::move(scan), work.bytes)
        .then(
            [this, number](const scan_result& result) {
                auto done = end(number);
                if (!done) return;
                if (done->incoming) return finish_incoming(std::move(*done), result);
                finish(std::move(*done), result);
            },
            [this, number](const caf::error& why) { fail_mail(number, from_caf(why)); });
}

// A mail that has no room in a limit is held whatever becomes of its scan: without a verdict it
// might pass.
void intake_state::fail_mail(uint64_t number, const error& why) {
    auto found = end(number);
    if (!found) return;
    if (!found->ticket.limits.empty()) return finish(std::move(*found), {});
    give_up(*found, why);
}

// Nothing where it has been given up.
std::optional<mail_in_work> intake_state::end(uint64_t number) {
    auto found = in_work.extract(number);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped());
}

void intake_state::finish_incoming(mail_in_work work, const std::optional<scan_result>& scan) {
    ++verdicts;
    mail_verdict verdict = decide_incoming(std::move(work.ticket), scan, *work.incoming);
    if (log_enabled(log_level::info)) log_incoming(work, verdict);
    incoming_judged counted = count_incoming(verdict, *work.incoming);
    if (!counted.accounts.empty()) {
        unreported.incoming.push_back(std::move(counted));
        report_if_many();
    }
    work.answer.deliver(std::move(verdict));
}

void intake_state::finish(mail_in_work work, const std::optional<scan_result>& scan) {
    ++verdicts;
    const space_rules space = work.policy->space_of(work.ticket.owner.account);
    mail_verdict verdict = decide(std::move(work.ticket), scan.value_or(scan_result{}),
                                  options.filter.scope, space, work.bytes.size());
    verdict.is_judged =
        scan && work.policy->reasons_on.has(hold_reason::spam) && work.policy->notify_header;
    if (log_enabled(log_level::info)) log_decision(work, verdict);
    const bool would_limit = work.policy->dry_run && !work.quota.hits.empty();
    count({verdict.action, verdict.ticket, work.recipient_count, work.bytes.size(), work.quota.keys,
           would_limit});
    settle_quota(work, std::move(verdict));
}

// What was late may have passed without us: its count stays. What took long counts from now on,
// when it goes out: not before the limiter's journal says so. The verdict is out in any case.
void intake_state::settle_quota(const mail_in_work& work, mail_verdict verdict) {
    constexpr int64_t long_ms = 1'000;
    const int64_t now_ms = options.steady_now_ms();
    const bool counts = !work.quota.reservation.keys.account.none() && now_ms < work.deadline_at_ms;
    const bool goes_out = verdict.action == verdict_action::accept;
    if (counts && !goes_out) {
        self->send(options.rate_limiter, give_back_quota{work.quota.reservation});
    }
    if (!counts || !goes_out || now_ms - work.begun_at_ms < long_ms) {
        work.answer.deliver(std::move(verdict));
        return;
    }
    const std::chrono::milliseconds wait((work.deadline_at_ms - now_ms + 1) / 2);
    const auto deliver = [answer = work.answer,
                          out = std::make_shared<mail_verdict>(std::move(verdict))] {
        answer.deliver(std::move(*out));
    };
    self->request(options.rate_limiter, wait, renew_quota{work.quota.reservation})
        .then([deliver](bool) { deliver(); }, [deliver](const caf::error&) { deliver(); });
}

void intake_state::count(mail_judged decision) {
    unreported.mails.push_back(std::move(decision));
    report_if_many();
}

void intake_state::report_if_many() {
    constexpr size_t report_mails_max = 1'000;
    if (unreported.mails.size() + unreported.incoming.size() >= report_mails_max) report();
    remind();
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
        const bool no_room = !work.ticket.limits.empty();  // its verdict must be in time
        const int64_t ahead_ms = no_room ? 2 * reminder_interval.count() : 0;
        if (work.deadline_at_ms <= now_ms + ahead_ms) late.push_back(number);
    }
    for (const uint64_t number : late) {
        fail_mail(number, fail(error_code::deadline_exceeded, "no answer in time"));
    }
    if (!in_work.empty()) remind();
}

void intake_state::report() {
    if (nothing_unreported()) return;
    self->send(options.statistics, std::exchange(unreported, {}));
}

// No verdict: what happens to the mail is the policy of who asked.
void intake_state::give_up(const mail_in_work& work, const error& failure) {
    ++failures;
    last_error = std::string(name_of(failure.code)) + ": " + work.id.value + ": " + failure.what;
    work.answer.deliver(to_caf(failure));
}

void intake_state::log_decision(const mail_in_work& work, const mail_verdict& verdict) const {
    const hold_ticket& ticket = verdict.ticket;
    log.info(event::mail_judged, work.id, kv("action", verdict.action),
             kv("account", ticket.owner.account), kv("domain", ticket.owner.domain),
             kv("sender", ticket.sender.substr(0, mail_address_bytes_max)),
             kv("script", ticket.owner.script), kv("reasons", reasons_text(ticket.reasons)),
             kv("attachments", findings_text(ticket.attachment_findings)),
             kv("limits", limits_text(work.quota.hits)), kv("dry_run", work.policy->dry_run),
             kv("whitelisted", work.whitelisted), kv("score", ticket.score),
             kv("judged_by", ticket.judged_by), kv("recipients", work.recipient_count),
             kv("size_bytes", work.bytes.size()),
             kv("ms", options.steady_now_ms() - work.begun_at_ms));
}

void intake_state::log_incoming(const mail_in_work& work, const mail_verdict& verdict) const {
    const hold_ticket& ticket = verdict.ticket;
    log.info(event::mail_judged, work.id, kv("action", verdict.action),
             kv("direction", mail_direction::incoming),
             kv("sender", ticket.sender.substr(0, mail_address_bytes_max)),
             kv("client", ticket.client_address), kv("reasons", reasons_text(ticket.reasons)),
             kv("judged", verdict.is_judged), kv("score", ticket.score),
             kv("judged_by", ticket.judged_by), kv("recipients", work.recipient_count),
             kv("unfiltered", verdict.unfiltered.size()),
             kv("whitelisted", verdict.whitelisted.size()), kv("size_bytes", work.bytes.size()),
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
        [&state](report_atom) {
            state.report();
            return true;
        },
        [&state](flush_atom) { state.on_reminder(); },
        [&state](get_status) { return state.on_get_status(); },
    };
}

}  // namespace

intake_actor make_intake(caf::actor_system& system, intake_options options) {
    ensure(options.rate_limiter && options.scanner && options.statistics &&
               options.directory != nullptr && options.policy != nullptr &&
               options.clock != nullptr,
           "intake: options incomplete");
    return spawn_on(system, thread_use::shared, intake, std::move(options));
}

}  // namespace ie
