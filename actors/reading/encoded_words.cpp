#include "actors/reading/encoded_words.hpp"

#include <optional>

#include "actors/reading/charset.hpp"
#include "actors/reading/lenient_base64.hpp"
#include "messages/hex.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

struct encoded_word {
    std::string_view charset;
    char encoding = 'q';  // or 'b'
    std::string_view text;
    size_t size = 0;  // of all of it
};

// RFC 2047, 4.2.
std::string from_q(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '=' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '_' ? ' ' : text[i];
        }
    }
    return out;
}

// =?charset?encoding?text?=, at the front. RFC 2231 puts a language behind the charset.
std::optional<encoded_word> first_word(std::string_view value) {
    constexpr size_t charset_bytes_max = 64;
    if (!value.starts_with("=?")) return std::nullopt;
    const size_t charset_end = value.substr(0, charset_bytes_max).find('?', 2);
    if (charset_end == value.npos || charset_end + 2 >= value.size()) return std::nullopt;
    const char encoding = static_cast<char>(value[charset_end + 1] | 0x20);
    if ((encoding != 'b' && encoding != 'q') || value[charset_end + 2] != '?') return std::nullopt;
    const std::string_view charset = value.substr(2, charset_end - 2);
    if (charset.find_first_of(" \t") != charset.npos) return std::nullopt;
    const size_t text = charset_end + 3;
    const size_t end = value.find("?=", text);
    if (end == value.npos) return std::nullopt;
    return encoded_word{charset.substr(0, charset.find('*')), encoding,
                        value.substr(text, end - text), end + 2};
}

bool is_white(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == text.npos;
}

class reader {
  public:
    explicit reader(std::string_view charset) : charset_(charset) {}

    void add_plain(std::string_view text) {
        if (text.empty()) return;
        end_words();
        out_ += text_of(text, charset_);
    }

    // The bytes of neighbours are joined: a character may begin in one and end in the next.
    void add_word(const encoded_word& word) {
        if (!equal_ignoring_case(word.charset, words_charset_)) end_words();
        words_charset_ = word.charset;
        bytes_ += word.encoding == 'b' ? from_lenient_base64(word.text, true) : from_q(word.text);
    }

    std::string take() {
        end_words();
        return std::move(out_);
    }

  private:
    void end_words() {
        if (!bytes_.empty()) out_ += text_of(bytes_, words_charset_);
        bytes_.clear();
    }

    std::string_view charset_;
    std::string_view words_charset_;
    std::string bytes_;
    std::string out_;
};

}  // namespace

// White space between two encoded words isn't shown.
std::string header_text(std::string_view value, std::string_view charset) {
    reader out(charset);
    bool behind_word = false;
    bool may_end = true;  // there is a "?=" ahead, for all that is known
    size_t plain = 0;
    for (size_t at = 0; at < value.size();) {
        at = value.find("=?", at);
        if (at == value.npos || !may_end) break;
        const auto word = first_word(value.substr(at));
        if (!word) {
            may_end = value.find("?=", at + 2) != value.npos;
            at += 2;
            continue;
        }
        const std::string_view before = value.substr(plain, at - plain);
        if (!behind_word || !is_white(before)) out.add_plain(before);
        out.add_word(*word);
        behind_word = true;
        at += word->size;
        plain = at;
    }
    out.add_plain(value.substr(plain));
    return out.take();
}

}  // namespace ie
