#include "actors/quarantine/store/stored_mail.hpp"

#include <xxhash.h>

#include <algorithm>
#include <charconv>

#include "actors/sha256.hpp"
#include "messages/wire.hpp"

namespace ie {
namespace {

constexpr std::string_view magic = "ie-mail ";
constexpr size_t line_bytes_max = 40;

error unreadable(const std::string& why) {
    return fail(error_code::bad_request, why);
}

struct first_line {
    uint32_t version = 0;
    size_t record_bytes = 0;
    size_t size = 0;  // of the line with its end
};

// Takes a number and the character after it off the front.
template <class T>
bool take_number(std::string_view& text, char end, T& value) {
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto size = static_cast<size_t>(stop - text.data());
    if (failed != std::errc{} || size == text.size() || *stop != end) return false;
    text.remove_prefix(size + 1);
    return true;
}

outcome<first_line> read_first_line(std::string_view file) {
    if (!file.starts_with(magic)) return unreadable("not a file of a held mail");
    std::string_view rest = file.substr(magic.size(), line_bytes_max);
    const size_t before = rest.size();
    first_line line;
    if (!take_number(rest, ' ', line.version)) return unreadable("the first line has no version");
    if (line.version != stored_mail_version) {
        return unreadable("the file is of version " + std::to_string(line.version) +
                          ", this engine knows " + std::to_string(stored_mail_version));
    }
    if (!take_number(rest, '\n', line.record_bytes)) return unreadable("the first line is damaged");
    line.size = magic.size() + before - rest.size();
    return line;
}

outcome<stored_record> read_record(std::string_view file, const first_line& line) {
    if (line.record_bytes > file.size() - line.size) return unreadable("the file is cut");
    auto record =
        decode<stored_record>(file.substr(line.size, line.record_bytes), stored_record_bytes_max);
    if (!record) return unreadable("its record: " + record.failure().what);
    return record;
}

// By the digest, or by what an earlier version wrote.
bool is_unaltered(const stored_mail& stored) {
    const stored_record& record = stored.record;
    if (!record.digest.empty()) return digest_of(stored.mail.view()) == record.digest;
    const auto found = sha256(stored.mail.view());
    return std::equal(found.begin(), found.end(), record.sha256.begin(), record.sha256.end(),
                      [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); });
}

}  // namespace

std::string digest_of(std::string_view bytes) {
    XXH128_canonical_t digest;
    XXH128_canonicalFromHash(&digest, XXH3_128bits(bytes.data(), bytes.size()));
    return {reinterpret_cast<const char*>(digest.digest), sizeof digest.digest};
}

outcome<std::string> encode_stored_head(const stored_record& record) {
    const std::string packed = encode(record);
    if (packed.size() > stored_record_bytes_max || record.recipients.size() > wire_array_max) {
        return fail(error_code::too_large, "a mail with " +
                                               std::to_string(record.recipients.size()) +
                                               " recipients is beyond what one file can tell");
    }
    return std::string(magic) + std::to_string(stored_mail_version) + ' ' +
           std::to_string(packed.size()) + '\n' + packed;
}

outcome<stored_record> decode_stored_head(std::string_view file) {
    const auto line = read_first_line(file);
    if (!line) return line.failure();
    return read_record(file, *line);
}

outcome<stored_mail> decode_stored_mail(const mail_bytes& file) {
    const auto line = read_first_line(file.view());
    if (!line) return line.failure();
    auto record = read_record(file.view(), *line);
    if (!record) return record.failure();
    stored_mail stored{std::move(*record), file.part(line->size + line->record_bytes)};
    if (stored.mail.size() != stored.record.size_bytes) {
        return unreadable("altered: it has " + std::to_string(stored.mail.size()) +
                          " bytes of mail instead of " + std::to_string(stored.record.size_bytes));
    }
    if (!is_unaltered(stored)) {
        return unreadable("altered: its bytes are not those that were held");
    }
    return stored;
}

}  // namespace ie
