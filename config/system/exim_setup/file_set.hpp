// Changes several files as one: each is whole at any moment, and either all are changed or none is.
// What a symbolic link leads to is changed, and the link stays. A file may be changed in several
// steps. The new ones are complete on disk before the first takes its place; the old ones stay
// beside them, under another name, until all is known to be well. What a kill leaves behind is
// harmless: names that nothing reads, which `remove_leftovers` takes away.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include "messages/error.hpp"

namespace ie::exim {

struct file_attributes {
    mode_t mode = 0644;
    uid_t uid = 0;
    gid_t gid = 0;
    std::optional<timespec> modified;  // unset: now
};

struct stored_file {
    std::string text;
    file_attributes attributes;
};

// Where a file is once all symbolic links to it are followed; a link to nothing counts as the file.
std::string real_path(const std::string& path);

// Nothing where there is no such file. Fails: storage_failed, conflict (not a regular file).
outcome<std::optional<stored_file>> read_file(const std::string& path);

struct file_change {
    std::string path;
    std::optional<stored_file> now;     // unset: it isn't there
    std::optional<stored_file> wanted;  // unset: it is to go
};

class file_set {
  public:
    explicit file_set(const std::vector<file_change>& changes);
    ~file_set();  // undoes what wasn't kept
    file_set(const file_set&) = delete;
    file_set& operator=(const file_set&) = delete;

    // Writes all that is new beside the old. Fails: storage_failed; nothing has changed then.
    outcome<nothing> prepare();
    // Puts it in place, in the order given. Fails: storage_failed, conflict (a file isn't what it
    // was any more); nothing has changed then.
    outcome<nothing> replace();
    // From now on the change stays.
    void keep();

  private:
    // A change with the names that its file has meanwhile.
    struct step {
        file_change change;
        std::string path;  // the real one
        std::string coming;
        std::string gone;
    };
    static outcome<nothing> set_aside(const step& each);
    static outcome<nothing> put(const step& each);
    void undo();

    std::vector<step> steps_;
    size_t replaced_ = 0;
    bool kept_ = false;
};

// Writes one file: whole or not at all. Makes its folders, for root only. Fails: storage_failed.
outcome<nothing> write_file(const std::string& path, const stored_file& file);

// Fails: storage_failed.
outcome<nothing> make_folders(const std::string& folder);
outcome<nothing> sync_folder(const std::string& folder);

// What a run that was killed left in this folder.
void remove_leftovers(const std::string& folder);

}  // namespace ie::exim
