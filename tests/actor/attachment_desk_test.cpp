#include "actors/scanner/attachment_desk.hpp"

#include <gmock/gmock.h>

#include "tests/support/actor_fixture.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

using pending = std::shared_ptr<std::optional<outcome<attachments_found>>>;

// Workers that look for as long as the test likes.
class AttachmentDesk : public testing::actor_fixture {
  protected:
    AttachmentDesk() { begin_desk(2); }

    struct look {
        std::string mail;  // its bytes
        int64_t deadline_at_ms = 0;
        caf::typed_response_promise<attachments_found> promise;
    };
    struct slow_worker_state {
        std::deque<look> looks;
    };
    using slow_worker_actor = attachment_worker::extend<reacts_to<flush_atom>>;

    static slow_worker_actor::behavior_type slow_worker(slow_worker_actor::pointer self,
                                                        std::shared_ptr<slow_worker_state> told) {
        return {
            [=](const look_into_mail& request, const mail_bytes& bytes) {
                auto promise = self->make_response_promise<attachments_found>();
                told->looks.push_back({std::string(bytes.view()), request.deadline_at_ms, promise});
                return promise;
            },
            [=](flush_atom) {
                told->looks.front().promise.deliver(attachments_found{true, {"a: b"}});
                told->looks.pop_front();
            }};
    }

    void begin_desk(size_t count, size_t waiting_max = 1'000) {
        attachment_desk_options options;
        options.waiting_max = waiting_max;
        options.steady_now_ms = [this] { return steady_ms; };
        workers.clear();
        told.clear();
        for (size_t i = 0; i < count; ++i) {
            told.push_back(std::make_shared<slow_worker_state>());
            workers.push_back(own(attachment_worker{system_->spawn(slow_worker, told.back())}));
        }
        options.workers = workers;
        desk = own(make_attachment_desk(*system_, std::move(options)));
    }

    pending send(const std::string& owner, const std::string& mail) {
        look_into_mail request{steady_ms + 1'500, account_name{owner}};
        auto answer = begin<attachments_found>(desk, std::move(request), mail_bytes(mail));
        run();
        return answer;
    }

    // The mails that are looked into.
    std::vector<std::string> looking() const {
        std::vector<std::string> mails;
        for (const auto& worker : told) {
            for (const auto& each : worker->looks) mails.push_back(each.mail);
        }
        return mails;
    }

    void finish(const std::string& mail) {
        for (size_t i = 0; i < told.size(); ++i) {
            if (told[i]->looks.empty() || told[i]->looks.front().mail != mail) continue;
            caf::anon_send(caf::actor_cast<caf::actor>(workers[i]), flush_atom_v);
            return run();
        }
        ADD_FAILURE() << mail << " isn't looked into";
    }

    actor_status status() { return **ask<actor_status>(desk, get_status{}); }

    int64_t steady_ms = 1'000'000;
    std::vector<std::shared_ptr<slow_worker_state>> told;
    std::vector<attachment_worker> workers;
    attachment_desk desk;
};

TEST_F(AttachmentDesk, AnswersWithWhatTheWorkerFound) {
    const auto answer = send("alice", "a1");
    EXPECT_FALSE(*answer);
    finish("a1");
    ASSERT_TRUE(*answer && **answer);
    EXPECT_THAT((**answer)->findings, ElementsAre("a: b"));
}

TEST_F(AttachmentDesk, OneAccountsFloodKeepsNobodyElseWaiting) {
    std::vector<pending> flood;
    for (int i = 1; i <= 10; ++i) flood.push_back(send("alice", "a" + std::to_string(i)));
    EXPECT_THAT(looking(), ElementsAre("a1"));
    const auto answer = send("bob", "b1");
    ASSERT_THAT(looking(), UnorderedElementsAre("a1", "b1"));
    finish("b1");
    EXPECT_TRUE(*answer);
    for (const auto& each : flood) EXPECT_FALSE(*each);
}

TEST_F(AttachmentDesk, WithOneWorkerAnotherAccountWaitsForOneMail) {
    begin_desk(1);
    for (int i = 1; i <= 10; ++i) send("alice", "a" + std::to_string(i));
    const auto answer = send("bob", "b1");
    EXPECT_THAT(looking(), ElementsAre("a1"));
    finish("a1");
    finish("a2");
    finish("b1");
    EXPECT_TRUE(*answer);
    EXPECT_THAT(looking(), ElementsAre("a3"));
}

TEST_F(AttachmentDesk, AllMailsAreLookedIntoInTheEnd) {
    std::vector<pending> answers;
    for (int i = 1; i <= 20; ++i) answers.push_back(send(i % 3 ? "alice" : "bob", "m"));
    while (!looking().empty()) finish("m");
    for (const auto& each : answers) EXPECT_TRUE(*each && **each);
    EXPECT_EQ(status().queue, 0U);
    EXPECT_EQ(status().detail, "20 mails looked into, 20 dangerous, the longest in 0 ms");
}

// What it looks at without archives takes no turn.
TEST_F(AttachmentDesk, BeyondTheBoundAMailsArchivesArentOpened) {
    begin_desk(2, 3);
    for (int i = 1; i <= 4; ++i) send("alice", "a" + std::to_string(i));
    EXPECT_THAT(looking(), ElementsAre("a1"));
    const auto answer = send("alice", "a5");
    ASSERT_THAT(looking(), UnorderedElementsAre("a1", "a5"));
    for (const auto& worker : told) {
        for (const auto& each : worker->looks) {
            EXPECT_EQ(each.deadline_at_ms, each.mail == "a5" ? steady_ms : steady_ms + 1'500);
        }
    }
    EXPECT_EQ(status().queue, 4U);
}

TEST_F(AttachmentDesk, TellsTheLongestLookWithoutTheWaiting) {
    send("alice", "a1");
    send("alice", "a2");
    steady_ms += 300;
    finish("a1");
    steady_ms += 200;
    finish("a2");
    EXPECT_EQ(status().actor, "attachments");
    EXPECT_EQ(status().detail, "2 mails looked into, 2 dangerous, the longest in 300 ms");
}

TEST_F(AttachmentDesk, EndsWithItsWorkersAndTheyWithIt) {
    caf::anon_send_exit(workers[0], caf::exit_reason::kill);
    run();
    const auto answer = send("alice", "a1");
    ASSERT_TRUE(*answer);
    EXPECT_EQ((**answer).failure().code, error_code::unavailable);
    EXPECT_FALSE(*ask<attachments_found>(workers[1], look_into_mail{}, mail_bytes()));
}

}  // namespace
}  // namespace ie
