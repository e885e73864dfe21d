#include "actors/statistics/decision_log.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

namespace ie {
namespace {

constexpr int schema_version = 1;
constexpr int busy_timeout_ms = 5'000;

void create_schema(SQLite::Database& database) {
    SQLite::Transaction transaction(database);
    database.exec(
        "CREATE TABLE decisions ("
        " hour INTEGER NOT NULL,"
        " action INTEGER NOT NULL,"
        " messages INTEGER NOT NULL,"
        " recipients INTEGER NOT NULL,"
        " size_bytes INTEGER NOT NULL,"
        " PRIMARY KEY (hour, action)) WITHOUT ROWID");
    database.exec("PRAGMA user_version = " + std::to_string(schema_version));
    transaction.commit();
}

}  // namespace

struct decision_log::state {
    explicit state(const std::string& file)
        : path(file),
          database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busy_timeout_ms) {}

    error failed(const SQLite::Exception& failure) const {
        return fail(error_code::storage_failed, path + ": " + failure.what());
    }

    std::string path;
    SQLite::Database database;
};

decision_log::decision_log(std::unique_ptr<state> opened) : state_(std::move(opened)) {}
decision_log::~decision_log() = default;

outcome<std::unique_ptr<decision_log>> decision_log::open(const std::string& path) {
    try {
        auto opened = std::make_unique<state>(path);
        auto& database = opened->database;
        database.exec("PRAGMA journal_mode = WAL");
        database.exec("PRAGMA synchronous = FULL");
        const int found = database.execAndGet("PRAGMA user_version").getInt();
        if (found > schema_version) {
            return fail(error_code::conflict,
                        path + ": has schema " + std::to_string(found) + ", this engine knows " +
                            std::to_string(schema_version) + "; install the version that wrote it");
        }
        if (found == 0) create_schema(database);
        return std::unique_ptr<decision_log>(new decision_log(std::move(opened)));
    } catch (const SQLite::Exception& failure) {
        return fail(error_code::storage_failed, path + ": " + failure.what());
    }
}

outcome<nothing> decision_log::add(const std::vector<decision_row>& rows) {
    try {
        SQLite::Transaction transaction(state_->database);
        SQLite::Statement insert(
            state_->database,
            "INSERT INTO decisions VALUES (?, ?, ?, ?, ?) ON CONFLICT (hour, action) DO UPDATE SET"
            " messages = messages + excluded.messages,"
            " recipients = recipients + excluded.recipients,"
            " size_bytes = size_bytes + excluded.size_bytes");
        for (const auto& row : rows) {
            insert.bind(1, row.hour);
            insert.bind(2, static_cast<int>(row.action));
            insert.bind(3, static_cast<int64_t>(row.messages));
            insert.bind(4, static_cast<int64_t>(row.recipients));
            insert.bind(5, static_cast<int64_t>(row.size_bytes));
            insert.exec();
            insert.reset();
        }
        transaction.commit();
        return nothing{};
    } catch (const SQLite::Exception& failure) {
        return state_->failed(failure);
    }
}

outcome<decision_counts> decision_log::counts() const {
    try {
        decision_counts out;
        SQLite::Statement select(state_->database,
                                 "SELECT action, SUM(messages) FROM decisions GROUP BY action");
        while (select.executeStep()) {
            const auto count = static_cast<uint64_t>(select.getColumn(1).getInt64());
            switch (static_cast<verdict_action>(select.getColumn(0).getInt())) {
                case verdict_action::accept:
                    out.accepted = count;
                    break;
                case verdict_action::hold:
                    out.held = count;
                    break;
                case verdict_action::defer:
                    out.deferred = count;
                    break;
                case verdict_action::refuse:
                    out.refused = count;
                    break;
            }
        }
        return out;
    } catch (const SQLite::Exception& failure) {
        return state_->failed(failure);
    }
}

}  // namespace ie
