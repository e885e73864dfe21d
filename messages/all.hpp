// Every message that travels between processes, for what must treat them all alike: docs/wire.md's
// test, the golden encodings and the fuzz targets.
#pragma once

#include "messages/accounts.hpp"
#include "messages/activity.hpp"
#include "messages/incoming.hpp"
#include "messages/quarantine.hpp"
#include "messages/release.hpp"
#include "messages/service.hpp"
#include "messages/settings.hpp"

namespace ie {

template <class... Ts>
struct type_list {};

using wire_messages =
    type_list<judge_mail, mail_verdict, hold_mail, mail_held, confirm_release, release_confirmed,
              list_mails, mail_list, show_mail, mail_details, release_mails, remove_mails,
              mails_settled, list_accounts, account_list, edit_account, account_edited,
              purge_account, account_purged, check_store, store_checked, get_activity,
              activity_report, change_limits, reset_counts, counts_reset, list_limits, limit_list,
              get_settings, change_settings, settings_values, list_whitelist, whitelist_entries,
              change_whitelist, whitelist_changed, get_incoming, change_incoming, incoming_status,
              get_incoming_stats, incoming_stats, list_audit, audit_list, get_status, engine_status,
              advance_clock, clock_advanced, error>;

}  // namespace ie
