// The one place that knows which CAF this is (Debian's 0.17): what 0.18 and later named anew is
// named here, and every type that actors send each other is announced here.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "messages/accounts.hpp"
#include "messages/activity.hpp"
#include "messages/incoming.hpp"
#include "messages/mail_bytes.hpp"
#include "messages/quarantine.hpp"
#include "messages/release.hpp"
#include "messages/request_context.hpp"
#include "messages/scan.hpp"
#include "messages/service.hpp"
#include "messages/settings.hpp"

// Bytes never leave the process as a CAF message.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(ie::mail_bytes)

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(imunify_email, first_custom_type_id)
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_bytes))
    CAF_ADD_TYPE_ID(imunify_email, (ie::request_context))
    CAF_ADD_TYPE_ID(imunify_email, (ie::judge_mail))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_verdict))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mails_judged))
    CAF_ADD_TYPE_ID(imunify_email, (ie::scan_mail))
    CAF_ADD_TYPE_ID(imunify_email, (ie::scan_result))
    CAF_ADD_TYPE_ID(imunify_email, (ie::look_into_mail))
    CAF_ADD_TYPE_ID(imunify_email, (ie::attachments_found))
    CAF_ADD_TYPE_ID(imunify_email, (ie::hold_mail))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_held))
    CAF_ADD_TYPE_ID(imunify_email, (ie::get_incoming))
    CAF_ADD_TYPE_ID(imunify_email, (ie::change_incoming))
    CAF_ADD_TYPE_ID(imunify_email, (ie::incoming_status))
    CAF_ADD_TYPE_ID(imunify_email, (ie::get_incoming_stats))
    CAF_ADD_TYPE_ID(imunify_email, (ie::incoming_stats))
    CAF_ADD_TYPE_ID(imunify_email, (ie::list_mails))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_list))
    CAF_ADD_TYPE_ID(imunify_email, (ie::show_mail))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_details))
    CAF_ADD_TYPE_ID(imunify_email, (ie::release_mails))
    CAF_ADD_TYPE_ID(imunify_email, (ie::remove_mails))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mails_settled))
    CAF_ADD_TYPE_ID(imunify_email, (ie::deliver_mail))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_delivered))
    CAF_ADD_TYPE_ID(imunify_email, (ie::confirm_release))
    CAF_ADD_TYPE_ID(imunify_email, (ie::release_confirmed))
    CAF_ADD_TYPE_ID(imunify_email, (ie::reserve_quota))
    CAF_ADD_TYPE_ID(imunify_email, (ie::quota_verdict))
    CAF_ADD_TYPE_ID(imunify_email, (ie::give_back_quota))
    CAF_ADD_TYPE_ID(imunify_email, (ie::renew_quota))
    CAF_ADD_TYPE_ID(imunify_email, (ie::get_usage))
    CAF_ADD_TYPE_ID(imunify_email, (ie::usage_list))
    CAF_ADD_TYPE_ID(imunify_email, (ie::forget_counts))
    CAF_ADD_TYPE_ID(imunify_email, (ie::find_objects))
    CAF_ADD_TYPE_ID(imunify_email, (ie::objects_found))
    CAF_ADD_TYPE_ID(imunify_email, (ie::get_activity))
    CAF_ADD_TYPE_ID(imunify_email, (ie::activity_report))
    CAF_ADD_TYPE_ID(imunify_email, (ie::change_limits))
    CAF_ADD_TYPE_ID(imunify_email, (ie::list_limits))
    CAF_ADD_TYPE_ID(imunify_email, (ie::limit_list))
    CAF_ADD_TYPE_ID(imunify_email, (ie::reset_counts))
    CAF_ADD_TYPE_ID(imunify_email, (ie::counts_reset))
    CAF_ADD_TYPE_ID(imunify_email, (ie::get_settings))
    CAF_ADD_TYPE_ID(imunify_email, (ie::change_settings))
    CAF_ADD_TYPE_ID(imunify_email, (ie::settings_values))
    CAF_ADD_TYPE_ID(imunify_email, (ie::list_whitelist))
    CAF_ADD_TYPE_ID(imunify_email, (ie::whitelist_entries))
    CAF_ADD_TYPE_ID(imunify_email, (ie::change_whitelist))
    CAF_ADD_TYPE_ID(imunify_email, (ie::whitelist_changed))
    CAF_ADD_TYPE_ID(imunify_email, (ie::list_audit))
    CAF_ADD_TYPE_ID(imunify_email, (ie::audit_list))
    CAF_ADD_TYPE_ID(imunify_email, (ie::request_refused))
    CAF_ADD_TYPE_ID(imunify_email, (ie::record_audit))
    CAF_ADD_TYPE_ID(imunify_email, (ie::audit_recorded))
    CAF_ADD_TYPE_ID(imunify_email, (ie::list_accounts))
    CAF_ADD_TYPE_ID(imunify_email, (ie::account_list))
    CAF_ADD_TYPE_ID(imunify_email, (ie::edit_account))
    CAF_ADD_TYPE_ID(imunify_email, (ie::account_edited))
    CAF_ADD_TYPE_ID(imunify_email, (ie::purge_account))
    CAF_ADD_TYPE_ID(imunify_email, (ie::account_purged))
    CAF_ADD_TYPE_ID(imunify_email, (ie::check_store))
    CAF_ADD_TYPE_ID(imunify_email, (ie::store_checked))
    CAF_ADD_TYPE_ID(imunify_email, (ie::mail_lesson))
    CAF_ADD_TYPE_ID(imunify_email, (ie::get_status))
    CAF_ADD_TYPE_ID(imunify_email, (ie::actor_status))
    CAF_ADD_TYPE_ID(imunify_email, (ie::engine_status))
    CAF_ADD_TYPE_ID(imunify_email, (ie::decision_counts))
    CAF_ADD_TYPE_ID(imunify_email, (ie::advance_clock))
    CAF_ADD_TYPE_ID(imunify_email, (ie::clock_advanced))
    CAF_ADD_ATOM(imunify_email, ie, commit_atom, "commit")
    CAF_ADD_ATOM(imunify_email, ie, evict_atom, "evict")
    CAF_ADD_ATOM(imunify_email, ie, flush_atom, "flush")
    CAF_ADD_ATOM(imunify_email, ie, poll_atom, "poll")
    CAF_ADD_ATOM(imunify_email, ie, reload_atom, "reload")
    CAF_ADD_ATOM(imunify_email, ie, counts_atom, "counts")
    CAF_ADD_ATOM(imunify_email, ie, report_atom, "report")
    CAF_ADD_ATOM(imunify_email, ie, begin_atom, "begin")
    CAF_ADD_ATOM(imunify_email, ie, stop_atom, "stop")
    CAF_ADD_ATOM(imunify_email, ie, watch_atom, "watch")
CAF_END_TYPE_ID_BLOCK(imunify_email)
// clang-format on

namespace ie {

template <class... Ts>
using replies_to = caf::replies_to<Ts...>;
template <class... Ts>
using reacts_to = caf::reacts_to<Ts...>;

// A system's configuration with our types and the scheduler that measured best.
class actor_config : public caf::actor_system_config {
  public:
    actor_config();
};

// Whether an actor shares the scheduler's threads or, since it waits for disks and processes, has
// one of its own. The supervisor decides; tests run all on the test scheduler.
enum class thread_use { shared, own };

// Ours across an actor's edge, and back. What CAF itself reports becomes deadline_exceeded,
// unavailable or internal.
caf::error to_caf(const error& failure);
error from_caf(const caf::error& failure);

// An actor's reply from an outcome.
template <class T>
caf::result<T> to_result(outcome<T> value) {
    if (value) return std::move(*value);
    return to_caf(value.failure());
}

}  // namespace ie
