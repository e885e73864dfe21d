// A reply as it goes out: encoded, for whatever door.
#pragma once

#include "messages/mail_bytes.hpp"
#include "messages/wire.hpp"

namespace ie {

struct encoded_reply {
    std::string_view name;
    uint32_t version = 1;
    std::string body;
    mail_bytes bytes;
    std::string not_permitted;  // why the actor refused the caller; otherwise empty
};

template <message T>
encoded_reply encode_reply(const T& value, mail_bytes bytes = {}) {
    return {T::name, T::version, encode(value), std::move(bytes), {}};
}

}  // namespace ie
