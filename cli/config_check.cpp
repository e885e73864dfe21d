#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "cli/config_commands.hpp"
#include "cli/service_unit.hpp"
#include "config/account_files.hpp"
#include "config/system/run_program.hpp"
#include "config/system/unix_user.hpp"
#include "messages/text.hpp"

namespace ie::cli {
namespace {

constexpr size_t socket_path_max = 107;  // sun_path without its end

finding good(std::string what, std::string text) {
    return {std::move(what), true, std::move(text)};
}
finding bad(std::string what, std::string text) {
    return {std::move(what), false, std::move(text)};
}

struct login {
    std::string name;
    uid_t uid = 0;
    std::vector<gid_t> groups;
};

std::optional<login> login_named(const std::string& name) {
    const passwd* entry = ::getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (entry == nullptr) return std::nullopt;
    login found{name, entry->pw_uid, {}};
    int count = 64;
    found.groups.resize(static_cast<size_t>(count));
    if (::getgrouplist(name.c_str(), entry->pw_gid, found.groups.data(), &count) >= 0) {
        found.groups.resize(static_cast<size_t>(count));
    }
    return found;
}

std::string login_of(uid_t uid) {
    return login_of_uid(uid).value_or("uid " + std::to_string(uid));
}

// By mode bits: `wanted` is of 4 (read), 2 (write), 1 (enter).
bool may(const login& who, const struct stat& file, mode_t wanted) {
    if (who.uid == 0) return true;
    if (who.uid == file.st_uid) return ((file.st_mode >> 6) & wanted) == wanted;
    const bool in_group =
        std::find(who.groups.begin(), who.groups.end(), file.st_gid) != who.groups.end();
    return ((file.st_mode >> (in_group ? 3 : 0)) & wanted) == wanted;
}

std::string why(const std::string& path) {
    return path + ": " + errno_text(errno);
}

finding check_data_dir(const configuration& settings) {
    constexpr const char* what = "data folder";
    const std::string& path = settings.engine.data_dir;
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return bad(what, why(path) + "; create it, owned by the engine's user, mode 0700");
    }
    if (!S_ISDIR(found.st_mode)) return bad(what, path + " isn't a folder; name one in data_dir");
    if ((found.st_mode & S_IRWXO) != 0) {
        return bad(what, path + " is open to every user; chmod o= " + path);
    }
    if (found.st_uid == 0) {
        return bad(what, path + " belongs to root; chown it to the engine's user, _imunifyemail");
    }
    return good(what, path + ", of " + login_of(found.st_uid));
}

finding check_folder(const std::string& what, const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return bad(what, why(path) + "; create it, or start the service, which does");
    }
    if (S_ISDIR(found.st_mode)) return good(what, path);
    return bad(what, path + " isn't a folder; name another in the settings file");
}

finding check_socket(const std::string& what, const std::string& path) {
    if (path.size() > socket_path_max) {
        return bad(what, path + " is longer than " + std::to_string(socket_path_max) +
                             " characters; name a shorter one");
    }
    return check_folder(what, std::filesystem::path(path).parent_path());
}

// The first folder on the way to it, or itself, that `who` may not enter; empty: none.
std::string closed_to(const login& who, const std::filesystem::path& folder) {
    std::filesystem::path so_far;
    for (const auto& part : std::filesystem::absolute(folder)) {
        so_far /= part;
        struct stat found {};
        if (::stat(so_far.c_str(), &found) == 0 && !may(who, found, 01)) return so_far;
    }
    return {};
}

finding check_trusted_socket(const configuration& settings, const std::string& endpoint) {
    constexpr const char* what = "engine socket of hook and root";
    constexpr std::string_view ipc = "ipc://";
    if (!endpoint.starts_with(ipc)) {
        return bad(what, endpoint + " isn't of the form ipc:///PATH; set engine.trusted_endpoint");
    }
    const std::string path = endpoint.substr(ipc.size());
    if (finding socket = check_socket(what, path); !socket.good) return socket;
    const std::string folder = std::filesystem::path(path).parent_path();
    struct stat found {};
    if (::stat(folder.c_str(), &found) == 0 && (found.st_mode & S_IRWXO) != 0) {
        return bad(what, "others may enter " + folder +
                             ", and the engine doesn't start; chmod o= " + folder);
    }
    auto user = login_named(settings.hook.user);
    for (const auto& name : groups_of_unit("ie-exim-hook.service")) {
        const group* entry = ::getgrnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
        if (user && entry != nullptr) user->groups.push_back(entry->gr_gid);
    }
    const std::string closed = user ? closed_to(*user, folder) : std::string{};
    if (closed.empty()) return good(what, folder);
    return bad(what, user->name + " may not enter " + closed +
                         "; give that folder a group of his (chgrp) and chmod g+x " + closed);
}

finding check_hook_user(const configuration& settings) {
    const std::string& name = settings.hook.user;
    if (login_named(name)) return good("hook user", name);
    return bad("hook user", "there is no user " + name +
                                "; set hook.user to whom Exim runs as (exim4 -bP exim_user)");
}

finding check_scanner_user(const configuration& settings) {
    constexpr const char* what = "scanner user";
    const std::string& name = settings.hook.scanner_user;
    if (login_named(name)) return good(what, name);
    return bad(what,
               "there is no user " + name +
                   "; set hook.scanner_user to whom the content scanner runs as, or take it out");
}

finding check_spool(const configuration& settings) {
    constexpr const char* what = "exim spool";
    const std::string path = settings.hook.spool_dir + "/input";
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return bad(what, why(path) + "; set hook.spool_dir to Exim's (exim4 -bP spool_directory)");
    }
    const auto user = login_named(settings.hook.user);
    if (user && !may(*user, found, 05)) {
        return bad(what, user->name + " can't read " + path +
                             "; set hook.user to whom Exim runs as (exim4 -bP exim_user)");
    }
    return good(what, path);
}

finding check_exim(const configuration& settings) {
    const auto text = output_of_program({{settings.courier.exim, "-bV"}});
    if (!text) return bad("exim", text.failure().what + "; set courier.exim to the program");
    if (text->starts_with("Exim version ")) return good("exim", text->substr(0, text->find('\n')));
    return bad("exim", settings.courier.exim + " isn't Exim; set courier.exim to the program");
}

finding check_accounts(const configuration& settings) {
    constexpr const char* what = "accounts";
    const auto directory = read_account_directory(settings.accounts);
    if (directory) return good(what, account_summary(settings.accounts, *directory));
    const bool absent = directory.failure().code == error_code::not_found;
    return bad(what, directory.failure().what +
                         (absent ? "; set accounts.domain_map, or accounts.provider to \"passwd\""
                                 : "; correct it, until then the engine keeps what it has read"));
}

finding check_secret_key(const configuration& settings) {
    constexpr const char* what = "tcp secret key";
    const std::string& path = settings.gateway.tcp_secret_key_file;
    struct stat found {};
    if (path.empty()) {
        return bad(what, "tcp_endpoint is set without tcp_secret_key_file; set both or neither");
    }
    if (::stat(path.c_str(), &found) != 0) return bad(what, why(path) + "; create it, mode 0600");
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) == 0) return good(what, path);
    return bad(what, path + " can be read by others; chmod 600 " + path);
}

exit_code run_check(const session& self) {
    const auto settings = load_settings(self.config_path);
    std::vector<finding> all;
    if (settings) {
        all = check_environment(*settings);
        all.insert(all.begin(), good("settings file", self.config_path));
        std::ranges::move(check_store_of_engine(self), std::back_inserter(all));
    } else {
        all.push_back(bad("settings file", settings.failure().what + "; correct it, nothing else "
                                                                     "was checked"));
    }
    return print_findings(self, all, {"ok", "problem:"});
}

}  // namespace

std::vector<finding> check_environment(const configuration& settings) {
    constexpr std::string_view ipc = "ipc://";
    const std::string& endpoint = settings.engine.endpoint;
    std::vector<finding> all;
    if (endpoint.starts_with(ipc)) {
        all.push_back(check_socket("engine socket", endpoint.substr(ipc.size())));
    } else {
        all.push_back(bad("engine socket", endpoint + " isn't of the form ipc:///PATH; set "
                                                      "engine.endpoint"));
    }
    if (const std::string trusted = settings.engine.endpoint_of_trusted(); trusted != endpoint) {
        all.push_back(check_trusted_socket(settings, trusted));
    }
    if (!settings.gateway.tcp_endpoint.empty()) all.push_back(check_secret_key(settings));
    all.push_back(check_data_dir(settings));
    all.push_back(check_folder("log folder", settings.log.dir));
    all.push_back(check_accounts(settings));
    all.push_back(check_hook_user(settings));
    all.push_back(check_socket("judge socket", settings.hook.judge_socket));
    all.push_back(check_socket("lmtp socket", settings.hook.lmtp_socket));
    if (!settings.hook.scanner_user.empty()) all.push_back(check_scanner_user(settings));
    all.push_back(check_spool(settings));
    all.push_back(check_exim(settings));
    all.push_back(check_socket("release socket", settings.courier.socket));
    return all;
}

void add_config_check(CLI::App& program, session& self) {
    auto* check = add_command(
        program, "check", "check the settings file, what it names on this machine, and held mail");
    add_json(*check, self);
    on_run(check, self, [&self] { return run_check(self); });
}

}  // namespace ie::cli
