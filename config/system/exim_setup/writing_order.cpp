#include "config/system/exim_setup/writing_order.hpp"

#include <algorithm>

namespace ie::exim {
namespace {

constexpr int rank_max = 4;

// By the parts' names; what is used ranks below its user.
int rank_of(std::string_view part) {
    if (part == "transports") return 0;
    if (part == "routers" || part == "junk") return 1;
    if (part == "acl") return 2;
    return part == "main" ? rank_max : 3;  // an option that main looks at
}

bool has_rank(const std::string& text, int rank) {
    return std::ranges::any_of(marked_parts(text),
                               [rank](const auto& part) { return rank_of(part) == rank; });
}

std::string up_to(int rank, const std::string& text) {
    const auto part =
        without_marked({"", text}, [rank](auto name) { return rank_of(name) > rank; });
    return part ? *part : text;  // marks without counterparts have been refused by now
}

void add(std::vector<text_step>& steps, const std::string& path, std::string text) {
    if (!steps.empty() && steps.back().path == path) {
        steps.back().text = std::move(text);
    } else {
        steps.push_back({path, std::move(text)});
    }
}

}  // namespace

std::vector<text_step> steps_in(const file_texts& with) {
    std::vector<text_step> steps;
    for (int rank = 0; rank <= rank_max; ++rank) {
        for (const auto& [path, text] : with) {
            if (has_rank(text, rank)) add(steps, path, up_to(rank, text));
        }
    }
    return steps;
}

std::vector<text_step> steps_out(const file_texts& with) {
    std::vector<text_step> steps;
    for (int rank = rank_max; rank >= 0; --rank) {
        for (auto file = with.rbegin(); file != with.rend(); ++file) {
            const auto& [path, text] = *file;
            if (has_rank(text, rank)) add(steps, path, up_to(rank - 1, text));
        }
    }
    return steps;
}

}  // namespace ie::exim
