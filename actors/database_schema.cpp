#include "actors/database_schema.hpp"

#include <charconv>
#include <filesystem>
#include <map>

#include "actors/database_file.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr size_t backups_kept = 2;
constexpr std::string_view backup_mark = ".schema-";
constexpr std::string_view backup_end = ".bak";

// The version of the backup that a file beside the database is; 0: it is none.
int version_of_backup(const fs::path& file, const fs::path& database) {
    const std::string name = file.filename().string();
    const std::string head = database.filename().string() + std::string(backup_mark);
    if (!name.starts_with(head) || !name.ends_with(backup_end)) return 0;
    int version = 0;
    const char* end = name.data() + name.size() - backup_end.size();
    return std::from_chars(name.data() + head.size(), end, version).ptr == end ? version : 0;
}

void forget_old_backups(const fs::path& database) {
    std::error_code failed;
    std::map<int, fs::path, std::greater<>> found;
    for (const auto& each : fs::directory_iterator(database.parent_path(), failed)) {
        found[version_of_backup(each.path(), database)] = each.path();
    }
    found.erase(0);  // what is none
    size_t newer = 0;
    for (const auto& [version, path] : found) {
        if (++newer > backups_kept) fs::remove(path, failed);
    }
}

// Fails: storage_failed. Throws SQLite::Exception where it is damaged.
outcome<nothing> keep_backup(SQLite::Database& database, const std::string& path, int version) {
    const std::string kept = backup_path(path, version);
    if (const auto copied = copy_database(database, kept); !copied) {
        return fail(error_code::storage_failed,
                    path + ": can't be kept as " + copied.failure().what +
                        ", and without that it isn't brought to a new schema; make room for it");
    }
    forget_old_backups(path);
    return nothing{};
}

}  // namespace

std::string backup_path(const std::string& path, int version) {
    return path + std::string(backup_mark) + std::to_string(version) + std::string(backup_end);
}

int schema_version(SQLite::Database& database) {
    return database.execAndGet("PRAGMA user_version").getInt();
}

outcome<nothing> bring_up_to_date(SQLite::Database& database, std::span<const char* const> steps,
                                  const std::string& path) {
    const int found = schema_version(database);
    if (found < 0 || static_cast<size_t>(found) > steps.size()) {
        return fail(error_code::conflict,
                    path + ": has schema " + std::to_string(found) + ", this engine knows " +
                        std::to_string(steps.size()) + "; install the version that wrote it");
    }
    if (found > 0 && static_cast<size_t>(found) < steps.size()) {
        if (const auto kept = keep_backup(database, path, found); !kept) return kept;
    }
    for (size_t step = static_cast<size_t>(found); step < steps.size(); ++step) {
        SQLite::Transaction transaction(database);
        database.exec(steps[step]);
        database.exec("PRAGMA user_version = " + std::to_string(step + 1));
        transaction.commit();
    }
    return nothing{};
}

}  // namespace ie
