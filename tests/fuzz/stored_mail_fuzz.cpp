// The file of a held mail, as a damaged disk would give it back; and the bytes of a mail, as anyone
// may send them. What can be read must be written back the same.
#include <cstdint>

#include "actors/quarantine/store/stored_mail.hpp"
#include "actors/reading/mail_headers.hpp"
#include "actors/reading/mail_text.hpp"
#include "messages/text.hpp"

namespace {

void require(bool condition) {
    if (!condition) __builtin_trap();
}

void read_file(std::string_view bytes) {
    const auto stored = ie::decode_stored_mail(ie::mail_bytes(std::string(bytes)));
    if (!stored) return;
    const auto head = ie::encode_stored_head(stored->record);
    require(static_cast<bool>(head));
    const auto again =
        ie::decode_stored_mail(ie::mail_bytes(*head + std::string(stored->mail.view())));
    require(again && again->mail == stored->mail);
}

void read_mail(std::string_view bytes) {
    const auto split = ie::split_mail(bytes);
    require(bytes.starts_with(split.header_block));
    require(split.body_offset <= bytes.size());
    for (const auto& header :
         ie::read_headers(split.header_block, ie::charset_of_raw_headers(bytes))) {
        require(header.value == ie::valid_utf8(header.value));
    }
    const auto traits = ie::read_traits(bytes);
    require(traits.subject.size() <= ie::subject_bytes_max);
    const std::string text = ie::mail_text(bytes);
    require(text == ie::valid_utf8(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_file(bytes);
    read_mail(bytes);
    return 0;
}
