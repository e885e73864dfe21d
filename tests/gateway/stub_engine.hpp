// An engine that isn't one: a ROUTER that answers what its owner tells it to.
#pragma once

#include "gateway/client/frame_io.hpp"
#include "messages/verdict.hpp"

namespace ie::testing {

class stub_engine {
  public:
    struct received {
        zmq::message_t peer;
        parcel request;
    };

    explicit stub_engine(const std::string& endpoint)
        : router_(context_, zmq::socket_type::router) {
        router_.set(zmq::sockopt::linger, 0);
        router_.bind(endpoint);
    }

    std::optional<received> next(int timeout_ms) {
        zmq_pollitem_t item{router_.handle(), 0, ZMQ_POLLIN, 0};
        if (zmq_poll(&item, 1, timeout_ms) <= 0) return std::nullopt;
        auto frames = receive_frames(router_, 5);
        if (frames.size() < 4) return std::nullopt;
        received in{std::move(frames[0]), {}};
        in.request.head = *decode_head(view_of(frames[2]));
        in.request.body = view_of(frames[3]);
        if (frames.size() > 4) in.request.bytes = bytes_of(std::move(frames[4]));
        return in;
    }

    template <message T>
    void answer(const received& to, const T& value, mail_bytes bytes = {}) {
        auto frames = frames_of(make_parcel(value, to.request.head.request_id, 0, bytes));
        frames.insert(frames.begin(), zmq::message_t(to.peer.data(), to.peer.size()));
        send_frames(router_, frames);
    }

  private:
    zmq::context_t context_{1};
    zmq::socket_t router_;
};

}  // namespace ie::testing
