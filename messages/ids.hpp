// Names that must not be mistaken for one another. Each is a string of its own type; what may stand
// in it is decided where it enters (the gateway, the hook), not here.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ie {

template <class Tag>
struct text_id {
    std::string value;

    text_id() = default;
    explicit text_id(std::string text) : value(std::move(text)) {}

    bool empty() const { return value.empty(); }
    friend auto operator<=>(const text_id&, const text_id&) = default;
    friend bool operator==(const text_id&, const text_id&) = default;
};

template <class Inspector, class Tag>
auto inspect(Inspector& inspector, text_id<Tag>& id) {
    return inspector(id.value);
}

template <class T>
struct is_text_id : std::false_type {};
template <class Tag>
struct is_text_id<text_id<Tag>> : std::true_type {};

using mail_id = text_id<struct mail_id_tag>;            // UUID of a held mail, the seed's EMAIL_ID
using queue_id = text_id<struct queue_id_tag>;          // Exim's $message_exim_id
using account_name = text_id<struct account_name_tag>;  // a Unix login, or "root"

// Whom mail belongs to that no account can be found for (seed, Accounts settings).
inline constexpr std::string_view root_account = "root";
inline constexpr std::string_view unmanaged = "UNMANAGED";

// True for the text form of a UUID (RFC 4122, 36 characters, lower or upper case).
bool is_uuid(std::string_view text);

// A held mail's id as databases and file names have it, in lower case; nothing where the text isn't
// a UUID, and so no mail's.
std::optional<mail_id> mail_id_of(std::string_view text);

// True for what Exim may use as a message id: letters, digits and '-', 16 to 23 of them
// (6-6-2 up to 4.96, 6-11-4 from 4.97).
bool is_queue_id(std::string_view text);

}  // namespace ie

template <class Tag>
struct std::hash<ie::text_id<Tag>> {
    size_t operator()(const ie::text_id<Tag>& id) const noexcept {
        return std::hash<std::string>{}(id.value);
    }
};
