// Releases that the engine has said are to be delivered, for a minute: Exim asks once for each
// recipient, and a mail may have thousands. Only `deliver` is kept, which never changes for one
// pair of ids. Pure.
#pragma once

#include <map>

#include "messages/release.hpp"

namespace ie {

class confirmed_releases {
  public:
    static constexpr int64_t kept_ms = 60'000;
    static constexpr size_t count_max = 4'096;

    void remember(const mail_id& release, const queue_id& id, int64_t now_ms);
    bool contains(const mail_id& release, const queue_id& id, int64_t now_ms) const;
    size_t size() const { return until_ms_.size(); }

  private:
    void forget_old(int64_t now_ms);

    std::map<std::pair<mail_id, queue_id>, int64_t> until_ms_;
};

}  // namespace ie
