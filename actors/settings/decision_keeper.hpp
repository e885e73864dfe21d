// What is decided and who decided it: checks each request, makes it durable together with its audit
// records, and only then puts the new policy in force. Calls may block on the disk. Goes on without
// settings.db as settings_database.hpp tells; then every change fails with storage_failed. Knows
// nothing of actors: who may ask, and which objects there are, is settled before.
#pragma once

#include "actors/settings/audit_rules.hpp"
#include "actors/settings/settings_actor.hpp"
#include "actors/settings/settings_database.hpp"
#include "config/system/unix_user.hpp"

namespace ie {

class decision_keeper {
  public:
    // The stored policy, or what there is in its place, is in force when it returns.
    explicit decision_keeper(const settings_options& options);
    // What was refused and isn't written yet is written now.
    ~decision_keeper();

    settings_values values() const { return {settings_of_policy()}; }
    limit_list limits() const;
    const limit_table& limits_by_id() const { return content_.limits; }
    whitelist_entries listed(whitelist_kind list) const { return content_.lists.entries_of(list); }
    // Fails: bad_request, storage_failed.
    outcome<audit_list> find(const list_audit& query);

    // Fails: bad_request, storage_failed; change_whitelist also not_found, too_large.
    outcome<settings_values> change(const change_settings& request, const caller& who);
    outcome<whitelist_changed> change(const change_whitelist& request, const caller& who);
    // Fails: too_large, storage_failed.
    outcome<limit_list> set_limits(const std::vector<known_object>& objects, int64_t limit,
                                   const caller& who);

    // Fails: bad_request, too_large, storage_failed.
    outcome<account_edited> change(const edit_account& request, const caller& who);
    // An account's choice, or the server's: `root`. Fails: too_large, storage_failed.
    outcome<incoming_status> change(const change_incoming& request, const caller& who);
    incoming_status incoming_of(const account_name& account) const;

    bool has_own_space(const account_name& account) const;

    // Those of a source that aren't in the trail yet. Fails: storage_failed.
    outcome<audit_recorded> record(const record_audit& request);

    // Records that the objects' counts are forgotten; `usage` is in the same order. It may be
    // without an answer, and then `result` says why. What can't be written now is written later.
    // Fails: storage_failed.
    outcome<nothing> record_reset(const std::vector<known_object>& objects, const usage_list& usage,
                                  const caller& who, const std::string& result);

    // Goes into the trail with the next write_pending(), or is counted where it is one too many.
    void record_refusal(const request_refused& refused);
    // The same of those that were only counted, one record each.
    void add_sums(const std::vector<refusal_budget::unwritten>& sums);
    // Writes refusals, and the sums of those that were only counted.
    void write_pending();

    // Opens a database that can't be used, if it is time for that.
    void mend();
    // Makes today's copy of the database; in any thread. Empty where there is nothing to do.
    std::function<outcome<nothing>()> take_copy() { return database_.take_copy(); }
    void copied(const outcome<nothing>& done) { database_.copied(done); }

    // Sees that Exim knows whether incoming mail is filtered. Fails: storage_failed.
    outcome<nothing> keep_switch();

    // Of the database, or of Exim's switch.
    const std::string& last_error() const {
        return database_.last_error().empty() ? switch_error_ : database_.last_error();
    }
    std::string detail() const { return database_.detail(); }
    size_t pending() const { return pending_.trail.size() + pending_.refusals.size(); }

  private:
    std::vector<setting> settings_of_policy() const;
    audit_record begin(const caller& who, std::string_view action);
    outcome<nothing> commit(const decision_change& change);
    void make_policy();

    settings_options options_;
    settings_database database_;
    admin_decisions content_;
    mail_policy policy_;  // as it is in force
    refusal_budget budget_;
    decision_change pending_;  // records only
    login_cache logins_;
    std::string switch_error_;
    logger logger_{"settings"};
};

}  // namespace ie
