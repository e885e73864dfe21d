#include <gtest/gtest.h>

#include <random>

#include "gateway/doors/zmtp_input.hpp"
#include "gateway/doors/zmtp_output.hpp"

namespace ie {
namespace {

using step = zmtp_input::step;

constexpr zmtp_input::bounds within{1'000, 4};

std::string greeting(const std::string& mechanism = "NULL", char version = 3) {
    std::string out(64, '\0');
    out[0] = '\xff';
    out[9] = '\x7f';
    out[10] = version;
    out.replace(12, mechanism.size(), mechanism);
    return out;
}

std::string command(const std::string& body) {
    return "\x04" + std::string(1, static_cast<char>(body.size())) + body;
}

const std::string ready =
    command(std::string("\x05READY\x0bSocket-Type\0\0\0\x06"
                        "DEALER",
                        28));
const std::string hello = greeting() + ready;

std::string frame(const std::string& body, bool more) {
    std::string out(1, more ? '\x01' : '\x00');
    if (body.size() < 256) return out + static_cast<char>(body.size()) + body;
    out[0] |= '\x02';
    for (int i = 7; i >= 0; --i) out += static_cast<char>(body.size() >> (8 * i));
    return out + body;
}

std::vector<std::string> texts(zmtp_input::message message) {
    std::vector<std::string> out;
    for (auto& each : message.frames) out.push_back(each.to_string());
    return out;
}

// What comes of `bytes`, given in parts of this size.
std::vector<std::vector<std::string>> messages_in(const std::string& bytes, size_t part_size) {
    zmtp_input input(within);
    std::vector<std::vector<std::string>> out;
    for (size_t at = 0; at < bytes.size(); at += part_size) {
        std::string_view part = std::string_view(bytes).substr(at, part_size);
        for (step next = input.take(part); next != step::hungry; next = input.take(part)) {
            if (next == step::broken) return {{"broken"}};
            if (next == step::command) continue;
            out.push_back(texts(input.take_message()));
        }
        EXPECT_TRUE(part.empty());
    }
    return out;
}

bool breaks(const std::string& bytes) {
    return messages_in(bytes, bytes.size()) == std::vector<std::vector<std::string>>{{"broken"}};
}

// The next step that isn't a command.
step take_on(zmtp_input& input, std::string_view& bytes) {
    step next = input.take(bytes);
    while (next == step::command) next = input.take(bytes);
    return next;
}

TEST(ZmtpInput, GivesTheSameMessagesInWhateverPartsTheyCome) {
    const std::string large(700, 'x');
    const std::string bytes = hello + frame("", true) + frame("head", true) + frame(large, false) +
                              frame("a", false) + frame("", false);
    const std::vector<std::vector<std::string>> expected{{"", "head", large}, {"a"}, {""}};
    for (size_t size = 1; size <= bytes.size(); ++size) {
        EXPECT_EQ(messages_in(bytes, size), expected) << size;
    }
}

TEST(ZmtpInput, ReadsTheRestOfAFrameStraightIntoIt) {
    zmtp_input input(within);
    const std::string body(600, 'y');
    const std::string bytes = hello + frame(body, false);
    std::string_view first = std::string_view(bytes).substr(0, bytes.size() - 500);
    ASSERT_EQ(take_on(input, first), step::hungry);
    EXPECT_EQ(input.unfinished_bytes(), 600U);
    const auto rest = input.rest_of_frame();
    ASSERT_EQ(rest.size(), 500U);
    std::fill(rest.begin(), rest.end(), 'y');
    input.filled(rest.size());
    std::string_view nothing;
    ASSERT_EQ(take_on(input, nothing), step::message);
    EXPECT_EQ(texts(input.take_message()), std::vector<std::string>{body});
    EXPECT_EQ(input.unfinished_bytes(), 0U);
    EXPECT_FALSE(input.begun());
}

TEST(ZmtpInput, KeepsSoManyFramesAndSaysThatThereWereMore) {
    zmtp_input input(within);
    std::string bytes = hello;
    for (int i = 0; i < 6; ++i) bytes += frame(std::string(1, static_cast<char>('a' + i)), i < 5);
    std::string_view view = bytes;
    ASSERT_EQ(take_on(input, view), step::message);
    const auto message = input.take_message();
    EXPECT_EQ(message.frames.size(), 4U);
    EXPECT_TRUE(message.has_more);
}

TEST(ZmtpInput, AnswersPingsAlsoInTheMiddleOfAMessage) {
    zmtp_input input(within);
    const std::string bytes = hello + frame("a", true) +
                              command(std::string("\x04PING\0\x64", 7) + "abc") + frame("b", false);
    std::string_view view = bytes;
    ASSERT_EQ(take_on(input, view), step::message);
    EXPECT_EQ(input.take_pongs(), command("\x04PONGabc"));
    EXPECT_EQ(input.take_pongs(), "");
    EXPECT_EQ(texts(input.take_message()), (std::vector<std::string>{"a", "b"}));
}

TEST(ZmtpInput, HandlesOneCommandAtATime) {
    zmtp_input input(within);
    const std::string bytes = hello + command("a") + command("") + command("\x04PINGxx");
    std::string_view view = bytes;
    for (const size_t left : {14U, 11U, 9U, 0U}) {
        ASSERT_EQ(input.take(view), step::command);
        EXPECT_EQ(view.size(), left);
    }
    EXPECT_EQ(input.take(view), step::hungry);
}

TEST(ZmtpInput, IsBrokenByWhatIsNoZmtp) {
    EXPECT_TRUE(breaks("G"));  // at once, not after 64 bytes
    EXPECT_TRUE(breaks(greeting("CURVE") + ready));
    EXPECT_TRUE(breaks(greeting("NULL", 2) + ready));
    EXPECT_TRUE(breaks(greeting() + frame("before READY", false)));
    EXPECT_TRUE(breaks(greeting() + command("\x05HELLO")));
    EXPECT_TRUE(breaks(hello + "\x08"));                                    // a reserved flag
    EXPECT_TRUE(breaks(hello + "\x05\x01x"));                               // a command with `more`
    EXPECT_TRUE(breaks(hello + command("\x04PING")));                       // without its time
    EXPECT_TRUE(breaks(hello + std::string("\x06\0\0\0\0\0\0\x10\0", 9)));  // a command of 4 KB
}

TEST(ZmtpInput, IsBrokenByAMessageBeyondItsBoundBeforeThatIsThere) {
    EXPECT_TRUE(breaks(hello + std::string("\x02\0\0\0\0\0\0\x03\xe9", 9)));  // 1,001 bytes
    EXPECT_TRUE(breaks(hello + "\x02" + std::string(8, '\xff')));
    EXPECT_TRUE(breaks(hello + frame(std::string(600, 'x'), true) +
                       frame(std::string(401, 'x'), false).substr(0, 9)));
    std::string endless = hello;
    for (int i = 0; i < 65; ++i) endless += frame("", true);
    EXPECT_TRUE(breaks(endless));
}

TEST(ZmtpInput, StaysBroken) {
    zmtp_input input(within);
    std::string_view rubbish = "GET / HTTP/1.0\r\n";
    ASSERT_EQ(input.take(rubbish), step::broken);
    std::string_view good = hello;
    EXPECT_EQ(input.take(good), step::broken);
}

// Whatever is written comes out of it in whatever pieces it is taken.
TEST(ZmtpOutput, SaysWhatItWasGivenInWhateverPiecesItIsTaken) {
    std::mt19937 random(1);
    zmtp_output output;
    std::string written;
    std::string said;
    for (int i = 0; i < 300; ++i) {
        const std::string head(random() % 300, 'h');
        const std::string body(i % 50 == 0 ? 100'000 : random() % 2'000, 'b');
        output.add_frame(std::string_view(head), true);
        output.add_frame(mail_bytes(body), false);
        output.end_message(i + 1);
        written += frame(head, true) + frame(body, false);
        iovec pieces[3];
        const size_t count = output.next(pieces, 150'000);
        std::string next;
        for (size_t at = 0; at < count; ++at) {
            next.append(static_cast<const char*>(pieces[at].iov_base), pieces[at].iov_len);
        }
        next.resize(random() % (next.size() + 1));
        said += next;
        output.sent(next.size());
        ASSERT_EQ(output.unsent_bytes(), written.size() - said.size());
    }
    while (!output.empty()) {
        iovec piece[1];
        ASSERT_EQ(output.next(piece, 10'000), 1U);
        said.append(static_cast<const char*>(piece[0].iov_base), piece[0].iov_len);
        output.sent(piece[0].iov_len);
    }
    EXPECT_EQ(said, written);
    EXPECT_EQ(output.since_ms(), 0);
}

TEST(ZmtpOutput, GivesOutNoMoreThanItIsAskedFor) {
    zmtp_output output;
    output.add_frame(std::string_view("abc"), true);
    output.add_frame(mail_bytes(std::string(100'000, 'm')), false);
    iovec pieces[8];
    ASSERT_EQ(output.next(pieces, 1'000), 2U);
    EXPECT_EQ(pieces[0].iov_len + pieces[1].iov_len, 1'000U);
    EXPECT_EQ(output.next(pieces, 0), 0U);
}

TEST(ZmtpOutput, KnowsHowLongItsOldestMessageWaits) {
    zmtp_output output;
    output.add("a greeting");
    EXPECT_EQ(output.since_ms(), 0);
    output.add_frame(std::string_view("one"), false);
    output.end_message(11);
    output.add_frame(std::string_view("two"), false);
    output.end_message(22);
    output.sent(14);  // all but a byte of the first
    EXPECT_EQ(output.since_ms(), 11);
    output.sent(1);
    EXPECT_EQ(output.since_ms(), 22);
}

}  // namespace
}  // namespace ie
