// The whole way of a verdict as the engine has it, in this process: gateway, intake, scanner and
// statistics, logging to a file; only who is asked about the mail can be replaced.
#pragma once

#include <filesystem>

#include "actors/rate_limiter/rate_limiter_actor.hpp"
#include "actors/scanner/spam_checker.hpp"
#include "config/mail_policy.hpp"
#include "gateway/zmq/gateway.hpp"
#include "tools/bench.d/figures.hpp"
#include "tools/bench.d/load_generator.hpp"

namespace ie {

class verdict_path {
  public:
    explicit verdict_path(std::shared_ptr<spam_checker> checker, mail_policy policy = {});
    ~verdict_path();
    verdict_path(const verdict_path&) = delete;
    verdict_path& operator=(const verdict_path&) = delete;

    const std::string& endpoint() const { return settings_.engine.endpoint; }
    // What the rate limiter has let through of these objects within the last hour.
    usage_list usage(const std::vector<object_key>& keys);
    std::string socket(const std::string& name) const {
        return "ipc://" + (folder_ / name).string();
    }

  private:
    std::filesystem::path folder_;
    configuration settings_;
    system_clock time_;
    snapshot<account_directory> accounts_;
    snapshot<mail_policy> policy_;
    actor_config config_;
    caf::actor_system system_;
    rate_limiter_actor rate_limiter_;
    std::vector<caf::actor> actors_;
    std::unique_ptr<gateway> door_;
};

// A checker that finds nothing in any mail, at once.
std::shared_ptr<spam_checker> make_instant_checker();

// judge_mail with a mail of 8 KB, also as frames.
judge_mail typical_mail();
std::vector<std::string> typical_request_frames();
std::string typical_mail_bytes();

std::vector<std::string> request_frames(const judge_mail& mail, const std::string& bytes);
// `head` are the mail's header lines, the last one's end included.
std::string mail_bytes_of_size(std::string head, size_t size_bytes);

}  // namespace ie
