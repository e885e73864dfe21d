// The bytes of a mail: immutable, shared, never copied between actors. On the wire they are a frame
// of their own; inside they keep the received frame alive.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace ie {

class mail_bytes {
  public:
    mail_bytes() = default;

    explicit mail_bytes(std::string text) {
        auto owned = std::make_shared<const std::string>(std::move(text));
        view_ = *owned;
        owner_ = std::move(owned);
    }

    // `view` must stay valid as long as `owner` lives.
    mail_bytes(std::shared_ptr<const void> owner, std::string_view view)
        : owner_(std::move(owner)), view_(view) {}

    std::string_view view() const { return view_; }
    size_t size() const { return view_.size(); }
    bool empty() const { return view_.empty(); }

    // A part of these bytes that keeps the whole alive.
    mail_bytes part(size_t offset) const { return {owner_, view_.substr(offset)}; }

    friend bool operator==(const mail_bytes& left, const mail_bytes& right) {
        return left.view_ == right.view_;
    }

  private:
    std::shared_ptr<const void> owner_;
    std::string_view view_;
};

}  // namespace ie
