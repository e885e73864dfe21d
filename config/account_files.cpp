#include "config/account_files.hpp"

#include <sys/stat.h>

#include "config/system/whole_file.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t map_bytes_max = 64 << 20;

struct map_file {
    std::string path;
    bool required = false;
    outcome<nothing> (account_directory::*add)(std::string_view text);
};

// The first that names a domain decides whose it is.
std::vector<map_file> map_files(const configuration::accounts_part& files) {
    const bool cpanel = files.provider == account_provider::cpanel;
    std::vector<map_file> all{{files.domain_map, cpanel, &account_directory::add_domain_map}};
    if (cpanel) {
        all.push_back({files.true_domain_map, false, &account_directory::add_domain_map});
        all.push_back({files.data_domain_map, false, &account_directory::add_user_data});
    }
    std::erase_if(all, [](const map_file& each) { return each.path.empty() && !each.required; });
    return all;
}

outcome<nothing> add_file(account_directory& directory, const map_file& file) {
    const auto found = must_read_file(file.path, map_bytes_max);
    if (!found) {
        const error_code code = found.failure().code;
        if (code == error_code::not_found && !file.required) return nothing{};
        if (code != error_code::conflict) return found.failure();
        return fail(error_code::too_large, file.path + ": not a file of at most " +
                                               std::to_string(map_bytes_max) + " bytes");
    }
    const auto added = (directory.*file.add)(found->text);
    if (!added) return fail(added.failure().code, file.path + ": " + added.failure().what);
    return nothing{};
}

}  // namespace

std::vector<file_stamp> account_file_stamps(const configuration::accounts_part& files) {
    constexpr int64_t second_ns = 1'000'000'000;
    std::vector<file_stamp> stamps;
    for (const auto& each : map_files(files)) {
        struct stat found {};
        file_stamp stamp;
        if (stat(each.path.c_str(), &found) == 0) {
            stamp = {found.st_ino, found.st_size,
                     found.st_mtim.tv_sec * second_ns + found.st_mtim.tv_nsec};
        }
        stamps.push_back(stamp);
    }
    return stamps;
}

outcome<account_directory> read_account_directory(const configuration::accounts_part& files) {
    account_directory out;
    for (const auto& each : map_files(files)) {
        if (const auto added = add_file(out, each); !added) return added.failure();
    }
    return out;
}

bool is_account_name(const std::string& name, const account_rules& rules,
                     const account_directory& directory) {
    if (directory.is_account(name)) return true;
    if (rules.provider == account_provider::cpanel) return false;  // whom the maps don't name
    const auto user = user_of_login(name);
    return user && is_account(*user, rules, directory);
}

account_name account_of_recipient(std::string_view address, const account_directory& directory,
                                  const std::function<bool(const std::string& login)>& is_account) {
    const size_t at = address.rfind('@');
    if (at == address.npos) return account_name{std::string(root_account)};
    if (auto owner = directory.owner_of_domain(address.substr(at + 1))) return *owner;
    const std::string login = to_lower(address.substr(0, at));
    return account_name{is_account(login) ? login : std::string(root_account)};
}

std::string account_summary(const configuration::accounts_part& files,
                            const account_directory& directory) {
    const std::string domains = std::to_string(directory.domain_count()) + " domains";
    if (files.provider == account_provider::passwd) {
        return "uids " + std::to_string(files.uid_min) + " to " + std::to_string(files.uid_max) +
               (files.home_base.empty() ? "" : " with homes under " + files.home_base) + ", " +
               domains;
    }
    return files.domain_map + ", " + domains + " of " + std::to_string(directory.account_count()) +
           " accounts";
}

}  // namespace ie
