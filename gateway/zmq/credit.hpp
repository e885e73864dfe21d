// How much may be in flight at once, counted in mails or bytes: what bounds the memory that
// requests can take. Thread-safe; what was taken comes back when its hold is destroyed, in whatever
// thread, also after the gateway itself is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "messages/mail_bytes.hpp"

namespace ie {

class credit_pool;

class credit_hold {
  public:
    credit_hold() = default;
    credit_hold(std::shared_ptr<credit_pool> pool, uint64_t amount)
        : pool_(std::move(pool)), amount_(amount) {}
    ~credit_hold();
    credit_hold(credit_hold&& other) noexcept = default;
    credit_hold& operator=(credit_hold&& other) noexcept;

  private:
    std::shared_ptr<credit_pool> pool_;
    uint64_t amount_ = 0;
};

// Bytes that give back what they hold of the credit when the last who needs them lets go.
mail_bytes counted(mail_bytes bytes, credit_hold hold);

class credit_pool : public std::enable_shared_from_this<credit_pool> {
  public:
    explicit credit_pool(uint64_t limit) : limit_(limit) {}

    // Nothing where it would be more than the limit. An amount that is more by itself counts as
    // the whole limit: it gets its turn alone.
    std::optional<credit_hold> take(uint64_t amount);
    uint64_t used() const { return used_; }
    uint64_t limit() const { return limit_; }

  private:
    friend class credit_hold;
    const uint64_t limit_;
    std::atomic<uint64_t> used_ = 0;
};

}  // namespace ie
