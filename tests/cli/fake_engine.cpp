#include "tests/cli/fake_engine.hpp"

#include "gateway/client/frame_io.hpp"

namespace ie::testing {
namespace {

constexpr const char* stop_name = "inproc://stop";
constexpr size_t request_frames_max = 5;  // who, delimiter, head, body, bytes

}  // namespace

fake_engine::fake_engine(answerer answer)
    : answer_(std::move(answer)), router_(context_, ZMQ_ROUTER), stop_(context_, ZMQ_PAIR) {
    router_.set(zmq::sockopt::linger, 0);
    router_.bind(endpoint());
    stop_.bind(stop_name);
    thread_ = std::thread([this] { serve(); });
}

fake_engine::~fake_engine() {
    stop_.send(zmq::message_t{}, zmq::send_flags::none);
    thread_.join();
}

void fake_engine::serve() {
    zmq::socket_t stop(context_, ZMQ_PAIR);
    stop.connect(stop_name);
    while (true) {
        zmq_pollitem_t items[] = {{router_.handle(), 0, ZMQ_POLLIN, 0},
                                  {stop.handle(), 0, ZMQ_POLLIN, 0}};
        zmq_poll(items, 2, -1);
        if ((items[1].revents & ZMQ_POLLIN) != 0) return;
        if ((items[0].revents & ZMQ_POLLIN) != 0) answer_one();
    }
}

void fake_engine::answer_one() {
    auto frames = receive_frames(router_, request_frames_max);
    if (frames.size() < 4) return;
    const auto head = decode_head(view_of(frames[2]));
    if (!head) return;
    parcel request{*head, std::string(view_of(frames[3])), {}};
    if (frames.size() > 4) request.bytes = bytes_of(std::move(frames[4]));
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
    }
    auto answer = answer_(request);
    if (!answer) return;
    auto out = frames_of(std::move(*answer));
    out.insert(out.begin(), std::move(frames[0]));
    send_frames(router_, out);
}

}  // namespace ie::testing
