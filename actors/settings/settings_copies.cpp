#include "actors/settings/settings_copies.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "actors/database_file.hpp"
#include "actors/settings/settings_tables.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr size_t copies_kept = 2;
constexpr std::string_view mark = ".copy-";
constexpr int busy_timeout_ms = 1'000;

bool is_date(std::string_view text) {
    constexpr std::string_view shape = "0000-00-00";
    return std::equal(text.begin(), text.end(), shape.begin(), shape.end(), [](char c, char like) {
        return like == '-' ? c == '-' : c >= '0' && c <= '9';
    });
}

std::string check(SQLite::Database& database) {
    return database.execAndGet("PRAGMA quick_check(1)").getString();
}

bool is_sound(const settings_copy& copy) {
    try {
        SQLite::Database database(copy.path, SQLite::OPEN_READONLY, busy_timeout_ms);
        return check(database) == "ok" && is_settings_database(database);
    } catch (const SQLite::Exception&) {
        return false;
    }
}

void forget_old(const std::string& path, const std::string& today) {
    size_t kept = 0;
    std::error_code ignored;
    for (const auto& each : settings_copies(path)) {
        if (each.date > today || ++kept > copies_kept) fs::remove(each.path, ignored);
    }
}

}  // namespace

std::string copy_date(int64_t now_s) {
    using namespace std::chrono;
    const year_month_day date{floor<days>(sys_seconds(seconds(now_s)))};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

std::vector<settings_copy> settings_copies(const std::string& path) {
    std::vector<settings_copy> out;
    std::error_code failed;
    const std::string head = fs::path(path).filename().string() + std::string(mark);
    fs::directory_iterator at(fs::path(path).parent_path(), failed);
    for (const fs::directory_iterator end; !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().filename().string();
        if (!name.starts_with(head) || !is_date(std::string_view(name).substr(head.size()))) {
            continue;
        }
        out.push_back({at->path().string(), name.substr(head.size())});
    }
    std::sort(out.begin(), out.end(),
              [](const settings_copy& a, const settings_copy& b) { return a.date > b.date; });
    return out;
}

outcome<nothing> make_settings_copy(const std::string& path, const std::string& date) {
    try {
        SQLite::Database database(path, SQLite::OPEN_READONLY, busy_timeout_ms);
        if (const std::string found = check(database); found != "ok") {
            return fail(error_code::storage_failed, path + ": not copied: " + found);
        }
        auto made = copy_database(database, path + std::string(mark) + date);
        if (made) forget_old(path, date);
        return made;
    } catch (const SQLite::Exception& failure) {
        return database_error(path, failure);
    }
}

outcome<std::optional<settings_copy>> put_back_settings(const std::string& path) {
    for (const auto& each : settings_copies(path)) {
        if (!is_sound(each)) continue;
        try {
            SQLite::Database database(each.path, SQLite::OPEN_READONLY, busy_timeout_ms);
            if (const auto put = copy_database(database, path); !put) return put.failure();
            return std::optional(each);
        } catch (const SQLite::Exception& failure) {
            return database_error(each.path, failure);
        }
    }
    return std::optional<settings_copy>{};
}

std::optional<copied_settings> read_settings_copy(const std::string& path) {
    for (const auto& each : settings_copies(path)) {
        if (!is_sound(each)) continue;
        try {
            SQLite::Database database(each.path, SQLite::OPEN_READONLY, busy_timeout_ms);
            return copied_settings{each, read_settings(database)};
        } catch (const SQLite::Exception&) {
            continue;
        }
    }
    return std::nullopt;
}

}  // namespace ie
