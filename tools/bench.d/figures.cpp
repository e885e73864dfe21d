#include "tools/bench.d/figures.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ie {
namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

void figures::print(const std::string& name, const char* unit) const {
    std::printf("{%s}\n", figure_text(name, unit).c_str());
    std::fflush(stdout);
}

void figures::print(const std::string& name, const char* unit,
                    const std::string& compared_with) const {
    const auto& values = values_.at(name);
    const auto& others = values_.at(compared_with);
    std::vector<double> ratios;
    for (size_t i = 0; i < values.size(); ++i) ratios.push_back(values[i] / others[i]);
    std::printf(R"({%s,"ratio":%.3f,"to":"%s"})"
                "\n",
                figure_text(name, unit).c_str(), median(ratios), compared_with.c_str());
    std::fflush(stdout);
}

// Microseconds and seconds are small numbers, what is done in a second a large one.
std::string figures::figure_text(const std::string& name, const char* unit) const {
    const double middle = median(values_.at(name));
    char value[32];
    std::snprintf(value, sizeof value, "%.*f", middle < 10 ? 3 : 1, middle);
    return R"("bench":")" + bench_ + R"(","figure":")" + name + R"(","value":)" + value +
           R"(,"unit":")" + unit + '"';
}

bench_arguments read_arguments(int argc, char** argv) {
    bench_arguments out;
    if (argc > 1) out.round_ms = std::max(1, std::atoi(argv[1])) * 1'000;
    if (argc > 2) out.rounds = std::max(1, std::atoi(argv[2]));
    return out;
}

}  // namespace ie
