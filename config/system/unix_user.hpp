// The system's users: who has which uid. A look-up reads the system's user database and may take
// milliseconds; `login_cache` remembers a bounded number of answers for a while.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "messages/error.hpp"

namespace ie {

struct unix_user {
    uint32_t uid = 0;
    std::string login;
    std::string home;  // a folder's path

    bool operator==(const unix_user&) const = default;
};

// Nothing where there is no such user. Fails: unavailable (the database can't be read now).
outcome<std::optional<unix_user>> find_user(uint32_t uid);

// Nothing where there is no such user, or the database can't be read.
std::optional<unix_user> user_of_uid(uint32_t uid);
std::optional<unix_user> user_of_login(const std::string& login);
std::optional<std::string> login_of_uid(uint32_t uid);
std::optional<uint32_t> uid_of_login(const std::string& login);

// Not thread-safe: one for each actor or thread.
class login_cache {
  public:
    static constexpr size_t entries_max = 4'096;
    static constexpr int64_t age_ms_max = 10'000;  // a new user is known after that at the latest

    std::optional<unix_user> user_of(uint32_t uid, int64_t now_ms);
    std::optional<std::string> login_of(uint32_t uid, int64_t now_ms);

  private:
    struct entry {
        std::optional<unix_user> user;
        int64_t read_at_ms = 0;
    };
    std::unordered_map<uint32_t, entry> entries_;
};

}  // namespace ie
