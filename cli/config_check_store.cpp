#include "cli/config_commands.hpp"
#include "messages/accounts.hpp"

namespace ie::cli {
namespace {

constexpr const char* what = "held mail";

finding problem(std::string text) {
    return {what, false, std::move(text)};
}

// An engine that isn't there, or makes its database anew, has nothing wrong with its store.
finding not_checked(const error& failure) {
    if (failure.code == error_code::unavailable) {
        return {what, false, "the engine doesn't serve: " + advice(failure), true};
    }
    return problem("not checked: " + advice_with_code(failure));
}

void take_problems(std::vector<finding>& all, const store_checked& part) {
    for (const auto& each : part.problems) all.push_back(problem(each));
    if (part.problems.size() < store_checked::problems_max) return;
    all.push_back(problem("and perhaps more of the kind; mend these and check again"));
}

// Asks part by part; how many mails it were.
outcome<uint64_t> check_parts(client& engine, std::vector<finding>& all) {
    constexpr uint64_t percent = 100;
    progress told;
    uint64_t mails = 0;
    for (uint32_t position = 0;;) {
        const auto part = engine.ask<store_checked>(check_store{position});
        if (!part) return part.failure();
        take_problems(all, *part);
        mails += part->mails;
        if (part->position >= part->end) return mails;
        if (part->position <= position) {
            return fail(error_code::internal, "the engine got no further");
        }
        position = part->position;
        told.show("held mail: " + std::to_string(position * percent / part->end) + " %, " +
                  std::to_string(mails) + " mails");
    }
}

}  // namespace

std::vector<finding> check_store_of_engine(const session& self) {
    std::vector<finding> all;
    auto engine = connect(self);
    if (!engine) return {not_checked(engine.failure())};
    const auto mails = check_parts(*engine, all);
    if (!mails) {
        all.push_back(not_checked(mails.failure()));
    } else if (all.empty()) {
        all.push_back({what, true, std::to_string(*mails) + " mails, each whole and known"});
    }
    return all;
}

}  // namespace ie::cli
