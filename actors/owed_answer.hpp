// Whoever asks an actor that fails is answered `unavailable` at once, whatever ends it. CAF 0.17
// does so for requests that are still in its mailbox. It forgets in silence the one in hand when a
// handler throws, and those that are to be answered later, so that their callers wait for their own
// timeouts: spawn_on() answers the first, owed_answer the others. Actors are made and promises
// given in no other way (tests/check_layers).
#pragma once

#include <functional>

#include "actors/caf.hpp"

namespace ie {

// Answers the request that a failed actor had in its hands, unless it is answered.
void answer_unavailable(const caf::response_promise& promise);

// Makes a handler's exception end `self` with its words, after the request in hand is answered.
void answer_exceptions(caf::scheduled_actor* self);

// How each actor here is made.
template <class Behavior, class Self, class... Params, class... Args>
auto spawn_on(caf::actor_system& system, thread_use use, Behavior (*behavior)(Self, Params...),
              Args&&... args) {
    const auto guarded = [behavior](Self self, Params... params) -> Behavior {
        answer_exceptions(self);
        return behavior(self, std::forward<Params>(params)...);
    };
    if (use == thread_use::own) {
        return system.spawn<caf::detached>(guarded, std::forward<Args>(args)...);
    }
    return system.spawn(guarded, std::forward<Args>(args)...);
}

// Runs `job` once, on such a thread.
void run_on(caf::actor_system& system, thread_use use, const std::function<void()>& job);

// Copies are the same debt. They are kept in the actor's state or in what it waits for, so that
// they are gone with it; deliver() is for the actor's own thread.
template <class... Ts>
class owed_answer {
  public:
    owed_answer() = default;  // nothing is owed
    // For the request that `self` has in hand.
    template <class Self>
    explicit owed_answer(Self* self)
        : owed_(std::make_shared<debt>(self->template make_response_promise<Ts...>())) {}

    // The first counts.
    template <class... Us>
    void deliver(Us&&... values) const {
        owed_->promise.deliver(std::forward<Us>(values)...);
    }

    // What the request's handler returns meanwhile.
    operator caf::result<Ts...>() const {  // NOLINT(google-explicit-constructor): as CAF's promise
        return caf::delegated<Ts...>{};
    }

  private:
    struct debt {
        explicit debt(caf::typed_response_promise<Ts...> made) : promise(std::move(made)) {}
        ~debt() { answer_unavailable(promise); }
        debt(const debt&) = delete;
        debt& operator=(const debt&) = delete;

        caf::typed_response_promise<Ts...> promise;
    };

    std::shared_ptr<debt> owed_;
};

}  // namespace ie
