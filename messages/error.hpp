// What can go wrong, as codes that every part understands, and `outcome<T>`: a value or an error.
// A code knows whether trying again may help; what is unknown counts as temporary, so that mail is
// deferred and never dropped.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <variant>

#include "messages/fields.hpp"

namespace ie {

// Values are the wire's: append only.
enum class error_code : uint8_t {
    internal,             // a fault of ours, or a code this side doesn't know
    bad_request,          // the request can't be read, or a value in it is out of range
    unsupported_version,  // the caller speaks another wire version
    unknown_request,      // no route of that name
    not_permitted,        // the caller may not do that
    not_found,            // no such mail, account or object
    conflict,             // the thing is in a state that doesn't allow this now
    deadline_exceeded,    // no answer in the time the caller gave
    busy,                 // the credit of mails or bytes in flight is used up
    unavailable,          // the engine, or the part of it that is needed, isn't there
    storage_failed,       // the disk or the database refused
    delivery_failed,      // Exim didn't take the released mail
    too_large,            // beyond a bound, which the text names
    limit_reached,        // the caller may do so again later; the text says when
};

constexpr auto enum_names(error_code) {
    return std::array<std::string_view, 14>{
        "internal",        "bad_request",       "unsupported_version",
        "unknown_request", "not_permitted",     "not_found",
        "conflict",        "deadline_exceeded", "busy",
        "unavailable",     "storage_failed",    "delivery_failed",
        "too_large",       "limit_reached"};
}

// True where the same request may succeed later.
constexpr bool is_temporary(error_code code) {
    switch (code) {
        case error_code::bad_request:
        case error_code::unsupported_version:
        case error_code::unknown_request:
        case error_code::not_permitted:
        case error_code::not_found:
        case error_code::too_large:
            return false;
        default:
            return true;
    }
}

// Also a message: the reply to a request that failed.
struct error {
    static constexpr std::string_view name = "error";
    static constexpr uint32_t version = 1;

    error_code code = error_code::internal;
    std::string what;  // names the thing: path, id, the system call's own words

    static constexpr auto fields() {
        return std::tuple{field{"code", &error::code}, field{"message", &error::what}};
    }
};

template <class T>
class [[nodiscard]] outcome {
  public:
    outcome(T value) : content_(std::move(value)) {}
    outcome(error failure) : content_(std::move(failure)) {}

    explicit operator bool() const { return content_.index() == 0; }
    T& operator*() { return std::get<0>(content_); }
    const T& operator*() const { return std::get<0>(content_); }
    T* operator->() { return &std::get<0>(content_); }
    const T* operator->() const { return &std::get<0>(content_); }
    const error& failure() const { return std::get<1>(content_); }

  private:
    std::variant<T, error> content_;
};

// The value of an outcome that has none to give.
struct nothing {
    static constexpr auto fields() { return std::tuple{}; }
};

inline error fail(error_code code, std::string what) {
    return error{code, std::move(what)};
}

}  // namespace ie
