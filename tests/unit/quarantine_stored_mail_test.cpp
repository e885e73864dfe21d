#include "actors/quarantine/store/stored_mail.hpp"
#include "messages/hex.hpp"

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
    record.digest = digest_of(mail);
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
    record.digest = digest_of("");
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

// The digest of "abc" is the one that xxhsum prints for it.
TEST(StoredMail, TheDigestIsXxh3) {
    EXPECT_EQ(digest_of("abc"), *from_hex("06b05ab6733a618578af5f94892f3950"));
}

TEST(StoredMail, AnEarlierVersionsFileIsReadByItsSha256) {
    stored_record record = sample();
    const std::string text = "abc";
    record.size_bytes = text.size();
    record.digest.clear();
    record.sha256 = *from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const std::string head = *encode_stored_head(record);
    EXPECT_EQ(refusal(head + "abc"), "accepted");
    EXPECT_EQ(refusal(head + "abd"), "altered: its bytes are not those that were held");
}

// Not even an empty one's.
TEST(StoredMail, AFileWithoutEitherIsRefused) {
    stored_record record = sample();
    record.digest.clear();
    EXPECT_EQ(refusal(*encode_stored_head(record) + mail),
              "altered: its bytes are not those that were held");
}

}  // namespace
}  // namespace ie
