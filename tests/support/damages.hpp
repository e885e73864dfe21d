// Ways in which a database file is found on the morning after.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <random>
#include <set>

#include "tests/support/temporary_folder.hpp"

namespace ie::testing {

// Nothing is left in its write-ahead log. Nobody has it open.
inline void put_into_one_file(const std::string& path) {
    SQLite::Database(path, SQLite::OPEN_READWRITE).exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

inline void write_noise(const std::string& path, size_t at, size_t size) {
    std::mt19937_64 random(at + size);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    for (size_t i = 0; i < size; ++i) file.put(static_cast<char>(random()));
}

inline void cut_off(const std::string& path, size_t size) {
    std::filesystem::resize_file(path, size);
}

// Those beside the database, with or without their logs.
inline std::vector<std::string> set_aside(const std::string& path) {
    std::set<std::string> out;
    const std::filesystem::path database(path);
    for (const auto& each : std::filesystem::directory_iterator(database.parent_path())) {
        const std::string name = each.path().filename().string();
        if (!name.starts_with(database.filename().string() + ".damaged-")) continue;
        const std::string found = each.path().string();
        out.insert(found.ends_with("-wal") ? found.substr(0, found.size() - 4) : found);
    }
    return {out.begin(), out.end()};
}

}  // namespace ie::testing
