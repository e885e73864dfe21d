// The UUIDs of sender objects: version 8 (RFC 9562, section 5.8), from the SHA-256 of an object's
// kind and names. Pure. Names are taken as they are: whoever attributes a mail has put them into
// their one form. SHA-256, since an account could otherwise make up a script or address whose
// counts are somebody else's.
#pragma once

#include "messages/sender_object.hpp"

namespace ie {

object_key account_key(std::string_view account);
object_key domain_key(std::string_view account, std::string_view domain);
object_key sender_key(std::string_view account, std::string_view domain, std::string_view address);
object_key script_key(std::string_view account, std::string_view script);

}  // namespace ie
