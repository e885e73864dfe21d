#include "actors/rate_limiter/journal_record.hpp"

#include <cstring>

namespace ie {
namespace {

enum class record_kind : uint8_t { anchor = 1, counted, given_back, forgotten, boot_anchor };

// Numbers as this machine has them: a journal is read where it was written.
template <class T>
void put(std::string& out, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool take(std::string_view& bytes, T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (bytes.size() < sizeof value) return false;
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    return true;
}

// FNV-1a over eight bytes at a time: finds what a power cut leaves, not what a villain writes.
uint32_t checksum(std::string_view bytes) {
    uint64_t hash = 0xcbf29ce484222325;
    constexpr uint64_t prime = 0x100000001b3;
    uint64_t part = 0;
    while (take(bytes, part)) {
        hash = (hash ^ part) * prime;
        hash ^= hash >> 29;
    }
    for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * prime;
    return static_cast<uint32_t>(hash ^ hash >> 32);
}

void put_reservation(std::string& out, const quota_reservation& reservation) {
    put(out, reservation.at_ms);
    put(out, reservation.recipients);
    put(out, reservation.keys);
}

bool take_reservation(std::string_view& bytes, quota_reservation& reservation) {
    return take(bytes, reservation.at_ms) && take(bytes, reservation.recipients) &&
           take(bytes, reservation.keys);
}

void put_body(std::string& out, const time_anchor& record) {
    put(out, record.boot.is_known() ? record_kind::boot_anchor : record_kind::anchor);
    put(out, record.at_ms);
    put(out, record.wall_ms);
    if (!record.boot.is_known()) return;
    put(out, record.boot.id);
    put(out, record.boot.ms);
}
void put_body(std::string& out, const mail_counted& record) {
    put(out, record_kind::counted);
    put_reservation(out, record.reservation);
}
void put_body(std::string& out, const mail_given_back& record) {
    put(out, record_kind::given_back);
    put_reservation(out, record.reservation);
    put(out, record.at_ms);
}
void put_body(std::string& out, const object_forgotten& record) {
    put(out, record_kind::forgotten);
    put(out, record.key);
    put(out, record.at_ms);
}

std::optional<journal_record> take_body(std::string_view& bytes) {
    record_kind kind{};
    if (!take(bytes, kind)) return std::nullopt;
    switch (kind) {
        case record_kind::anchor: {
            time_anchor record;
            if (take(bytes, record.at_ms) && take(bytes, record.wall_ms)) return record;
            return std::nullopt;
        }
        case record_kind::boot_anchor: {
            time_anchor record;
            if (take(bytes, record.at_ms) && take(bytes, record.wall_ms) &&
                take(bytes, record.boot.id) && take(bytes, record.boot.ms)) {
                return record;
            }
            return std::nullopt;
        }
        case record_kind::counted: {
            mail_counted record;
            if (take_reservation(bytes, record.reservation)) return record;
            return std::nullopt;
        }
        case record_kind::given_back: {
            mail_given_back record;
            if (take_reservation(bytes, record.reservation) && take(bytes, record.at_ms)) {
                return record;
            }
            return std::nullopt;
        }
        case record_kind::forgotten: {
            object_forgotten record;
            if (take(bytes, record.key) && take(bytes, record.at_ms)) return record;
            return std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace

void append_record(std::string& out, const journal_record& record) {
    const size_t begin = out.size();
    std::visit([&](const auto& each) { put_body(out, each); }, record);
    put(out, checksum(std::string_view(out).substr(begin)));
}

std::optional<journal_record> take_record(std::string_view& bytes) {
    std::string_view rest = bytes;
    auto record = take_body(rest);
    if (!record) return std::nullopt;
    const std::string_view body = bytes.substr(0, bytes.size() - rest.size());
    uint32_t sum = 0;
    if (!take(rest, sum) || sum != checksum(body)) return std::nullopt;
    bytes = rest;
    return record;
}

std::optional<journal_record> record_layout::take(std::string_view window, uint64_t offset, int&) {
    std::string_view rest = window;
    auto record = take_record(rest);
    if (!record) return std::nullopt;
    size_ = window.size() - rest.size();
    if (offset != next_ && !rest.empty() && !take_record(rest)) return std::nullopt;
    next_ = offset + size_;
    return record;
}

}  // namespace ie
