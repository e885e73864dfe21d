#include "messages/wire.hpp"

#include <gtest/gtest.h>

#include "messages/all.hpp"

namespace ie {
namespace {

judge_mail sample() {
    judge_mail mail;
    mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    mail.protocol = "esmtpa";
    mail.originator_uid = 102;
    mail.client_port = 56330;
    mail.recipients = {"\"odd, local\"@far.test", "b@far.test"};
    mail.headers_cut = true;
    return mail;
}

TEST(Wire, GivesBackWhatItWasGiven) {
    const auto back = decode<judge_mail>(encode(sample()));
    ASSERT_TRUE(back) << back.failure().what;
    EXPECT_EQ(*back, sample());
}

TEST(Wire, KeepsAWholeScoreAndAFractionAlike) {
    for (const double score : {0.0, 6.0, -2.0, 6.25}) {
        hold_ticket ticket;
        ticket.score = score;
        const auto back = decode<hold_ticket>(encode(ticket));
        ASSERT_TRUE(back) << score;
        EXPECT_EQ(back->score, score);
    }
}

TEST(Wire, MissingFieldsTakeTheirDefaults) {
    const auto back = decode<list_mails>("\x90");
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, list_mails{});
}

TEST(Wire, SkipsFieldsThatALaterVersionAppended) {
    std::string longer = encode(mail_held{mail_id{"x"}});
    longer[0] = static_cast<char>(0x93);  // an array of 3 instead of 1
    longer += "\x01\xc0";
    const auto back = decode<mail_held>(longer);
    ASSERT_TRUE(back) << back.failure().what;
    EXPECT_EQ(back->id.value, "x");
}

TEST(Wire, RefusesEachShortening) {
    const std::string whole = encode(sample());
    for (size_t size = 0; size < whole.size(); ++size) {
        const auto back = decode<judge_mail>(whole.substr(0, size));
        ASSERT_FALSE(back) << size;
        EXPECT_EQ(back.failure().code, error_code::bad_request);
    }
}

TEST(Wire, RefusesBytesLeftOver) {
    EXPECT_FALSE(decode<judge_mail>(encode(sample()) + "\xc0"));
}

TEST(Wire, RefusesAnotherType) {
    EXPECT_FALSE(decode<mail_held>("\x91\x07"));            // a number for a text
    EXPECT_FALSE(decode<mail_held>("\x81\xa1x\xa1y"));      // a map
    EXPECT_FALSE(decode<advance_clock>("\x91\xa1x"));       // a text for a number
    EXPECT_FALSE(decode<release_confirmed>("\x91\x01"));    // a number for a truth
    EXPECT_FALSE(decode<show_mail>("\x93\xa1x\xa1y\x09"));  // no such view
    EXPECT_FALSE(decode<list_mails>("\x92\x90\xff"));       // below zero
    EXPECT_FALSE(decode<list_mails>(std::string("\x92\x90\xcf\0\0\0\1\0\0\0\0", 11)));  // 2^32
}

TEST(Wire, RefusesNestingBeyondItsBound) {
    const std::string deep(10'000, static_cast<char>(0x91));
    const auto back = decode<mail_held>(deep + "\xc0");
    ASSERT_FALSE(back);
    EXPECT_EQ(back.failure().code, error_code::bad_request);
}

TEST(Wire, AListThatClaimsMoreThanItHasTakesNoMemory) {
    EXPECT_FALSE(decode<mail_list>(std::string("\x91\xdd\xff\xff\xff\xff", 6)));
    EXPECT_FALSE(decode<mail_held>(std::string("\x91\xdb\xff\xff\xff\xff", 6)));
}

TEST(Wire, RefusesABodyBeyondTheBound) {
    const auto back = decode<mail_held>(encode(mail_held{mail_id{"abcdef"}}), 4);
    ASSERT_FALSE(back);
    EXPECT_EQ(back.failure().code, error_code::too_large);
}

TEST(Wire, AHeadOfAnotherWireVersionIsNamed) {
    wire_head head;
    head.wire = 2;
    const auto back = decode_head(encode(head));
    ASSERT_FALSE(back);
    EXPECT_EQ(back.failure().code, error_code::unsupported_version);
}

TEST(Wire, AnErrorCodeOfALaterVersionReadsAsInternalAndTemporary) {
    const error back = decode_error("\x92\x7f\xa1x");
    EXPECT_EQ(back, fail(error_code::internal, "x"));
    EXPECT_TRUE(is_temporary(back.code));
}

}  // namespace
}  // namespace ie
