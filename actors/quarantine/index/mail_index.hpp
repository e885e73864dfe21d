// quarantine.db: what can be known of held mails without opening their files, and how far each
// one's release is. A commit is durable when it returns; one of new mails only is so with the next
// one or a checkpoint, since their files say it all. Owns the database; one thread at a time. A
// crash loses nothing that was committed. Others may read beside the owner, each by an index of its
// own that `open_to_read` gives: they see what is committed when they begin, and delay nobody.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "actors/quarantine/index/mail_row.hpp"
#include "actors/quarantine/store/fault_point.hpp"
#include "messages/settings.hpp"

namespace SQLite {
class Database;
class Exception;
class Statement;
}  // namespace SQLite

namespace ie {

struct sql_condition;

// One step of a commit.
struct add_mail {
    mail_row row;  // but for `number`
};
struct add_recipients {
    int64_t number = 0;
    std::vector<std::string> recipients;
    uint64_t file_bytes = 0;  // of the file with them
};
struct set_file_bytes {
    int64_t number = 0;
    uint64_t file_bytes = 0;
};
struct set_release {
    int64_t number = 0;
    release_record after;
    int64_t now_ms = 0;  // when, for those that are settled by it
};
struct put_order {
    int64_t number = 0;
    account_name account;
    release_order order;
};
// A release that failed isn't among those that the owner may make an hour.
struct uncount_release {
    int64_t number = 0;
};
// For the audit trail; its number is the database's.
struct add_action {
    audited_action action;
};
using index_change = std::variant<add_mail, add_recipients, set_file_bytes, set_release, put_order,
                                  uncount_release, add_action>;

struct held_total {
    uint64_t mails = 0;
    uint64_t bytes = 0;  // of their files
};

// What an account has.
struct used_space {
    account_name account;
    held_total held;
};

// What a filter finds.
struct mail_page {
    uint64_t count = 0;  // that match, on whatever page
    std::vector<mail_row> rows;
};
struct mail_choice {
    uint64_t count = 0;
    std::vector<mail_id> ids;
};

// A row in short, for the sweep.
struct known_mail {
    mail_id id;
    int64_t number = 0;
    mail_state state = mail_state::held;
    uint64_t file_bytes = 0;
};

class mail_index {
  public:
    // Makes the database where there is none. One that is damaged is set aside and made anew,
    // empty. Fails: storage_failed (among others: a later engine's schema).
    static outcome<mail_index> open(const std::string& path, fault_point fault = {});
    // One that is there already; nothing is changed by it. Fails: storage_failed.
    static outcome<mail_index> open_to_read(const std::string& path, fault_point fault = {});
    mail_index(mail_index&&) noexcept;
    mail_index& operator=(mail_index&&) noexcept;
    ~mail_index();

    // All or nothing. Fails: storage_failed.
    outcome<nothing> commit(const std::vector<index_change>& changes);

    outcome<std::optional<mail_row>> find(const mail_id& id);
    // Those that were stored for one ticket, oldest first.
    outcome<std::vector<mail_row>> find_by_ticket(const mail_id& ticket);
    // Without recipients, which may be many.
    outcome<std::optional<mail_row>> find_short(const mail_id& id);
    // Newest first, at most `limit`, and none more once they have `bytes_max` of recipients and
    // texts. Reads every mail within the filter's account and time. Fails: bad_request (the
    // filter), storage_failed.
    outcome<mail_page> page(const mail_query& query, uint32_t limit, uint32_t offset,
                            uint64_t bytes_max);
    // The newest `limit` that match. Fails as `page` does.
    outcome<mail_choice> choose(const mail_query& query, uint32_t limit);
    outcome<uint64_t> count(const mail_query& query);
    outcome<std::vector<mail_id>> releasing();
    // Of those whose id begins with two hex digits.
    outcome<std::vector<known_mail>> ids_in(const std::string& prefix);

    // Held ones, the oldest first, without recipients; those of one account, or those that were
    // received before that time.
    outcome<std::vector<mail_row>> oldest_of(const account_name& account, uint32_t limit);
    outcome<std::vector<mail_row>> received_before(int64_t time_ms, uint32_t limit);

    // Of each account that ever had any, by name; or of the one.
    outcome<std::vector<used_space>> spaces(const account_name& only = {});
    // Mails deleted since then, by account in lower case.
    outcome<std::map<std::string, uint64_t>> deleted_since(int64_t time_ms);
    // By the account's owner since then. Times beyond `now_ms` (the clock was set back) become it.
    outcome<uint64_t> releases_since(const account_name& account, int64_t since_ms, int64_t now_ms);
    // When the owner made his last release but `newer`; 0: there is none.
    outcome<int64_t> release_before(const account_name& account, uint64_t newer);
    // Nothing where nobody has asked, or it isn't known any more.
    outcome<std::optional<release_order>> order_of(int64_t number);

    // What settings has yet to be told, oldest first, and what it has been told.
    outcome<std::vector<audited_action>> untold_actions(uint32_t limit);
    outcome<nothing> forget_actions(uint64_t last_number);
    const std::string& identity() const { return identity_; }  // of this life of the database
    uint64_t last_action() const { return last_action_; }      // ever, when it was opened
    // From now on actions are another life's; they are numbered as before. Fails: storage_failed.
    outcome<nothing> begin_life();

    // Problems that the database finds with itself; reads all of it. Fails: storage_failed.
    outcome<std::vector<std::string>> check();

    // All of it on the disk, whatever became of what was written before. Fails: storage_failed.
    outcome<nothing> write_anew();

    // Forgets at most `limit` mails that were settled before that time; how many it were.
    outcome<uint32_t> forget_settled(int64_t before_ms, uint32_t limit);

    // The write-ahead log becomes part of the database when it has log_pages_max, within the commit
    // that makes it so; or when a reader says `checkpoint`, where the owner leaves it to one and
    // asks after each commit whether it is due.
    static constexpr int log_pages_max = 4'000;
    void leave_checkpoints();
    bool checkpoint_is_due();
    // A commit waits for its last step at most: two syncs. Fails: storage_failed.
    outcome<nothing> checkpoint();

    outcome<held_total> total();
    bool is_new() const { return is_new_; }                      // made by open()
    const std::string& set_aside() const { return set_aside_; }  // where the damaged one is
    // It was found damaged while in use: the next open() sets it aside.
    bool is_damaged() const { return damaged_; }

  private:
    mail_index(std::string path, std::unique_ptr<SQLite::Database> database);
    void apply(const add_mail& change);
    void apply(const add_recipients& change);
    void apply(const set_file_bytes& change);
    void apply(const set_release& change);
    void apply(const put_order& change);
    void apply(const uncount_release& change);
    void apply(const add_action& change);
    error failed(const SQLite::Exception& failure);
    bool is_moved() const;
    outcome<nothing> faulty(std::string_view step) const;
    std::optional<mail_row> row_of(int64_t number);
    template <class Number>
    uint64_t find_numbers(const sql_condition& where, Number&& number);
    template <class Work>
    auto guarded(Work&& work) -> outcome<decltype(work())>;

    class kept_statement;
    struct connection;

    std::string path_;
    std::unique_ptr<connection> at_;
    fault_point fault_;
    std::string identity_;
    uint64_t last_action_ = 0;
    std::string set_aside_;
    bool is_new_ = false;
    bool damaged_ = false;
    bool refused_ = false;  // the disk has refused to write: a part of the log may be lost
};

}  // namespace ie
