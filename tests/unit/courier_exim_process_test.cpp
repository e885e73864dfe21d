#include "actors/courier/exim_process.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "tests/support/mime_corpus.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

// A fake Exim in a folder of its own, which keeps what it was given.
class EximProcess : public ::testing::Test {
  protected:
    EximProcess() { fs::copy(IE_SOURCE_DIR "/tests/support/fake_exim.py", program()); }

    std::string program() const { return folder_.path("exim"); }
    void behave(const std::string& how) { folder_.write("behave", how); }
    nlohmann::json got() const {
        return nlohmann::json::parse(testing::text_of_file(folder_.path("got.json")));
    }
    std::string got_mail() const { return testing::text_of_file(folder_.path("got.eml")); }

    outcome<mail_delivered> deliver(const std::string& mail, std::vector<std::string> recipients,
                                    uint32_t timeout_ms = 30'000) {
        return deliver_through_exim({program(), timeout_ms},
                                    {id_, "a@alice.test", std::move(recipients)}, mail_bytes(mail));
    }
    std::string failure(uint32_t timeout_ms = 30'000, const std::string& recipient = "b@far.test") {
        const auto result = deliver(std::string(500'000, 'x'), {recipient}, timeout_ms);
        return result ? "delivered" : result.failure().what;
    }

    const testing::temporary_folder folder_;
    const mail_id id_{"ef69f707-d547-4b29-b8f0-f5331821c930"};
};

size_t open_files() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

bool has_children() {
    return !testing::text_of_file("/proc/self/task/" + std::to_string(getpid()) + "/children")
                .empty();
}

TEST_F(EximProcess, AMailOfMegabytesArrivesByteForByte) {
    std::string mail = "Subject: x\n\n.dot\n";
    while (mail.size() < (3 << 20)) mail += "line with \xE9 and . dots\n..\n";
    const auto result = deliver(mail, {"b@far.test", "c@far.test"});
    ASSERT_TRUE(result) << result.failure().what;
    EXPECT_EQ(result->queue_id.value, "1nFEym-0005TO-Qs");
    EXPECT_TRUE(got_mail() == mail);
    EXPECT_EQ(got()["mail"], "MAIL FROM:<a@alice.test> BODY=8BITMIME");
    EXPECT_EQ(got()["recipients"].size(), 2U);
}

TEST_F(EximProcess, TheMarkerAndTheIdAreArguments) {
    ASSERT_TRUE(deliver("x\n", {"b@far.test"}));
    EXPECT_EQ(got()["arguments"], nlohmann::json::array({"-bnq", "-G", "-oMt", "ie-release",
                                                         "-oMai", id_.value, "-bs"}));
}

TEST_F(EximProcess, NothingIsLeftBehind) {
    const size_t before = open_files();
    ASSERT_TRUE(deliver("x\n", {"b@far.test"}));
    behave("hang");
    failure(50);
    EXPECT_EQ(open_files(), before);
    EXPECT_FALSE(has_children());
    sigset_t blocked;
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    EXPECT_EQ(sigismember(&blocked, SIGPIPE), 0);
}

TEST_F(EximProcess, ARefusedRecipientIsNamed) {
    EXPECT_EQ(failure(30'000, "no-one@far.test"),
              "recipient <no-one@far.test>: 550 unrouteable address");
    EXPECT_FALSE(fs::exists(folder_.path("got.eml")));
}

TEST_F(EximProcess, AnEximThatHangsIsKilledInTime) {
    behave("hang");
    EXPECT_EQ(failure(100), "Exim didn't answer within 100 ms");
}

TEST_F(EximProcess, AnEximThatHangsAfterTheMailLeavesItUnknown) {
    behave("hang-at-answer");
    EXPECT_EQ(failure(3'000),
              "Exim didn't answer within 3000 ms; unknown whether Exim has the mail");
}

TEST_F(EximProcess, AnEximThatDiesAfterTheMailLeavesItUnknown) {
    behave("die-at-answer");
    EXPECT_EQ(failure(), "Exim closed the session; unknown whether Exim has the mail");
}

TEST_F(EximProcess, AnEximThatStopsReadingIsNoSignal) {
    behave("quit-early");
    EXPECT_THAT(failure(), ::testing::StartsWith("Exim closed the session"));
}

TEST_F(EximProcess, EximsOwnWordsAreKeptBounded) {
    behave("chatter");
    const std::string what = failure();
    EXPECT_THAT(what, ::testing::HasSubstr("Exim's words: exim: permission denied"));
    EXPECT_LT(what.size(), 2'000U);
}

TEST_F(EximProcess, AMissingProgramIsNamed) {
    const auto result = deliver_through_exim({"/nonexistent/exim", 1'000},
                                             {id_, "", {"b@far.test"}}, mail_bytes("x\n"));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().what, "can't run /nonexistent/exim: No such file or directory");
}

TEST_F(EximProcess, AnIdThatIsNoneIsNeverAnArgument) {
    const auto result = deliver_through_exim(
        {program(), 1'000}, {mail_id{"-be"}, "", {"b@far.test"}}, mail_bytes("x\n"));
    EXPECT_FALSE(result);
    EXPECT_FALSE(fs::exists(folder_.path("got.json")));
}

}  // namespace
}  // namespace ie
