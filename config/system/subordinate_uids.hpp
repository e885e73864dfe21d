// Who may act under which other uids: the ranges of /etc/subuid, which a user's own namespaces give
// to whatever he starts in them. Pure but for the look-up of names that it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ie {

inline constexpr const char* subordinate_uids_path = "/etc/subuid";

class subordinate_uids {
  public:
    using uid_finder = std::function<std::optional<uint32_t>(const std::string& login)>;

    // `LOGIN-OR-UID:FIRST:COUNT` lines (subuid(5)); others are passed over. A range whose login
    // nobody has belongs to its first uid, so that it still counts as one.
    static subordinate_uids parse(std::string_view text, const uid_finder& uid_of);

    // The uid itself where it is in nobody's range. Where ranges overlap the first line counts.
    uint32_t owner_of(uint32_t uid) const;

  private:
    struct range {
        uint32_t first = 0;
        uint32_t last = 0;
        uint32_t owner = 0;
    };
    std::vector<range> ranges_;
};

}  // namespace ie
