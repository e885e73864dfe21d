#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actors/intake/pipeline.hpp"

namespace ie {
namespace {

using ::testing::ElementsAre;

hold_ticket ticket_of(const judge_mail& mail) {
    sender_objects owner;
    owner.account = account_name{"alice"};
    return begin_ticket(mail, {mail_id{"an-id"}, owner, 4'711});
}

TEST(Pipeline, TakesIntoTheTicketWhatMustBeKnownLater) {
    judge_mail mail;
    mail.sender = "Alice@alice.test";
    mail.originator_uid = 102;
    mail.authenticated_id = "alice@alice.test";
    mail.client_address = "192.0.2.7";
    const auto verdict = decide(ticket_of(mail), {{hold_reason::spam}, 7.5, judge::own_rules},
                                hold_scope::remote, {}, 1);
    const hold_ticket& ticket = verdict.ticket;
    EXPECT_EQ(ticket.id.value, "an-id");
    EXPECT_EQ(ticket.owner.account.value, "alice");
    EXPECT_EQ(ticket.sender, "Alice@alice.test");
    EXPECT_EQ(ticket.originator_uid, 102U);
    EXPECT_EQ(ticket.authenticated_id, "alice@alice.test");
    EXPECT_EQ(ticket.client_address, "192.0.2.7");
    EXPECT_EQ(ticket.received_at_ms, 4'711);
    EXPECT_DOUBLE_EQ(ticket.score, 7.5);
    EXPECT_EQ(ticket.judged_by, judge::own_rules);
    EXPECT_THAT(ticket.reasons, ElementsAre(hold_reason::spam));
    EXPECT_EQ(verdict.scope, hold_scope::remote);
}

TEST(Pipeline, CountsARecipientOnceHoweverOftenItIsNamed) {
    EXPECT_EQ(count_distinct({}), 0U);
    EXPECT_EQ(
        count_distinct({"a@far.test", "A@far.test", "a@FAR.test", "b@far.test", "a@far.test"}), 2U);
}

TEST(Pipeline, HoldsWhereThereIsAReason) {
    const auto verdict = decide(ticket_of({}), {{hold_reason::spam}, 7, judge::rspamd}, {}, {}, 1);
    EXPECT_EQ(verdict.action, verdict_action::hold);
    EXPECT_EQ(verdict.text, "");
}

TEST(Pipeline, AcceptsWhereThereIsNone) {
    EXPECT_EQ(decide(ticket_of({}), {{}, 99, judge::rspamd}, {}, {}, 1).action,
              verdict_action::accept);
}

TEST(Pipeline, HoldsABounceThatIsSpam) {
    const judge_mail bounce;
    EXPECT_EQ(decide(ticket_of(bounce), {{hold_reason::spam}, 7, judge::rspamd}, {}, {}, 1).action,
              verdict_action::hold);
}

TEST(Pipeline, ABounceOfThisServerIsOnlyHeldFromLeaving) {
    const scan_result spam{{hold_reason::spam}, 7, judge::rspamd};
    hold_ticket bounce = ticket_of({});
    bounce.sender = bounce.client_address = "";
    bounce.owner = {};
    EXPECT_EQ(decide(bounce, spam, hold_scope::all, {}, 1).scope, hold_scope::remote);
    for (const auto change : {+[](hold_ticket& t) { t.sender = "a@alice.test"; },
                              +[](hold_ticket& t) { t.client_address = "192.0.2.7"; },
                              +[](hold_ticket& t) { t.owner.account = account_name{"alice"}; }}) {
        hold_ticket other = bounce;
        change(other);
        EXPECT_EQ(decide(other, spam, hold_scope::all, {}, 1).scope, hold_scope::all);
    }
}

TEST(Pipeline, KeepsReasonsFromEarlierSteps) {
    hold_ticket ticket = ticket_of({});
    ticket.reasons = {hold_reason::ratelimit};
    const auto verdict = decide(ticket, {{hold_reason::spam}, 7, judge::rspamd}, {}, {}, 1);
    EXPECT_THAT(verdict.ticket.reasons, ElementsAre(hold_reason::ratelimit, hold_reason::spam));
    EXPECT_EQ(decide(ticket, {}, {}, {}, 1).action, verdict_action::hold);
}

quota_verdict over_limit() {
    quota_verdict quota;
    quota.owner.account = account_name{"alice"};
    quota.owner.sender_address = "other";
    quota.hits = {{sender_kind::domain, "alice.test", 3, 3, limit_mode::messages, 3'600}};
    return quota;
}

TEST(Pipeline, HoldsWhatHasNoRoomInALimitAndSaysWhichOne) {
    hold_ticket ticket = ticket_of({});
    apply_quota(ticket, over_limit(), {});
    EXPECT_THAT(ticket.reasons, ElementsAre(hold_reason::ratelimit));
    EXPECT_EQ(ticket.limits, over_limit().hits);
    EXPECT_EQ(ticket.owner.sender_address, "other");
    EXPECT_EQ(decide(ticket, {}, {}, {}, 1).action, verdict_action::hold);
}

TEST(Pipeline, HoldsNothingForItsRateInADryRun) {
    hold_ticket ticket = ticket_of({});
    mail_policy policy;
    policy.dry_run = true;
    apply_quota(ticket, over_limit(), policy);
    EXPECT_EQ(ticket.owner.sender_address, "other");
    EXPECT_EQ(decide(ticket, {}, {}, {}, 1).action, verdict_action::accept);
}

TEST(Pipeline, TellsLimitsInWords) {
    EXPECT_EQ(limits_text({}), "none");
    EXPECT_EQ(limits_text({over_limit().hits[0], over_limit().hits[0]}),
              "domain alice.test: 3 of 3 messages in 60 minutes; "
              "domain alice.test: 3 of 3 messages in 60 minutes");
}

TEST(Pipeline, ADangerousAttachmentHoldsBesideOtherReasons) {
    auto ticket = ticket_of({});
    ticket.reasons = {hold_reason::ratelimit};
    const scan_result scan{{hold_reason::spam, hold_reason::winexec}, 7, judge::rspamd, {"a: b"}};
    const auto verdict = decide(ticket, scan, {}, {}, 1);
    EXPECT_EQ(verdict.action, verdict_action::hold);
    EXPECT_EQ(reasons_text(verdict.ticket.reasons), "ratelimit,spam,winexec");
    EXPECT_THAT(verdict.ticket.attachment_findings, ElementsAre("a: b"));
    EXPECT_EQ(verdict.attachments, verdict.ticket.attachment_findings);
}

TEST(Pipeline, TellsFindingsInWords) {
    EXPECT_EQ(findings_text({}), "none");
    EXPECT_EQ(findings_text({"a.exe: program by name", "b"}), "a.exe: program by name; b");
}

TEST(Pipeline, NamesReasons) {
    EXPECT_EQ(reasons_text({}), "none");
    EXPECT_EQ(reasons_text({hold_reason::spam, hold_reason::ratelimit}), "spam,ratelimit");
}

TEST(Pipeline, WhatABlockedQuarantineWouldHoldIsRefusedWithTheReason) {
    auto ticket = ticket_of({});
    ticket.owner.account = account_name{"alice"};
    const scan_result spam{{hold_reason::spam}, 7, judge::rspamd};
    space_rules blocked;
    blocked.state = space_state::block;
    const auto verdict = decide(ticket, spam, {}, blocked, 1);
    EXPECT_EQ(verdict.action, verdict_action::refuse);
    EXPECT_EQ(verdict.text,
              "This message was stopped (spam) and can't be quarantined: the quarantine of account "
              "alice is blocked");
    EXPECT_EQ(decide(ticket, {}, {}, blocked, 1).action, verdict_action::accept);
}

TEST(Pipeline, AMailLargerThanTheWholeSpaceIsRefused) {
    const scan_result spam{{hold_reason::spam}, 7, judge::rspamd};
    const space_rules small{100, 5, space_state::active};
    EXPECT_EQ(decide(ticket_of({}), spam, {}, small, 100).action, verdict_action::hold);
    const auto verdict = decide(ticket_of({}), spam, {}, small, 101);
    EXPECT_EQ(verdict.action, verdict_action::refuse);
    EXPECT_NE(verdict.text.find("holds 100 bytes, the message has 101"), std::string::npos);
}

}  // namespace
}  // namespace ie
