#include "actors/quarantine/stored_mail.hpp"

#include <gmock/gmock.h>

namespace ie {
namespace {

const std::string mail = "Subject: x\n\nbody with \0 and no end" + std::string(1, '\0');

stored_record sample() {
    stored_record record;
    record.id = mail_id{"ef69f707-d547-4b29-b8f0-f5331821c930"};
    record.ticket.id = record.id;
    record.ticket.sender = "alice@alice.test";
    record.ticket.reasons = {hold_reason::spam, hold_reason::winexec};
    record.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    record.recipients = {"\"odd, local\"@far.test", "b@far.test"};
    record.size_bytes = mail.size();
    record.sha256 = sha256_of(mail);
    return record;
}

std::string sample_file() {
    return *encode_stored_head(sample()) + mail;
}

std::string refusal(std::string file) {
    const auto stored = decode_stored_mail(mail_bytes(std::move(file)));
    return stored ? "accepted" : stored.failure().what;
}

TEST(StoredMail, GivesBackWhatItWasGiven) {
    const auto stored = decode_stored_mail(mail_bytes(sample_file()));
    ASSERT_TRUE(stored) << stored.failure().what;
    EXPECT_EQ(stored->record, sample());
    EXPECT_EQ(stored->mail.view(), mail);
}

TEST(StoredMail, AMailMayBeEmpty) {
    stored_record record;
    record.sha256 = sha256_of("");
    const auto stored = decode_stored_mail(mail_bytes(*encode_stored_head(record)));
    ASSERT_TRUE(stored) << stored.failure().what;
    EXPECT_TRUE(stored->mail.empty());
}

TEST(StoredMail, EachShorteningIsRefused) {
    const std::string whole = sample_file();
    for (size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(decode_stored_mail(mail_bytes(whole.substr(0, size)))) << size;
    }
}

TEST(StoredMail, EachAlteredByteOfTheMailIsRefused) {
    const std::string whole = sample_file();
    for (size_t at = whole.size() - mail.size(); at < whole.size(); ++at) {
        std::string altered = whole;
        altered[at] = static_cast<char>(altered[at] ^ 1);
        EXPECT_EQ(refusal(altered), "altered: its bytes are not those that were held") << at;
    }
}

TEST(StoredMail, AnAddedByteIsRefused) {
    EXPECT_THAT(refusal(sample_file() + "x"), ::testing::StartsWith("altered: it has"));
}

TEST(StoredMail, ALaterVersionIsNamed) {
    std::string file = sample_file();
    file[8] = '2';
    EXPECT_EQ(refusal(file), "the file is of version 2, this engine knows 1");
}

TEST(StoredMail, HostileFirstLinesAreRefused) {
    for (const char* text : {"", "ie-mail ", "ie-mail 1", "ie-mail 1 ", "ie-mail 1 -5\n",
                             "ie-mail 1 5", "ie-mail 1 99999999999999999999999\n",
                             "ie-mail 1 18446744073709551615\nx", "ie-mail 1 0\n", "From alice"}) {
        EXPECT_NE(refusal(text), "accepted") << text;
    }
}

TEST(StoredMail, KnowsTheSha256OfAText) {
    std::string hex;
    for (const char c : sha256_of("abc")) {
        constexpr std::string_view digits = "0123456789abcdef";
        hex += digits[static_cast<uint8_t>(c) >> 4];
        hex += digits[static_cast<uint8_t>(c) & 15];
    }
    EXPECT_EQ(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace ie
