// A checker for tests: answers at once, or when the test says so.
#pragma once

#include "actors/scanner/spam_checker.hpp"

namespace ie {

inline check_result spam_reply() {
    return {{"reject", 15, 15, false}, check_fault::none, {}};
}
inline check_result ham_reply() {
    return {{"no action", 1, 15, false}, check_fault::none, {}};
}
inline check_result failing(check_fault fault) {
    return {{}, fault, "as told"};
}

class fake_checker : public spam_checker {
  public:
    std::optional<check_result> check(check_request request, callback done) override {
        asked.push_back(std::move(request));
        if (at_once) return at_once;
        waiting.push_back(std::move(done));
        return std::nullopt;
    }

    // Answers the check that waits longest.
    void answer(check_result result) {
        const auto done = std::move(waiting.at(0));
        waiting.erase(waiting.begin());
        done(std::move(result));
    }

    std::optional<check_result> at_once;
    std::vector<check_request> asked;
    std::vector<callback> waiting;
};

}  // namespace ie
