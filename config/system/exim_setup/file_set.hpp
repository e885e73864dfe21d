// Changes several files as one: each is whole at any moment, and either all are changed or none is.
// What a symbolic link leads to is changed, and the link stays. A file may be changed in several
// steps. The new ones are complete on disk before the first takes its place; the old ones stay
// beside them, under another name, until all is known to be well. What a kill leaves behind is
// harmless: names that nothing reads, which `remove_leftovers` takes away.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/system/whole_file.hpp"

namespace ie::exim {

// Where a file is once all symbolic links to it are followed; a link to nothing counts as the file.
std::string real_path(const std::string& path);

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

// What a run that was killed left in this folder.
void remove_leftovers(const std::string& folder);

}  // namespace ie::exim
