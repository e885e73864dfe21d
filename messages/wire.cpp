#include "messages/wire.hpp"

namespace ie {
namespace wire {

bool read(const msgpack::object& in, std::string& value) {
    if (in.type != msgpack::type::STR) return false;
    value.assign(in.via.str.ptr, in.via.str.size);
    return true;
}

bool read(const msgpack::object& in, bool& value) {
    if (in.type != msgpack::type::BOOLEAN) return false;
    value = in.via.boolean;
    return true;
}

bool read(const msgpack::object& in, double& value) {
    // msgpack-cxx writes a double without a fraction as an integer.
    if (in.type == msgpack::type::POSITIVE_INTEGER) {
        value = static_cast<double>(in.via.u64);
        return true;
    }
    if (in.type == msgpack::type::NEGATIVE_INTEGER) {
        value = static_cast<double>(in.via.i64);
        return true;
    }
    if (in.type != msgpack::type::FLOAT64 && in.type != msgpack::type::FLOAT32) return false;
    value = in.via.f64;
    return true;
}

outcome<msgpack::object_handle> unpack(std::string_view bytes, size_t bytes_max) {
    if (bytes.size() > bytes_max) {
        return fail(error_code::too_large, "a frame of " + std::to_string(bytes.size()) +
                                               " bytes, allowed are " + std::to_string(bytes_max));
    }
    const msgpack::unpack_limit limit(wire_array_max, 0, bytes_max, 0, 0, wire_depth_max);
    try {
        size_t offset = 0;
        auto handle = msgpack::unpack(bytes.data(), bytes.size(), offset, nullptr, nullptr, limit);
        if (offset == bytes.size()) return handle;
        return fail(error_code::bad_request, "bytes left over after the message");
    } catch (const std::exception& failure) {
        return fail(error_code::bad_request, std::string("not a message: ") + failure.what());
    }
}

}  // namespace wire

error decode_error(std::string_view bytes) {
    const auto handle = wire::unpack(bytes, request_body_bytes_max);
    error value;
    if (handle && wire::read(handle->get(), value)) return value;
    return fail(error_code::bad_request, "the reply is an error that can't be read");
}

outcome<wire_head> decode_head(std::string_view bytes) {
    constexpr size_t head_bytes_max = 256;
    auto head = decode<wire_head>(bytes, head_bytes_max);
    if (!head) return fail(error_code::bad_request, "head: " + head.failure().what);
    if (head->wire != wire_version) {
        return fail(error_code::unsupported_version, "wire version " + std::to_string(head->wire) +
                                                         ", this engine speaks " +
                                                         std::to_string(wire_version));
    }
    if (head->version == 0) return fail(error_code::unsupported_version, "message version 0");
    return head;
}

}  // namespace ie
