// Stands in for the engine behind a ROUTER on a temporary ipc socket, in a thread of its own: hands
// each request to a function of the test's and sends what that answers.
#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <zmq.hpp>

#include "gateway/client/frames.hpp"
#include "messages/all.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie::testing {

class fake_engine {
  public:
    // Nothing: never answered.
    using answerer = std::function<std::optional<parcel>(const parcel& request)>;

    explicit fake_engine(answerer answer);
    ~fake_engine();

    std::string endpoint() const { return "ipc://" + folder_.path("engine.sock"); }

    // Those of this kind that have come so far.
    template <message T>
    std::vector<T> seen() const {
        const std::lock_guard lock(mutex_);
        std::vector<T> found;
        for (const auto& request : requests_) {
            if (request.head.name == T::name) found.push_back(*decode<T>(request.body));
        }
        return found;
    }

  private:
    void serve();
    void answer_one();

    temporary_folder folder_;
    answerer answer_;
    zmq::context_t context_;
    zmq::socket_t router_;
    zmq::socket_t stop_;  // the test's end; the thread makes the other
    mutable std::mutex mutex_;
    std::vector<parcel> requests_;
    std::thread thread_;
};

// A reply to whatever `request` was.
template <message T>
parcel reply(const parcel& request, const T& value, mail_bytes bytes = {}) {
    return make_parcel(value, request.head.request_id, 0, std::move(bytes));
}

// For programs that are to ask this engine.
inline start_options talking_to(const fake_engine& engine) {
    start_options options;
    options.environment["IE_ENDPOINT"] = engine.endpoint();
    return options;
}

inline fake_engine::answerer refuse_all(error_code code, std::string what) {
    return [code, what](const parcel& request) { return reply(request, fail(code, what)); };
}

}  // namespace ie::testing
