// What only reads held mail, beside what holds and settles it.
#include <caf/scoped_actor.hpp>

#include <functional>
#include <future>
#include <thread>

#include "actors/quarantine/index/quarantine_database.hpp"
#include "tests/actor/quarantine_fixture.hpp"

namespace ie::testing {
namespace {

constexpr std::chrono::seconds soon{20};

class QuarantineReader : public QuarantineActor {
  protected:
    // Both on threads of their own, as in an engine.
    void begin_with_threads() {
        crash();
        options_.detached = true;
        courier_ = std::make_shared<fake_courier_state>();
        options_.courier = own(courier_actor{system_->spawn(fake_courier, courier_)});
        options_.settings = own(make_stub_settings(*system_, &trail_));
        options_.fault = [this](const disk_step& step) {
            if (step.name == stopped_at_ && at_row_) at_row_(++rows_read_);
            return 0;
        };
        auto made = make_quarantine(*system_, options_);
        ASSERT_TRUE(made) << made.failure().what;
        quarantine_ = own(std::move(*made));
    }
    void TearDown() override {
        if (options_.detached) {
            caf::scoped_actor me(*system_);
            me->send_exit(quarantine_, caf::exit_reason::kill);
            me->wait_for(quarantine_);
        }
        QuarantineActor::TearDown();
    }

    template <class Reply, class... Request>
    outcome<Reply> wait_for(const Request&... request) {
        caf::scoped_actor me(*system_);
        outcome<Reply> answer = fail(error_code::internal, "none");
        me->request(quarantine_, soon, request...)
            .receive([&](Reply& reply) { answer = std::move(reply); },
                     [&](caf::error& failure) { answer = from_caf(failure); });
        return answer;
    }
    outcome<mail_held> hold_now(int number) {
        return wait_for<mail_held>(hold_of(number), from(root), mail_bytes(mail));
    }
    // Begun, and stopped in the midst of it.
    template <class Reply, class Request>
    std::future<outcome<Reply>> begin_stopping(const Request& request) {
        at_row_ = [this](int nth) {
            if (nth != 1) return;
            stopped_.set_value();
            go_on_.get_future().wait_for(5 * soon);
        };
        auto pending = std::async(std::launch::async,
                                  [=, this] { return wait_for<Reply>(request, from(root)); });
        EXPECT_EQ(stopped_.get_future().wait_for(soon), std::future_status::ready);
        return pending;
    }

    std::string stopped_at_ = "list";      // a step that the reader takes
    std::function<void(int nth)> at_row_;  // of a list, in the reader's thread
    int rows_read_ = 0;
    std::promise<void> stopped_;
    std::promise<void> go_on_;
};

TEST_F(QuarantineReader, MailIsHeldWhileAListIsRead) {
    begin_with_threads();
    ASSERT_TRUE(hold_now(1));
    auto list = begin_stopping<mail_list>(list_mails{});
    EXPECT_TRUE(hold_now(2));
    EXPECT_EQ(list.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    go_on_.set_value();
    EXPECT_EQ(list.get()->max_count, 1U);
    EXPECT_EQ(wait_for<mail_list>(list_mails{}, from(root))->max_count, 2U);
}

TEST_F(QuarantineReader, MailIsHeldWhileMailsAreChosenByAFilter) {
    begin_with_threads();
    ASSERT_TRUE(hold_now(1));
    auto removed = begin_stopping<mails_settled>(remove_mails{});
    EXPECT_TRUE(hold_now(2));
    EXPECT_TRUE(wait_for<mails_settled>(remove_mails{{id_of(1)}, {}, true, {}}, from(root)));
    go_on_.set_value();
    const auto settled = removed.get();
    ASSERT_TRUE(settled);
    EXPECT_TRUE(settled->done.empty());  // it was gone by then
    EXPECT_TRUE(settled->failed.empty());
    EXPECT_EQ(wait_for<mail_list>(list_mails{}, from(root))->max_count, 1U);
}

TEST_F(QuarantineReader, MailIsHeldWhileTheStoreIsChecked) {
    begin_with_threads();
    ASSERT_TRUE(hold_now(1));
    stopped_at_ = "read";
    auto checked = begin_stopping<store_checked>(check_store{1});
    EXPECT_TRUE(hold_now(2));
    EXPECT_EQ(checked.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    go_on_.set_value();
    EXPECT_TRUE(checked.get()->problems.empty());
}

lesson_actor::behavior_type counting_learner(lesson_actor::pointer, int* told) {
    return {[told](const mail_lesson&, const mail_bytes& bytes) {
        EXPECT_EQ(bytes.view(), mail);
        ++*told;
    }};
}

TEST_F(QuarantineReader, MailIsHeldWhileAnotherIsReadForALesson) {
    int told = 0;
    options_.learner = lesson_actor{system_->spawn(counting_learner, &told)};
    begin_with_threads();
    ASSERT_TRUE(hold_now(1));
    stopped_at_ = "read";
    auto removed = begin_stopping<mails_settled>(remove_mails{{id_of(1)}, {}, true, {}});
    EXPECT_EQ(removed.get()->done.size(), 1U);
    EXPECT_TRUE(hold_now(2));
    EXPECT_EQ(file_count(), 2U);
    go_on_.set_value();
    const auto until_ms = steady_now_ms() + 20'000;
    while (file_count() > 1 && steady_now_ms() < until_ms) std::this_thread::yield();
    EXPECT_EQ(file_count(), 1U);
    run();  // the learner has no thread of its own
    EXPECT_EQ(told, 1);
}

TEST_F(QuarantineReader, WhoeverWasToldFindsItSo) {
    begin_with_threads();
    for (int number = 1; number <= 20; ++number) {
        ASSERT_TRUE(hold_now(number));
        EXPECT_EQ(wait_for<mail_list>(list_mails{}, from(root))->max_count, 1U);
        EXPECT_EQ(wait_for<mails_settled>(remove_mails{{}, {}, true, {}}, from(root))->done,
                  ids{id_of(number)});
        EXPECT_EQ(wait_for<mail_list>(list_mails{}, from(root))->max_count, 0U);
    }
}

// Its bytes are read between the two.
TEST_F(QuarantineReader, AMailThatIsSettledWhileItIsShownIsNotMissing) {
    ASSERT_TRUE(hold(hold_of(1)));
    bool removed = false;
    on_step_ = [&](std::string_view step) {
        if (step != "read" || std::exchange(removed, true)) return;
        auto index = quarantine_database::open(folder_.path("quarantine.db"));
        ASSERT_TRUE(index->commit({set_release{1, {mail_state::removed, {}, {}}, start_ms}}));
        fs::remove(path_of(1));
    };
    EXPECT_EQ(show(1).failure.code, error_code::not_found);
    EXPECT_TRUE(removed);
}

TEST_F(QuarantineReader, NobodyReadsForWhoDoesNotWaitAnyMore) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto late = *ask<mail_list>(quarantine_, list_mails{}, from(root, 0));
    EXPECT_EQ(late.failure().code, error_code::deadline_exceeded);
    EXPECT_EQ(times("list"), 0);
    const auto kept = *ask<mails_settled>(quarantine_, remove_mails{}, from(root, 0));
    EXPECT_EQ(kept.failure().code, error_code::deadline_exceeded);
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineReader, WhatAFilterFindsIsSettledInParts) {
    for (int number = 1; number <= 3; ++number) ASSERT_TRUE(hold(hold_of(number)));
    remove_mails request;
    request.filter.subject = "zebra";
    const auto none = *ask<mails_settled>(quarantine_, request, from(root));
    EXPECT_TRUE(none->done.empty());
    EXPECT_EQ(none->remaining, 0U);
    request.filter.subject = "gRüße";
    const auto found = *ask<mails_settled>(quarantine_, request, from(alice));
    EXPECT_EQ(found->done.size(), 3U);
    EXPECT_TRUE(listed(root).empty());
}

TEST_F(QuarantineReader, AFailedListIsSaidInTheDatabasesWords) {
    ASSERT_TRUE(hold(hold_of(1)));
    faulty_ = "list";
    EXPECT_EQ(list(root).failure().code, error_code::storage_failed);
    faulty_ = {};
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineReader, ItsEndIsTheQuarantines) {
    ASSERT_TRUE(hold(hold_of(1)));
    {
        std::fstream file(folder_.path("quarantine.db"),
                          std::ios::binary | std::ios::in | std::ios::out);
        SQLite::Database(folder_.path("quarantine.db"), SQLite::OPEN_READWRITE)
            .exec("PRAGMA wal_checkpoint(TRUNCATE)");
        file.seekp(4096);
        file << std::string(fs::file_size(folder_.path("quarantine.db")) - 4096, '\x5a');
    }
    EXPECT_EQ(list(root).failure().code, error_code::storage_failed);
    const auto after = ask<actor_status>(quarantine_, get_status{});
    ASSERT_TRUE(after);
    EXPECT_FALSE(*after);  // gone: the supervisor starts it anew
    restart();
    EXPECT_EQ(listed(root), ids{id_of(1)});
}

TEST_F(QuarantineReader, WhatFailsItIsInTheStatus) {
    ASSERT_TRUE(hold(hold_of(1)));
    faulty_ = "list";
    EXPECT_FALSE(list(root));
    EXPECT_THAT(status().last_error, HasSubstr("No space left"));
}

// Whoever stops it waits for its end, and can say what is stuck.
TEST_F(QuarantineReader, AStopIsOverWhenTheReaderHasEnded) {
    begin_with_threads();
    ASSERT_TRUE(hold_now(1));
    auto list = begin_stopping<mail_list>(list_mails{});
    caf::scoped_actor me(*system_);
    me->monitor(quarantine_);
    me->send_exit(quarantine_, caf::exit_reason::user_shutdown);
    bool is_down = false;
    const auto wait_down = [&](std::chrono::milliseconds time) {
        me->receive([&](const caf::down_msg&) { is_down = true; }, caf::after(time) >> [] {});
    };
    wait_down(std::chrono::milliseconds(300));
    EXPECT_FALSE(is_down);
    go_on_.set_value();
    EXPECT_TRUE(list.get());
    wait_down(soon);
    EXPECT_TRUE(is_down);
}

// What is committed may then become part of the database while lists are read, and no commit of
// mails that are held waits for it.
TEST_F(QuarantineReader, MakesTheCheckpoints) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto log = folder_.path("quarantine.db-wal");
    hold_mail many = hold_of(2);
    many.recipients.assign(1, std::string(4'000'000, 'x'));
    for (int number = 2; number < 8; ++number) {
        many.ticket.id = id_of(number);
        ASSERT_TRUE(hold(many));
    }
    const auto full = fs::file_size(log);
    EXPECT_GT(full, quarantine_database::log_pages_max * 4096U);
    EXPECT_GT(fs::file_size(folder_.path("quarantine.db")),
              quarantine_database::log_pages_max * 4096U);
    ASSERT_TRUE(hold(hold_of(9)));
    EXPECT_EQ(fs::file_size(log), full);  // begun anew
}

}  // namespace
}  // namespace ie::testing
