#include "actors/reading/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

// What iconv has no name for, or what says nothing.
constexpr std::string_view latin = "windows-1252";  // or UTF-8
constexpr std::string_view hz = "hz";
constexpr std::string_view japanese_mail = "iso-2022-jp";

struct charset_name {
    std::string_view label;
    std::string_view name;  // iconv's, or one of those above
};

// Where the charset that a label means isn't the one that iconv has under that name, and labels
// that iconv hasn't at all. Lower case, sorted.
constexpr std::array names{
    charset_name{"866", "CP866"},
    charset_name{"ansi_x3.4-1968", latin},
    charset_name{"arabic", "ISO-8859-6"},
    charset_name{"ascii", latin},
    charset_name{"big5", "BIG5-HKSCS"},
    charset_name{"big5-hkscs", "BIG5-HKSCS"},
    charset_name{"chinese", "GB18030"},
    charset_name{"cn-big5", "BIG5-HKSCS"},
    charset_name{"cp819", latin},
    charset_name{"cp932", "CP932"},
    charset_name{"cp936", "GB18030"},
    charset_name{"cp949", "CP949"},
    charset_name{"cp950", "BIG5-HKSCS"},
    charset_name{"csascii", latin},
    charset_name{"csbig5", "BIG5-HKSCS"},
    charset_name{"cseuckr", "CP949"},
    charset_name{"cseucpkdfmtjapanese", "EUC-JP-MS"},
    charset_name{"csgb2312", "GB18030"},
    charset_name{"csiso2022jp", japanese_mail},
    charset_name{"csiso58gb231280", "GB18030"},
    charset_name{"csisolatin1", latin},
    charset_name{"csisolatin5", "CP1254"},
    charset_name{"csksc56011987", "CP949"},
    charset_name{"csmacintosh", "MACINTOSH"},
    charset_name{"csshiftjis", "CP932"},
    charset_name{"csunicode", "UTF-16LE"},
    charset_name{"cyrillic", "ISO-8859-5"},
    charset_name{"dos-874", "CP874"},
    charset_name{"euc-jp", "EUC-JP-MS"},
    charset_name{"euc-kr", "CP949"},
    charset_name{"eucjp", "EUC-JP-MS"},
    charset_name{"euckr", "CP949"},
    charset_name{"gb18030", "GB18030"},
    charset_name{"gb2312", "GB18030"},
    charset_name{"gb_2312", "GB18030"},
    charset_name{"gb_2312-80", "GB18030"},
    charset_name{"gbk", "GB18030"},
    charset_name{"greek", "ISO-8859-7"},
    charset_name{"hebrew", "ISO-8859-8"},
    charset_name{"hz", hz},
    charset_name{"hz-gb-2312", hz},
    charset_name{"ibm819", latin},
    charset_name{"iso-10646-ucs-2", "UTF-16LE"},
    charset_name{"iso-2022-jp", japanese_mail},
    charset_name{"iso-2022-jp-1", japanese_mail},
    charset_name{"iso-2022-jp-ms", japanese_mail},
    charset_name{"iso-8859-1", latin},
    charset_name{"iso-8859-11", "CP874"},
    charset_name{"iso-8859-6-e", "ISO-8859-6"},
    charset_name{"iso-8859-6-i", "ISO-8859-6"},
    charset_name{"iso-8859-8-e", "ISO-8859-8"},
    charset_name{"iso-8859-8-i", "ISO-8859-8"},
    charset_name{"iso-8859-9", "CP1254"},
    charset_name{"iso-ir-100", latin},
    charset_name{"iso-ir-148", "CP1254"},
    charset_name{"iso-ir-149", "CP949"},
    charset_name{"iso-ir-58", "GB18030"},
    charset_name{"iso646-us", latin},
    charset_name{"iso8859-1", latin},
    charset_name{"iso8859-11", "CP874"},
    charset_name{"iso8859-9", "CP1254"},
    charset_name{"iso88591", latin},
    charset_name{"iso885911", "CP874"},
    charset_name{"iso88599", "CP1254"},
    charset_name{"iso_8859-1", latin},
    charset_name{"iso_8859-1:1987", latin},
    charset_name{"iso_8859-9", "CP1254"},
    charset_name{"iso_8859-9:1989", "CP1254"},
    charset_name{"koi", "KOI8-R"},
    charset_name{"koi8", "KOI8-R"},
    charset_name{"koi8-ru", "KOI8-U"},
    charset_name{"koi8_r", "KOI8-R"},
    charset_name{"korean", "CP949"},
    charset_name{"ks_c_5601", "CP949"},
    charset_name{"ks_c_5601-1987", "CP949"},
    charset_name{"ks_c_5601-1989", "CP949"},
    charset_name{"ksc5601", "CP949"},
    charset_name{"ksc_5601", "CP949"},
    charset_name{"l1", latin},
    charset_name{"l5", "CP1254"},
    charset_name{"latin1", latin},
    charset_name{"latin5", "CP1254"},
    charset_name{"logical", "ISO-8859-8"},
    charset_name{"mac", "MACINTOSH"},
    charset_name{"macintosh", "MACINTOSH"},
    charset_name{"ms932", "CP932"},
    charset_name{"ms949", "CP949"},
    charset_name{"ms_kanji", "CP932"},
    charset_name{"shift-jis", "CP932"},
    charset_name{"shift_jis", "CP932"},
    charset_name{"sjis", "CP932"},
    charset_name{"sun_eu_greek", "ISO-8859-7"},
    charset_name{"tis-620", "CP874"},
    charset_name{"ucs-2", "UTF-16LE"},
    charset_name{"unicode", "UTF-16LE"},
    charset_name{"unicode-1-1-utf-7", "UTF-7"},
    charset_name{"unicode-1-1-utf-8", "UTF-8"},
    charset_name{"unicode11utf8", "UTF-8"},
    charset_name{"unicode20utf8", "UTF-8"},
    charset_name{"unicodefeff", "UTF-16LE"},
    charset_name{"unicodefffe", "UTF-16BE"},
    charset_name{"us-ascii", latin},
    charset_name{"utf-16", "UTF-16LE"},
    charset_name{"utf8", "UTF-8"},
    charset_name{"visual", "ISO-8859-8"},
    charset_name{"windows-31j", "CP932"},
    charset_name{"windows-936", "GB18030"},
    charset_name{"windows-949", "CP949"},
    charset_name{"x-euc-jp", "EUC-JP-MS"},
    charset_name{"x-gbk", "GB18030"},
    charset_name{"x-mac-cyrillic", "MAC-CYRILLIC"},
    charset_name{"x-mac-roman", "MACINTOSH"},
    charset_name{"x-mac-ukrainian", "MAC-UK"},
    charset_name{"x-sjis", "CP932"},
    charset_name{"x-unicode20utf8", "UTF-8"},
    charset_name{"x-x-big5", "BIG5-HKSCS"},
};
static_assert(std::ranges::is_sorted(names, {}, &charset_name::label));

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "x-cp1251", "win-1251", "windows1251" and "cp-850" are code pages by their numbers.
std::optional<std::string> code_page(std::string_view label) {
    if (label.starts_with("x-")) label.remove_prefix(2);
    for (const std::string_view prefix : {"windows", "win", "cp", "ibm"}) {
        if (!label.starts_with(prefix)) continue;
        std::string_view number = label.substr(prefix.size());
        if (number.starts_with('-') || number.starts_with('_')) number.remove_prefix(1);
        if (is_number(number)) return "CP" + std::string(number);
    }
    return std::nullopt;
}

std::string iconv_name(std::string_view label) {
    constexpr size_t label_bytes_max = 64;
    std::string name = to_lower(trimmed(label).substr(0, label_bytes_max));
    std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
    if (name.empty()) return std::string(latin);
    const auto found = std::ranges::lower_bound(names, name, {}, &charset_name::label);
    if (found != names.end() && found->label == name) return std::string(found->name);
    if (const auto page = code_page(name)) return *page == "CP1252" ? std::string(latin) : *page;
    // iconv takes options behind a slash.
    return name.find('/') == name.npos ? name : std::string(latin);
}

// windows-1252 (Encoding Standard, index-windows-1252) where it isn't Latin 1.
constexpr std::array<char16_t, 32> windows_1252{
    0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};

std::string from_latin(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        append_utf8(out, byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte);
    }
    return out;
}

struct converted {
    std::string text;
    bool fits = true;  // every byte belongs to a character
};

class converter {
  public:
    explicit converter(const std::string& from)
        : at_(::iconv_open("UTF-8", from.c_str())),
          unit_bytes_(from.starts_with("UTF-16") ? 2 : 1) {}
    ~converter() {
        if (is_open()) ::iconv_close(at_);
    }
    converter(const converter&) = delete;
    converter& operator=(const converter&) = delete;

    bool is_open() const { return at_ != reinterpret_cast<iconv_t>(-1); }

    converted run(std::string_view bytes) const {
        converted out;
        std::array<char, 4096> part;
        char* in = const_cast<char*>(bytes.data());  // iconv only reads it
        size_t left = bytes.size();
        while (left > 0) {
            char* to = part.data();
            size_t room = part.size();
            const size_t done = ::iconv(at_, &in, &left, &to, &room);
            const int code = errno;
            out.text.append(part.data(), to);
            if (done != static_cast<size_t>(-1) || code == E2BIG) continue;
            out.fits = false;
            out.text += replacement;
            const size_t skipped = std::min(left, unit_bytes_);
            in += skipped;
            left -= skipped;
        }
        char* to = part.data();
        size_t room = part.size();
        (void)::iconv(at_, nullptr, nullptr, &to, &room);  // what is still to come
        out.text.append(part.data(), to);
        return out;
    }

  private:
    iconv_t at_;
    size_t unit_bytes_;
};

// What HZ (RFC 1843) says between ~{ and ~}, as the GB 2312 that it is.
std::string without_hz(std::string_view bytes) {
    std::string out;
    bool chinese = false;
    for (size_t i = 0; i < bytes.size(); ++i) {
        const std::string_view two = bytes.substr(i, 2);
        if (two == "~{" || two == "~}") {
            chinese = two == "~{";
            ++i;
        } else if (two == "~~" || two == "~\n") {
            if (two == "~~") out += '~';
            ++i;
        } else if (bytes[i] == '\n') {
            chinese = false;
            out += '\n';
        } else {
            out += chinese ? static_cast<char>(bytes[i] | 0x80) : bytes[i];
        }
    }
    return out;
}

// ISO-2022-JP as the EUC-JP that its sets are coded in too: with what NEC and Microsoft have added
// to them, which iconv's own ISO-2022-JP doesn't know. (RFC 1468; JIS X 0201, 0212.)
std::string without_escapes(std::string_view bytes) {
    struct escape {
        std::string_view sequence;
        int bytes = 1;          // of a character; 0: as it stands
        std::string_view lead;  // before it
    };
    static constexpr std::array<escape, 8> escapes{{{"\x1b(B", 0, ""},
                                                    {"\x1b(J", 0, ""},
                                                    {"\x1b(H", 0, ""},
                                                    {"\x1b(I", 1, "\x8e"},
                                                    {"\x1b$@", 2, ""},
                                                    {"\x1b$B", 2, ""},
                                                    {"\x1b$(B", 2, ""},
                                                    {"\x1b$(D", 2, "\x8f"}}};
    std::string out;
    const escape* set = &escapes[0];
    for (size_t i = 0; i < bytes.size();) {
        const auto begins = [&](const escape& each) {
            return bytes.substr(i).starts_with(each.sequence);
        };
        const auto* found = std::find_if(escapes.begin(), escapes.end(), begins);
        const auto byte = static_cast<unsigned char>(bytes[i]);
        if (found != escapes.end()) {
            set = found;
            i += found->sequence.size();
        } else if (byte == '\n' || byte == '\r') {
            if (byte == '\n') set = &escapes[0];  // a line begins in ASCII
            out += bytes[i++];
        } else if (set->bytes == 0 || byte <= ' ' || byte >= 0x7f) {
            out += bytes[i++];
        } else {
            out += set->lead;
            for (int left = set->bytes; left > 0 && i < bytes.size(); --left) {
                out += static_cast<char>(bytes[i++] | 0x80);
            }
        }
    }
    return out;
}

// Nothing where nobody knows the charset.
std::optional<converted> convert(std::string_view bytes, const std::string& name) {
    std::string decoded;
    std::string from = name;
    if (name == hz) {
        decoded = without_hz(bytes);
        bytes = decoded;
        from = "GB18030";
    } else if (name == japanese_mail) {
        decoded = without_escapes(bytes);
        bytes = decoded;
        from = "EUC-JP-MS";
    }
    const converter with(from);
    if (!with.is_open()) return std::nullopt;
    return with.run(bytes);
}

struct byte_order_mark {
    std::string_view bytes;
    std::string_view name;
};
constexpr std::array marks{byte_order_mark{"\xEF\xBB\xBF", "UTF-8"},
                           byte_order_mark{"\xFE\xFF", "UTF-16BE"},
                           byte_order_mark{"\xFF\xFE", "UTF-16LE"}};

std::string decoded(std::string_view bytes, const std::string& name) {
    const bool is_utf8 = is_valid_utf8(bytes);
    if (name == latin) return is_utf8 ? std::string(bytes) : from_latin(bytes);
    if (equal_ignoring_case(name, "UTF-8")) return valid_utf8(bytes);
    auto out = convert(bytes, name);
    if (!out) return is_utf8 ? std::string(bytes) : from_latin(bytes);
    return out->fits || !is_utf8 ? valid_utf8(out->text) : std::string(bytes);
}

std::string without_nul(std::string text) {
    if (text.find('\0') == text.npos) return text;
    std::string out;
    for (const char c : text) {
        if (c == '\0') {
            out += replacement;
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

std::string text_of(std::string_view bytes, std::string_view label) {
    std::string name = iconv_name(label);
    for (const auto& mark : marks) {
        if (!bytes.starts_with(mark.bytes)) continue;
        bytes.remove_prefix(mark.bytes.size());
        name = mark.name;
        break;
    }
    return without_nul(decoded(bytes, name));
}

}  // namespace ie
