#include "gateway/doors/zmtp_input.hpp"

#include <algorithm>
#include <cstring>

namespace ie {
namespace {

constexpr size_t greeting_size = 64;
constexpr size_t version_at = 10;
constexpr size_t mechanism_at = 12;
constexpr size_t mechanism_size = 20;
constexpr char version_spoken = 3;

constexpr unsigned char flag_more = 1;
constexpr unsigned char flag_long = 2;
constexpr unsigned char flag_command = 4;
constexpr size_t header_size_short = 2;
constexpr size_t header_size_long = 9;

constexpr uint64_t command_size_max = 2'048;
constexpr size_t frames_max = 64;         // of a message, dropped ones included
constexpr size_t pongs_size_max = 4'096;  // of one read; who pings more often than that is broken
constexpr size_t ping_context_max = 16;
constexpr std::string_view ready = "\x05READY";
constexpr std::string_view ping = "\x04PING";
constexpr std::string_view pong = "\x04PONG";
constexpr size_t ping_ttl_size = 2;

std::string make_hello() {
    std::string out(greeting_size, '\0');
    out[0] = '\xff';
    out[version_at - 1] = '\x7f';
    out[version_at] = version_spoken;
    out.replace(mechanism_at, 4, "NULL");
    std::string command(ready);
    const auto add = [&](std::string_view name, std::string_view value) {
        command += static_cast<char>(name.size());
        command += name;
        command += std::string(3, '\0') + static_cast<char>(value.size());
        command += value;
    };
    add("Socket-Type", "ROUTER");
    add("Identity", "");
    out += static_cast<char>(flag_command);
    out += static_cast<char>(command.size());
    return out + command;
}

uint64_t number_of(std::string_view big_endian) {
    uint64_t out = 0;
    for (const char each : big_endian) out = out << 8 | static_cast<unsigned char>(each);
    return out;
}

}  // namespace

std::string_view zmtp_hello() {
    static const std::string hello = make_hello();
    return hello;
}

// True once `small_` has so many bytes.
bool zmtp_input::gather(std::string_view& bytes, size_t size) {
    const size_t missing = size - small_.size();
    small_ += bytes.substr(0, missing);
    bytes.remove_prefix(std::min(missing, bytes.size()));
    return small_.size() == size;
}

zmtp_input::step zmtp_input::broken() {
    stage_ = stage::broken;
    frame_.rebuild();
    message_ = {};
    message_bytes_ = 0;
    return step::broken;
}

zmtp_input::step zmtp_input::take(std::string_view& bytes) {
    for (;;) {
        bool is_good = true;
        switch (stage_) {
            case stage::greeting:
                is_good = take_greeting(bytes);
                break;
            case stage::header:
                is_good = take_header(bytes);
                break;
            case stage::frame: {
                const size_t size = std::min(frame_.size() - frame_at_, bytes.size());
                // (A frame of no bytes has nowhere to copy to.)
                if (size > 0) std::memcpy(frame_.data<char>() + frame_at_, bytes.data(), size);
                frame_at_ += size;
                bytes.remove_prefix(size);
                if (frame_at_ < frame_.size()) return step::hungry;
                message_.frames.push_back(std::move(frame_));
                if (end_frame()) return step::message;
                continue;
            }
            case stage::dropped: {
                const auto size = std::min<uint64_t>(size_, bytes.size());
                size_ -= size;
                bytes.remove_prefix(size);
                if (size_ > 0) return step::hungry;
                if (end_frame()) return step::message;
                continue;
            }
            case stage::command:
                if (!gather(bytes, size_)) return step::hungry;
                return take_command() ? step::command : broken();
            case stage::broken:
                return step::broken;
        }
        if (!is_good) return broken();
        const bool may_go_on = stage_ == stage::frame || stage_ == stage::dropped ||
                               (stage_ == stage::command && size_ == 0);
        if (bytes.empty() && !may_go_on) return step::hungry;
    }
}

bool zmtp_input::take_greeting(std::string_view& bytes) {
    const bool is_whole = gather(bytes, greeting_size);
    if (!small_.empty() && small_[0] != '\xff') return false;
    if (!is_whole) return true;
    std::string mechanism(mechanism_size, '\0');
    mechanism.replace(0, 4, "NULL");
    const bool is_good = (small_[version_at - 1] & 1) != 0 &&
                         small_[version_at] >= version_spoken &&
                         small_.compare(mechanism_at, mechanism_size, mechanism) == 0;
    small_.clear();
    stage_ = stage::header;
    return is_good;
}

bool zmtp_input::take_header(std::string_view& bytes) {
    if (small_.empty() && !gather(bytes, 1)) return true;
    const auto flags = static_cast<unsigned char>(small_[0]);
    if ((flags & ~(flag_more | flag_long | flag_command)) != 0) return false;
    const size_t size = (flags & flag_long) != 0 ? header_size_long : header_size_short;
    if (!gather(bytes, size)) return true;
    const uint64_t announced = number_of(std::string_view(small_).substr(1));
    small_.clear();
    const bool more = (flags & flag_more) != 0;
    if ((flags & flag_command) == 0) return greeted_ && begin_frame(more, announced);
    size_ = announced;
    stage_ = stage::command;
    return !more && announced <= command_size_max;
}

bool zmtp_input::begin_frame(bool more, uint64_t size) {
    if (size > bounds_.message_bytes_max - message_bytes_ || ++frames_seen_ > frames_max) {
        return false;
    }
    message_bytes_ += size;
    more_ = more;
    in_message_ = true;
    if (frames_seen_ > bounds_.frames_kept_max) {
        message_.has_more = true;
        size_ = size;
        stage_ = stage::dropped;
        return true;
    }
    frame_at_ = 0;
    stage_ = stage::frame;
    try {
        frame_ = zmq::message_t(size);
        return true;
    } catch (const zmq::error_t&) {  // no memory
        return false;
    }
}

// True where the message is whole.
bool zmtp_input::end_frame() {
    stage_ = stage::header;
    if (more_) return false;
    in_message_ = false;
    frames_seen_ = 0;
    message_bytes_ = 0;
    return true;
}

zmtp_input::message zmtp_input::take_message() {
    return std::exchange(message_, {});
}

// READY first; then PING. Whatever else there is asks for nothing.
bool zmtp_input::take_command() {
    const std::string command = std::exchange(small_, {});
    stage_ = stage::header;
    if (!greeted_) {
        greeted_ = command.starts_with(ready);
        return greeted_;
    }
    if (!command.starts_with(ping)) return true;
    if (command.size() < ping.size() + ping_ttl_size) return false;
    const std::string_view context = std::string_view(command).substr(ping.size() + ping_ttl_size);
    if (context.size() > ping_context_max || pongs_.size() > pongs_size_max) return false;
    pongs_ += static_cast<char>(flag_command);
    pongs_ += static_cast<char>(pong.size() + context.size());
    pongs_.append(pong).append(context);
    return true;
}

std::span<char> zmtp_input::rest_of_frame() {
    if (stage_ != stage::frame) return {};
    return {frame_.data<char>() + frame_at_, frame_.size() - frame_at_};
}

}  // namespace ie
