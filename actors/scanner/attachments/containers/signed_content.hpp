// What an S/MIME message has signed and carries in itself (RFC 8551, application/pkcs7-mime with
// signed-data; RFC 5652). Whether the signature is good isn't looked at. Pure.
#pragma once

#include <string>
#include <string_view>

namespace ie {

// Empty: nothing is in it, or it is encrypted, or can't be read.
std::string signed_content(std::string_view der);

}  // namespace ie
