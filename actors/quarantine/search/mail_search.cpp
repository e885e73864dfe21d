#include "actors/quarantine/search/mail_search.hpp"

#include "actors/quarantine/index/held_mails.hpp"
#include "actors/quarantine/index/statements.hpp"

namespace ie {
namespace {

void bind_condition(SQLite::Statement& statement, const sql_condition& where) {
    binder bind(statement);
    for (const auto& value : where.values) std::visit(bind, value);
}

uint64_t bytes_of(const mail_row& row) {
    uint64_t bytes = row.subject.size() + row.script_header.raw.size() + row.ticket.sender.size();
    for (const auto& each : row.recipients) bytes += each.size() + 2;
    return bytes;
}

}  // namespace

// Calls `number` with each that matches, newest first; how many they are.
template <class Number>
uint64_t mail_search::find_numbers(const sql_condition& where, Number&& number) const {
    SQLite::Statement query(*database_, "SELECT number FROM mails WHERE " + where.text +
                                            " ORDER BY received_at_ms DESC, number DESC");
    bind_condition(query, where);
    uint64_t count = 0;
    while (query.executeStep()) number(count++, query.getColumn(0).getInt64());
    return count;
}

outcome<mail_page> mail_search::page(const mail_query& query, uint32_t limit, uint32_t offset,
                                     uint64_t bytes_max) const {
    const auto where = sql_of(query);
    if (!where) return where.failure();
    auto found = database_.guarded([&]() -> outcome<mail_page> {
        SQLite::Transaction snapshot(*database_);
        std::vector<int64_t> numbers;
        mail_page out;
        out.count = find_numbers(*where, [&](uint64_t place, int64_t number) {
            if (place >= offset && place - offset < limit) numbers.push_back(number);
        });
        uint64_t bytes = 0;
        for (const int64_t number : numbers) {
            if (const auto step = database_.faulty("list"); !step) return step.failure();
            auto row = held_mails(database_).find(number);
            if (!row) return row.failure();
            bytes += bytes_of(**row);
            if (bytes > bytes_max && !out.rows.empty()) break;
            out.rows.push_back(std::move(**row));
        }
        snapshot.commit();
        return out;
    });
    if (!found) return found.failure();
    return std::move(*found);
}

outcome<mail_choice> mail_search::choose(const mail_query& query, uint32_t limit) const {
    const auto where = sql_of(query);
    if (!where) return where.failure();
    auto found = database_.guarded([&]() -> outcome<mail_choice> {
        SQLite::Transaction snapshot(*database_);
        std::vector<int64_t> numbers;
        mail_choice out;
        out.count = find_numbers(*where, [&](uint64_t place, int64_t number) {
            if (place < limit) numbers.push_back(number);
        });
        kept_statement read(database_, "SELECT id FROM mails WHERE number = ?");
        for (const int64_t number : numbers) {
            if (const auto step = database_.faulty("list"); !step) return step.failure();
            read->bind(1, number);
            read->executeStep();
            out.ids.emplace_back(read->getColumn(0).getString());
            read->reset();
        }
        snapshot.commit();
        return out;
    });
    if (!found) return found.failure();
    return std::move(*found);
}

outcome<uint64_t> mail_search::count(const mail_query& query) const {
    const auto where = sql_of(query);
    if (!where) return where.failure();
    return database_.guarded([&] {
        SQLite::Statement counter(*database_, "SELECT COUNT(*) FROM mails WHERE " + where->text);
        bind_condition(counter, *where);
        counter.executeStep();
        return static_cast<uint64_t>(counter.getColumn(0).getInt64());
    });
}

}  // namespace ie
