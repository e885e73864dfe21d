#include "actors/sha256.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

namespace ie {

std::array<unsigned char, 32> sha256(std::string_view bytes) {
    // Looked up once: OpenSSL's SHA256() does so each time, which costs as much as a short hash.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::array<unsigned char, 32> digest{};
    const int done =
        EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, algorithm, nullptr);
    if (done != 1) {
        SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    }
    return digest;
}

}  // namespace ie
