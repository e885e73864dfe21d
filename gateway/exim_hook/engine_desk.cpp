#include "gateway/exim_hook/engine_desk.hpp"

namespace ie {

std::vector<engine_desk::answer> engine_desk::receive() {
    std::vector<answer> answers;
    for (auto& each : link_.receive()) {
        const auto found = asked_.find(each.request_id);
        if (found == asked_.end()) continue;
        bytes_ -= found->second.size_bytes;
        answers.push_back({found->second.asker, std::move(each.reply)});
        asked_.erase(found);
    }
    return answers;
}

}  // namespace ie
