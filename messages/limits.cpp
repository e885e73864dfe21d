#include "messages/limits.hpp"

namespace ie {
namespace {

std::string window_text(uint32_t seconds) {
    const bool minutes = seconds % 60 == 0;
    return std::to_string(minutes ? seconds / 60 : seconds) + (minutes ? " minutes" : " seconds");
}

}  // namespace

std::string limit_text(const limit_hit& hit) {
    return std::string(name_of(hit.kind)) + " " + hit.name + ": " + std::to_string(hit.count) +
           " of " + std::to_string(hit.limit) + " " + std::string(name_of(hit.mode)) + " in " +
           window_text(hit.window_s);
}

}  // namespace ie
