#include "actors/quarantine/settle/mail_chooser.hpp"

#include <unordered_set>

#include "messages/text.hpp"

namespace ie {

template <class Request>
outcome<chosen_mails> mail_chooser::choose(const Request& request, const request_context& from,
                                           std::optional<uint64_t> remaining) const {
    const auto scope = scope_of(from.who, request.filter.account);
    if (!scope) return scope.failure();
    if (request.reason.size() > settle_reason_bytes_max) {
        return fail(
            error_code::bad_request,
            "a reason may have at most " + std::to_string(settle_reason_bytes_max) + " bytes");
    }
    if (request.ids.size() > Request::ids_max) {
        return fail(error_code::bad_request,
                    "more than " + std::to_string(Request::ids_max) + " ids");
    }
    chosen_mails chosen;
    if (!remaining) {
        choose_by_id(chosen, request.ids, *scope, from.who, Request::name);
        return chosen;
    }
    chosen.reply.remaining = *remaining;
    const auto done = choose_found(chosen, request.ids, *scope);
    if (!done) return done.failure();
    return chosen;
}

void mail_chooser::choose_by_id(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                const mail_scope& scope, const caller& who,
                                std::string_view request) const {
    std::unordered_set<std::string> seen;
    for (const auto& id : ids) {
        if (!seen.insert(to_lower(id.value)).second) continue;
        auto shown = find_shown(mails_, scope, id);
        if (!shown.refused.empty() && settings_) {
            self_->send(settings_, request_refused{who, std::string(request), shown.refused});
        }
        if (shown.row) {
            chosen.rows.push_back(std::move(*shown.row));
            continue;
        }
        const error& why = shown.row.failure();
        if (why.code == error_code::storage_failed) trouble_.failed(why);
        chosen.reply.failed.push_back({id, why});
    }
}

// What was found a moment ago may be settled by now: then there is nothing to be said of it.
outcome<nothing> mail_chooser::choose_found(chosen_mails& chosen, const std::vector<mail_id>& ids,
                                            const mail_scope& scope) const {
    for (const auto& id : ids) {
        auto row = mails_.find_short(id);
        if (!row) return trouble_.failed(row.failure());
        if (!*row || (*row)->release.state != mail_state::held || !scope.holds(**row)) continue;
        chosen.rows.push_back(std::move(**row));
    }
    return nothing{};
}

// What the rule makes of each, in one commit; returns the rows it was made of, as they were.
std::vector<mail_row> mail_chooser::change(chosen_mails& chosen,
                                           outcome<release_record> (*rule)(const release_record&),
                                           const more_changes& more) const {
    std::vector<mail_row> changed;
    std::vector<index_change> changes;
    for (auto& row : chosen.rows) {
        const auto next = rule(row.release);
        if (next) {
            changes.push_back(set_release{row.number, *next, clock_.now_ms()});
            more(row, changes);
            changed.push_back(std::move(row));
        } else {
            chosen.reply.failed.push_back({row.id, next.failure()});
        }
    }
    if (changes.empty()) return changed;
    const auto committed = database_.commit(changes);
    if (committed) return changed;
    const error failure = trouble_.failed(committed.failure());
    for (const auto& row : changed) chosen.reply.failed.push_back({row.id, failure});
    return {};
}

template outcome<chosen_mails> mail_chooser::choose(const release_mails&, const request_context&,
                                                    std::optional<uint64_t>) const;
template outcome<chosen_mails> mail_chooser::choose(const remove_mails&, const request_context&,
                                                    std::optional<uint64_t>) const;

}  // namespace ie
