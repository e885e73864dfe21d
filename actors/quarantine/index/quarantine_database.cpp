#include "actors/quarantine/index/quarantine_database.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>
#include <unordered_map>

#include "actors/database_file.hpp"
#include "actors/quarantine/index/mail_schema.hpp"
#include "actors/quarantine/index/statements.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int busy_timeout_ms = 5'000;
constexpr int restart_wait_ms = 200;

// A large log: mails' ids are random, so that many rows change the same pages.
const std::string pragmas = "PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = " +
                            std::to_string(quarantine_database::log_pages_max);

}  // namespace

// The statements go before the database does.
struct quarantine_database::connection {
    std::unique_ptr<SQLite::Database> database;
    std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> kept{};  // by their text
    bool waits_for_disk = true;
    // The write-ahead log after the last commit, where checkpoints are left to a reader.
    struct log_state {
        int pages = 0;
        int due_at_pages = log_pages_max;
        std::function<void()> due{};
    };
    log_state log{};

    // Whether a commit is durable when it returns.
    void wait_for_disk(bool waits) {
        if (std::exchange(waits_for_disk, waits) == waits) return;
        database->exec(waits ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    }
};

quarantine_database::quarantine_database(std::string path,
                                         std::unique_ptr<SQLite::Database> database)
    : path_(std::move(path)), at_(std::make_unique<connection>(connection{std::move(database)})) {}
quarantine_database::quarantine_database(quarantine_database&&) noexcept = default;
quarantine_database& quarantine_database::operator=(quarantine_database&&) noexcept = default;
quarantine_database::~quarantine_database() = default;

outcome<quarantine_database> quarantine_database::open(const std::string& path, fault_point fault) {
    std::string identity;
    int64_t last_action = 0;
    const auto look = [&](SQLite::Database& database) {
        database.setBusyTimeout(busy_timeout_ms);
        identity = database.execAndGet("SELECT id FROM identity").getString();
        last_action = database
                          .execAndGet(
                              "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence "
                              "WHERE name = 'actions'")
                          .getInt64();
    };
    auto opened = open_database(path, {schema_steps, pragmas.c_str(), look});
    if (!opened) return fail(error_code::storage_failed, opened.failure().what);
    quarantine_database index(path, std::move(opened->database));
    index.identity_ = std::move(identity);
    index.last_action_ = static_cast<uint64_t>(last_action);
    index.is_new_ = opened->is_new;
    index.set_aside_ = std::move(opened->set_aside);
    index.fault_ = std::move(fault);
    return index;
}

// It may write so that it can make a checkpoint, and for nothing else.
outcome<quarantine_database> quarantine_database::open_to_read(const std::string& path,
                                                               fault_point fault) {
    try {
        auto database =
            std::make_unique<SQLite::Database>(path, SQLite::OPEN_READWRITE, busy_timeout_ms);
        database->exec("PRAGMA synchronous = FULL");
        database->exec("PRAGMA query_only = ON");
        // Where it is the last to close, another database may stand at the path already, whose log
        // would go then.
        sqlite3_db_config(database->getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        quarantine_database index(path, std::move(database));
        index.fault_ = std::move(fault);
        return index;
    } catch (const SQLite::Exception& failure) {
        return database_error(path, failure);
    }
}

outcome<nothing> quarantine_database::faulty(std::string_view step) const {
    if (!fault_.fails(step, path_)) return nothing{};
    return fail(error_code::storage_failed, path_ + ": " + errno_text(errno));
}

outcome<nothing> quarantine_database::commit(const std::vector<index_change>& changes) {
    const bool are_new = std::all_of(changes.begin(), changes.end(), [](const index_change& each) {
        return std::holds_alternative<add_mail>(each);
    });
    if (const auto checked = check_changes(changes); !checked) return checked;
    if (refused_) {
        if (const auto written = write_anew(); !written) return written;
    }
    const auto done = guarded([&]() -> outcome<nothing> {
        at_->wait_for_disk(!are_new);
        SQLite::Transaction transaction(*at_->database, SQLite::TransactionBehavior::IMMEDIATE);
        for (const auto& each : changes) apply(*this, each);
        if (auto step = faulty("commit"); !step) {
            refused_ = errno == EIO;
            return step;
        }
        transaction.commit();
        return nothing{};
    });
    if (!done) return done.failure();
    if (*done) (void)fault_.fails("committed", path_);
    return *done;
}

// The log goes into the database and is cut. A part of it that the disk has refused would end it
// after a power cut, and what was committed durably behind that part would be gone as well.
outcome<nothing> quarantine_database::write_anew() {
    if (auto step = faulty("log"); !step) return step;
    constexpr int64_t wait_ms = 1'000;  // for a checkpoint of the reader's, which SQLite doesn't
    const int64_t until_ms = steady_now_ms() + wait_ms;
    for (;;) {
        const auto busy = guarded([&] {
            return at_->database->execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() != 0;
        });
        if (!busy) return busy.failure();
        if (!*busy) break;
        if (steady_now_ms() >= until_ms) {
            return fail(error_code::storage_failed, path_ + ": somebody reads it; try again");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    refused_ = false;
    return nothing{};
}

// Takes the place of SQLite's own checkpoints, which hang on the same hook.
void quarantine_database::leave_checkpoints(std::function<void()> due) {
    const auto after_commit = [](void* state, sqlite3*, const char*, int pages) {
        auto& log = *static_cast<connection::log_state*>(state);
        if (pages < log.pages) log.due_at_pages = log_pages_max;  // it has begun anew
        log.pages = pages;
        if (pages >= log.due_at_pages) {
            log.due_at_pages = pages + log_pages_max;
            log.due();
        }
        return SQLITE_OK;
    };
    at_->log.due = std::move(due);
    sqlite3_wal_hook(at_->database->getHandle(), after_commit, &at_->log);
}

// First what can be done beside commits; the rest, which is little then, keeps them out: the log is
// begun anew only where it has nothing that isn't in the database.
outcome<nothing> quarantine_database::checkpoint() {
    return guarded([&] {
        at_->database->execAndGet("PRAGMA wal_checkpoint(PASSIVE)");
        // It waits for readers while it keeps commits out: for less than these wait.
        at_->database->setBusyTimeout(restart_wait_ms);
        const auto put_back = [](SQLite::Database* database) {
            database->setBusyTimeout(busy_timeout_ms);
        };
        const std::unique_ptr<SQLite::Database, decltype(put_back)> after(at_->database.get(),
                                                                          put_back);
        at_->database->execAndGet("PRAGMA wal_checkpoint(RESTART)");
        return nothing{};
    });
}

outcome<nothing> quarantine_database::begin_life() {
    return guarded([&] {
        at_->wait_for_disk(true);
        at_->database->exec("UPDATE identity SET id = lower(hex(randomblob(16)))");
        identity_ = at_->database->execAndGet("SELECT id FROM identity").getString();
        return nothing{};
    });
}

outcome<std::vector<std::string>> quarantine_database::check() {
    return guarded([&] {
        std::vector<std::string> problems;
        SQLite::Statement query(*at_->database, "PRAGMA quick_check(20)");
        while (query.executeStep()) problems.push_back(query.getColumn(0).getString());
        if (problems == std::vector<std::string>{"ok"}) problems.clear();
        return problems;
    });
}

SQLite::Database& quarantine_database::operator*() const {
    return *at_->database;
}

SQLite::Statement& quarantine_database::kept(const std::string& text) {
    auto& kept = at_->kept[text];
    if (!kept) kept = std::make_unique<SQLite::Statement>(*at_->database, text);
    return *kept;
}

// Set aside meanwhile: what stands at the path is another one.
bool quarantine_database::is_moved() const {
    int moved = 0;
    sqlite3_file_control(at_->database->getHandle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

error quarantine_database::failed(const SQLite::Exception& failure) {
    if (is_damage(failure) && !std::exchange(damaged_, true) && !is_moved()) mark_damaged(path_);
    refused_ = refused_ || failure.getErrorCode() == SQLITE_IOERR;
    return database_error(path_, failure);
}

}  // namespace ie
