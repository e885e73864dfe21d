// How long an engine takes for one verdict after another on a mail of 8 KB, as JSON.
//   verdict_times ENDPOINT SECONDS
#include <cstdio>
#include <cstdlib>

#include "tools/bench.d/verdict_path.hpp"

int main(int argc, char** argv) {
    if (argc != 3) {
        std::fprintf(stderr, "usage: verdict_times ENDPOINT SECONDS\n");
        return 2;
    }
    ie::load one{argv[1], 1, 1, 1'000 * std::atoll(argv[2]), ie::typical_request_frames()};
    const auto got = ie::run_load(one);
    std::printf("{\"verdicts\": %lu, \"refused\": %lu, \"p50_us\": %.0f, \"p99_us\": %.0f}\n",
                static_cast<unsigned long>(got.answers), static_cast<unsigned long>(got.refused),
                got.p50_us, got.p99_us);
    return 0;
}
