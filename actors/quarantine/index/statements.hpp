// How quarantine.db is asked: values into SQLite's statements and out of them, and its exceptions
// into outcomes. For the classes that have its queries.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include "actors/quarantine/index/quarantine_database.hpp"

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

// A statement of fixed text, compiled when it is first used: compiling takes longer than running
// it. One use of a text at a time.
class kept_statement {
  public:
    kept_statement(quarantine_database& database, const std::string& text)
        : statement_(database.kept(text)) {}
    ~kept_statement() {
        statement_.tryReset();
        statement_.clearBindings();
    }
    kept_statement(const kept_statement&) = delete;
    kept_statement& operator=(const kept_statement&) = delete;

    operator SQLite::Statement&() { return statement_; }
    SQLite::Statement* operator->() { return &statement_; }

  private:
    SQLite::Statement& statement_;
};

template <class Work>
auto quarantine_database::guarded(Work&& work) -> outcome<decltype(work())> {
    try {
        return work();
    } catch (const SQLite::Exception& failure) {
        return failed(failure);
    }
}

}  // namespace ie
