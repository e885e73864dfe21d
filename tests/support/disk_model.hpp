// What of a folder would be there after a power cut, at worst: what was synced, and no more. Told
// of each step (fault_point.hpp) and what becomes of it. A sync that fails takes what was written
// before it with it, and a later one that succeeds brings only what was written since: as Linux
// does it, which marks pages clean that the disk has refused, and tells that once.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>

#include "actors/journal/fault_point.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::testing {

class disk_model {
  public:
    explicit disk_model(std::string folder) : folder_(std::move(folder)) {}

    // All that is there now is on the disk.
    void keep() {
        files_.clear();
        names_.clear();
        dirty_folders_.clear();
        for (const auto& path : paths()) {
            auto& file = file_at(path);
            file->is_dirty = true;
            flush(path);
            names_[path] = file;
        }
    }

    // Before the step is done; `code` is what it fails with.
    void on_step(const disk_step& step, int code) {
        const std::string path(step.path);
        const std::string_view name = step.name;
        if (name == "write") {
            if (std::filesystem::file_size(path) == 0) files_.erase(inode(path));  // begun anew
            file_at(path)->is_dirty = true;
            change_folder_of(path);
        } else if (name == "append" || name == "commit") {
            for (const char* end : {"", "-wal"}) {
                if (std::filesystem::exists(path + end)) file_at(path + end)->is_dirty = true;
                change_folder_of(path);
            }
        } else if (name == "rename" || name == "unlink") {
            change_folder_of(path);
        } else if (name == "fsync" || name == "fsync_file") {
            sync(path, code);
        } else if (name == "free") {
            file_at(path)->is_dirty = true;
            sync(path, code);
        } else if (name == "fsync_folder") {
            sync_folder(path, code);
        } else if (name == "checkpoint") {
            sync_all(code);
        }
    }

    void lose_power() {
        for (const auto& path : paths()) std::filesystem::remove(path);
        for (const auto& [path, file] : names_) {
            std::ofstream(path, std::ios::binary) << file->on_disk;
        }
        keep();
    }

  private:
    struct file {
        std::string on_disk;
        bool is_dirty = false;
    };

    std::vector<std::string> paths() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
            if (entry.is_regular_file() && entry.path().extension() != ".db-shm") {
                all.push_back(entry.path());
            }
        }
        return all;
    }
    static ino_t inode(const std::string& path) {
        struct stat about {};
        EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
        return about.st_ino;
    }
    std::shared_ptr<file>& file_at(const std::string& path) {
        auto& found = files_[inode(path)];
        if (!found) found = std::make_shared<file>();
        return found;
    }
    void change_folder_of(const std::string& path) {
        dirty_folders_.insert(std::filesystem::path(path).parent_path());
    }

    void flush(const std::string& path) {
        auto& at = file_at(path);
        if (at->is_dirty) at->on_disk = text_of_file(path);
        at->is_dirty = false;
    }
    void sync(const std::string& path, int code) {
        if (code == 0) flush(path);
        file_at(path)->is_dirty = false;
    }
    void sync_folder(const std::string& folder, int code) {
        if (dirty_folders_.erase(folder) == 0 || code != 0) return;
        const auto is_in = [&](const std::string& path) {
            return std::filesystem::path(path).parent_path() == folder;
        };
        std::erase_if(names_, [&](const auto& each) { return is_in(each.first); });
        for (const auto& path : paths()) {
            if (is_in(path)) names_[path] = file_at(path);
        }
    }
    void sync_all(int code) {
        for (const auto& path : paths()) sync(path, code);
        for (const auto& folder : std::set(dirty_folders_)) sync_folder(folder, code);
    }

    std::string folder_;
    std::map<ino_t, std::shared_ptr<file>> files_;
    std::map<std::string, std::shared_ptr<file>> names_;
    std::set<std::string> dirty_folders_;
};

}  // namespace ie::testing
