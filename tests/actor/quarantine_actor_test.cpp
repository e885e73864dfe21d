#include "actors/quarantine/quarantine_actor.hpp"

#include <gmock/gmock.h>

#include <cerrno>
#include <deque>
#include <fstream>

#include "actors/quarantine/hold_queue.hpp"
#include "actors/quarantine/store_sweep.hpp"
#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string mail =
    "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nX-PHP-Script: x.com/a.php for ::1\n\nbody\n";
const queue_id first_copy{"1nFEym-0005TO-Qs"};
const queue_id second_copy{"1nFEyn-0005TP-Qs"};
const caller root{caller_role::root, 0, account_name{"root"}};
const caller alice{caller_role::account, 1001, account_name{"alice"}};
const caller bob{caller_role::account, 1002, account_name{"bob"}};

mail_id id_of(int number) {
    char text[40];
    std::snprintf(text, sizeof text, "%08x-d547-4b29-b8f0-f5331821c930", number);
    return mail_id{text};
}

hold_mail hold_of(int number, std::vector<std::string> recipients = {"b@far.test"},
                  const std::string& account = "alice") {
    hold_mail hold;
    hold.ticket.id = id_of(number);
    hold.ticket.owner.account = account_name{account};
    hold.ticket.sender = "a@alice.test";
    hold.ticket.reasons = {hold_reason::spam};
    hold.ticket.received_at_ms = 1'700'000'000'000 + number * 1000;
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

fake_courier_actor::behavior_type fake_courier(fake_courier_actor::pointer self,
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

class QuarantineActor : public testing::actor_fixture {
  protected:
    QuarantineActor() { begin_engine(); }

    void begin_engine() {
        courier_ = std::make_shared<fake_courier_state>();
        options_.data_dir = folder_.path();
        options_.clock = &time_;
        options_.courier = own(courier_actor{system_->spawn(fake_courier, courier_)});
        options_.detached = false;
        options_.fault = [this](std::string_view step) {
            steps_.emplace_back(step);
            return step == faulty_ ? ENOSPC : 0;
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
    auto begin_hold(const hold_mail& request) {
        return begin<mail_held>(quarantine_, request, from(root), mail_bytes(mail));
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

    const testing::temporary_folder folder_;
    std::shared_ptr<fake_courier_state> courier_;
    quarantine_options options_;
    quarantine_actor quarantine_;
    std::string faulty_;
    std::vector<std::string> steps_;
};

using ids = std::vector<mail_id>;

// --- Holding

TEST_F(QuarantineActor, AHeldMailIsListedAndShownAsItWas) {
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    const auto got = list(root);
    ASSERT_EQ(got->items.size(), 1U);
    const mail_summary& item = got->items[0];
    EXPECT_EQ(item.id, id_of(1));
    EXPECT_EQ(item.subject, "Grüße");
    EXPECT_EQ(item.size_bytes, mail.size());
    EXPECT_EQ(item.account.value, "alice");
    EXPECT_EQ(item.script_header.domain, "x.com");
    EXPECT_EQ(item.received_date, 1'700'000'001);
    EXPECT_THAT(item.reasons, ElementsAre(hold_reason::spam));
    const auto all = show(1);
    ASSERT_TRUE(all.details) << all.failure.what;
    EXPECT_EQ(all.bytes, mail);
    EXPECT_EQ(all.details->headers.front(), (mail_header{"Subject", "Grüße"}));
    EXPECT_EQ(show(1, root, mail_view::body).bytes, "body\n");
    EXPECT_EQ(show(1, root, mail_view::text).bytes, "body\n");
}

TEST_F(QuarantineActor, AHeldMailIsThereAfterACrash) {
    ASSERT_TRUE(hold(hold_of(1)));
    restart();
    EXPECT_EQ(listed(root), ids{id_of(1)});
    EXPECT_EQ(show(1).bytes, mail);
}

TEST_F(QuarantineActor, HoldingTwiceStoresOnce) {
    ASSERT_TRUE(hold(hold_of(1, {"b@far.test", "b@far.test"})));
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test"));
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(QuarantineActor, TheSameMailTwiceAtOnceIsStoredOnce) {
    const auto one = begin_hold(hold_of(1));
    const auto two = begin_hold(hold_of(1));
    run();
    EXPECT_TRUE(**one);
    EXPECT_TRUE(**two);
    EXPECT_EQ(listed(root).size(), 1U);
    EXPECT_EQ(list(root)->items[0].recipients.size(), 1U);
}

TEST_F(QuarantineActor, FurtherRecipientsJoinAHeldMail) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(*hold(hold_of(1, {"c@far.test", "b@far.test"}), "X: other bytes\n\n"),
              mail_held{id_of(1)});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("b@far.test", "c@far.test"));
    EXPECT_EQ(show(1).bytes, mail);
    EXPECT_EQ(file_count(), 1U);
}

TEST_F(QuarantineActor, AKnownRecipientOfASettledMailIsAnsweredAndNothingIsStored) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    restart();
    ASSERT_EQ(*hold(hold_of(1)), mail_held{id_of(1)});
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, AFurtherRecipientOfASettledMailIsHeldAnew) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    const auto held = hold(hold_of(1, {"b@far.test", "c@far.test"}));
    ASSERT_TRUE(held);
    EXPECT_NE(held->id, id_of(1));
    EXPECT_TRUE(is_uuid(held->id.value));
    EXPECT_EQ(listed(root), ids{held->id});
    EXPECT_THAT(list(root)->items[0].recipients, ElementsAre("c@far.test"));
    EXPECT_EQ(hold(hold_of(1, {"c@far.test"}))->id, held->id);
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineActor, HoldsThatWaitTogetherShareOneCommit) {
    std::vector<std::shared_ptr<std::optional<outcome<mail_held>>>> pending;
    for (int number = 1; number <= 8; ++number) pending.push_back(begin_hold(hold_of(number)));
    steps_.clear();
    run();
    for (const auto& each : pending) EXPECT_TRUE(**each);
    EXPECT_EQ(times("commit"), 1);
    EXPECT_EQ(times("fsync"), 8);
    EXPECT_EQ(times("fsync_folder"), 1);  // all in one folder
}

TEST_F(QuarantineActor, ABatchIsBounded) {
    for (size_t i = 0; i <= hold_queue::batch_mails_max; ++i) {
        begin_hold(hold_of(static_cast<int>(i)));
    }
    steps_.clear();
    run();
    EXPECT_EQ(times("commit"), 2);
    EXPECT_EQ(listed(root).size(), hold_queue::batch_mails_max + 1);
}

TEST_F(QuarantineActor, AnswersOnlyAfterEveryStepOnDisk) {
    begin_hold(hold_of(1));
    steps_.clear();
    run();
    EXPECT_THAT(steps_, ElementsAre("write", "fsync", "rename", "fsync_folder", "commit"));
}

TEST_F(QuarantineActor, NothingIsAcknowledgedWhenAStepFails) {
    run();
    for (const char* step : {"write", "fsync", "rename", "fsync_folder", "commit"}) {
        faulty_ = step;
        const auto refused = hold(hold_of(1));
        ASSERT_FALSE(refused) << step;
        EXPECT_EQ(refused.failure().code, error_code::storage_failed);
        EXPECT_THAT(refused.failure().what, HasSubstr("No space left on device")) << step;
        EXPECT_EQ(status().last_error, refused.failure().what);
        EXPECT_EQ(file_count(), 0U) << step;
        EXPECT_TRUE(listed(root).empty()) << step;
    }
    faulty_ = "";
    EXPECT_TRUE(hold(hold_of(1)));
}

TEST_F(QuarantineActor, ACrashBeforeTheCommitLeavesNothingBehind) {
    run();
    ASSERT_TRUE(hold(hold_of(2)));
    crash();
    fs::copy(path_of(2), path_of(1));              // renamed, not committed
    std::ofstream(path_of(3) + ".new") << "half";  // not renamed
    begin_engine();
    run();
    EXPECT_EQ(file_count(), 1U);
    EXPECT_EQ(listed(root), ids{id_of(2)});
}

TEST_F(QuarantineActor, AMailThatIsHeldAgainWhileTheStoreIsSweptKeepsItsFile) {
    ASSERT_TRUE(hold(hold_of(2)));
    crash();
    fs::copy(path_of(2), path_of(1));  // its hold wasn't committed, and Exim tries again
    auto store = mail_store::open(folder_.path("quarantine"), {});
    auto index = mail_index::open(folder_.path("quarantine.db"), {});
    ASSERT_TRUE(store && index);
    quarantine_context context{
        nullptr, options_, std::move(*store), std::move(*index), logger("quarantine"), {}};
    store_sweep sweep(context);
    sweep.step();
    const hold_mail again = hold_of(1);
    ASSERT_TRUE(context.index.commit({add_mail{{0,
                                                id_of(1),
                                                again.ticket,
                                                again.queue_id,
                                                again.recipients,
                                                {},
                                                {},
                                                time_.now_ms(),
                                                mail.size(),
                                                {}}}}));
    while (!sweep.is_done()) sweep.step();
    EXPECT_TRUE(fs::exists(path_of(1)));
}

TEST_F(QuarantineActor, ALostDatabaseCostsNoFile) {
    ASSERT_TRUE(hold(hold_of(1)));
    crash();
    for (const char* end : {"", "-wal", "-shm"}) {
        fs::remove(folder_.path("quarantine.db") + end);
    }
    begin_engine();
    run();
    EXPECT_EQ(file_count(), 1U);
    EXPECT_THAT(status().last_error, HasSubstr("1 files of held mail; they are kept"));
}

TEST_F(QuarantineActor, ALostFileIsReported) {
    ASSERT_TRUE(hold(hold_of(1)));
    crash();
    fs::remove(path_of(1));
    begin_engine();
    run();
    EXPECT_THAT(status().last_error, HasSubstr(id_of(1).value + " has lost its file"));
    EXPECT_EQ(listed(root).size(), 1U);
    EXPECT_EQ(show(1).failure.code, error_code::storage_failed);
}

TEST_F(QuarantineActor, HoldsThatCantBeAreRefused) {
    EXPECT_EQ(hold(hold_of(1, {})).failure().code, error_code::bad_request);
    auto path = hold_of(1);
    path.ticket.id = mail_id{"../../../../../../../../etc/passwd00"};
    EXPECT_EQ(hold(path).failure().code, error_code::bad_request);
    const auto many = hold_of(1, std::vector<std::string>(hold_queue::recipients_max + 1, "b"));
    EXPECT_EQ(hold(many).failure().code, error_code::bad_request);
    const auto late = *ask<mail_held>(quarantine_, hold_of(1), from(root, -1), mail_bytes(mail));
    EXPECT_EQ(late.failure().code, error_code::deadline_exceeded);
}

TEST_F(QuarantineActor, ThreeThousandRecipientsAreKept) {
    std::vector<std::string> recipients;
    for (int i = 0; i < 3'000; ++i) recipients.push_back(std::to_string(i) + "@far.test");
    ASSERT_TRUE(hold(hold_of(1, recipients)));
    EXPECT_EQ(list(root)->items[0].recipients, recipients);
}

TEST_F(QuarantineActor, MailOfNobodyBelongsToRoot) {
    auto request = hold_of(1);
    request.ticket.owner.account = {};
    ASSERT_TRUE(hold(request));
    EXPECT_EQ(list(root)->items[0].account.value, "root");
    EXPECT_TRUE(listed(alice).empty());
}

// --- Who sees what

TEST_F(QuarantineActor, RootSeesAllAndAnOwnerTheirOwn) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2, {"x@far.test"}, "bob")));
    EXPECT_EQ(listed(root), (ids{id_of(2), id_of(1)}));
    EXPECT_EQ(listed(root, "root"), (ids{id_of(2), id_of(1)}));
    EXPECT_EQ(listed(root, "ALICE"), ids{id_of(1)});
    EXPECT_EQ(listed(alice), ids{id_of(1)});
    EXPECT_EQ(listed(bob, "Bob"), ids{id_of(2)});
}

TEST_F(QuarantineActor, NobodyActsForAnother) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(list(bob, "alice").failure().code, error_code::not_permitted);
    EXPECT_EQ(list(bob, "root").failure().code, error_code::not_permitted);
    const caller stranger{caller_role::stranger, 65534, account_name{"alice"}};
    EXPECT_EQ(list(stranger).failure().code, error_code::not_permitted);
    EXPECT_EQ(release({id_of(1)}, stranger).failure().code, error_code::not_permitted);
    EXPECT_EQ(remove({id_of(1)}, stranger).failure().code, error_code::not_permitted);
    EXPECT_EQ(show(1, stranger).failure.code, error_code::not_permitted);
}

TEST_F(QuarantineActor, AnothersMailIsNotToldFromNone) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(show(1, bob).failure.code, error_code::not_found);
    EXPECT_EQ(show(1, bob).failure.what, "no such mail: " + id_of(1).value);
    const auto released = release({id_of(1), id_of(9)}, bob);
    ASSERT_EQ(released->failed.size(), 2U);
    EXPECT_EQ(released->failed[0].failure.code, released->failed[1].failure.code);
    EXPECT_EQ(remove({id_of(1)}, bob)->failed[0].failure.code, error_code::not_found);
    EXPECT_EQ(listed(alice), ids{id_of(1)});
    EXPECT_TRUE(courier_->questions.empty());
}

TEST_F(QuarantineActor, AListsLimitHasBounds) {
    for (const uint32_t limit : {0U, list_mails::limit_max + 1}) {
        list_mails request;
        request.limit = limit;
        const auto refused = *ask<mail_list>(quarantine_, request, from(root));
        EXPECT_EQ(refused.failure().code, error_code::bad_request);
    }
}

TEST_F(QuarantineActor, AnAlteredFileIsNeitherShownNorReleased) {
    ASSERT_TRUE(hold(hold_of(1)));
    std::ofstream(path_of(1), std::ios::app) << "x";
    EXPECT_EQ(show(1).failure.code, error_code::storage_failed);
    EXPECT_THAT(show(1).failure.what, HasSubstr("altered"));
    const auto settled = release({id_of(1)});
    ASSERT_EQ(settled->failed.size(), 1U);
    EXPECT_THAT(settled->failed[0].failure.what, HasSubstr("altered"));
    EXPECT_TRUE(courier_->questions.empty());
    EXPECT_EQ(listed(root).size(), 1U);
}

// --- Releasing

TEST_F(QuarantineActor, AReleasedMailGoesOutWithItsBytesAndEnvelope) {
    ASSERT_TRUE(hold(hold_of(1, {"b@far.test", "bcc@far.test"})));
    courier_->answers = {mail_delivered{second_copy}};
    const auto settled = release({id_of(1)}, alice);
    EXPECT_EQ(settled->done, ids{id_of(1)});
    ASSERT_EQ(courier_->questions.size(), 1U);
    EXPECT_EQ(courier_->questions[0].bytes, mail);
    EXPECT_EQ(courier_->questions[0].request,
              (deliver_mail{id_of(1), "a@alice.test", {"b@far.test", "bcc@far.test"}}));
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_EQ(release({id_of(1)})->failed[0].failure.code, error_code::not_found);
}

TEST_F(QuarantineActor, AMailThatEximRefusesStaysHeldWithTheReason) {
    ASSERT_TRUE(hold(hold_of(1)));
    courier_->answers = {fail(error_code::delivery_failed, "550 no such user")};
    const auto settled = release({id_of(1)});
    ASSERT_EQ(settled->failed.size(), 1U);
    EXPECT_EQ(settled->failed[0].failure, fail(error_code::delivery_failed, "550 no such user"));
    EXPECT_EQ(show(1).details->release_error, "550 no such user");
    courier_->answers = {mail_delivered{second_copy}};
    EXPECT_EQ(release({id_of(1)})->done, ids{id_of(1)});
}

TEST_F(QuarantineActor, ABusyCourierIsNotGivenMoreThanItsShare) {
    ids all;
    for (int number = 1; number <= 10; ++number) {
        ASSERT_TRUE(hold(hold_of(number)));
        all.push_back(id_of(number));
    }
    const auto pending = begin_release(all);
    EXPECT_EQ(courier_->questions.size(), 4U);
    EXPECT_EQ(status().queue, 10U);
    EXPECT_EQ(listed(root).size(), 10U);  // shown until they are out
    for (size_t i = 0; i < 10; ++i) {
        courier_->answer(i, mail_delivered{second_copy});
        run();
    }
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->done.size(), 10U);
}

TEST_F(QuarantineActor, AMailThatIsBeingReleasedIsNeitherReleasedAgainNorRemoved) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1), id_of(1)});
    EXPECT_EQ(release({id_of(1)})->failed[0].failure.code, error_code::conflict);
    EXPECT_EQ(remove({id_of(1)})->failed[0].failure.code, error_code::conflict);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    EXPECT_EQ((**pending)->done, ids{id_of(1)});
    EXPECT_EQ(courier_->questions.size(), 1U);
}

TEST_F(QuarantineActor, AtTheDeadlineTheRestIsStillBeingReleased) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2)));
    const auto pending = begin_release({id_of(1), id_of(2)}, 5'000);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    advance(std::chrono::seconds(5));
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->done, ids{id_of(1)});
    ASSERT_EQ((**pending)->failed.size(), 1U);
    EXPECT_EQ((**pending)->failed[0].failure.code, error_code::deadline_exceeded);
    courier_->answer(1, mail_delivered{second_copy});
    run();
    EXPECT_TRUE(listed(root).empty());
}

TEST_F(QuarantineActor, AReleaseThatComesTooLateDoesNothing) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto late = *ask<mails_settled>(quarantine_, releasing({id_of(1)}), from(root, 0));
    EXPECT_EQ(late.failure().code, error_code::deadline_exceeded);
    EXPECT_TRUE(courier_->questions.empty());
}

TEST_F(QuarantineActor, ACourierThatNeverAnswersLeavesTheMailHeld) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)}, 10'000'000);
    advance(std::chrono::milliseconds(options_.delivery_timeout_ms));
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->failed.size(), 1U);
    EXPECT_THAT(show(1).details->release_error, HasSubstr("no answer in time"));
}

TEST_F(QuarantineActor, NothingGoesOutWhoseIntentIsNotOnDisk) {
    ASSERT_TRUE(hold(hold_of(1)));
    faulty_ = "commit";
    EXPECT_EQ(release({id_of(1)})->failed[0].failure.code, error_code::storage_failed);
    EXPECT_TRUE(courier_->questions.empty());
}

TEST_F(QuarantineActor, IdsThatCantBeAreNotFound) {
    const auto settled = release({mail_id{""}, mail_id{"../x"}, mail_id{"a\nb"}});
    ASSERT_EQ(settled->failed.size(), 3U);
    for (const auto& each : settled->failed) EXPECT_EQ(each.failure.code, error_code::not_found);
    EXPECT_EQ(settled->failed[2].failure.what, "no such mail: a\\nb");
    EXPECT_EQ(release(ids(1'001, id_of(1))).failure().code, error_code::bad_request);
}

TEST_F(QuarantineActor, AFilterReleasesWhatItMatches) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_TRUE(hold(hold_of(2, {"x@away.test"})));
    ASSERT_TRUE(hold(hold_of(3, {"x@away.test"}, "bob")));
    courier_->answers = {mail_delivered{second_copy}, mail_delivered{second_copy}};
    release_mails request;
    request.filter.recipient = "AWAY.test";
    const auto settled = *ask<mails_settled>(quarantine_, request, from(alice));
    EXPECT_EQ(settled->done, ids{id_of(2)});
    EXPECT_EQ(settled->remaining, 0U);
    EXPECT_EQ(listed(root), (ids{id_of(3), id_of(1)}));
}

// --- After a crash between intent and outcome

TEST_F(QuarantineActor, AnIntentWithoutOutcomeIsTakenUpAgain) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    ASSERT_EQ(courier_->questions.size(), 1U);
    restart();
    ASSERT_EQ(courier_->questions.size(), 1U);
    EXPECT_EQ(courier_->questions[0].bytes, mail);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    EXPECT_TRUE(listed(root).empty());
    EXPECT_TRUE(confirm(1, second_copy)->deliver);
    EXPECT_FALSE(confirm(1, first_copy)->deliver);
}

TEST_F(QuarantineActor, AnIntentThatEximHasAskedAboutIsNotGivenAgain) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    ASSERT_TRUE(confirm(1, first_copy)->deliver);
    restart();
    EXPECT_TRUE(courier_->questions.empty());
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
}

TEST_F(QuarantineActor, TheFirstCopyThatAsksIsTheOneThatIsDelivered) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    restart();  // the first copy is in Exim's queue, the second is on its way
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    courier_->answer(0, mail_delivered{second_copy});
    run();
    EXPECT_FALSE(confirm(1, second_copy)->deliver);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    restart();
    EXPECT_FALSE(confirm(1, second_copy)->deliver);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
}

TEST_F(QuarantineActor, ACopyThatWasThoughtLostReleasesTheMail) {
    ASSERT_TRUE(hold(hold_of(1)));
    courier_->answers = {fail(error_code::delivery_failed, "unknown whether Exim has the mail")};
    ASSERT_EQ(release({id_of(1)})->failed.size(), 1U);
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, ACopyThatAsksWhileTheCourierFailsIsARelease) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)});
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    courier_->answer(0, fail(error_code::delivery_failed, "timeout"));
    run();
    EXPECT_EQ((**pending)->done, ids{id_of(1)});
}

TEST_F(QuarantineActor, NoCopyIsConfirmedThatIsNotOnDisk) {
    ASSERT_TRUE(hold(hold_of(1)));
    begin_release({id_of(1)});
    faulty_ = "commit";
    EXPECT_EQ(confirm(1, first_copy).failure().code, error_code::storage_failed);
}

TEST_F(QuarantineActor, OnlyWhatIsKnownIsConfirmed) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    EXPECT_FALSE(confirm(1, first_copy)->deliver);  // the administrator's last word
    EXPECT_EQ(confirm(9, first_copy).failure().code, error_code::not_found);
}

TEST_F(QuarantineActor, ARecipientThatIsJoiningGoesOutWithTheMail) {
    ASSERT_TRUE(hold(hold_of(1, {"a@far.test"})));
    const auto joining = begin_hold(hold_of(1, {"b@far.test"}));
    const auto released = begin<mails_settled>(quarantine_, releasing({id_of(1)}), from(root));
    run();
    ASSERT_TRUE(*joining && **joining);
    ASSERT_EQ(courier_->questions.size(), 1U);
    EXPECT_THAT(courier_->questions[0].request.recipients, ElementsAre("a@far.test", "b@far.test"));
}

TEST_F(QuarantineActor, ARecipientThatIsJoiningIsRemovedWithTheMail) {
    ASSERT_TRUE(hold(hold_of(1, {"a@far.test"})));
    begin_hold(hold_of(1, {"b@far.test"}));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, NobodyJoinsAMailOfWhichACopyMayBeOnItsWay) {
    ASSERT_TRUE(hold(hold_of(1, {"a@far.test"})));
    courier_->answers = {fail(error_code::delivery_failed, "unknown whether Exim has the mail")};
    ASSERT_EQ(release({id_of(1)})->failed.size(), 1U);
    const auto second = hold(hold_of(1, {"b@far.test"}));
    ASSERT_TRUE(second);
    EXPECT_NE(second->id, id_of(1));
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    EXPECT_EQ(listed(root), ids{second->id});
}

TEST_F(QuarantineActor, AnOutcomeThatTheDiskRefusesIsSettledOnceItCanBe) {
    ASSERT_TRUE(hold(hold_of(1)));
    const auto pending = begin_release({id_of(1)});
    EXPECT_TRUE(confirm(1, first_copy)->deliver);
    faulty_ = "commit";
    courier_->answer(0, mail_delivered{first_copy});
    run();
    ASSERT_TRUE(*pending);
    EXPECT_EQ((**pending)->failed[0].failure.code, error_code::storage_failed);
    EXPECT_EQ(listed(root), ids{id_of(1)});
    faulty_.clear();
    advance(std::chrono::seconds(5));
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_EQ(courier_->questions.size(), 1U) << "Exim has asked already: nothing goes again";
}

// --- Removing

TEST_F(QuarantineActor, ARemovedMailIsGone) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(remove({id_of(1)}, alice)->done, ids{id_of(1)});
    EXPECT_TRUE(listed(root).empty());
    EXPECT_EQ(file_count(), 0U);
    EXPECT_EQ(show(1).failure.code, error_code::not_found);
}

TEST_F(QuarantineActor, AFileThatCantBeRemovedGoesAtTheNextStart) {
    ASSERT_TRUE(hold(hold_of(1)));
    faulty_ = "unlink";
    EXPECT_EQ(remove({id_of(1)})->done, ids{id_of(1)});
    EXPECT_EQ(file_count(), 1U);
    faulty_ = "";
    restart();
    EXPECT_EQ(file_count(), 0U);
}

TEST_F(QuarantineActor, ManyMailsAreRemovedInBoundedSteps) {
    const auto pending_count = static_cast<int>(remove_mails::ids_max) + 3;
    for (int number = 0; number < pending_count; ++number) begin_hold(hold_of(number));
    run();
    const auto settled = *ask<mails_settled>(quarantine_, remove_mails{}, from(root));
    EXPECT_EQ(settled->done.size(), remove_mails::ids_max);
    EXPECT_EQ(settled->remaining, 3U);
    EXPECT_EQ(listed(root).size(), 3U);
}

TEST_F(QuarantineActor, WhatWasSettledIsRememberedForAWeek) {
    ASSERT_TRUE(hold(hold_of(1)));
    ASSERT_EQ(remove({id_of(1)})->done.size(), 1U);
    time_.advance_ms(store_sweep::settled_kept_ms - 1000);
    restart();
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_TRUE(listed(root).empty());
    time_.advance_ms(2'000);
    restart();
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(listed(root).size(), 1U);
}

TEST_F(QuarantineActor, TheStatusCountsWhatIsHeld) {
    ASSERT_TRUE(hold(hold_of(1)));
    EXPECT_EQ(status().actor, "quarantine");
    EXPECT_EQ(status().detail, "held=1 used_bytes=" + std::to_string(mail.size()));
}

}  // namespace
}  // namespace ie
