// What may happen to a held mail, and what each event makes of it: held → releasing → released, or
// back to held with the reason; held → removed. Pure. The first queue id that is bound to a mail,
// by Exim's 250 or by its question before delivery, stays: that copy alone is delivered.
#pragma once

#include "messages/caller.hpp"
#include "messages/release.hpp"

namespace ie {

// Values are the database's: append only.
enum class mail_state : uint8_t {
    held,
    releasing,  // the intent is recorded; Exim has it, or will be given it
    released,
    removed,
};
constexpr auto enum_names(mail_state) {
    return std::array<std::string_view, 4>{"held", "releasing", "released", "removed"};
}

// Whether the mail is still there to be seen.
constexpr bool is_shown(mail_state state) {
    return state <= mail_state::releasing;
}

struct release_record {
    mail_state state = mail_state::held;
    ie::queue_id bound;  // Exim's id of the copy that counts; empty: none asked yet
    std::string error;   // why the last release failed; empty: none did

    static constexpr auto fields() {
        return std::tuple{field{"state", &release_record::state},
                          field{"bound", &release_record::bound},
                          field{"error", &release_record::error}};
    }
};

// What somebody asked for, kept until the mail is forgotten.
struct release_order {
    caller who;
    int64_t at_ms = 0;  // Unix time
    bool learn = true;
    std::string reason;

    static constexpr auto fields() {
        return std::tuple{
            field{"caller", &release_order::who}, field{"at_ms", &release_order::at_ms},
            field{"learn", &release_order::learn}, field{"reason", &release_order::reason}};
    }
};

// Why an owner may release no more for now: limit_reached, with the minute from which on he may
// again. `first_at_ms` is when the one was made that has to be forgotten before the next.
error no_release_left(const account_name& account, uint32_t limit, int64_t first_at_ms);
inline constexpr int64_t allowance_window_ms = 3'600'000;

// Fails: conflict (being released), not_found (released or removed).
outcome<release_record> begin_release(const release_record& now);
outcome<release_record> begin_remove(const release_record& now);

// After the courier's answer.
release_record after_delivery(const release_record& now, const outcome<mail_delivered>& answer);

struct confirmation {
    release_record next;
    bool deliver = false;  // false: another copy is the one that counts
};

// Exim asks whether its copy `asking` may go out. A mail that is held again, because the courier
// lost sight of Exim, is released by this: Exim did take it. A copy of one that has been removed
// meanwhile is dropped.
confirmation confirm_copy(const release_record& now, const queue_id& asking);

}  // namespace ie
