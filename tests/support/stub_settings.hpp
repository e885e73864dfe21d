// Settings of the real interface that keep what belongs into the audit trail, and know nothing
// else.
#pragma once

#include <map>
#include <mutex>

#include "actors/settings/settings_actor.hpp"

namespace ie::testing {

// What they were told. Thread-safe.
class audit_trail {
  public:
    void add(const request_refused& refused) {
        const std::lock_guard lock(mutex_);
        refusals_.push_back(refused);
    }
    void add(const request_refused& last, uint64_t count) {
        const std::lock_guard lock(mutex_);
        sums_.emplace_back(last, count);
    }
    audit_recorded add(const record_audit& told) {
        const std::lock_guard lock(mutex_);
        uint64_t& last_number = last_numbers_[told.source];
        for (const auto& each : told.actions) {
            if (each.number <= last_number) continue;
            last_number = each.number;
            actions_.push_back(each);
        }
        return {last_number};
    }
    std::vector<request_refused> refusals() const {
        const std::lock_guard lock(mutex_);
        return refusals_;
    }
    std::vector<std::pair<request_refused, uint64_t>> sums() const {
        const std::lock_guard lock(mutex_);
        return sums_;
    }
    std::vector<audited_action> actions() const {
        const std::lock_guard lock(mutex_);
        return actions_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<request_refused> refusals_;
    std::vector<std::pair<request_refused, uint64_t>> sums_;
    std::vector<audited_action> actions_;
    std::map<std::string, uint64_t> last_numbers_;
};

inline settings_actor make_stub_settings(caf::actor_system& system, audit_trail* trail) {
    const auto behavior = [](settings_actor::pointer,
                             audit_trail* to) -> settings_actor::behavior_type {
        using context = const request_context&;
        return {[](poll_atom) {},
                [](reload_atom) {},
                [](get_settings, context) { return settings_values{}; },
                [](const change_settings&, context) { return settings_values{}; },
                [](list_limits, context) { return limit_list{}; },
                [](const change_limits&, context) { return limit_list{}; },
                [](const reset_counts&, context) { return counts_reset{}; },
                [](list_whitelist, context) { return whitelist_entries{}; },
                [](const change_whitelist&, context) { return whitelist_changed{}; },
                [](const edit_account&, context) { return account_edited{}; },
                [](const get_incoming&, context) { return incoming_status{}; },
                [](const change_incoming&, context) { return incoming_status{}; },
                [](const list_audit&, context) { return audit_list{}; },
                [to](const record_audit& told) { return to->add(told); },
                [to](const request_refused& refused) { to->add(refused); },
                [to](const request_refused& last, uint64_t count) { to->add(last, count); },
                [](get_status) { return actor_status{}; }};
    };
    return system.spawn(behavior, trail);
}

}  // namespace ie::testing
