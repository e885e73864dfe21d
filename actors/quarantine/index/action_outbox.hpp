// What is committed for the audit trail and settings has yet to be told, by the database's numbers.
#pragma once

#include "actors/quarantine/index/quarantine_database.hpp"

namespace ie {

// All fail with storage_failed.
class action_outbox {
  public:
    explicit action_outbox(quarantine_database& database) : database_(database) {}

    // Oldest first.
    outcome<std::vector<audited_action>> untold(uint32_t limit) const;
    // Those that it has been told.
    outcome<nothing> forget(uint64_t last_number) const;

    const std::string& identity() const { return database_.identity(); }
    uint64_t last_action() const { return database_.last_action(); }
    outcome<nothing> begin_life() const { return database_.begin_life(); }

  private:
    quarantine_database& database_;
};

}  // namespace ie
