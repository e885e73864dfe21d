#include "actors/scanner/attachments/lenient_encodings.hpp"

#include "actors/reading/lenient_base64.hpp"
#include "messages/hex.hpp"
#include "messages/text.hpp"

namespace ie {

std::vector<std::string> base64_readings(std::string_view text) {
    std::vector<std::string> readings{from_lenient_base64(text, true)};
    auto other = from_lenient_base64(text, false);
    if (other != readings.front()) readings.push_back(std::move(other));
    return readings;
}

std::string from_quoted_printable(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '=') {
            out += text[i];
            continue;
        }
        const size_t line_end = text.find_first_not_of(" \t\r", i + 1);
        const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else if (line_end != text.npos && text[line_end] == '\n') {
            i = line_end;
        } else {
            out += '=';
        }
    }
    return out;
}

}  // namespace ie
