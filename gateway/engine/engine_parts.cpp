#include "gateway/engine/engine_parts.hpp"

#include "actors/scanner/rspamd_client.hpp"
#include "actors/settings/settings_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"
#include "config/account_files.hpp"

namespace ie {
namespace {

// Remembers the new actor's address for those that are started after it.
template <class Handle>
outcome<caf::actor> remember(Handle& slot, outcome<Handle> made) {
    if (!made) return made.failure();
    slot = *made;
    return caf::actor_cast<caf::actor>(slot);
}

outcome<caf::actor> start_rate_limiter(const engine_base& base) {
    rate_limiter_options options;
    options.journal_dir = base.settings.engine.data_dir + "/limits";
    options.policy = &base.policy;
    options.clock = &base.time;
    options.bounds = base.settings.limits;
    return remember<rate_limiter_actor>(base.running.rate_limiter,
                                        make_rate_limiter(base.system, options));
}

outcome<caf::actor> start_statistics(const engine_base& base) {
    statistics_options options;
    options.path = base.settings.engine.data_dir + "/statistics.db";
    options.keep = base.settings.statistics;
    options.rate_limiter = base.running.rate_limiter;
    options.policy = &base.policy;
    options.accounts = &base.accounts;
    options.clock = &base.time;
    return remember<statistics_actor>(base.running.statistics,
                                      make_statistics(base.system, thread_use::own, options));
}

outcome<caf::actor> start_settings(const engine_base& base) {
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
    return remember<settings_actor>(base.running.settings,
                                    make_settings(base.system, thread_use::own, options));
}

outcome<caf::actor> start_courier(const engine_base& base) {
    courier_options options;
    options.socket = base.settings.courier.socket;
    options.timeout_ms = base.settings.courier.timeout_ms;
    return remember<courier_actor>(base.running.courier, make_courier(base.system, options));
}

outcome<caf::actor> start_quarantine(const engine_base& base) {
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
    return remember(base.running.quarantine, make_quarantine(base.system, options));
}

outcome<caf::actor> start_attachments(const engine_base& base) {
    attachment_options options;
    options.rules = base.settings.attachments;
    return remember<attachment_desk>(base.running.attachments,
                                     make_attachment_desk(base.system, thread_use::own, options));
}

outcome<caf::actor> start_scanner(const engine_base& base) {
    scanner_options options;
    options.checker = make_rspamd_client(base.settings.rspamd);
    options.attachments = base.running.attachments;
    options.attachments_timeout_ms = base.settings.attachments.timeout_ms;
    options.retry_after_ms = base.settings.rspamd.retry_after_ms;
    options.clock = &base.time;
    return remember<scanner_actor>(base.running.scanner, make_scanner(base.system, options));
}

outcome<caf::actor> start_intake(const engine_base& base) {
    intake_options options;
    options.rate_limiter = base.running.rate_limiter;
    options.scanner = base.running.scanner;
    options.statistics = base.running.statistics;
    options.directory = &base.accounts;
    options.policy = &base.policy;
    options.clock = &base.time;
    options.filter = base.settings.filter;
    options.accounts = base.settings.accounts;
    return remember<intake_actor>(base.running.intake, make_intake(base.system, options));
}

}  // namespace

std::vector<engine_part> engine_parts(const engine_base& base) {
    return {
        {"rate_limiter", [base] { return start_rate_limiter(base); }},
        {"statistics", [base] { return start_statistics(base); }},
        {"settings", [base] { return start_settings(base); }},
        {"courier", [base] { return start_courier(base); }},
        {"quarantine", [base] { return start_quarantine(base); }},
        {"attachments", [base] { return start_attachments(base); }},
        {"scanner", [base] { return start_scanner(base); }},
        {"intake", [base] { return start_intake(base); }},
    };
}

actor_status engine_gateway::status() const {
    actor_status out;
    out.actor = "gateway";
    out.queue = door_.in_flight();
    return out;
}

}  // namespace ie
