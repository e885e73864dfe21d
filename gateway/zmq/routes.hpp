// What can be asked from outside: one table with a line for each request: its name, who may ask,
// and which actor serves it. What else a route needs (the reply's type, whether mail goes with it)
// follows from the actor's typed interface.
#pragma once

#include <span>

#include "gateway/zmq/actor_bridge.hpp"

namespace ie {

// Bits by caller_role.
using role_set = uint8_t;

struct route_request {
    std::string_view body;
    request_context context;
    mail_bytes bytes;
    uint64_t ticket = 0;
};

struct route {
    std::string_view name;
    role_set who_may = 0;
    bool carries_mail = false;  // takes a frame with a mail's bytes; counts against that credit
    size_t body_bytes_max = 0;
    // Decodes and sends it on. Fails: bad_request, too_large, unavailable (no such actor now).
    outcome<nothing> (*send)(actor_bridge&, const gateway_handles&, route_request) = nullptr;
    reply_encoder encode = nullptr;
};

std::span<const route> all_routes();
const route* find_route(std::string_view name);

inline bool may(const route& to, const caller& who) {
    return (to.who_may >> static_cast<unsigned>(who.role) & 1U) != 0;
}

// A ticket says which route it is for, so that an answer can be encoded without looking it up.
uint64_t make_ticket(uint64_t sequence, const route& to);
// The same for what no client waits for: that the actor has taken it is all that is answered.
uint64_t make_event_ticket(uint64_t sequence);
bool is_event_ticket(uint64_t ticket);
reply_encoder encoder_of_ticket(uint64_t ticket);

}  // namespace ie
