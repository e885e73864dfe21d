#include "actors/owed_answer.hpp"

namespace ie {
namespace {

void run_once(caf::event_based_actor*, const std::function<void()>& job) {
    job();
}

}  // namespace

// Not by promise.deliver(), which uses the actor's execution unit: its actor may be gone.
void answer_unavailable(const caf::response_promise& promise) {
    if (!promise.pending()) return;
    const error why = fail(error_code::unavailable, "a part of the engine is restarting");
    promise.source()->enqueue(nullptr, promise.id().response_id(), caf::make_message(to_caf(why)),
                              nullptr);
}

void answer_exceptions(caf::scheduled_actor* self) {
    self->set_exception_handler([](caf::scheduled_actor* failing, std::exception_ptr& thrown) {
        answer_unavailable(failing->make_response_promise());
        try {
            std::rethrow_exception(thrown);
        } catch (const std::exception& why) {
            return to_caf(fail(error_code::internal, why.what()));
        } catch (...) {
            return to_caf(fail(error_code::internal, "an exception of no known kind"));
        }
    });
}

void run_on(caf::actor_system& system, thread_use use, const std::function<void()>& job) {
    spawn_on(system, use, run_once, job);
}

}  // namespace ie
