// What is said on one connection, without the socket: bytes in, bytes out, and at most one request
// to the engine at a time. The server moves the bytes and brings the engine's answer.
#pragma once

#include <optional>

#include "config/configuration.hpp"
#include "gateway/exim_hook/confirmed_releases.hpp"
#include "gateway/exim_hook/engine_desk.hpp"

namespace ie {

// What all conversations of one hook share.
struct hook_shared {
    const configuration& settings;
    engine_desk& desk;
    confirmed_releases& confirmed;
    logger log;
    std::optional<uint32_t> scanner_uid{};  // of hook.scanner_user
};

class conversation {
  public:
    virtual ~conversation() = default;

    virtual void on_bytes(std::string_view bytes) = 0;
    virtual void on_end() = 0;  // the client sends nothing more
    virtual void on_answer(const outcome<parcel>& reply) = 0;
    virtual void on_drain() = 0;      // ends, unless something is in hand
    virtual void on_no_memory() = 0;  // gives up what it is taking in, if that is large

    virtual std::string take_output() = 0;
    virtual bool waiting() const = 0;   // for the engine; nothing is read until it has answered
    virtual bool finished() const = 0;  // the connection ends once the output is written
    virtual size_t memory_bytes() const = 0;
};

}  // namespace ie
