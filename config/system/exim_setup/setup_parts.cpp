#include "config/system/exim_setup/setup_parts.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "config/system/unix_user.hpp"
#include "messages/text.hpp"

namespace ie::exim {

namespace fs = std::filesystem;

namespace {

constexpr const char* changing_mark = "/exim-changing";

// What came goes, and the other way round.
std::string signs_exchanged(const std::string& marked) {
    std::string text;
    for (const auto line : physical_lines(marked)) {
        text += line.front() == '+' ? '-' : '+';
        text += line.substr(1);
    }
    return text;
}

}  // namespace

outcome<file_handle> lock_folder(const std::string& folder) {
    file_handle lock(folder, O_RDONLY | O_DIRECTORY);
    if (!lock) return fail(error_code::storage_failed, folder + ": " + errno_text(errno));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
    return fail(error_code::conflict, "another ie-config is changing " + folder + "; wait for it");
}

outcome<fragments> load_fragments(const std::string& folder) {
    fragments parts;
    const std::pair<const char*, config_file*> all[] = {{"ie_macros", &parts.macros},
                                                        {"ie_acl", &parts.acl},
                                                        {"ie_routers", &parts.routers},
                                                        {"ie_junk_routers", &parts.junk_routers},
                                                        {"ie_transports", &parts.transports}};
    for (const auto& [name, part] : all) {
        const std::string path = folder + "/" + name;
        auto file = read_file(path);
        if (!file) return file.failure();
        part->path = path;
        if (*file) part->text = std::move((*file)->text);
        if (part->text.empty() && part != &parts.junk_routers) {
            return fail(error_code::not_found,
                        path +
                            " isn't there; install the package again, or name "
                            "the folder with the fragments by --fragments");
        }
    }
    return parts;
}

outcome<server_values> values_of(const configuration& settings) {
    const auto uid = uid_of_login(std::string(engine_user));
    if (!uid) {
        return fail(error_code::not_found,
                    "there is no user " + std::string(engine_user) + "; systemd-sysusers makes it");
    }
    return server_values{settings.hook.judge_socket,
                         settings.hook.lmtp_socket,
                         std::string(name_of(settings.hook.fail_open)),
                         settings.hook.judge_timeout_ms,
                         "",
                         *uid,
                         settings.hook.incoming_switch,
                         settings.incoming.junk_folder,
                         settings.accounts.domain_map,
                         settings.incoming.mailbox};
}

std::vector<file_change> by_file(const std::vector<file_change>& steps) {
    std::vector<file_change> changes;
    for (const auto& step : steps) {
        const auto same = std::ranges::find(changes, step.path, &file_change::path);
        if (same == changes.end()) {
            changes.push_back(step);
        } else {
            same->wanted = step.wanted;
        }
    }
    return changes;
}

setup_report::change report_of(const file_change& change) {
    const char* what = !change.now ? "created" : change.wanted ? "changed" : "removed";
    if (change.wanted && has_marks(change.wanted->text)) {
        return {change.path, what, marked_lines(change.wanted->text)};
    }
    return {change.path, what, change.now ? signs_exchanged(marked_lines(change.now->text)) : ""};
}

outcome<nothing> back_up(const std::string& folder, const std::vector<file_change>& changes) {
    for (const auto& change : changes) {
        if (!change.now) continue;
        const auto original = without_marked({change.path, change.now->text});
        if (!original) return original.failure();
        if (original->empty() && has_marks(change.now->text)) continue;  // all of it is ours
        const auto kept = read_file(folder + change.path);
        if (kept && *kept && (*kept)->text == *original) continue;
        stored_file copy{*original, change.now->attributes};
        if (auto written = write_file(folder + change.path, copy); !written) return written;
    }
    return nothing{};
}

stored_file as_backed_up(const std::string& folder, const std::string& path, stored_file file) {
    const auto kept = read_file(folder + path);
    if (kept && *kept && (*kept)->text == file.text) file.attributes = (*kept)->attributes;
    return file;
}

void take_back_backups(const std::string& folder, const std::vector<file_change>& changes) {
    std::error_code code;
    for (const auto& change : changes) {
        if (!change.now || has_marks(change.now->text)) continue;
        fs::path path = folder + change.path;
        fs::remove(path, code);
        const fs::path end = fs::path(folder).parent_path().parent_path();
        for (path = path.parent_path(); path != end; path = path.parent_path()) {
            if (!fs::remove(path, code)) break;  // where something else is in it
        }
    }
}

void forget_backups(const std::string& folder, setup_report& report) {
    std::vector<fs::path> folders = {folder};
    std::error_code code;
    for (const auto& each : fs::recursive_directory_iterator(folder, code)) {
        const std::string backup = each.path();
        if (each.is_directory(code)) {
            folders.push_back(backup);
            continue;
        }
        const std::string path = backup.substr(folder.size());
        const auto now = read_file(path);
        const auto was = read_file(backup);
        if (now && *now && was && *was && (*now)->text != (*was)->text) {
            report.notes.push_back(path +
                                   " was changed since the filter was put in, and keeps those "
                                   "changes; as it was before it is " +
                                   backup);
        } else {
            fs::remove(backup, code);
        }
    }
    std::ranges::reverse(folders);                            // what is in a folder goes before it
    for (const auto& each : folders) fs::remove(each, code);  // where nothing else is in it
}

outcome<nothing> begin_change(const std::string& folder) {
    const std::string mark = folder + changing_mark;
    if (auto made = make_folders(folder); !made) return made;
    const int fd = ::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return fail(error_code::storage_failed, mark + ": " + errno_text(errno));
    ::close(fd);
    return sync_folder(folder);
}

bool is_changing(const std::string& folder) {
    return ::access((folder + changing_mark).c_str(), F_OK) == 0;
}

void end_change(const std::string& folder) {
    std::error_code code;
    fs::remove(folder + changing_mark, code);
    fs::remove(folder, code);  // where nothing else is in it
}

}  // namespace ie::exim
