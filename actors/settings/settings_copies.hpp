// The copies of settings.db that the engine makes, one a day and the last two:
// PATH.copy-2026-12-01, by UTC. One is whole and durable, or isn't there; what breaks off leaves
// PATH.copy-DATE.new, which the next one takes away. They hold all of the database, the trail too.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/settings/admin_decisions.hpp"
#include "messages/error.hpp"

namespace ie {

struct settings_copy {
    std::string path;
    std::string date;
};

std::string copy_date(int64_t now_s);

// Newest first.
std::vector<settings_copy> settings_copies(const std::string& path);

// In any thread, while the database is in use; older copies than the last two go, and those that a
// clock that was ahead has dated. Fails: storage_failed, also where the database is damaged.
outcome<nothing> make_settings_copy(const std::string& path, const std::string& date);

// Puts the newest that is sound in the database's place; nothing where none is. Fails:
// storage_failed.
outcome<std::optional<settings_copy>> put_back_settings(const std::string& path);

struct copied_settings {
    settings_copy copy;
    admin_decisions content;
};

// What the newest that can be read says, without touching anything.
std::optional<copied_settings> read_settings_copy(const std::string& path);

}  // namespace ie
