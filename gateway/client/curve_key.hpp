// CURVE keys as text: Z85, 40 characters (ZeroMQ RFC 32), one in a file.
#pragma once

#include <string>

#include "messages/error.hpp"

namespace ie {

struct curve_pair {
    std::string public_key;
    std::string secret_key;
};

bool is_curve_key(std::string_view text);

// The pair of the secret key in that file, which nobody but its owner may read.
// Fails: not_found, not_permitted (mode), bad_request (no key), each naming the path.
outcome<curve_pair> load_curve_key(const std::string& path);

}  // namespace ie
