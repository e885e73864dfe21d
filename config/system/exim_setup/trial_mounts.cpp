#include "config/system/exim_setup/trial_mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <sstream>

#include "config/system/exim_setup/exim_process.hpp"
#include "messages/text.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

error failed(const std::string& what) {
    return fail(error_code::unavailable, what + ": " + errno_text(errno));
}

outcome<nothing> unshare_mounts() {
    if (::unshare(CLONE_NEWNS) == 0 &&
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0) {
        return nothing{};
    }
    return failed(
        "no private mount namespace to try the configuration in; run this where mounting is "
        "allowed (CAP_SYS_ADMIN)");
}

// An empty folder in memory over this one, as accessible as it.
outcome<nothing> cover(const std::string& folder) {
    struct stat found {};
    if (::stat(folder.c_str(), &found) != 0) return failed(folder);
    const std::string options = "uid=" + std::to_string(found.st_uid) +
                                ",gid=" + std::to_string(found.st_gid) + ",size=256m";
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) != 0) return failed(folder);
    if (::chmod(folder.c_str(), found.st_mode & 07777) != 0) return failed(folder);
    return nothing{};
}

outcome<nothing> bind(const std::string& from, const std::string& over) {
    if (::mount(from.c_str(), over.c_str(), nullptr, MS_BIND, nullptr) != 0) return failed(over);
    return nothing{};
}

// A copy, with modes and owners, over the folder or file itself.
outcome<nothing> copy_over(const std::string& path, const std::string& copy) {
    auto done = output_of_program({{"/bin/cp", "-a", path, copy}, ""});
    if (!done) return done.failure();
    return bind(copy, path);
}

bool is_in(const std::string& path, const std::string& folder) {
    return path.starts_with(folder + "/");
}

// The folders in a list such as "syslog : /var/log/exim4/%slog".
std::set<std::string> folders_of_logs(const std::string& log_file_path) {
    std::set<std::string> folders;
    std::istringstream list(log_file_path);
    for (std::string each; std::getline(list, each, ':');) {
        const fs::path folder = fs::path(trimmed(each)).parent_path();
        if (folder.is_absolute()) folders.insert(folder);
    }
    return folders;
}

// Where Exim writes: its spool, its logs. Names as Exim reports them now.
outcome<std::set<std::string>> written_folders(const trial_plan& plan) {
    std::set<std::string> folders = {fs::path(plan.judge_socket).parent_path(),
                                     fs::path(plan.lmtp_socket).parent_path()};
    const auto spool = exim_setting(plan.exim, "spool_directory");
    if (!spool) return spool.failure();
    folders.insert(*spool);
    const auto logs = exim_setting(plan.exim, "log_file_path");
    if (!logs) return logs.failure();
    for (const auto& each : folders_of_logs(*logs)) {
        if (!is_in(each, *spool)) folders.insert(each);
    }
    return folders;
}

// What is written to in the trial, by real paths: Debian's folders, and beside them files that
// links and includes lead to.
std::vector<std::string> copied_paths(const trial_plan& plan) {
    std::vector<std::string> copied = {real_path(debian_folder)};
    const auto add = [&](const std::string& path) {
        const auto covers = [&](const std::string& each) {
            return path == each || is_in(path, each);
        };
        if (std::ranges::none_of(copied, covers)) copied.push_back(path);
    };
    // A file that comes or goes takes its folder.
    const auto add_file = [&](const std::string& path, bool stays) {
        const fs::path real = real_path(path);
        add(stays && fs::exists(real) ? real : real.parent_path());
    };
    if (!plan.generated.empty()) {
        add(real_path(fs::path(plan.generated).parent_path()));
        add(fs::path(real_path(plan.generated)).parent_path());
    }
    for (const auto& [path, text] : plan.without) add_file(path, text.has_value());
    for (const auto& each : plan.with) add_file(each.first, true);
    return copied;
}

bool is_private(const trial_plan& plan, const std::string& path) {
    struct stat ours {};
    struct stat found {};
    return ::stat(plan.folder.c_str(), &ours) == 0 && ::stat(path.c_str(), &found) == 0 &&
           ours.st_dev == found.st_dev;
}

outcome<nothing> write_in_place(const std::string& path, const std::string& text) {
    const int fd =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0) return failed(path);
    const bool all = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(fd);
    if (!all) return failed(path);
    return nothing{};
}

}  // namespace

outcome<nothing> isolate(const trial_plan& plan) {
    const auto folders = written_folders(plan);
    if (!folders) return folders.failure();
    if (auto done = unshare_mounts(); !done) return done;
    if (auto done = cover(plan.folder); !done) return done;
    const auto copied = copied_paths(plan);
    for (size_t at = 0; at < copied.size(); ++at) {
        auto done = copy_over(copied[at], plan.folder + "/" + std::to_string(at));
        if (!done) return done;
    }
    for (const auto& folder : *folders) {
        auto done = cover(folder);
        if (!done)
            return fail(error_code::unavailable, done.failure().what + "; create the folder");
    }
    return nothing{};
}

outcome<nothing> renew_spool(const trial_plan& plan) {
    const auto spool = exim_setting(plan.exim, "spool_directory");
    return spool ? cover(*spool) : spool.failure();
}

outcome<nothing> leave_network() {
    if (::unshare(CLONE_NEWNET) != 0) return failed("no private network for the trial");
    return nothing{};
}

outcome<nothing> lay(const trial_plan& plan, const std::string& path,
                     const std::optional<std::string>& text) {
    const std::string real = real_path(path);
    const bool is_there = fs::exists(fs::symlink_status(real));
    if (!text && !is_there) return nothing{};
    const std::string touched = text && is_there ? real : fs::path(real).parent_path().string();
    if (!is_private(plan, touched)) {
        return fail(error_code::unavailable, path + " (" + real + ") can't be tried aside");
    }
    if (text) return write_in_place(real, *text);
    return ::unlink(real.c_str()) == 0 ? outcome<nothing>(nothing{}) : failed(real);
}

}  // namespace ie::exim
