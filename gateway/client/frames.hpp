// Requests and replies as ZeroMQ frames (docs/wire.md): head, body and, for mail, the bytes. Pure.
#pragma once

#include <optional>

#include "messages/mail_bytes.hpp"
#include "messages/wire.hpp"

namespace ie {

// A request or reply, its body not yet decoded.
struct parcel {
    wire_head head;
    std::string body;
    mail_bytes bytes;  // empty where the message has none
};

template <message T>
parcel make_parcel(const T& value, uint64_t request_id, uint32_t deadline_ms = 0,
                   mail_bytes bytes = {}) {
    wire_head head;
    head.name = T::name;
    head.version = T::version;
    head.request_id = request_id;
    head.deadline_ms = deadline_ms;
    return {std::move(head), encode(value), std::move(bytes)};
}

// The reply as a T, or the error that the other side or this one found.
template <message T>
outcome<T> open_parcel(const parcel& reply) {
    if (reply.head.name == error::name) return decode_error(reply.body);
    if (reply.head.name != T::name) {
        return fail(error_code::bad_request,
                    "expected " + std::string(T::name) + ", got " + reply.head.name);
    }
    return decode<T>(reply.body, reply_body_bytes_max);
}

}  // namespace ie
