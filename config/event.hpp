// Names of what is logged. They are stable: operators' alerts and our tests look for them.
#pragma once

#include <string_view>

namespace ie {

struct event_name {
    std::string_view text;
};

namespace event {

// Decisions about a mail (info).
inline constexpr event_name mail_judged{"mail_judged"};
inline constexpr event_name mail_quarantined{"mail_quarantined"};
inline constexpr event_name mail_released{"mail_released"};
inline constexpr event_name mail_removed{"mail_removed"};
inline constexpr event_name mail_evicted{"mail_evicted"};
inline constexpr event_name account_purged{"account_purged"};
inline constexpr event_name mail_adopted{"mail_adopted"};
inline constexpr event_name release_failed{"release_failed"};
inline constexpr event_name release_confirmed{"release_confirmed"};
inline constexpr event_name duplicate_dropped{"duplicate_dropped"};
inline constexpr event_name release_settled{"release_settled"};

// The hook.
inline constexpr event_name engine_absent{"engine_absent"};
inline constexpr event_name engine_present{"engine_present"};
inline constexpr event_name policy_applied{"policy_applied"};
inline constexpr event_name hold_failed{"hold_failed"};
inline constexpr event_name request_refused{"request_refused"};

// Parts and their state.
inline constexpr event_name started{"started"};
inline constexpr event_name stopped{"stopped"};
inline constexpr event_name draining{"draining"};
inline constexpr event_name actor_failed{"actor_failed"};
inline constexpr event_name actor_restarted{"actor_restarted"};
inline constexpr event_name actor_silent{"actor_silent"};
inline constexpr event_name rspamd_lost{"rspamd_lost"};
inline constexpr event_name rspamd_back{"rspamd_back"};
inline constexpr event_name orphan_removed{"orphan_removed"};
inline constexpr event_name storage_failed{"storage_failed"};
inline constexpr event_name data_damaged{"data_damaged"};
inline constexpr event_name holds_recovered{"holds_recovered"};
inline constexpr event_name mail_lost{"mail_lost"};
inline constexpr event_name index_damaged{"index_damaged"};
inline constexpr event_name index_rebuilt{"index_rebuilt"};
inline constexpr event_name counts_rebuilt{"counts_rebuilt"};
inline constexpr event_name settings_loaded{"settings_loaded"};
inline constexpr event_name settings_rejected{"settings_rejected"};
inline constexpr event_name clock_advanced{"clock_advanced"};
inline constexpr event_name log_reopened{"log_reopened"};
inline constexpr event_name log_failed{"log_failed"};
inline constexpr event_name log_lines_lost{"log_lines_lost"};

// Requests at the gateway (debug), but for refusals (warn).
inline constexpr event_name request_received{"request_received"};
inline constexpr event_name request_denied{"request_denied"};
inline constexpr event_name connection_refused{"connection_refused"};
inline constexpr event_name caller_busy{"caller_busy"};
inline constexpr event_name reply_dropped{"reply_dropped"};

}  // namespace event
}  // namespace ie
