#include "gateway/engine/engine_parts.hpp"

#include "actors/scanner/rspamd_client.hpp"
#include "actors/settings/settings_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"
#include "config/account_files.hpp"

namespace ie {
namespace {

template <class Handle>
outcome<caf::actor> untyped(const outcome<Handle>& made) {
    if (!made) return made.failure();
    return caf::actor_cast<caf::actor>(*made);
}

// Remembers the actor's address for those that are started after it.
template <class Handle>
std::function<void(const caf::actor&)> into(Handle& slot) {
    return [&slot](const caf::actor& actor) {
        slot = caf::actor_cast<Handle>(caf::actor_cast<caf::strong_actor_ptr>(actor));
    };
}

part_start prepare_rate_limiter(const engine_base& base) {
    rate_limiter_options options;
    options.journal_dir = base.settings.engine.data_dir + "/limits";
    options.policy = &base.policy;
    options.clock = &base.time;
    options.bounds = base.settings.limits;
    return [&system = base.system, options] {
        return untyped<rate_limiter_actor>(make_rate_limiter(system, options));
    };
}

part_start prepare_statistics(const engine_base& base) {
    statistics_options options;
    options.path = base.settings.engine.data_dir + "/statistics.db";
    options.keep = base.settings.statistics;
    options.rate_limiter = base.running.rate_limiter;
    options.policy = &base.policy;
    options.accounts = &base.accounts;
    options.clock = &base.time;
    return [&system = base.system, options] {
        return untyped<statistics_actor>(make_statistics(system, thread_use::own, options));
    };
}

part_start prepare_settings(const engine_base& base) {
    settings_options options;
    options.path = base.settings.engine.data_dir + "/settings.db";
    options.account_files = base.settings.accounts;
    options.incoming_switch = base.settings.hook.incoming_switch;
    options.defaults.spam_threshold = base.settings.filter.spam_threshold;
    options.rate_limiter = base.running.rate_limiter;
    options.statistics = base.running.statistics;
    options.accounts = &base.accounts;
    options.policy = &base.policy;
    options.clock = &base.time;
    return [&system = base.system, options] {
        return untyped<settings_actor>(make_settings(system, thread_use::own, options));
    };
}

part_start prepare_courier(const engine_base& base) {
    courier_options options;
    options.socket = base.settings.courier.socket;
    options.timeout_ms = base.settings.courier.timeout_ms;
    return [&system = base.system, options] {
        return untyped<courier_actor>(make_courier(system, options));
    };
}

part_start prepare_quarantine(const engine_base& base) {
    quarantine_options options;
    options.data_dir = base.settings.engine.data_dir;
    options.clock = &base.time;
    options.courier = base.running.courier;
    options.settings = base.running.settings;
    options.policy = &base.policy;
    options.is_account = [&accounts = base.accounts,
                          rules = base.settings.accounts.rules()](const account_name& account) {
        return is_account_name(account.value, rules, *accounts.get());
    };
    options.account_of = [&accounts = base.accounts,
                          rules = base.settings.accounts.rules()](const std::string& recipient) {
        const auto directory = accounts.get();
        return account_of_recipient(recipient, *directory, [&](const std::string& login) {
            return is_account_name(login, rules, *directory);
        });
    };
    options.retention_days = base.settings.quarantine.retention_days;
    options.delivery_timeout_ms =
        base.settings.courier.timeout_ms * options.deliveries_in_flight_max + 10'000;
    options.fault = base.fault;
    return [&system = base.system, options] { return untyped(make_quarantine(system, options)); };
}

part_start prepare_attachments(const engine_base& base) {
    attachment_options options;
    options.rules = base.settings.attachments;
    return [&system = base.system, options] {
        return untyped<attachment_desk>(make_attachment_desk(system, thread_use::own, options));
    };
}

part_start prepare_scanner(const engine_base& base) {
    scanner_options options;
    options.attachments = base.running.attachments;
    options.attachments_timeout_ms = base.settings.attachments.timeout_ms;
    options.retry_after_ms = base.settings.rspamd.retry_after_ms;
    options.clock = &base.time;
    return [&system = base.system, &rspamd = base.settings.rspamd, options]() mutable {
        options.checker = make_rspamd_client(rspamd);
        return untyped<scanner_actor>(make_scanner(system, options));
    };
}

part_start prepare_intake(const engine_base& base) {
    intake_options options;
    options.rate_limiter = base.running.rate_limiter;
    options.scanner = base.running.scanner;
    options.statistics = base.running.statistics;
    options.directory = &base.accounts;
    options.policy = &base.policy;
    options.clock = &base.time;
    options.filter = base.settings.filter;
    options.accounts = base.settings.accounts;
    return [&system = base.system, options] {
        return untyped<intake_actor>(make_intake(system, options));
    };
}

}  // namespace

// Verdicts need neither the quarantine nor its address: a disk that is broken or slow keeps mail
// from being held, and nothing else.
std::vector<engine_part> engine_parts(const engine_base& base) {
    gateway_handles& running = base.running;
    std::vector<engine_part> parts{
        {"rate_limiter", [base] { return prepare_rate_limiter(base); }, into(running.rate_limiter)},
        {"statistics", [base] { return prepare_statistics(base); }, into(running.statistics)},
        {"settings", [base] { return prepare_settings(base); }, into(running.settings)},
        {"courier", [base] { return prepare_courier(base); }, into(running.courier)},
        {"quarantine", [base] { return prepare_quarantine(base); }, into(running.quarantine)},
        {"attachments", [base] { return prepare_attachments(base); }, into(running.attachments)},
        {"scanner", [base] { return prepare_scanner(base); }, into(running.scanner)},
        {"intake", [base] { return prepare_intake(base); }, into(running.intake)},
    };
    for (engine_part& each : parts) {
        each.stands_aside = each.name == "quarantine";
        each.is_watched = each.name == "scanner" || each.name == "intake";
    }
    return parts;
}

actor_status engine_gateway::status() const {
    actor_status out;
    out.actor = "gateway";
    out.queue = door_.in_flight();
    return out;
}

}  // namespace ie
