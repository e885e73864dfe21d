// A settings actor with its files and database in a folder of its own, between small stand-ins for
// statistics and the rate limiter.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "actors/settings/settings_actor.hpp"
#include "tests/support/actor_fixture.hpp"

namespace ie::testing {

// What the stand-ins know, and what they were asked. Tests run all on one thread.
struct neighbours {
    std::vector<known_object> objects;
    bool statistics_answers = true;
    bool limiter_answers = true;
    std::vector<std::vector<object_key>> forgotten;
};

inline statistics_actor::behavior_type fake_statistics(statistics_actor::pointer self,
                                                       neighbours* known) {
    return {[](const mails_judged&) {},
            [](flush_atom) {},
            [](counts_atom) { return decision_counts{}; },
            [](const get_activity&, const request_context&) { return activity_report{}; },
            [](const get_incoming_stats&, const request_context&) { return incoming_stats{}; },
            [self, known](const find_objects& request) -> caf::result<objects_found> {
                // A promise that nobody keeps.
                if (!known->statistics_answers) return self->make_response_promise<objects_found>();
                objects_found out;
                for (const auto& each : known->objects) {
                    const auto& ids = request.ids;
                    const bool asked = std::find(ids.begin(), ids.end(), each.id) != ids.end();
                    if (asked) out.items.push_back(each);
                }
                return out;
            },
            [](const get_status&) { return actor_status{}; }};
}

// Each object has sent as many messages as its place says, from 17 on.
inline rate_limiter_actor::behavior_type fake_limiter(rate_limiter_actor::pointer self,
                                                      neighbours* known) {
    return {[](const reserve_quota&) { return quota_verdict{}; },
            [](const give_back_quota&) {},
            [](const renew_quota&) { return true; },
            [](const get_usage&) { return usage_list{}; },
            [self, known](const forget_counts& request) -> caf::result<usage_list> {
                if (!known->limiter_answers) return self->make_response_promise<usage_list>();
                known->forgotten.push_back(request.keys);
                usage_list out;
                for (uint64_t i = 0; i < request.keys.size(); ++i) {
                    out.items.push_back({17 + i, 40 + i});
                }
                return out;
            },
            [](const get_status&) { return actor_status{}; }};
}

class settings_fixture : public actor_fixture {
  protected:
    static constexpr uint32_t nobody_uid = 4'000'000'000;  // has no login

    settings_fixture() {
        options_.path = folder_.path("settings.db");
        options_.account_files.domain_map = folder_.write("userdomains", "alice.test: alice\n");
        options_.account_files.true_domain_map = folder_.path("trueuserdomains");
        options_.account_files.data_domain_map = folder_.path("userdatadomains");
        options_.rate_limiter = own(system_->spawn(fake_limiter, &neighbours_));
        options_.statistics = own(system_->spawn(fake_statistics, &neighbours_));
        options_.accounts = &accounts_;
        options_.policy = &policy_;
        options_.clock = &time_;
        options_.copy_on = thread_use::shared;
        neighbours_.objects = {alice_, shop_, mail_};
    }

    void start() {
        settings_ = own(make_settings(*system_, thread_use::shared, options_));
        run();
    }
    // As the supervisor does: the old actor ends, a new one begins.
    void restart() {
        caf::anon_send_exit(settings_, caf::exit_reason::user_shutdown);
        run();
        owned_.pop_back();
        start();
    }

    static request_context root() { return {{caller_role::root, 0, account_name{"root"}, ""}, 0}; }

    outcome<settings_values> change(std::vector<setting> changes) {
        return *ask<settings_values>(settings_, change_settings{std::move(changes)}, root());
    }
    std::string value(const std::string& key) {
        const auto all = *ask<settings_values>(settings_, get_settings{}, root());
        for (const auto& each : all->items) {
            if (each.key == key) return each.value;
        }
        return "-";
    }
    outcome<whitelist_changed> change_list(const change_whitelist& request) {
        return *ask<whitelist_changed>(settings_, request, root());
    }
    outcome<whitelist_changed> whitelist(std::vector<std::string> values, bool any = false) {
        return change_list({whitelist_kind::sender, false, std::move(values), any});
    }
    whitelist_entries listed(whitelist_kind list) {
        return **ask<whitelist_entries>(settings_, list_whitelist{list}, root());
    }
    outcome<limit_list> set_limit(std::vector<object_id> ids, sender_kind kind, int64_t limit) {
        return *ask<limit_list>(settings_, change_limits{std::move(ids), kind, limit}, root());
    }
    std::vector<individual_limit> limits() {
        return (*ask<limit_list>(settings_, list_limits{}, root()))->items;
    }
    audit_list find(const list_audit& request) {
        return **ask<audit_list>(settings_, request, root());
    }
    std::vector<audit_record> trail() {
        list_audit all;
        all.limit = list_audit::limit_max;
        return find(all).items;
    }
    static std::vector<std::string> told(const std::vector<audit_record>& records) {
        std::vector<std::string> lines;
        for (const auto& each : records) {
            lines.push_back(each.action + " " + each.object + ": " + each.before + " → " +
                            each.after);
        }
        return lines;
    }
    actor_status status() { return **ask<actor_status>(settings_, get_status{}); }

    void refuse(uint32_t uid) {
        caf::anon_send(
            settings_,
            request_refused{{caller_role::account, uid, {}, ""}, "list_audit", "that is root's"});
        run();
    }

    // From here on no record goes into the trail, and so no change may happen.
    void break_database() {
        SQLite::Database(options_.path, SQLite::OPEN_READWRITE)
            .exec(
                "CREATE TRIGGER full BEFORE INSERT ON audit "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
    }
    void mend_database() {
        SQLite::Database(options_.path, SQLite::OPEN_READWRITE).exec("DROP TRIGGER full");
    }

    temporary_folder folder_;
    snapshot<account_directory> accounts_;
    snapshot<mail_policy> policy_;
    neighbours neighbours_;
    settings_options options_;
    settings_actor settings_;

    const known_object alice_{object_id{"6ba7b810-9dad-41d1-80b4-00c04fd430c8"},
                              sender_kind::account, account_name{"alice"}, "alice"};
    const known_object shop_{object_id{"6ba7b811-9dad-41d1-80b4-00c04fd430c8"}, sender_kind::domain,
                             account_name{"alice"}, "shop.test"};
    const known_object mail_{object_id{"6ba7b812-9dad-41d1-80b4-00c04fd430c8"}, sender_kind::domain,
                             account_name{"alice"}, "mail.test"};
};

}  // namespace ie::testing
