#include "config/unix_user.hpp"

#include <pwd.h>

#include <cerrno>
#include <vector>

namespace ie {
namespace {

constexpr size_t entry_size_first = 1'024;
constexpr size_t entry_size_max = 1 << 20;

// Calls look_up(passwd*, buffer, size, passwd**) with a buffer that is large enough, and
// read(entry) with what it found.
template <class LookUp, class Read>
void with_user(LookUp&& look_up, Read&& read) {
    for (size_t size = entry_size_first; size <= entry_size_max; size *= 4) {
        std::vector<char> buffer(size);
        passwd entry{};
        passwd* found = nullptr;
        const int failure = look_up(&entry, buffer.data(), buffer.size(), &found);
        if (failure == ERANGE) continue;
        if (failure == 0 && found != nullptr) read(*found);
        return;
    }
}

}  // namespace

std::optional<std::string> login_of_uid(uint32_t uid) {
    std::optional<std::string> login;
    with_user([&](passwd* entry, char* buffer, size_t size,
                  passwd** found) { return getpwuid_r(uid, entry, buffer, size, found); },
              [&](const passwd& user) { login = user.pw_name; });
    return login;
}

std::optional<uint32_t> uid_of_login(const std::string& login) {
    std::optional<uint32_t> uid;
    with_user([&](passwd* entry, char* buffer, size_t size,
                  passwd** found) { return getpwnam_r(login.c_str(), entry, buffer, size, found); },
              [&](const passwd& user) {
                  if (login == user.pw_name) uid = user.pw_uid;
              });
    return uid;
}

std::optional<std::string> login_cache::login_of(uint32_t uid, int64_t now_ms) {
    const auto found = entries_.find(uid);
    if (found != entries_.end() && now_ms - found->second.read_at_ms < age_ms_max) {
        return found->second.login;
    }
    if (entries_.size() >= entries_max) entries_.clear();
    entry& fresh = entries_[uid];
    fresh = {login_of_uid(uid), now_ms};
    return fresh.login;
}

}  // namespace ie
