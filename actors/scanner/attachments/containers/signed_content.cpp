#include "actors/scanner/attachments/containers/signed_content.hpp"

#include <openssl/cms.h>
#include <openssl/err.h>

#include <limits>
#include <memory>

namespace ie {
namespace {

struct cms_free {
    void operator()(CMS_ContentInfo* each) const { CMS_ContentInfo_free(each); }
};

}  // namespace

std::string signed_content(std::string_view der) {
    if (der.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return {};
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<CMS_ContentInfo, cms_free> message(
        d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())));
    ERR_clear_error();
    if (!message || OBJ_obj2nid(CMS_get0_type(message.get())) != NID_pkcs7_signed) return {};
    ASN1_OCTET_STRING** content = CMS_get0_content(message.get());
    ERR_clear_error();
    if (content == nullptr || *content == nullptr) return {};
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(*content)),
            static_cast<size_t>(ASN1_STRING_length(*content))};
}

}  // namespace ie
