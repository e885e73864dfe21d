#include "actors/courier/courier_actor.hpp"

#include "actors/courier/exim_session.hpp"
#include "actors/owed_answer.hpp"
#include "config/log.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

struct courier_state {
    static inline const char* name = "courier";
    logger log{"courier"};
    release_door door;
    uint64_t delivered = 0;
    std::string last_error;

    caf::result<mail_delivered> on_deliver_mail(const deliver_mail& request,
                                                const mail_bytes& mail) {
        const int64_t begun_at_ms = steady_now_ms();
        auto result = deliver_through_exim(door, request, mail);
        const auto took_ms = steady_now_ms() - begun_at_ms;
        if (result) {
            ++delivered;
            log.debug(event::mail_released, result->queue_id, kv("email_id", request.id),
                      kv("took_ms", took_ms));
        } else {
            last_error = result.failure().what;
            log.debug(event::release_failed, kv("email_id", request.id), kv("took_ms", took_ms),
                      kv("error", last_error));
        }
        return to_result(std::move(result));
    }

    actor_status on_get_status() const {
        actor_status status;
        status.actor = name;
        status.last_error = last_error;
        status.detail = "delivered=" + std::to_string(delivered);
        return status;
    }
};

courier_actor::behavior_type courier(courier_actor::stateful_pointer<courier_state> self,
                                     const courier_options& options) {
    self->state.door = {options.socket, options.timeout_ms};
    return {[self](const deliver_mail& request, const mail_bytes& mail) {
                return self->state.on_deliver_mail(request, mail);
            },
            [self](get_status) { return self->state.on_get_status(); }};
}

}  // namespace

courier_actor make_courier(caf::actor_system& system, const courier_options& options) {
    const auto thread = options.detached ? thread_use::own : thread_use::shared;
    return spawn_on(system, thread, courier, options);
}

}  // namespace ie
