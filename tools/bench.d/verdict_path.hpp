// The whole way of a verdict as the engine has it, in this process: gateway, intake, scanner and
// statistics, logging to a file; only who is asked about the mail can be replaced.
#pragma once

#include <filesystem>
#include <map>

#include "actors/scanner/spam_checker.hpp"
#include "gateway/zmq/gateway.hpp"
#include "tools/bench.d/load_generator.hpp"

namespace ie {

class verdict_path {
  public:
    explicit verdict_path(std::shared_ptr<spam_checker> checker);
    ~verdict_path();
    verdict_path(const verdict_path&) = delete;
    verdict_path& operator=(const verdict_path&) = delete;

    const std::string& endpoint() const { return settings_.engine.endpoint; }
    std::string socket(const std::string& name) const {
        return "ipc://" + (folder_ / name).string();
    }

  private:
    std::filesystem::path folder_;
    settings_file settings_;
    system_clock time_;
    snapshot<account_directory> accounts_;
    actor_config config_;
    caf::actor_system system_;
    std::vector<caf::actor> actors_;
    std::unique_ptr<gateway> door_;
};

// judge_mail with a mail of 8 KB, also as frames.
judge_mail typical_mail();
std::vector<std::string> typical_request_frames();
std::string typical_mail_bytes();

// Medians over rounds, printed as JSON lines.
class figures {
  public:
    explicit figures(std::string bench) : bench_(std::move(bench)) {}

    void add(const std::string& name, double value) { values_[name].push_back(value); }
    // With the ratio to another figure, each round's to the same round's: a machine that others use
    // may be slower in one minute than in the next.
    void print(const std::string& name, const char* unit, const std::string& compared_with) const;

  private:
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
