// What a ZeroMQ client sends, taken apart: ZMTP 3 (RFC 23) without security, the server's side.
// First a greeting and READY, then messages. Pure: knows no socket. What a client claims of itself
// in READY is read over, so that nothing can follow from it. Bounded: what goes beyond a bound or
// breaks the protocol is `broken`, for good; a frame is refused before it is in memory.
#pragma once

#include <zmq.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ie {

// What the server says at once: its greeting and READY.
std::string_view zmtp_hello();

class zmtp_input {
  public:
    struct bounds {
        size_t message_bytes_max = 0;  // all frames together
        size_t frames_kept_max = 0;    // of a message; what comes beyond is dropped, unread
    };
    enum class step {
        hungry,   // all bytes are taken
        message,  // one is whole: see take_message(); there may be bytes left
        command,  // one was handled; there may be bytes left
        broken,
    };

    explicit zmtp_input(const bounds& within) : bounds_(within) {}

    // Takes what it needs off the front of `bytes`.
    step take(std::string_view& bytes);

    struct message {
        std::vector<zmq::message_t> frames;
        bool has_more = false;  // than were kept
    };
    message take_message();  // once after each step::message

    // What a client that pings must get: PONGs. Nothing of it is kept.
    std::string take_pongs() { return std::exchange(pongs_, {}); }

    bool greeted() const { return greeted_; }
    bool begun() const { return stage_ != stage::header || !small_.empty() || in_message_; }
    size_t unfinished_bytes() const { return message_bytes_; }  // announced, of the message begun

    // Where the rest of a frame belongs that is half there, so that a mail is read without a copy;
    // `filled` says how much of it has come. Then take().
    std::span<char> rest_of_frame();
    void filled(size_t bytes) { frame_at_ += bytes; }

  private:
    enum class stage : uint8_t { greeting, header, frame, dropped, command, broken };

    bool gather(std::string_view& bytes, size_t size);
    step broken();
    bool take_greeting(std::string_view& bytes);
    bool take_header(std::string_view& bytes);
    bool begin_frame(bool more, uint64_t size);
    bool end_frame();
    bool take_command();

    bounds bounds_;
    stage stage_ = stage::greeting;
    bool greeted_ = false;
    std::string small_;        // of a greeting, a header or a command, what has come
    uint64_t size_ = 0;        // of a command; of a dropped frame, what is to come
    zmq::message_t frame_;     // being filled
    size_t frame_at_ = 0;      // how far
    bool more_ = false;        // another frame follows it
    bool in_message_ = false;  // a frame with `more` was the last one
    size_t frames_seen_ = 0;   // of the message begun
    size_t message_bytes_ = 0;
    message message_;
    std::string pongs_;
};

}  // namespace ie
