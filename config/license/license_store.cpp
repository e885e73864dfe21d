#include "config/license/license_store.hpp"

#include "config/license/signature.hpp"
#include "config/system/whole_file.hpp"
#include "messages/text.hpp"

namespace ie::license {
namespace {

constexpr const char* machine_id_path = "/etc/machine-id";
constexpr const char* applied_name = "license-applied.json";

// Fails: not_found, storage_failed, conflict.
outcome<stored_file> must_read(const std::string& path) {
    auto file = must_read_file(path, license_bytes_max);
    if (file || file.failure().code != error_code::not_found) return file;
    return fail(error_code::not_found, path + " is missing");
}

// Who may write the key may sign whatever he likes. Fails: as must_read, not_permitted.
outcome<stored_file> read_key(const std::string& path) {
    auto file = must_read(path);
    if (!file) return file.failure();
    if (file->attributes.uid != 0 || (file->attributes.mode & 022) != 0) {
        return fail(error_code::not_permitted,
                    path + " must belong to root, and nobody else may write it: chown root " +
                        path + "; chmod go-w " + path);
    }
    return file;
}

error in_file(const std::string& path, const error& failure) {
    return fail(failure.code, path + ": " + failure.what);
}

}  // namespace

outcome<std::optional<decision>> read_decision(const std::string& folder,
                                               const std::string& server) {
    const std::string path = folder + "/" + license_name;
    const auto file = read_file(path);
    if (!file) return file.failure();
    if (!*file) return std::optional<decision>{};
    const auto signature = must_read(folder + "/" + signature_name);
    if (!signature) return signature.failure();
    const auto keys = read_key(folder + "/" + key_name);
    if (!keys) return keys.failure();
    const auto verified = verify_signature((*file)->text, signature->text, keys->text);
    if (!verified && verified.failure().code == error_code::bad_request) {
        return in_file(folder + "/" + key_name, verified.failure());
    }
    if (!verified) return in_file(path, verified.failure());
    const auto license = parse_license((*file)->text);
    if (!license) return in_file(path, license.failure());
    const auto decided = decide(*license, server);
    if (!decided) return in_file(path, decided.failure());
    return std::optional{*decided};
}

outcome<std::string> name_of_server(const std::string& server_id) {
    if (!server_id.empty()) return server_id;
    const auto file = must_read(machine_id_path);
    if (!file) return file.failure();
    return std::string(trimmed(file->text));
}

outcome<std::optional<decision>> read_applied(const std::string& state_folder) {
    const std::string path = state_folder + "/" + applied_name;
    const auto file = read_file(path);
    if (!file) return file.failure();
    if (!*file) return std::optional<decision>{};
    const auto read = read_record((*file)->text);
    if (!read) return in_file(path, read.failure());
    return std::optional{*read};
}

outcome<nothing> write_applied(const std::string& state_folder, const decision& applied) {
    return write_file(state_folder + "/" + applied_name, {to_record(applied), {}});
}

}  // namespace ie::license
