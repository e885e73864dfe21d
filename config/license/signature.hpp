// Ed25519 signatures of files (RFC 8032), as `openssl pkeyutl -sign -rawin` makes them. Pure.
#pragma once

#include <string_view>

#include "messages/error.hpp"

namespace ie::license {

inline constexpr size_t signature_bytes = 64;

// Was `bytes` signed by one of these keys? Several: while the issuer changes from one to the next.
// `keys`: public keys in PEM, one after the other; `signature`: as it is, not in base64.
// Fails: bad_request (there is no Ed25519 key), not_permitted (none of them has signed it).
outcome<nothing> verify_signature(std::string_view bytes, std::string_view signature,
                                  std::string_view keys);

}  // namespace ie::license
