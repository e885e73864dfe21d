// A mail with one file attached.
#pragma once

#include <string>
#include <string_view>

namespace ie::testing {

inline std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr size_t line_bytes = 57;
    std::string out;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        if (i > 0 && i % line_bytes == 0) out += '\n';
        uint32_t group = 0;
        for (size_t k = 0; k < 3; ++k) {
            group = group << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0U);
        }
        for (size_t k = 0; k < 4; ++k) {
            out += i + k > bytes.size() ? '=' : digits[group >> (18 - 6 * k) & 63];
        }
    }
    return out;
}

inline std::string mail_with(std::string_view file_name, std::string_view bytes) {
    return std::string(
               "Subject: x\nMIME-Version: 1.0\n"
               "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\n"
               "Content-Type: application/octet-stream\n"
               "Content-Disposition: attachment; filename=\"")
        .append(file_name)
        .append("\"\nContent-Transfer-Encoding: base64\n\n")
        .append(base64(bytes))
        .append("\n--b--\n");
}

}  // namespace ie::testing
