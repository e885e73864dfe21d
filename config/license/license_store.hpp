// The licence's files on this machine: beside the settings file what the issuer gives, in
// /var/lib/imunifyemail what was applied of it.
#pragma once

#include "config/license/license_file.hpp"

namespace ie::license {

// license.json, its signature in license.json.sig and the issuer's public key in license.pub.
inline constexpr const char* license_name = "license.json";
inline constexpr const char* signature_name = "license.json.sig";
inline constexpr const char* key_name = "license.pub";

// What the licence in this folder says of this server; nothing where there is none. Fails:
// not_found (signature or key are missing; the server isn't named), not_permitted (the signature
// isn't the issuer's, or others than root may write the key), bad_request, storage_failed.
outcome<std::optional<decision>> read_decision(const std::string& folder,
                                               const std::string& server);

// `server_id` if it is set, else this machine's id. Fails: not_found.
outcome<std::string> name_of_server(const std::string& server_id);

// What was applied last; nothing: none was. Fails: bad_request, storage_failed.
outcome<std::optional<decision>> read_applied(const std::string& state_folder);
// Durable when it returns. Fails: storage_failed.
outcome<nothing> write_applied(const std::string& state_folder, const decision& applied);

}  // namespace ie::license
