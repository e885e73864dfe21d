// The wire format (docs/wire.md): msgpack, each struct an ARRAY of its fields in declared order.
// Fields are only ever appended: a shorter array leaves the rest at their defaults, what a longer
// one has beyond ours is skipped. Nothing here throws; every bound is checked before memory is
// used.
#pragma once

#include <limits>
#include <msgpack.hpp>

#include "messages/error.hpp"
#include "messages/ids.hpp"

namespace ie {

inline constexpr uint32_t wire_version = 1;
inline constexpr size_t request_body_bytes_max = 4 << 20;  // of a request's body, not of its mail
inline constexpr size_t reply_body_bytes_max = 64 << 20;
inline constexpr size_t wire_array_max = 100'000;  // elements of one array
inline constexpr size_t wire_depth_max = 16;

// The first frame of each request and reply.
struct wire_head {
    uint32_t wire = wire_version;
    std::string name;          // of the message in the next frame
    uint32_t version = 1;      // of that message
    uint64_t request_id = 0;   // a reply's is its request's
    uint32_t deadline_ms = 0;  // of a request: from its arrival; 0: it is too late already

    static constexpr auto fields() {
        return std::tuple{field{"wire", &wire_head::wire}, field{"name", &wire_head::name},
                          field{"version", &wire_head::version},
                          field{"request_id", &wire_head::request_id},
                          field{"deadline_ms", &wire_head::deadline_ms}};
    }
};

namespace wire {

struct string_sink {
    std::string bytes;
    void write(const char* data, size_t size) { bytes.append(data, size); }
};
using packer = msgpack::packer<string_sink>;

template <class T>
void pack(packer& out, const T& value) {
    if constexpr (std::is_enum_v<T>) {
        out.pack(static_cast<uint8_t>(value));
    } else if constexpr (is_text_id<T>::value) {
        out.pack(value.value);
    } else if constexpr (is_vector<T>::value) {
        out.pack_array(static_cast<uint32_t>(value.size()));
        for (const auto& each : value) pack(out, each);
    } else if constexpr (described<T>) {
        out.pack_array(static_cast<uint32_t>(field_count<T>()));
        for_each_field(value, [&](std::string_view, const auto& each) { pack(out, each); });
    } else {
        out.pack(value);
    }
}

template <class T>
bool read_integer(const msgpack::object& in, T& value) {
    if (in.type == msgpack::type::POSITIVE_INTEGER) {
        if (in.via.u64 > static_cast<uint64_t>(std::numeric_limits<T>::max())) return false;
        value = static_cast<T>(in.via.u64);
        return true;
    }
    if (in.type != msgpack::type::NEGATIVE_INTEGER || std::is_unsigned_v<T>) return false;
    if (in.via.i64 < static_cast<int64_t>(std::numeric_limits<T>::min())) return false;
    value = static_cast<T>(in.via.i64);
    return true;
}

template <named_enum T>
bool read_enum(const msgpack::object& in, T& value) {
    uint8_t number = 0;
    if (!read_integer(in, number)) return false;
    if (number < enum_names(T{}).size()) {
        value = static_cast<T>(number);
        return true;
    }
    return std::is_same_v<T, error_code>;  // a code of a later version reads as `internal`
}

bool read(const msgpack::object& in, std::string& value);
bool read(const msgpack::object& in, bool& value);
bool read(const msgpack::object& in, double& value);

// Reads what pack() wrote. False where the type or range is another one.
template <class T>
bool read(const msgpack::object& in, T& value) {
    if constexpr (std::is_enum_v<T>) {
        return read_enum(in, value);
    } else if constexpr (is_text_id<T>::value) {
        return read(in, value.value);
    } else if constexpr (std::is_integral_v<T>) {
        return read_integer(in, value);
    } else if constexpr (is_vector<T>::value) {
        if (in.type != msgpack::type::ARRAY) return false;
        value.resize(in.via.array.size);
        for (uint32_t i = 0; i < in.via.array.size; ++i) {
            if (!read(in.via.array.ptr[i], value[i])) return false;
        }
        return true;
    } else {
        static_assert(described<T>);
        if (in.type != msgpack::type::ARRAY) return false;
        uint32_t index = 0;
        bool good = true;
        for_each_field(value, [&](std::string_view, auto& each) {
            if (good && index < in.via.array.size) good = read(in.via.array.ptr[index++], each);
        });
        return good;
    }
}

// Fails: bad_request (not msgpack, bytes left over, deeper or longer than the bounds), too_large.
outcome<msgpack::object_handle> unpack(std::string_view bytes, size_t bytes_max);

}  // namespace wire

template <described T>
std::string encode(const T& value) {
    wire::string_sink sink;
    wire::packer out(sink);
    wire::pack(out, value);
    return std::move(sink.bytes);
}

// Fails: bad_request, too_large.
template <described T>
outcome<T> decode(std::string_view bytes, size_t bytes_max = request_body_bytes_max) {
    const auto handle = wire::unpack(bytes, bytes_max);
    if (!handle) return handle.failure();
    T value;
    if (wire::read(handle->get(), value)) return value;
    if constexpr (message<T>) {
        return fail(error_code::bad_request, std::string(T::name) + ": a field of another type");
    } else {
        return fail(error_code::bad_request, "a field of another type");
    }
}

// What the other side says went wrong; bad_request where that can't be read.
error decode_error(std::string_view bytes);

// Fails: bad_request, unsupported_version.
outcome<wire_head> decode_head(std::string_view bytes);

}  // namespace ie
