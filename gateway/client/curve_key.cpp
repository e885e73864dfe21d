#include "gateway/client/curve_key.hpp"

#include <sys/stat.h>
#include <zmq.h>

#include <cerrno>
#include <fstream>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t key_size = 40;  // characters
constexpr size_t key_bytes_size = 32;

outcome<nothing> check_mode(const std::string& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) {
        return fail(error_code::not_found, path + ": " + errno_text(errno));
    }
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return fail(error_code::not_permitted,
                    path + ": a secret key that others may read; chmod 600 " + path);
    }
    return nothing{};
}

}  // namespace

bool is_curve_key(std::string_view text) {
    uint8_t bytes[key_bytes_size];
    return text.size() == key_size && zmq_z85_decode(bytes, std::string(text).c_str()) != nullptr;
}

outcome<curve_pair> load_curve_key(const std::string& path) {
    if (const auto mode = check_mode(path); !mode) return mode.failure();
    std::ifstream file(path);
    curve_pair keys;
    if (!(file >> keys.secret_key) || !is_curve_key(keys.secret_key)) {
        return fail(error_code::bad_request, path + ": expected a key of 40 characters (Z85)");
    }
    char derived[key_size + 1];
    if (zmq_curve_public(derived, keys.secret_key.c_str()) != 0) {
        return fail(error_code::bad_request, path + ": " + zmq_strerror(zmq_errno()));
    }
    keys.public_key = derived;
    return keys;
}

}  // namespace ie
