#include "config/system/exim_setup/file_set.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "messages/text.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

constexpr const char* old_suffix = "-old";

error failed(const std::string& path) {
    return fail(error_code::storage_failed, path + ": " + errno_text(errno));
}

outcome<nothing> sync_folder_of(const std::string& path) {
    return sync_folder(fs::path(path).parent_path());
}

error changed_meanwhile(const std::string& path) {
    return fail(error_code::conflict, path + " was changed meanwhile; run it again");
}

}  // namespace

std::string real_path(const std::string& path) {
    std::error_code code;
    const auto real = fs::weakly_canonical(path, code);
    return code ? path : real.string();
}

file_set::file_set(const std::vector<file_change>& changes) {
    for (const auto& change : changes) {
        const fs::path path = change.path;
        // What goes is the name itself, be it a link.
        const std::string real =
            change.wanted ? real_path(path)
                          : (fs::path(real_path(path.parent_path())) / path.filename()).string();
        const std::string number = std::to_string(steps_.size());
        steps_.push_back({change, real, real + beside_mark + number + new_suffix,
                          real + beside_mark + number + old_suffix});
    }
}

file_set::~file_set() {
    if (!kept_) undo();
}

outcome<nothing> file_set::prepare() {
    for (const auto& each : steps_) {
        ::unlink(each.gone.c_str());
        if (!each.change.wanted) continue;
        auto written = write_new_file(each.coming, *each.change.wanted);
        if (!written) return written;
    }
    return nothing{};
}

outcome<nothing> file_set::replace() {
    for (const auto& each : steps_) {
        auto done = set_aside(each);
        if (done) {
            ++replaced_;
            done = put(each);
        }
        if (done) continue;
        undo();
        return done;
    }
    return nothing{};
}

// What it was gets a second name, or what is new its own. Where this fails nothing has changed.
outcome<nothing> file_set::set_aside(const step& each) {
    if (!each.change.now) {
        if (::link(each.coming.c_str(), each.path.c_str()) == 0) return nothing{};
        return errno == EEXIST ? changed_meanwhile(each.path) : failed(each.path);
    }
    if (::link(each.path.c_str(), each.gone.c_str()) != 0) return failed(each.path);
    const auto found = read_file(each.gone);
    if (found && *found && (*found)->text == each.change.now->text) return nothing{};
    ::unlink(each.gone.c_str());
    return found ? changed_meanwhile(each.path) : found.failure();
}

outcome<nothing> file_set::put(const step& each) {
    const bool is_made = !each.change.now;
    const int done = is_made              ? ::unlink(each.coming.c_str())
                     : each.change.wanted ? std::rename(each.coming.c_str(), each.path.c_str())
                                          : ::unlink(each.path.c_str());
    if (done != 0) return failed(each.path);
    return sync_folder_of(each.path);
}

void file_set::keep() {
    kept_ = true;
    for (const auto& each : steps_) {
        if (each.change.now) ::unlink(each.gone.c_str());
    }
}

// Needs no room on the disk: the old files are still there. A file that was only about to be
// replaced may have both names, which rename(2) leaves as they are.
void file_set::undo() {
    for (; replaced_ > 0; --replaced_) {
        const auto& each = steps_[replaced_ - 1];
        if (each.change.now) std::rename(each.gone.c_str(), each.path.c_str());
        if (each.change.now) ::unlink(each.gone.c_str());
        if (!each.change.now) ::unlink(each.path.c_str());
        (void)sync_folder_of(each.path);
    }
    for (const auto& each : steps_) ::unlink(each.coming.c_str());
}

void remove_leftovers(const std::string& folder) {
    std::error_code code;
    std::vector<fs::path> found;
    fs::directory_iterator entry(folder, code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        const std::string name = entry->path().filename();
        const bool ours = name.find(beside_mark) != name.npos &&
                          (name.ends_with(new_suffix) || name.ends_with(old_suffix));
        if (ours) found.push_back(entry->path());
    }
    for (const auto& path : found) fs::remove(path, code);
}

}  // namespace ie::exim
