// quarantine.db: what can be known of held mails without opening their files, and how far each
// one's release is. A commit is durable when it returns. Owns the database; one thread at a time.
// A crash loses nothing that was committed.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "actors/quarantine/fault_point.hpp"
#include "actors/quarantine/mail_row.hpp"

namespace SQLite {
class Database;
class Statement;
}  // namespace SQLite

namespace ie {

// One step of a commit.
struct add_mail {
    mail_row row;  // but for `number`
};
struct add_recipients {
    int64_t number = 0;
    std::vector<std::string> recipients;
};
struct set_release {
    int64_t number = 0;
    uint64_t size_bytes = 0;
    mail_state before = mail_state::held;
    release_record after;
    int64_t now_ms = 0;  // when, for those that are settled by it
};
using index_change = std::variant<add_mail, add_recipients, set_release>;

struct held_total {
    uint64_t mails = 0;
    uint64_t bytes = 0;
};

class mail_index {
  public:
    // Makes the database where there is none. Fails: storage_failed (among others: a later
    // engine's schema).
    static outcome<mail_index> open(const std::string& path, fault_point fault = {});
    mail_index(mail_index&&) noexcept;
    mail_index& operator=(mail_index&&) noexcept;
    ~mail_index();

    // All or nothing. Fails: storage_failed.
    outcome<nothing> commit(const std::vector<index_change>& changes);

    outcome<std::optional<mail_row>> find(const mail_id& id);
    // Those that were stored for one ticket, oldest first.
    outcome<std::vector<mail_row>> find_by_ticket(const mail_id& ticket);
    // Newest first, at most `limit`. Fails: bad_request (the filter), storage_failed.
    outcome<std::vector<mail_row>> select(const mail_query& query, uint32_t limit, uint32_t offset);
    outcome<std::vector<mail_id>> select_ids(const mail_query& query, uint32_t limit);
    outcome<uint64_t> count(const mail_query& query);
    outcome<std::vector<mail_id>> releasing();
    // Of those that are held or being released, at most `limit`, in the order of their numbers.
    // What mail_catalog doesn't ask for is left empty.
    outcome<std::vector<mail_row>> rows_after(int64_t number, uint32_t limit);
    // In the order of `numbers`, without those that aren't there any more.
    outcome<std::vector<mail_row>> rows_of(const std::vector<int64_t>& numbers);
    // Of those whose id begins with two hex digits.
    outcome<std::vector<std::pair<mail_id, mail_state>>> ids_in(const std::string& prefix);

    // Forgets at most `limit` mails that were settled before that time; how many it were.
    outcome<uint32_t> forget_settled(int64_t before_ms, uint32_t limit);

    held_total total() const { return total_; }
    bool is_new() const { return is_new_; }  // made by open()

  private:
    mail_index(std::string path, std::unique_ptr<SQLite::Database> database);
    void apply(const add_mail& change);
    void apply(const add_recipients& change);
    void apply(const set_release& change);
    void insert_recipients(int64_t number, const std::vector<std::string>& recipients);
    mail_row read_row(SQLite::Statement& row);
    std::vector<mail_row> read_rows(SQLite::Statement& rows);
    void read_recipients(std::vector<mail_row>& rows);
    void read_total();
    template <class Work>
    auto guarded(Work&& work) -> outcome<decltype(work())>;

    std::string path_;
    std::unique_ptr<SQLite::Database> database_;
    held_total total_;
    fault_point fault_;
    bool is_new_ = false;
};

}  // namespace ie
