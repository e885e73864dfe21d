#include <gtest/gtest.h>

#include "gateway/exim_hook/confirmed_releases.hpp"
#include "gateway/exim_hook/policy.hpp"
#include "gateway/exim_hook/ticket.hpp"
#include "messages/base64.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

const queue_id id{"1nFEym-0005TO-Qs"};
const mail_id held{"ef69f707-d547-4b29-b8f0-f5331821c930"};

mail_verdict hold_verdict() {
    mail_verdict verdict;
    verdict.action = verdict_action::hold;
    verdict.ticket.id = held;
    verdict.ticket.sender = "alice@alice.test";
    verdict.ticket.reasons = {hold_reason::spam};
    verdict.ticket.score = 15.5;
    verdict.ticket.attachment_findings = {"a.exe: program by name"};
    return verdict;
}

judge_request from_network() {
    judge_request request;
    request.client_address = "192.0.2.7";
    request.sender = "alice@alice.test";
    return request;
}

TEST(HookPolicy, AnAcceptedMailNeedsNoTicketAndSaysNothing) {
    mail_verdict verdict;
    verdict.text = "looked good";
    verdict.ticket.id = held;
    EXPECT_EQ(to_lines(reply_of(verdict, id)), "accept\n-\n-\n-\n");
    verdict.ticket.score = -1.5;
    verdict.is_judged = true;  // and others may know
    EXPECT_EQ(to_lines(reply_of(verdict, id)), "accept\n-\n-\n-1.50\n");
}

TEST(HookPolicy, AHeldMailCarriesItsScopeAndTicket) {
    auto verdict = hold_verdict();
    verdict.scope = hold_scope::remote;
    const auto reply = reply_of(verdict, id);
    EXPECT_EQ(reply.scope, "remote");
    const auto envelope = read_ticket(reply.ticket);
    ASSERT_TRUE(envelope);
    EXPECT_EQ(envelope->ticket, verdict.ticket);
    EXPECT_EQ(envelope->queue_id, id);
    EXPECT_EQ(to_lines(reply), "hold\nremote\n" + reply.ticket + "\n-\n");
}

TEST(HookPolicy, AReasonForDeferOrRefusalIsOneBoundedAsciiLine) {
    mail_verdict verdict;
    verdict.action = verdict_action::defer;
    verdict.text = "over your limit\r\n250 forged \xC3\xA9";
    EXPECT_EQ(to_lines(reply_of(verdict, id)), "defer\n-\n-\nover your limit??250 forged ??\n");
    verdict.action = verdict_action::refuse;
    verdict.text = std::string(10'000, 'x');
    EXPECT_EQ(reply_of(verdict, id).text.size(), reply_text_bytes_max);
    EXPECT_EQ(reply_text("  "), "-");
}

TEST(HookPolicy, AHoldWhoseTicketIsTooLongIsARefusalThatSaysSo) {
    auto verdict = hold_verdict();
    verdict.ticket.sender = std::string(8'000, 'a') + "@alice.test";
    EXPECT_EQ(to_lines(reply_of(verdict, id)), "refuse\n-\n-\nThe sender address is too long\n");
}

mail_verdict incoming_verdict() {
    mail_verdict verdict;
    verdict.action = verdict_action::junk;
    verdict.is_judged = true;
    verdict.ticket.id = held;
    verdict.ticket.score = 15.5;
    return verdict;
}

TEST(HookPolicy, IncomingSpamSaysForWhomItIsNoneAndItsScore) {
    auto verdict = incoming_verdict();
    verdict.unfiltered = {"Bob@BOB.test", "\"odd, \\\"one\"@bob.test"};
    verdict.whitelisted = {"vip@alice.test"};
    const auto reply = reply_of(verdict, id, mail_direction::incoming);
    EXPECT_EQ(to_lines(reply, mail_direction::incoming),
              "junk\n" + base64("bob@bob.test") + ":" + base64("odd, \"one@bob.test") + "\n" +
                  reply.ticket + "\n-\n" + base64("vip@alice.test") + "\n15.50\n");
    EXPECT_EQ(read_ticket(reply.ticket)->ticket, verdict.ticket);
}

// Exim's ACL takes a longer answer for none.
TEST(HookPolicy, AScoreIsAShortNumberWhateverRspamdSays) {
    auto verdict = incoming_verdict();
    const auto last_line = [&](double score) {
        verdict.ticket.score = score;
        const auto reply = reply_of(verdict, id, mail_direction::incoming);
        const std::string lines = to_lines(reply, mail_direction::incoming);
        return lines.substr(lines.rfind('\n', lines.size() - 2) + 1);
    };
    EXPECT_EQ(last_line(1e300), "1000000.00\n");
    EXPECT_EQ(last_line(-1e300), "-1000000.00\n");
    EXPECT_EQ(last_line(-0.001), "-0.00\n");
}

TEST(HookPolicy, IncomingMailThatWasntJudgedHasNoScore) {
    const auto reply = reply_of({}, id, mail_direction::incoming);
    EXPECT_EQ(to_lines(reply, mail_direction::incoming), "accept\n-\n-\n-\n-\n-\n");
    EXPECT_EQ(
        to_lines(unjudged_reply(fail_policy::accept, from_network()), mail_direction::incoming),
        "accept\n-\n-\n-\n-\n-\n");
}

TEST(HookPolicy, IncomingSpamWhoseTicketIsTooLongStillGoesToJunk) {
    auto verdict = incoming_verdict();
    verdict.ticket.sender = std::string(8'000, 'a') + "@away.test";
    EXPECT_EQ(to_lines(reply_of(verdict, id, mail_direction::incoming), mail_direction::incoming),
              "junk\n-\n-\n-\n-\n15.50\n");
}

TEST(HookPolicy, ATicketIsReadWithTheAddressThatForwards) {
    const auto word = *ticket_text({incoming_verdict().ticket, id});
    const auto read = read_ticket(word + "." + base64("out@alice.test"));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->forwarded_by, "out@alice.test");
    EXPECT_EQ(read_ticket(word)->forwarded_by, "");
    EXPECT_FALSE(read_ticket(word + ".not base64"));
}

// The longest that names and addresses can be by their own bounds.
TEST(HookPolicy, AHoldThatSaysAllItMayFitsIntoATicket) {
    auto verdict = hold_verdict();
    hold_ticket& ticket = verdict.ticket;
    const std::string address(320, 'a'), domain(255, 'd'), script(255, 's');
    ticket.owner = {account_name{std::string(64, 'o')}, domain, address, script};
    ticket.sender = ticket.authenticated_id = address;
    ticket.reasons = {hold_reason::spam, hold_reason::winexec, hold_reason::ratelimit};
    ticket.client_address = std::string(45, ':');
    for (const auto& name : {ticket.owner.account.value, domain, address, script}) {
        ticket.limits.push_back({sender_kind::script, name, UINT32_MAX, UINT64_MAX,
                                 limit_mode::recipients, UINT32_MAX});
    }
    ticket.attachment_findings.assign(hold_ticket::findings_max,
                                      std::string(hold_ticket::findings_bytes_max / 8, 'f'));
    EXPECT_EQ(reply_of(verdict, id).action, verdict_action::hold);
}

TEST(HookPolicy, UnderAcceptAllMailGoesOn) {
    EXPECT_EQ(to_lines(unjudged_reply(fail_policy::accept, from_network())), "accept\n-\n-\n-\n");
}

TEST(HookPolicy, UnderDeferOnlyWhatCanBeOfferedAgainIsDeferred) {
    EXPECT_EQ(unjudged_reply(fail_policy::defer, from_network()).action, verdict_action::defer);
    auto local = from_network();
    local.client_address = "";
    EXPECT_EQ(unjudged_reply(fail_policy::defer, local).action, verdict_action::accept);
    auto bounce = from_network();
    bounce.sender = "";
    EXPECT_EQ(unjudged_reply(fail_policy::defer, bounce).action, verdict_action::accept);
}

TEST(HookPolicy, AReleasedMailWaitsUnlessTheEngineSaysOtherwise) {
    EXPECT_EQ(confirm_reply(release_confirmed{true}), "deliver\n");
    EXPECT_EQ(confirm_reply(release_confirmed{false}), "duplicate\n");
    for (const auto code : {error_code::not_found, error_code::unavailable, error_code::busy,
                            error_code::deadline_exceeded, error_code::not_permitted}) {
        EXPECT_EQ(confirm_reply(fail(code, "x")), "later\n");
    }
}

TEST(HookTicket, GivesBackWhatItWasMadeOf) {
    const ticket_envelope envelope{hold_verdict().ticket, id};
    const auto text = ticket_text(envelope);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                      "0123456789-_"),
              std::string::npos);
    EXPECT_EQ(*read_ticket(*text), envelope);
}

// One that has stood in Exim's queue since an engine of before them.
TEST(HookTicket, OneWithoutFindingsIsRead) {
    ticket_envelope envelope{hold_verdict().ticket, id};
    envelope.ticket.attachment_findings.clear();
    std::string bytes = encode(envelope);
    ASSERT_EQ(static_cast<uint8_t>(bytes[1]), 0x9C);  // a ticket of 12 fields
    bytes[1] = static_cast<char>(0x9B);
    const size_t last = bytes.size() - id.value.size() - 2;
    ASSERT_EQ(static_cast<uint8_t>(bytes[last]), 0x90);  // no findings
    bytes.erase(last, 1);
    EXPECT_EQ(*read_ticket(base64url(bytes)), envelope);
}

TEST(HookTicket, RefusesWhatTheHookDidNotWrite) {
    EXPECT_FALSE(read_ticket(""));
    EXPECT_FALSE(read_ticket("alice@alice.test"));
    EXPECT_FALSE(read_ticket("abcd"));
    EXPECT_FALSE(read_ticket(std::string(20'000, 'A')));
    ticket_envelope nameless{hold_verdict().ticket, id};
    nameless.ticket.id = mail_id{"../etc"};
    EXPECT_FALSE(read_ticket(base64url(encode(nameless))));
    nameless.ticket.id = held;
    nameless.queue_id = queue_id{"x\r\n"};
    EXPECT_FALSE(read_ticket(base64url(encode(nameless))));
}

TEST(ConfirmedReleases, AreKnownForAMinute) {
    confirmed_releases confirmed;
    EXPECT_FALSE(confirmed.contains(held, id, 0));
    confirmed.remember(held, id, 0);
    EXPECT_TRUE(confirmed.contains(held, id, confirmed_releases::kept_ms - 1));
    EXPECT_FALSE(confirmed.contains(held, id, confirmed_releases::kept_ms));
}

TEST(ConfirmedReleases, AreOfOneCopyOnly) {
    confirmed_releases confirmed;
    confirmed.remember(held, id, 0);
    EXPECT_FALSE(confirmed.contains(held, queue_id{"1nFEym-0005TO-Qt"}, 1));
    EXPECT_FALSE(confirmed.contains(mail_id{"x"}, id, 1));
}

TEST(ConfirmedReleases, AreBoundedAndMakeRoomOnceOld) {
    confirmed_releases confirmed;
    for (size_t i = 0; i < confirmed_releases::count_max + 10; ++i) {
        confirmed.remember(mail_id{std::to_string(i)}, id, 0);
    }
    EXPECT_EQ(confirmed.size(), confirmed_releases::count_max);
    confirmed.remember(held, id, confirmed_releases::kept_ms);
    EXPECT_EQ(confirmed.size(), 1U);
    EXPECT_TRUE(confirmed.contains(held, id, confirmed_releases::kept_ms + 1));
}

}  // namespace
}  // namespace ie
