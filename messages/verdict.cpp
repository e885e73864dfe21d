#include "messages/verdict.hpp"

namespace ie {

uint32_t bits_of(const std::vector<hold_reason>& reasons) {
    uint32_t bits = 0;
    for (const hold_reason each : reasons) bits |= 1U << static_cast<unsigned>(each);
    return bits;
}

std::vector<hold_reason> reasons_of(uint32_t bits) {
    std::vector<hold_reason> reasons;
    for (size_t i = 0; i < enum_names(hold_reason{}).size(); ++i) {
        if ((bits >> i & 1U) != 0) reasons.push_back(static_cast<hold_reason>(i));
    }
    return reasons;
}

}  // namespace ie
