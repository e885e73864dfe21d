// A mail with files attached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

struct attached_file {
    std::string name;
    std::string bytes;
};

inline std::string mail_with(const std::vector<attached_file>& files) {
    std::string mail =
        "Subject: x\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n";
    for (const auto& each : files) {
        mail +=
            "--b\nContent-Type: application/octet-stream\n"
            "Content-Disposition: attachment; filename=\"" +
            each.name + "\"\nContent-Transfer-Encoding: base64\n\n" + base64(each.bytes) + "\n";
    }
    return mail + "--b--\n";
}

inline std::string mail_with(std::string_view file_name, std::string_view bytes) {
    return mail_with({{std::string(file_name), std::string(bytes)}});
}

}  // namespace ie::testing
