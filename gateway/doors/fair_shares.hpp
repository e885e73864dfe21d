// Who has how much of something that is short (places at a door, bytes in memory), by user. Nobody
// has more than his share; and when all of it is taken, the user with the most has to give way to
// one who would still have less: no number of users' holdings is an argument for the greediest.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace ie {

class fair_shares {
  public:
    struct bounds {
        uint64_t each_max = 0;  // of one user; what is more by itself gets its turn alone
        uint64_t all_max = 0;
    };
    enum class room {
        there,
        share_used,  // the user has had his part
        all_taken,   // nobody has more than this user would have
        greediest,   // once greediest() has given something back
    };

    explicit fair_shares(const bounds& within) : bounds_(within) {}

    room room_for(uint32_t user, uint64_t amount) const;
    uint32_t greediest() const;  // 0 where nobody has anything

    void take(uint32_t user, uint64_t amount);
    void give_back(uint32_t user, uint64_t amount);

    uint64_t used() const { return used_; }
    uint64_t used_by(uint32_t user) const;
    size_t users() const { return by_user_.size(); }

  private:
    bounds bounds_;
    std::unordered_map<uint32_t, uint64_t> by_user_;  // nobody with 0
    uint64_t used_ = 0;
};

}  // namespace ie
