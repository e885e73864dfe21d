#include "actors/courier/exim_session.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/mime_corpus.hpp"
#include "tests/support/release_socket.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

// A fake Exim, which keeps what it was given, behind the real ie-release.
class EximSession : public ::testing::Test {
  protected:
    std::string kept(const std::string& name) const { return release_.folder().path(name); }
    nlohmann::json got() const {
        return nlohmann::json::parse(testing::text_of_file(kept("got.json")));
    }
    std::string got_mail() const { return testing::text_of_file(kept("got.eml")); }

    outcome<mail_delivered> deliver(const std::string& mail, std::vector<std::string> recipients,
                                    uint32_t timeout_ms = 30'000) {
        return deliver_through_exim({release_.path(), timeout_ms},
                                    {id_, "a@alice.test", std::move(recipients)}, mail_bytes(mail));
    }
    std::string failure(uint32_t timeout_ms = 30'000, const std::string& recipient = "b@far.test") {
        const auto result = deliver(std::string(500'000, 'x'), {recipient}, timeout_ms);
        return result ? "delivered" : result.failure().what;
    }

    testing::release_socket release_;
    const mail_id id_{"ef69f707-d547-4b29-b8f0-f5331821c930"};
};

size_t open_files() {
    size_t count = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
    return count;
}

TEST_F(EximSession, AMailOfMegabytesArrivesByteForByte) {
    std::string mail = "Subject: x\n\n.dot\n";
    while (mail.size() < (3 << 20)) mail += "line with \xE9 and . dots\n..\n";
    const auto result = deliver(mail, {"b@far.test", "c@far.test"});
    ASSERT_TRUE(result) << result.failure().what;
    EXPECT_EQ(result->queue_id.value, "1nFEym-0005TO-Qs");
    EXPECT_TRUE(got_mail() == mail);
    EXPECT_EQ(got()["mail"], "MAIL FROM:<a@alice.test> BODY=8BITMIME");
    EXPECT_EQ(got()["recipients"].size(), 2U);
}

TEST_F(EximSession, TheMarkerAndTheIdAreArguments) {
    ASSERT_TRUE(deliver("x\n", {"b@far.test"}));
    EXPECT_EQ(got()["arguments"], nlohmann::json::array({"-bnq", "-G", "-oMt", "ie-release",
                                                         "-oMai", id_.value, "-bs"}));
}

TEST_F(EximSession, NothingIsLeftBehind) {
    const size_t before = open_files();
    ASSERT_TRUE(deliver("x\n", {"b@far.test"}));
    release_.behave("hang");
    failure(50);
    EXPECT_EQ(open_files(), before);
}

TEST_F(EximSession, ARefusedRecipientIsNamed) {
    EXPECT_EQ(failure(30'000, "no-one@far.test"),
              "recipient <no-one@far.test>: 550 unrouteable address");
    EXPECT_FALSE(fs::exists(kept("got.eml")));
}

TEST_F(EximSession, AnEximThatHangsIsLeftInTime) {
    release_.behave("hang");
    EXPECT_EQ(failure(100), "Exim didn't answer in time");
}

TEST_F(EximSession, AnEximThatHangsAfterTheMailLeavesItUnknown) {
    release_.behave("hang-at-answer");
    // As long as this machine needs until Exim has the mail.
    std::string what;
    for (uint32_t timeout_ms = 1'000; timeout_ms <= 64'000; timeout_ms *= 2) {
        what = failure(timeout_ms);
        if (what != "Exim didn't answer in time") break;
    }
    EXPECT_EQ(what, "Exim didn't answer in time; unknown whether Exim has the mail");
}

TEST_F(EximSession, AnEximThatDiesAfterTheMailLeavesItUnknown) {
    release_.behave("die-at-answer");
    EXPECT_EQ(failure(),
              "Exim closed the session; unknown whether Exim has the mail; its words "
              "are in 'journalctl -t ie-release'");
}

TEST_F(EximSession, AnEximThatStopsReadingIsNoSignal) {
    release_.behave("quit-early");
    EXPECT_THAT(failure(), ::testing::StartsWith("Exim closed the session"));
}

TEST_F(EximSession, EximsOwnWordsAreInTheLog) {
    release_.behave("chatter");
    EXPECT_EQ(failure(), "Exim closed the session; its words are in 'journalctl -t ie-release'");
    EXPECT_THAT(testing::text_of_file(kept("log")),
                ::testing::HasSubstr("exim: permission denied"));
}

TEST_F(EximSession, AMissingProgramIsNamed) {
    release_.listen("/nonexistent/exim");
    EXPECT_THAT(failure(),
                ::testing::HasSubstr("can't run /nonexistent/exim: No such file or directory"));
}

TEST_F(EximSession, ASocketThatNobodyListensAtIsNamed) {
    release_.close();
    EXPECT_EQ(failure(), release_.path() +
                             ": No such file or directory; see 'systemctl status "
                             "ie-release.socket'");
}

TEST_F(EximSession, AnIdThatIsNoneIsNeverAnArgument) {
    const auto result = deliver_through_exim(
        {release_.path(), 1'000}, {mail_id{"-be"}, "", {"b@far.test"}}, mail_bytes("x\n"));
    EXPECT_FALSE(result);
    EXPECT_FALSE(fs::exists(kept("got.json")));
}

}  // namespace
}  // namespace ie
