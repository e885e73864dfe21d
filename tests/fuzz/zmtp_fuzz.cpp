// Any bytes as what a client sends to the engine's socket: taking them apart never crashes, stays
// within its bounds, and gives the same in one part as in many.
#include <cstdint>
#include <string>

#include "gateway/doors/zmtp_input.hpp"

namespace {

constexpr ie::zmtp_input::bounds within{10'000, 4};

// What comes of the bytes, as one text.
std::string outcome_of(std::string_view bytes, size_t part_size) {
    ie::zmtp_input input(within);
    std::string out;
    while (!bytes.empty()) {
        std::string_view part = bytes.substr(0, part_size);
        bytes.remove_prefix(part.size());
        for (;;) {
            const auto step = input.take(part);
            out += input.take_pongs();
            if (input.unfinished_bytes() > within.message_bytes_max) __builtin_trap();
            if (step == ie::zmtp_input::step::broken) return out + "broken";
            if (step == ie::zmtp_input::step::hungry) break;
            if (step == ie::zmtp_input::step::command) continue;
            const auto message = input.take_message();
            if (message.frames.size() > within.frames_kept_max) __builtin_trap();
            for (const auto& each : message.frames) out += "[" + each.to_string() + "]";
            out += message.has_more ? "..." : ".";
        }
        if (!part.empty()) __builtin_trap();
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string whole = outcome_of(bytes, size);
    for (const size_t part_size : {size_t{1}, size_t{7}, size_t{64}}) {
        if (outcome_of(bytes, part_size) != whole) __builtin_trap();
    }
    return 0;
}
