// What a benchmark has measured, as JSON lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ie {

// Medians over rounds, printed as JSON lines.
class figures {
  public:
    explicit figures(std::string bench) : bench_(std::move(bench)) {}

    void add(const std::string& name, double value) { values_[name].push_back(value); }
    void print(const std::string& name, const char* unit) const;
    // With the ratio to another figure, each round's to the same round's: a machine that others use
    // may be slower in one minute than in the next.
    void print(const std::string& name, const char* unit, const std::string& compared_with) const;

  private:
    std::string figure_text(const std::string& name, const char* unit) const;

    std::string bench_;
    std::map<std::string, std::vector<double>> values_;
};

// SECONDS and ROUNDS from the command line.
struct bench_arguments {
    int64_t round_ms = 2'000;
    int rounds = 5;
};
bench_arguments read_arguments(int argc, char** argv);

}  // namespace ie
