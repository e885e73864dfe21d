#include "config/system/unix_user.hpp"

#include <pwd.h>

#include <cerrno>
#include <vector>

#include "messages/text.hpp"

namespace ie {
namespace {

constexpr size_t entry_size_first = 1'024;
constexpr size_t entry_size_max = 1 << 20;

// What getpwuid_r(3) says where there is no such user, as systems differ.
bool is_absence(int failure) {
    return failure == 0 || failure == ENOENT || failure == ESRCH || failure == EBADF ||
           failure == EPERM;
}

// Calls look_up(passwd*, buffer, size, passwd**) with a buffer that is large enough, and
// read(entry) with what it found. 0, or why the database can't be read.
template <class LookUp, class Read>
int with_user(LookUp&& look_up, Read&& read) {
    for (size_t size = entry_size_first; size <= entry_size_max; size *= 4) {
        std::vector<char> buffer(size);
        passwd entry{};
        passwd* found = nullptr;
        const int failure = look_up(&entry, buffer.data(), buffer.size(), &found);
        if (failure == ERANGE) continue;
        if (failure == 0 && found != nullptr) read(*found);
        return is_absence(failure) ? 0 : failure;
    }
    return ERANGE;
}

std::optional<std::string> login_in(const std::optional<unix_user>& user) {
    return user ? std::optional(user->login) : std::nullopt;
}

}  // namespace

outcome<std::optional<unix_user>> find_user(uint32_t uid) {
    std::optional<unix_user> user;
    const int failure =
        with_user([&](passwd* entry, char* buffer, size_t size,
                      passwd** found) { return getpwuid_r(uid, entry, buffer, size, found); },
                  [&](const passwd& read) {
                      user = {read.pw_uid, read.pw_name, read.pw_dir};
                  });
    if (failure == 0) return user;
    return fail(error_code::unavailable, "the system can't say now who uid " + std::to_string(uid) +
                                             " is: " + errno_text(failure));
}

std::optional<unix_user> user_of_uid(uint32_t uid) {
    const auto user = find_user(uid);
    return user ? *user : std::nullopt;
}

std::optional<unix_user> user_of_login(const std::string& login) {
    std::optional<unix_user> user;
    with_user([&](passwd* entry, char* buffer, size_t size,
                  passwd** found) { return getpwnam_r(login.c_str(), entry, buffer, size, found); },
              [&](const passwd& read) {
                  if (login == read.pw_name) user = {read.pw_uid, read.pw_name, read.pw_dir};
              });
    return user;
}

std::optional<std::string> login_of_uid(uint32_t uid) {
    return login_in(user_of_uid(uid));
}

std::optional<uint32_t> uid_of_login(const std::string& login) {
    const auto user = user_of_login(login);
    return user ? std::optional(user->uid) : std::nullopt;
}

std::optional<unix_user> login_cache::user_of(uint32_t uid, int64_t now_ms) {
    const auto found = entries_.find(uid);
    if (found != entries_.end() && now_ms - found->second.read_at_ms < age_ms_max) {
        return found->second.user;
    }
    if (entries_.size() >= entries_max) entries_.clear();
    entry& fresh = entries_[uid];
    fresh = {user_of_uid(uid), now_ms};
    return fresh.user;
}

std::optional<std::string> login_cache::login_of(uint32_t uid, int64_t now_ms) {
    return login_in(user_of(uid, now_ms));
}

}  // namespace ie
