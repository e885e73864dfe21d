#include "actors/object_keys.hpp"

#include <initializer_list>

#include "actors/sha256.hpp"

namespace ie {
namespace {

uint64_t big_endian(const unsigned char* bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < 8; ++i) value = value << 8 | bytes[i];
    return value;
}

// Each name goes in with its size before it, so that no two lists of names read alike.
object_key hashed(sender_kind kind, std::initializer_list<std::string_view> names) {
    std::string text(1, static_cast<char>(kind));
    for (const auto name : names) {
        for (int shift = 0; shift < 32; shift += 8) {
            text += static_cast<char>(name.size() >> shift & 0xFF);
        }
        text += name;
    }
    const auto digest = sha256(text);
    constexpr uint64_t version_bits = 0xF000;
    constexpr uint64_t variant_bits = 3ULL << 62;
    return {(big_endian(digest.data()) & ~version_bits) | 8ULL << 12,
            (big_endian(digest.data() + 8) & ~variant_bits) | 2ULL << 62};
}

}  // namespace

object_key account_key(std::string_view account) {
    return hashed(sender_kind::account, {account});
}

object_key domain_key(std::string_view account, std::string_view domain) {
    return hashed(sender_kind::domain, {account, domain});
}

object_key sender_key(std::string_view account, std::string_view domain, std::string_view address) {
    return hashed(sender_kind::sender_email, {account, domain, address});
}

object_key script_key(std::string_view account, std::string_view script) {
    return hashed(sender_kind::script, {account, script});
}

}  // namespace ie
