// What is decided and who decided it: checks each request, makes it durable together with its audit
// records, and only then puts the new policy in force. Owns settings.db; calls may block on the
// disk. Knows nothing of actors: who may ask, and which objects there are, is settled before.
#pragma once

#include "actors/settings/audit_rules.hpp"
#include "actors/settings/settings_actor.hpp"
#include "actors/settings/settings_store.hpp"
#include "config/system/unix_user.hpp"

namespace ie {

class settings_keeper {
  public:
    // The stored policy is in force when it returns. Fails: storage_failed, conflict.
    static outcome<std::unique_ptr<settings_keeper>> open(const settings_options& options);
    // What was refused and isn't written yet is written now.
    ~settings_keeper();

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
    // Writes refusals, and the sums of those that were only counted.
    void write_pending();

    // Sees that Exim knows whether incoming mail is filtered. Fails: storage_failed.
    outcome<nothing> keep_switch();

    // Of the database, or of Exim's switch.
    const std::string& last_error() const {
        return last_error_.empty() ? switch_error_ : last_error_;
    }
    size_t pending() const { return pending_.trail.size() + pending_.refusals.size(); }

  private:
    settings_keeper(const settings_options& options, std::unique_ptr<settings_store> store)
        : options_(options), store_(std::move(store)) {}

    std::vector<setting> settings_of_policy() const;
    audit_record begin(const caller& who, std::string_view action);
    void add_sums(const std::vector<refusal_budget::unwritten>& sums);
    outcome<nothing> commit(const settings_change& change);
    void make_policy();

    settings_options options_;
    std::unique_ptr<settings_store> store_;
    settings_content content_;
    mail_policy policy_;  // as it is in force
    refusal_budget budget_;
    settings_change pending_;  // records only
    login_cache logins_;
    std::string last_error_;
    std::string switch_error_;
    logger logger_{"settings"};
};

}  // namespace ie
