// What goes into the audit trail, and how much of it. Pure.
#pragma once

#include <map>

#include "messages/request_context.hpp"
#include "messages/settings.hpp"

namespace ie {

// Of one text of a record, in bytes; a longer one is cut.
inline constexpr size_t audit_text_bytes_max = 500;

// What `who` did, when, before it is said to what; `login` is empty where the uid has none.
audit_record begin_record(const caller& who, const std::string& login, int64_t now_s,
                          std::string_view action);

// The record with each text valid UTF-8 and of bounded length.
audit_record bounded(audit_record record);

// Bounds how many refused requests of one caller are recorded; the rest is counted.
class refusal_budget {
  public:
    static constexpr uint32_t records_a_minute_max = 60;  // for one uid
    static constexpr size_t uids_max = 4'096;             // told apart; the rest counts together

    struct unwritten {
        request_refused last;
        uint64_t count = 0;
    };

    // True where this one is to be recorded.
    bool admit(const request_refused& refused, int64_t now_ms);
    // Counts one that isn't to be recorded, whatever there is room for.
    void leave_out(const request_refused& refused, int64_t now_ms);
    bool empty() const { return minutes_.empty(); }

    // What was left out in the minutes that have ended, and is then forgotten.
    std::vector<unwritten> take_ended(int64_t now_ms);
    // The same, in the minutes that go on too.
    std::vector<unwritten> take_all();

  private:
    struct minute {
        int64_t began_at_ms = 0;
        uint32_t admitted = 0;
        unwritten rest;
    };
    minute& minute_of(uint32_t uid, int64_t now_ms);

    std::map<uint32_t, minute> minutes_;  // by uid
};

}  // namespace ie
