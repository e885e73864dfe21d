#include "gateway/doors/user_finder.hpp"

#include <sys/stat.h>

#include <algorithm>
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
        outcome<unix_user> user;
        uint32_t owner = 0;
        int64_t until_ms = 0;
        int64_t used_at_ms = 0;
    };

    void work();
    void look_up(uint32_t uid);
    uint32_t next_asked();
    void make_room(uint32_t owner);
    void read_subordinates();
    std::string subordinates_text() const;

    user_source source;
    std::function<void()> on_found;
    snapshot<subordinate_uids> subordinates;
    timespec subordinates_changed{};

    std::mutex mutex;
    std::condition_variable changed;
    std::unordered_map<uint32_t, std::deque<uint32_t>> asked;  // by owner; none is empty
    std::deque<uint32_t> turns;                                // the owners, who is next first
    std::unordered_set<uint32_t> under_way;                    // asked, without an answer
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
        const uint32_t uid = next_asked();
        lock.unlock();
        look_up(uid);
    }
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
}

void user_finder::state::look_up(uint32_t uid) {
    const auto answer = source.user_of(uid);
    const uint32_t owner = subordinates.get()->owner_of(uid);
    outcome<unix_user> user = unix_user{uid, {}, {}};
    if (!answer) {
        user = answer.failure();
    } else if (*answer) {
        user = **answer;
    }
    const std::lock_guard lock(mutex);
    under_way.erase(uid);
    const int64_t now_ms = steady_now_ms();
    users.erase(uid);
    make_room(owner);
    const int64_t until_ms = now_ms + (answer ? age_ms_max : failure_ms_max);
    users.emplace(uid, known{std::move(user), owner, until_ms, now_ms});
    if (!ending) on_found();
}

// One of each owner's in turn.
uint32_t user_finder::state::next_asked() {
    const uint32_t owner = turns.front();
    turns.pop_front();
    auto& of_owner = asked[owner];
    const uint32_t uid = of_owner.front();
    of_owner.pop_front();
    if (of_owner.empty()) {
        asked.erase(owner);
    } else {
        turns.push_back(owner);
    }
    return uid;
}

// Forgets the one that nobody has asked for longest: of the owner's, where he has his part.
void user_finder::state::make_room(uint32_t owner) {
    const auto of_owner = static_cast<size_t>(std::count_if(
        users.begin(), users.end(), [&](const auto& each) { return each.second.owner == owner; }));
    const bool has_his_part = of_owner >= users_of_owner_max;
    if (!has_his_part && users.size() < users_max) return;
    auto oldest = users.end();
    for (auto each = users.begin(); each != users.end(); ++each) {
        if (has_his_part && each->second.owner != owner) continue;
        const bool is_older =
            oldest == users.end() || each->second.used_at_ms < oldest->second.used_at_ms;
        if (is_older) oldest = each;
    }
    users.erase(oldest);
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

std::optional<outcome<unix_user>> user_finder::find(uint32_t uid, int64_t now_ms) {
    const uint32_t owner = owner_of(uid);
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->users.find(uid);
    if (found != state_->users.end() && now_ms < found->second.until_ms) {
        found->second.used_at_ms = now_ms;
        return found->second.user;
    }
    if (state_->under_way.size() >= asked_max || state_->under_way.contains(uid)) return {};
    auto& of_owner = state_->asked[owner];
    if (of_owner.size() >= asked_of_owner_max) return {};
    if (of_owner.empty()) state_->turns.push_back(owner);
    of_owner.push_back(uid);
    state_->under_way.insert(uid);
    state_->changed.notify_all();
    return {};
}

uint32_t user_finder::owner_of(uint32_t uid) const {
    return state_->subordinates.get()->owner_of(uid);
}

}  // namespace ie
