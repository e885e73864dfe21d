// Sender objects: on whose behalf mail is sent (seed, Activity Monitor). An account has domains,
// which have sender addresses, and scripts. Each has a UUID that follows from its names alone: it
// is there at first sight, the same for ever, and nobody has to keep it.
#pragma once

#include "messages/fields.hpp"
#include "messages/ids.hpp"

namespace ie {

using object_id = text_id<struct object_id_tag>;  // UUID, lower case

// Named as `--so-type` has them.
enum class sender_kind : uint8_t { account, domain, sender_email, script };
constexpr auto enum_names(sender_kind) {
    return std::array<std::string_view, 4>{"account", "domain", "sender_email", "script"};
}
inline constexpr size_t sender_kinds = 4;

// What a mail counts under where its own address, domain or script has no name to itself any more.
inline constexpr std::string_view other_objects = "other";

// Such a name takes nobody's place: each account has few of the others.
constexpr bool has_own_name(std::string_view name) {
    return name != unmanaged && name != other_objects;
}

// The sender objects of a mail; "root" / "UNMANAGED" where none is known.
struct sender_objects {
    account_name account{std::string(root_account)};
    std::string domain{unmanaged};  // A-labels, lower case
    std::string sender_address{unmanaged};
    std::string script;  // empty: not sent by a script

    static constexpr auto fields() {
        return std::tuple{field{"account", &sender_objects::account},
                          field{"domain", &sender_objects::domain},
                          field{"sender_address", &sender_objects::sender_address},
                          field{"script", &sender_objects::script}};
    }
};

// An object's UUID as 16 bytes, most significant first. All zero: no object.
struct object_key {
    uint64_t high = 0;
    uint64_t low = 0;

    static constexpr auto fields() {
        return std::tuple{field{"high", &object_key::high}, field{"low", &object_key::low}};
    }
    bool none() const { return high == 0 && low == 0; }
    friend auto operator<=>(const object_key&, const object_key&) = default;
};

struct object_key_hash {
    size_t operator()(const object_key& key) const { return key.high; }  // is a hash already
};

// The keys of a mail's objects, by sender_kind.
struct object_keys {
    object_key account;
    object_key domain;
    object_key sender_address;
    object_key script;  // none where there is no script

    static constexpr auto fields() {
        return std::tuple{field{"account", &object_keys::account},
                          field{"domain", &object_keys::domain},
                          field{"sender_address", &object_keys::sender_address},
                          field{"script", &object_keys::script}};
    }
};

object_id to_id(const object_key& key);
// None where it isn't a UUID.
object_key to_key(std::string_view id);

}  // namespace ie
