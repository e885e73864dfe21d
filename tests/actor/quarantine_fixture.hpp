// A quarantine with its store in a folder of its own, between a courier that does as it is told and
// settings that keep what they are told. It can be killed and started again, and its disk can fail.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <cerrno>
#include <deque>
#include <fstream>
#include <mutex>

#include "actors/quarantine/quarantine_actor.hpp"
#include "actors/quarantine/store/hold_queue.hpp"
#include "actors/quarantine/store/hold_recovery.hpp"
#include "actors/quarantine/store/store_sweep.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/support/disk_model.hpp"
#include "tests/support/stub_settings.hpp"

namespace ie::testing {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

inline const std::string mail =
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nX-PHP-Script: x.com/a.php for ::1\n\nbody\n";
inline const std::string large_mail =
    mail + std::string(hold_queue::journaled_bytes_max, 'x') + "\n";
inline const queue_id first_copy{"1nFEym-0005TO-Qs"};
inline const queue_id second_copy{"1nFEyn-0005TP-Qs"};
inline const caller root{caller_role::root, 0, account_name{"root"}};
inline const caller alice{caller_role::account, 1001, account_name{"alice"}};
inline const caller bob{caller_role::account, 1002, account_name{"bob"}};

inline mail_id id_of(int number) {
    char text[40];
    std::snprintf(text, sizeof text, "%08x-d547-4b29-b8f0-f5331821c930", number);
    return mail_id{text};
}

inline hold_mail hold_of(int number, std::vector<std::string> recipients = {"b@far.test"},
                         const std::string& account = "alice") {
    hold_mail hold;
    hold.ticket.id = id_of(number);
    hold.ticket.owner.account = account_name{account};
    hold.ticket.sender = "a@alice.test";
    hold.ticket.reasons = {hold_reason::spam};
    hold.ticket.received_at_ms = 1'795'300'000'000 + number * 1000;
    hold.queue_id = first_copy;
    hold.recipients = std::move(recipients);
    return hold;
}

// A courier that does as it is told, and keeps what it was given. Without an answer told it keeps
// the question open.
struct fake_courier_state {
    struct question {
        deliver_mail request;
        std::string bytes;
        caf::typed_response_promise<mail_delivered> promise;
    };
    std::deque<outcome<mail_delivered>> answers;
    std::vector<question> questions;
    std::deque<std::pair<size_t, outcome<mail_delivered>>> due;
    caf::actor self;

    // A promise is kept by the actor that made it: answered with the next run().
    void answer(size_t at, const outcome<mail_delivered>& with) {
        due.emplace_back(at, with);
        caf::anon_send(self, poll_atom_v);
    }

    void answer_due() {
        for (auto& [at, with] : std::exchange(due, {})) {
            if (with) {
                questions[at].promise.deliver(*with);
            } else {
                questions[at].promise.deliver(to_caf(with.failure()));
            }
        }
    }
};

using fake_courier_actor = courier_actor::extend<reacts_to<poll_atom>>;

inline fake_courier_actor::behavior_type fake_courier(fake_courier_actor::pointer self,
                                                      std::shared_ptr<fake_courier_state> told) {
    told->self = caf::actor_cast<caf::actor>(self);
    return {[self, told](const deliver_mail& request,
                         const mail_bytes& bytes) -> caf::result<mail_delivered> {
                auto promise = self->make_response_promise<mail_delivered>();
                told->questions.push_back({request, std::string(bytes.view()), promise});
                if (told->answers.empty()) return promise;
                told->answer(told->questions.size() - 1, told->answers.front());
                told->answers.pop_front();
                return promise;
            },
            [told](poll_atom) { told->answer_due(); }, [](get_status) { return actor_status{}; }};
}

class QuarantineActor : public actor_fixture {
  protected:
    QuarantineActor() { begin_engine(); }

    void begin_engine() {
        courier_ = std::make_shared<fake_courier_state>();
        options_.data_dir = folder_.path();
        options_.clock = &time_;
        options_.courier = own(courier_actor{system_->spawn(fake_courier, courier_)});
        options_.settings = own(make_stub_settings(*system_, &trail_));
        options_.policy = &policy_;
        options_.detached = false;
        options_.fault = [this](const disk_step& step) {
            int code = step.name == faulty_ ? ENOSPC : 0;
            {
                const std::lock_guard lock(steps_mutex_);
                steps_.emplace_back(step.name);
                if (code == 0 && fault_) code = fault_(step);
                if (disk_) disk_->on_step(step, code);
            }
            if (on_step_) on_step_(step.name);
            return code;
        };
        auto made = make_quarantine(*system_, options_);
        ASSERT_TRUE(made) << made.failure().what;
        quarantine_ = own(std::move(*made));
    }

    // The process dies: what it was about to do is never done.
    void crash() {
        for (const auto& each : owned_) caf::anon_send_exit(each, caf::exit_reason::kill);
        run();
        owned_.clear();
        courier_->questions.clear();
        quarantine_ = nullptr;
        options_.settings = nullptr;
        options_.courier = nullptr;
    }
    void restart() {
        crash();
        begin_engine();
        run();
    }

    static request_context from(const caller& who, int64_t left_ms = 60'000) {
        return {who, steady_now_ms() + left_ms};
    }
    outcome<mail_held> hold(const hold_mail& request, const std::string& bytes = mail) {
        return *ask<mail_held>(quarantine_, request, from(root), mail_bytes(bytes));
    }
    auto begin_hold(const hold_mail& request, const std::string& bytes = mail) {
        return begin<mail_held>(quarantine_, request, from(root), mail_bytes(bytes));
    }
    outcome<mail_list> list(const caller& who, const std::string& account = "") {
        list_mails request;
        request.filter.account = account_name{account};
        request.limit = list_mails::limit_max;
        return *ask<mail_list>(quarantine_, request, from(who));
    }
    std::vector<mail_id> listed(const caller& who, const std::string& account = "") {
        std::vector<mail_id> ids;
        const auto got = list(who, account);
        EXPECT_TRUE(got);
        if (!got) return ids;
        for (const auto& each : got->items) ids.push_back(each.id);
        EXPECT_EQ(ids.size(), got->max_count);
        return ids;
    }
    static release_mails releasing(std::vector<mail_id> ids) {
        release_mails request;
        request.ids = std::move(ids);
        return request;
    }
    outcome<mails_settled> release(std::vector<mail_id> ids, const caller& who = root) {
        return *ask<mails_settled>(quarantine_, releasing(std::move(ids)), from(who));
    }
    auto begin_release(std::vector<mail_id> ids, int64_t left_ms = 60'000) {
        auto pending =
            begin<mails_settled>(quarantine_, releasing(std::move(ids)), from(root, left_ms));
        run();
        return pending;
    }
    outcome<mails_settled> remove(std::vector<mail_id> ids, const caller& who = root) {
        remove_mails request;
        request.ids = std::move(ids);
        return *ask<mails_settled>(quarantine_, request, from(who));
    }
    outcome<release_confirmed> confirm(int number, const queue_id& copy) {
        return *ask<release_confirmed>(quarantine_, confirm_release{id_of(number), copy},
                                       from(root));
    }
    actor_status status() { return **ask<actor_status>(quarantine_, get_status{}); }

    // `show` answers with two values.
    struct shown {
        std::optional<mail_details> details;
        std::string bytes;
        error failure;
    };
    shown show(int number, const caller& who = root, mail_view view = mail_view::raw) {
        const auto result = std::make_shared<shown>();
        const show_mail request{id_of(number), {}, view};
        const auto asker = [](caf::event_based_actor* self, const quarantine_actor& asked,
                              const show_mail& what, const request_context& context,
                              const std::shared_ptr<shown>& into) {
            self->request(asked, caf::infinite, what, context)
                .then(
                    [into](mail_details& details, mail_bytes& bytes) {
                        into->details = std::move(details);
                        into->bytes = bytes.view();
                    },
                    [into](const caf::error& failure) { into->failure = from_caf(failure); });
        };
        system_->spawn(asker, quarantine_, request, from(who), result);
        run();
        return *result;
    }

    // What people decided, as the settings would have it.
    void decide(const std::string& account, const own_space& own) {
        mail_policy policy = *policy_.get();
        policy.own_spaces[account] = own;
        policy_.set(std::move(policy));
    }
    outcome<account_list> accounts(const caller& who, const std::string& account = "") {
        list_accounts request;
        request.account = account_name{account};
        return *ask<account_list>(quarantine_, request, from(who));
    }
    account_space space_of(const std::string& account) {
        const auto all = accounts(root);
        for (const auto& each : all->items) {
            if (each.account.value == account) return each;
        }
        ADD_FAILURE() << "no space of " << account;
        return {};
    }
    // What a check finds; the end of it must be reached.
    std::vector<std::string> problems() {
        std::vector<std::string> all;
        for (uint32_t position = 0, end = 1; position < end;) {
            const auto checked =
                *ask<store_checked>(quarantine_, check_store{position}, from(root));
            EXPECT_TRUE(checked) << checked.failure().what;
            if (!checked) return all;
            all.insert(all.end(), checked->problems.begin(), checked->problems.end());
            position = checked->position;
            end = checked->end;
        }
        return all;
    }

    uint64_t bytes_of(int number) const { return fs::file_size(path_of(number)); }
    std::string path_of(int number) const {
        const std::string id = id_of(number).value;
        return folder_.path("quarantine/" + id.substr(0, 2) + "/" + id);
    }
    size_t file_count() const {
        size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(folder_.path("quarantine"))) {
            count += entry.is_regular_file() ? 1 : 0;
        }
        return count;
    }
    long times(std::string_view step) const {
        return std::count(steps_.begin(), steps_.end(), step);
    }

    audit_trail trail_;
    snapshot<mail_policy> policy_;
    const temporary_folder folder_;
    std::shared_ptr<fake_courier_state> courier_;
    quarantine_options options_;
    quarantine_actor quarantine_;
    std::string faulty_;                          // a step that fails: the disk is full
    std::function<int(const disk_step&)> fault_;  // another error, or another step
    std::optional<disk_model> disk_;
    std::mutex steps_mutex_;  // files are written by several threads
    std::vector<std::string> steps_;
    std::function<void(std::string_view)> on_step_;
};

using ids = std::vector<mail_id>;

}  // namespace ie::testing
