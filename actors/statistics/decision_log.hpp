// statistics.db: the count of each decision, by hour. Owns the database file; every call may block
// on the disk. Errors are the database's own words with the file's path.
#pragma once

#include <memory>

#include "messages/error.hpp"
#include "messages/scan.hpp"
#include "messages/service.hpp"

namespace ie {

// Decisions of one hour and kind.
struct decision_row {
    int64_t hour = 0;  // Unix time / 3600
    verdict_action action = verdict_action::accept;
    uint64_t messages = 0;
    uint64_t recipients = 0;
    uint64_t size_bytes = 0;

    static constexpr auto fields() {
        return std::tuple{field{"hour", &decision_row::hour},
                          field{"action", &decision_row::action},
                          field{"messages", &decision_row::messages},
                          field{"recipients", &decision_row::recipients},
                          field{"size_bytes", &decision_row::size_bytes}};
    }
};

class decision_log {
  public:
    // Makes the file where there is none. Fails: storage_failed; conflict where a later version of
    // ours has written it.
    static outcome<std::unique_ptr<decision_log>> open(const std::string& path);
    ~decision_log();

    // Adds all rows or none; durable when it returns. Fails: storage_failed.
    outcome<nothing> add(const std::vector<decision_row>& rows);

    // Everything ever added. Fails: storage_failed.
    outcome<decision_counts> counts() const;

  private:
    struct state;
    explicit decision_log(std::unique_ptr<state> opened);
    std::unique_ptr<state> state_;
};

}  // namespace ie
