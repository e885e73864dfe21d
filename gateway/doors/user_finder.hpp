// Who has which uid, asked of the system on a thread of its own: its user database may be another
// machine, which takes seconds or never answers, and verdicts don't wait for that. Also reads whose
// the subordinate uids are. Owns the thread; nothing is lost on a crash.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "config/system/subordinate_uids.hpp"
#include "config/system/unix_user.hpp"

namespace ie {

// How the system is asked; tests ask something else.
struct user_source {
    std::function<outcome<std::optional<unix_user>>(uint32_t uid)> user_of = find_user;
    std::function<std::optional<uint32_t>(const std::string& login)> uid_of = uid_of_login;
    std::string subordinate_path = subordinate_uids_path;
};

class user_finder {
  public:
    static constexpr size_t users_max = 4'096;        // that are remembered
    static constexpr size_t users_of_owner_max = 64;  // of those, subordinate uids included
    static constexpr size_t asked_max = 1'024;        // look-ups that wait; more ask again
    static constexpr size_t asked_of_owner_max = 16;  // of those; owners take turns
    static constexpr int64_t age_ms_max = 10'000;     // a new user is known after that
    static constexpr int64_t failure_ms_max = 500;    // a failed look-up is tried again after that
    static constexpr int64_t last_answer_ms = 1'000;  // that the end waits for one

    // `on_found` is called in the finder's thread, after each answer.
    user_finder(user_source source, std::function<void()> on_found);
    // A look-up that never comes to its end is left behind with its thread.
    ~user_finder();
    user_finder(const user_finder&) = delete;
    user_finder& operator=(const user_finder&) = delete;

    // Nothing where it isn't known yet: the system is being asked, and on_found will tell. A user
    // without a login is nobody's uid. Fails: unavailable (the system can't say now).
    std::optional<outcome<unix_user>> find(uint32_t uid, int64_t now_ms);

    // Whom the uid counts as: the owner of the range that it is in, or itself.
    uint32_t owner_of(uint32_t uid) const;

  private:
    struct state;
    std::shared_ptr<state> state_;
};

}  // namespace ie
