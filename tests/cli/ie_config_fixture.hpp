// The settings of a machine on which everything is as it should be, for the commands of ie-config.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "tests/cli/canned.hpp"
#include "tests/cli/program.hpp"

namespace ie::testing {

// That machine, until a test changes it.
class IeConfig : public ::testing::Test {
  protected:
    IeConfig() {
        for (const char* name : {"data", "log", "run", "spool", "spool/input"}) {
            std::filesystem::create_directory(path(name));
        }
        ::chmod(path("data").c_str(), 0700);
        EXPECT_EQ(::chown(path("data").c_str(), 65534, 65534), 0);
        folder_.write("userdomains", "# who owns what\nalice.test: alice\n\nbob.test: bob\n");
    }

    std::string path(const std::string& name) const { return folder_.path(name); }

    // `more` is put after the settings that name the machine's parts, and may replace one of them.
    std::string settings(const std::map<std::string, std::string>& changed = {}) {
        std::map<std::string, std::string> all{
            {"engine.endpoint", "ipc://" + path("run/engine.sock")},
            {"engine.data_dir", path("data")},
            {"log.dir", path("log")},
            {"accounts.domain_map", path("userdomains")},
            {"courier.exim", "/usr/sbin/exim4"},
            {"courier.socket", path("run/release.sock")},
            {"rspamd.url", "http://127.0.0.1:1"},
            {"hook.user", "Debian-exim"},
            {"hook.judge_socket", path("run/judge.sock")},
            {"hook.lmtp_socket", path("run/lmtp.sock")},
            {"hook.spool_dir", path("spool")}};
        for (const auto& [key, value] : changed) all[key] = value;
        std::string text;
        for (const auto& [key, value] : all) text += key + " = \"" + value + "\"\n";
        return folder_.write("ie.toml", text);
    }

    result config(const std::string& command,
                  const std::map<std::string, std::string>& changed = {}, bool as_json = false) {
        std::vector<std::string> line{"ie-config", command, "--config", settings(changed)};
        if (as_json) line.push_back("--json");
        return run(line);
    }

    temporary_folder folder_;
};

}  // namespace ie::testing
