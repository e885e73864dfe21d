#include "actors/caf.hpp"

#include <caf/sec.hpp>

namespace ie {
namespace {

constexpr auto category = caf::atom("ie");

// Who waits for disks, processes or the network has a thread of its own. The others (scanner,
// intake, supervisor) hand each mail on to one another: on one thread without a wake-up in between,
// and with 1.6 times the verdicts that four threads give.
constexpr size_t shared_threads = 1;

}  // namespace

actor_config::actor_config() {
    add_message_types<caf::id_block::imunify_email>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", shared_threads);
}

// CAF takes code 0 for "no error at all", so ours are counted from 1 inside.
caf::error to_caf(const error& failure) {
    return {static_cast<uint8_t>(static_cast<uint8_t>(failure.code) + 1), category,
            caf::make_message(failure.what)};
}

error from_caf(const caf::error& failure) {
    if (!failure) return fail(error_code::internal, "an empty error");
    if (failure.category() == category) {
        const auto& context = failure.context();
        const bool has_text = context.match_elements<std::string>();
        return fail(static_cast<error_code>(failure.code() - 1),
                    has_text ? context.get_as<std::string>(0) : std::string{});
    }
    if (failure == caf::sec::request_timeout) {
        return fail(error_code::deadline_exceeded, "no answer in time");
    }
    if (failure == caf::sec::request_receiver_down) {
        return fail(error_code::unavailable, "a part of the engine is restarting");
    }
    return fail(error_code::internal, "actor error " + std::to_string(failure.code()));
}

}  // namespace ie
