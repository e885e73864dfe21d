#include "gateway/zmq/actor_bridge.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <caf/actor_companion.hpp>

#include "config/log.hpp"

namespace ie {
namespace {

encoded_reply reply_of(const caf::type_erased_tuple& answer, reply_encoder encoder) {
    if (answer.match_elements<caf::error>()) {
        const error why = from_caf(answer.get_as<caf::error>(0));
        auto reply = encode_reply(why);
        if (why.code == error_code::not_permitted) reply.not_permitted = why.what;
        return reply;
    }
    return encoder(answer);
}

}  // namespace

outbox::outbox() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    ensure(fd_ >= 0, "eventfd");
}

outbox::~outbox() {
    close(fd_);
}

void outbox::push(finished_request done) {
    bool asleep = false;
    {
        const std::lock_guard lock(mutex_);
        asleep = std::exchange(asleep_, false);
        waiting_.push_back(std::move(done));
    }
    if (asleep) wake();
}

void outbox::wake() const {
    const uint64_t one = 1;
    // Fails only where the counter is full, and then whoever waits is awake anyway.
    [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

std::vector<finished_request> outbox::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

bool outbox::may_sleep() {
    const std::lock_guard lock(mutex_);
    asleep_ = waiting_.empty();
    return asleep_;
}

void outbox::awake(bool fd_is_readable) {
    uint64_t count = 0;
    if (fd_is_readable) [[maybe_unused]]
        const ssize_t got = read(fd_, &count, sizeof count);
    const std::lock_guard lock(mutex_);
    asleep_ = false;
}

actor_bridge::actor_bridge(caf::actor_system& system, reply_encoder (*encoder_of)(uint64_t)) {
    // Hidden: an actor system doesn't wait for it at its end.
    companion_ = system.spawn<caf::actor_companion, caf::hidden>();
    self_ = caf::actor_cast<caf::strong_actor_ptr>(companion_);
    auto* companion = caf::actor_cast<caf::actor_companion*>(companion_);
    companion->on_enqueue([replies = replies_, encoder_of](caf::mailbox_element_ptr in) {
        if (!in->mid.is_response()) return;
        const uint64_t ticket = in->mid.request_id().integer_value();
        replies->push({ticket, reply_of(in->content(), encoder_of(ticket))});
    });
}

// The companion ends with the last who knows its address. (Its disconnect() is declared in CAF
// 0.17, but isn't in the library.)
actor_bridge::~actor_bridge() {
    caf::actor_cast<caf::actor_companion*>(companion_)->on_enqueue(nullptr);
}

}  // namespace ie
