#include "config/license/signature.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace ie::license {
namespace {

struct openssl_deleter {
    void operator()(BIO* each) const { BIO_free(each); }
    void operator()(EVP_PKEY* each) const { EVP_PKEY_free(each); }
    void operator()(EVP_MD_CTX* each) const { EVP_MD_CTX_free(each); }
};
template <class T>
using owned = std::unique_ptr<T, openssl_deleter>;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bool has_signed(EVP_PKEY* key, std::string_view bytes, std::string_view signature) {
    const owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(bytes),
                            bytes.size()) == 1;
}

}  // namespace

outcome<nothing> verify_signature(std::string_view bytes, std::string_view signature,
                                  std::string_view keys) {
    const owned<BIO> source(BIO_new_mem_buf(keys.data(), static_cast<int>(keys.size())));
    bool has_key = false;
    while (
        const owned<EVP_PKEY> key{PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr)}) {
        if (EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519) continue;
        has_key = true;
        if (has_signed(key.get(), bytes, signature)) return nothing{};
    }
    if (!has_key) return fail(error_code::bad_request, "there is no Ed25519 public key in PEM");
    return fail(error_code::not_permitted, "the signature is not the issuer's");
}

}  // namespace ie::license
