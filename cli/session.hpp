// What each command has at hand: the flags that all of them know, the way to the engine, and how a
// result or a failure is told. Exit codes are those of docs and man pages.
#pragma once

#include <functional>

#include "cli/arguments.hpp"
#include "cli/layout.hpp"
#include "config/configuration.hpp"
#include "gateway/client/client.hpp"

namespace ie::cli {

enum class exit_code : int {
    done = 0,
    failed = 1,  // nothing, or only what is listed, was done
    wrong_usage = 2,
    unreachable = 3,  // the engine gives no answer
    not_permitted = 4,
};

struct session {
    std::string program;      // as errors are headed: "ie-cli"
    std::string config_path;  // settings file; never empty
    std::string endpoint;     // empty: IE_ENDPOINT, else the settings file's
    uint32_t timeout_s = 0;   // 0: default_timeout_s, or what the command thinks right
    std::string server_key;   // of a tcp endpoint
    std::string secret_key_file;
    bool json = false;

    std::function<exit_code()> action;  // what the command line asks for
};

inline constexpr uint32_t default_timeout_s = 30;

// $NAME, empty where it isn't set.
std::string environment(const char* name);

// IE_CONFIG, else the usual place.
std::string default_config_path();

// `more_s` beyond the default, for a command that needs it, unless --timeout was given.
// Fails: bad_request (the settings file can't be understood).
outcome<client> connect(const session& self, uint32_t more_s = 0);

exit_code exit_of(error_code code);

// One line on standard error, or JSON on standard output: what was wrong and what to do. An empty
// `remedy` is the usual one for that code.
exit_code report(const session& self, const error& failure, std::string_view remedy = {});
// The same, `remedy` being only for what isn't there or has changed meanwhile.
exit_code report_missing(const session& self, const error& failure, std::string_view remedy);
exit_code report_usage(const session& self, const std::string& what, const std::string& command);

// What went wrong and what to do about it. One line, printable.
std::string advice(const error& failure, std::string_view remedy = {});
std::string advice_with_code(const error& failure, std::string_view remedy = {});

void print(std::string_view text);
void print_error(std::string_view text);

// Somebody can be asked: standard input and standard error are a terminal.
bool on_terminal();

// A line on a terminal's standard error that the next one replaces; silent elsewhere.
class progress {
  public:
    progress();
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    void show(const std::string& text);

  private:
    bool on_terminal_;
    bool shown_ = false;
};

}  // namespace ie::cli
