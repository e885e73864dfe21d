#include "gateway/client/frame_io.hpp"

#include <cerrno>

namespace ie {
namespace {

constexpr size_t parcel_frames_max = 4;        // delimiter, head, body, bytes
constexpr size_t copied_bytes_max = 32 << 10;  // a longer body is handed over as it is

void let_go(void*, void* hint) {
    delete static_cast<mail_bytes*>(hint);
}

}  // namespace

zmq::message_t frame_of(mail_bytes bytes) {
    if (bytes.empty()) return {};
    auto owned = std::make_unique<mail_bytes>(std::move(bytes));
    const std::string_view view = owned->view();
    // ZeroMQ takes no pointer to const, but never writes to what it sends.
    return {const_cast<char*>(view.data()), view.size(), let_go, owned.release()};
}

zmq::message_t frame_of(std::string_view text) {
    return {text.data(), text.size()};
}

mail_bytes bytes_of(zmq::message_t frame) {
    if (frame.size() == 0) return {};
    auto owned = std::make_shared<zmq::message_t>(std::move(frame));
    const std::string_view view = view_of(*owned);
    return {std::move(owned), view};
}

std::string_view view_of(const zmq::message_t& frame) {
    return {static_cast<const char*>(frame.data()), frame.size()};
}

std::vector<zmq::message_t> receive_frames(zmq::socket_ref socket, size_t frames_max,
                                           bool* more_came) {
    std::vector<zmq::message_t> frames;
    if (more_came != nullptr) *more_came = false;
    for (bool more = true; more;) {
        zmq::message_t frame;
        if (zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT) < 0) break;
        more = frame.more();
        if (frames.size() < frames_max) {
            frames.push_back(std::move(frame));
        } else if (more_came != nullptr) {
            *more_came = true;
        }
    }
    return frames;
}

int send_frames(zmq::socket_ref socket, std::vector<zmq::message_t>& frames) {
    for (size_t i = 0; i < frames.size(); ++i) {
        const int flags = ZMQ_DONTWAIT | (i + 1 < frames.size() ? ZMQ_SNDMORE : 0);
        if (zmq_msg_send(frames[i].handle(), socket.handle(), flags) < 0) return zmq_errno();
    }
    return 0;
}

std::vector<zmq::message_t> frames_of(parcel out) {
    std::vector<zmq::message_t> frames;
    frames.reserve(parcel_frames_max);
    frames.emplace_back();
    frames.push_back(frame_of(encode(out.head)));
    frames.push_back(out.body.size() <= copied_bytes_max
                         ? frame_of(std::string_view(out.body))
                         : frame_of(mail_bytes(std::move(out.body))));
    if (!out.bytes.empty()) frames.push_back(frame_of(std::move(out.bytes)));
    return frames;
}

std::optional<outcome<parcel>> receive_parcel(zmq::socket_ref socket) {
    bool too_many = false;
    auto frames = receive_frames(socket, parcel_frames_max, &too_many);
    if (frames.empty()) return std::nullopt;
    if (too_many || frames.size() < 3 || frames[0].size() != 0) {
        return fail(error_code::bad_request, "a reply of an unknown shape");
    }
    auto head = decode_head(view_of(frames[1]));
    if (!head) return head.failure();
    parcel in{std::move(*head), std::string(view_of(frames[2])), {}};
    if (frames.size() > 3) in.bytes = bytes_of(std::move(frames[3]));
    return in;
}

}  // namespace ie
