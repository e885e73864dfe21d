#include "gateway/zmq/credit.hpp"

#include <algorithm>

namespace ie {

credit_hold::~credit_hold() {
    if (pool_) pool_->used_ -= amount_;
}

credit_hold& credit_hold::operator=(credit_hold&& other) noexcept {
    if (this == &other) return *this;
    if (pool_) pool_->used_ -= amount_;
    pool_ = std::move(other.pool_);
    amount_ = other.amount_;
    return *this;
}

mail_bytes counted(mail_bytes bytes, credit_hold hold) {
    struct owner {
        mail_bytes bytes;
        credit_hold hold;
    };
    const std::string_view view = bytes.view();
    return {std::make_shared<owner>(owner{std::move(bytes), std::move(hold)}), view};
}

std::optional<credit_hold> credit_pool::take(uint64_t amount) {
    amount = std::min(amount, limit_);
    uint64_t used = used_;
    do {
        if (amount > limit_ - used) return std::nullopt;
    } while (!used_.compare_exchange_weak(used, used + amount));
    return credit_hold(shared_from_this(), amount);
}

}  // namespace ie
