#include "actors/quarantine/settle/removal_desk.hpp"

#include "messages/text.hpp"

namespace ie {

caf::result<mails_settled> removal_desk::on_remove_mails(const remove_mails& request,
                                                         const request_context& from,
                                                         std::optional<uint64_t> remaining) {
    auto chosen = chooser_.choose(request, from, remaining);
    if (!chosen) return to_caf(chosen.failure());
    const std::string result = request.reason.empty() ? "done" : "done: " + request.reason;
    const auto gone =
        chooser_.change(*chosen, begin_remove, [&](const mail_row& row, auto& changes) {
            changes.push_back(action_on(from.who, options_.clock->now_ms(), remove_mails::name,
                                        object_text(row), name_of(row.release.state),
                                        name_of(mail_state::removed), result));
        });
    for (const auto& row : gone) {
        if (request.learn) {
            departures_.teach(row, from.who, true);
        } else {
            departures_.let_go(row.id);
        }
        chosen->reply.done.push_back(row.id);
        log_.info(event::mail_removed, row.queue_id, kv("email_id", row.id),
                  kv("account", row.ticket.owner.account), kv("size_bytes", row.size_bytes),
                  kv("by_uid", from.who.uid), kv("learn", request.learn),
                  kv("reason", request.reason));
    }
    trail_.tell();
    return std::move(chosen->reply);
}

// One record in the trail for all of it.
caf::result<account_purged> removal_desk::on_purge_account(const purge_account& request,
                                                           const request_context& from) {
    const auto account = acting_account(from.who, request.account);
    if (!account) return to_caf(account.failure());
    // An owner is an account, or wouldn't be one to the gateway.
    if (from.who.role == caller_role::root) {
        if (const auto known = check_account(*account); !known) {
            return to_caf(known.failure());
        }
    }
    const auto rows = held_mails(database_).oldest_of(*account, purge_account::mails_max);
    if (!rows) return to_caf(trouble_.failed(rows.failure()));
    account_purged reply;
    reply.removed = rows->size();
    if (!rows->empty()) {
        const auto committed = commit_purge(*account, *rows, from.who);
        if (!committed) return to_caf(trouble_.failed(committed.failure()));
        log_.info(event::account_purged, kv("account", *account), kv("mails", rows->size()),
                  kv("by_uid", from.who.uid));
        for (const auto& row : *rows) departures_.let_go(row.id);
        trail_.tell();
    }
    const auto shown = account_ledger(database_).shown(*account);
    if (!shown) return to_caf(trouble_.failed(shown.failure()));
    reply.remaining = shown->held;
    reply.releasing = shown->releasing;
    return reply;
}

outcome<nothing> removal_desk::commit_purge(const account_name& account,
                                            const std::vector<mail_row>& rows, const caller& who) {
    const int64_t now_ms = options_.clock->now_ms();
    std::vector<index_change> changes;
    for (const auto& row : rows) {
        changes.push_back(
            set_release{row.number, {mail_state::removed, row.release.bound, {}}, now_ms});
    }
    changes.push_back(action_on(who, now_ms, purge_account::name, "account " + account.value,
                                std::to_string(rows.size()) + " mails held", "removed"));
    return database_.commit(changes);
}

// An account that has a space, or could have one; root's is always there. Fails: not_found,
// storage_failed.
outcome<nothing> removal_desk::check_account(const account_name& account) const {
    const bool has_settings = options_.policy->get()->own_spaces.contains(to_lower(account.value));
    if (has_settings || equal_ignoring_case(account.value, root_account)) return nothing{};
    const auto used = account_ledger(database_).spaces(account);
    if (!used) return trouble_.failed(used.failure());
    if (!used->empty()) return nothing{};
    if (options_.is_account && options_.is_account(account)) return nothing{};
    constexpr size_t shown_bytes_max = 80;
    return fail(error_code::not_found,
                "there is no account " +
                    log_value(std::string_view(account.value).substr(0, shown_bytes_max)) +
                    " on this server");
}

}  // namespace ie
