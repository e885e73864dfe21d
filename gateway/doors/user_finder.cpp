#include "gateway/doors/user_finder.hpp"

#include <sys/stat.h>

#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "config/snapshot.hpp"
#include "messages/steady_clock.hpp"

namespace ie {

// Outlives the finder where a look-up hangs.
struct user_finder::state {
    struct known {
        unix_user user;
        int64_t found_at_ms = 0;
    };

    void work();
    void look_up(uint32_t uid);
    void read_subordinates();
    std::string subordinates_text() const;

    user_source source;
    std::function<void()> on_found;
    snapshot<subordinate_uids> subordinates;
    timespec subordinates_changed{};

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<uint32_t> asked;
    std::unordered_set<uint32_t> under_way;  // asked, without an answer
    std::unordered_map<uint32_t, known> users;
    bool ending = false;
    bool ended = false;
};

void user_finder::state::work() {
    for (;;) {
        read_subordinates();
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::milliseconds(age_ms_max),
                         [&] { return ending || !asked.empty(); });
        if (ending) break;
        if (asked.empty()) continue;
        const uint32_t uid = asked.front();
        asked.pop_front();
        lock.unlock();
        look_up(uid);
    }
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
}

void user_finder::state::look_up(uint32_t uid) {
    const auto user = source.user_of(uid);
    const std::lock_guard lock(mutex);
    under_way.erase(uid);
    const int64_t now_ms = steady_now_ms();
    if (users.size() >= users_max) {
        std::erase_if(users, [&](const auto& each) {
            return now_ms - each.second.found_at_ms >= age_ms_max;
        });
        if (users.size() >= users_max) users.clear();
    }
    users[uid] = {user.value_or(unix_user{uid, {}, {}}), now_ms};
    if (!ending) on_found();
}

// A file that isn't there has no ranges.
void user_finder::state::read_subordinates() {
    struct stat found {};
    const bool is_there = stat(source.subordinate_path.c_str(), &found) == 0;
    const timespec changed_at = is_there ? found.st_mtim : timespec{};
    if (changed_at.tv_sec == subordinates_changed.tv_sec &&
        changed_at.tv_nsec == subordinates_changed.tv_nsec) {
        return;
    }
    subordinates_changed = changed_at;
    subordinates.set(subordinate_uids::parse(subordinates_text(), source.uid_of));
}

std::string user_finder::state::subordinates_text() const {
    std::ostringstream text;
    if (std::ifstream in(source.subordinate_path); in) text << in.rdbuf();
    return text.str();
}

user_finder::user_finder(user_source source, std::function<void()> on_found)
    : state_(std::make_shared<state>()) {
    state_->source = std::move(source);
    state_->on_found = std::move(on_found);
    // Without their owners' uids, which nobody may wait for: a range counts as one user meanwhile.
    state_->subordinates.set(
        subordinate_uids::parse(state_->subordinates_text(),
                                [](const std::string&) -> std::optional<uint32_t> { return {}; }));
    std::thread([state = state_] { state->work(); }).detach();
}

user_finder::~user_finder() {
    std::unique_lock lock(state_->mutex);
    state_->ending = true;
    state_->changed.notify_all();
    state_->changed.wait_for(lock, std::chrono::milliseconds(last_answer_ms),
                             [&] { return state_->ended; });
}

std::optional<unix_user> user_finder::find(uint32_t uid, int64_t now_ms) {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->users.find(uid);
    if (found != state_->users.end() && now_ms - found->second.found_at_ms < age_ms_max) {
        return found->second.user;
    }
    if (state_->under_way.size() < asked_max && state_->under_way.insert(uid).second) {
        state_->asked.push_back(uid);
        state_->changed.notify_all();
    }
    return std::nullopt;
}

uint32_t user_finder::owner_of(uint32_t uid) const {
    return state_->subordinates.get()->owner_of(uid);
}

}  // namespace ie
