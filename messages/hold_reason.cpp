#include "messages/hold_reason.hpp"

namespace ie {

uint32_t bits_of(const std::vector<hold_reason>& reasons) {
    reason_set out;
    for (const hold_reason each : reasons) out.set(each, true);
    return out.bits;
}

std::vector<hold_reason> reasons_of(uint32_t bits) {
    std::vector<hold_reason> reasons;
    for (const hold_reason_row& row : hold_reason_table) {
        if (reason_set{bits}.has(row.reason)) reasons.push_back(row.reason);
    }
    return reasons;
}

std::string reasons_text(const std::vector<hold_reason>& reasons) {
    std::string text;
    for (const hold_reason each : reasons) {
        text.append(text.empty() ? "" : ",").append(name_of(each));
    }
    return text.empty() ? "none" : text;
}

std::string all_reason_names(std::string_view between, std::string_view before_last) {
    std::string text;
    for (size_t i = 0; i < hold_reasons; ++i) {
        if (i > 0) text += i + 1 == hold_reasons ? before_last : between;
        text += hold_reason_table[i].name;
    }
    return text;
}

}  // namespace ie
