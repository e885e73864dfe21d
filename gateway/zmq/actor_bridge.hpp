// From the gateway's thread to actors and back: a request goes straight into its actor's mailbox,
// the answer is encoded in the thread of the actor that gives it, and waits in the outbox. There is
// no actor of the gateway's own between them, which would cost each request two hops more.
#pragma once

#include <caf/actor_companion.hpp>
#include <caf/response_type.hpp>

#include <mutex>

#include "gateway/doors/encoded_reply.hpp"
#include "gateway/zmq/gateway_handles.hpp"

namespace ie {

struct finished_request {
    uint64_t ticket = 0;
    encoded_reply reply;
};

// What actors have answered and the gateway's thread has yet to send. Thread-safe. Its one reader
// says when it is about to sleep, and only then `fd` becomes readable for an answer: under load
// that saves two system calls an answer.
class outbox {
  public:
    outbox();
    ~outbox();
    outbox(const outbox&) = delete;
    outbox& operator=(const outbox&) = delete;

    int fd() const { return fd_; }
    void push(finished_request done);
    void wake() const;  // whether it sleeps or not
    std::vector<finished_request> take();
    // False where an answer waits: then don't.
    bool may_sleep();
    void awake(bool fd_is_readable);

  private:
    const int fd_;
    std::mutex mutex_;
    bool asleep_ = false;
    std::vector<finished_request> waiting_;
};

// Encodes an actor's answer to one kind of request.
using reply_encoder = encoded_reply (*)(const caf::type_erased_tuple&);

// The address that actors answer to.
class actor_bridge {
  public:
    // `encoder_of` gives a ticket's; it is called in the actors' threads.
    actor_bridge(caf::actor_system& system, reply_encoder (*encoder_of)(uint64_t ticket));
    ~actor_bridge();
    actor_bridge(const actor_bridge&) = delete;
    actor_bridge& operator=(const actor_bridge&) = delete;

    outbox& replies() { return *replies_; }

    // `ticket`: above 0, below 2^60, of no other request in flight.
    template <class Handle, class... Ts>
    void request(const Handle& to, uint64_t ticket, Ts&&... parts) {
        const caf::message_id id =
            caf::message_id{ticket}.with_category(caf::message_id::normal_message_category);
        auto target = caf::actor_cast<caf::strong_actor_ptr>(to);
        target->enqueue(caf::make_mailbox_element(self_, id, {}, std::forward<Ts>(parts)...),
                        nullptr);
    }

  private:
    std::shared_ptr<outbox> replies_ = std::make_shared<outbox>();
    caf::actor companion_;
    caf::strong_actor_ptr self_;
};

}  // namespace ie
