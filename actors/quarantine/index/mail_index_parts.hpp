// What the files of mail_index share: values into SQLite's statements and out of them, and its
// exceptions into outcomes. Private to this folder.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <unordered_map>

#include "actors/quarantine/index/mail_index.hpp"

namespace ie {

// Binds to the places of a statement one after the other.
class binder {
  public:
    explicit binder(SQLite::Statement& statement) : statement_(statement) {}

    void add(const std::string& text) { statement_.bind(++place_, text); }
    void add(double number) { statement_.bind(++place_, number); }
    void add(int64_t number) { statement_.bind(++place_, number); }
    template <class Tag>
    void add(const text_id<Tag>& id) {
        add(id.value);
    }
    template <named_enum T>
    void add(T value) {
        add(static_cast<int64_t>(value));
    }
    template <class... Ts>
    void operator()(const Ts&... values) {
        (add(values), ...);
    }

  private:
    SQLite::Statement& statement_;
    int place_ = 0;
};

// Reads the columns of a row one after the other.
class column_reader {
  public:
    explicit column_reader(SQLite::Statement& row) : row_(row) {}

    int64_t number() { return row_.getColumn(column_++).getInt64(); }
    double real() { return row_.getColumn(column_++).getDouble(); }
    std::string text() { return row_.getColumn(column_++).getString(); }
    template <class T>
    T enumerated() {
        return static_cast<T>(number());
    }

  private:
    SQLite::Statement& row_;
    int column_ = 0;
};

// The statements go before the database does.
struct mail_index::connection {
    std::unique_ptr<SQLite::Database> database;
    std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> kept{};  // by their text
    bool waits_for_disk = true;
    // The write-ahead log after the last commit, where checkpoints are left to a reader.
    struct log_state {
        int pages = 0;
        int due_at_pages = log_pages_max;
    };
    log_state log{};

    // Whether a commit is durable when it returns.
    void wait_for_disk(bool waits) {
        if (std::exchange(waits_for_disk, waits) == waits) return;
        database->exec(waits ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    }
};

// A statement of fixed text, compiled when it is first used: compiling takes longer than running
// it. One use of a text at a time.
class mail_index::kept_statement {
  public:
    kept_statement(mail_index& index, const std::string& text) : statement_(of(index, text)) {}
    ~kept_statement() {
        statement_.tryReset();
        statement_.clearBindings();
    }
    kept_statement(const kept_statement&) = delete;
    kept_statement& operator=(const kept_statement&) = delete;

    operator SQLite::Statement&() { return statement_; }
    SQLite::Statement* operator->() { return &statement_; }

  private:
    static SQLite::Statement& of(mail_index& index, const std::string& text) {
        auto& kept = index.at_->kept[text];
        if (!kept) kept = std::make_unique<SQLite::Statement>(*index.at_->database, text);
        return *kept;
    }

    SQLite::Statement& statement_;
};

template <class Work>
auto mail_index::guarded(Work&& work) -> outcome<decltype(work())> {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return failed(failure);
    }
}

}  // namespace ie
