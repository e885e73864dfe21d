// ie-exim-hook: stands between Exim and the engine (docs/flow.md). One thread, in the foreground,
// as Exim's user. SIGTERM and SIGINT finish what is in hand, SIGHUP and SIGUSR1 reopen the log.

#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "gateway/exim_hook/hook_server.hpp"

namespace {

constexpr rlim_t other_descriptors = 256;  // log, spool, ZeroMQ's own

// Blocks the signals that are ours, in all threads to come, and returns where they can be read.
ie::file_handle open_signals() {
    sigset_t ours;
    sigemptyset(&ours);
    for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&ours, each);
    pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    return ie::file_handle(::signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC));
}

// Where the log is, if it isn't where it should be, is the first that an operator must know.
void tell_of_log(const ie::outcome<ie::nothing>& opened) {
    const ie::logger log("hook");
    if (opened) return log.info(ie::event::log_reopened);
    log.error(ie::event::log_failed, ie::kv("what", opened.failure().what));
}

// True where the signal says to end.
bool on_signal(int signals, const ie::service_notice& notice) {
    signalfd_siginfo about{};
    if (::read(signals, &about, sizeof about) != static_cast<ssize_t>(sizeof about)) return false;
    const auto number = static_cast<int>(about.ssi_signo);
    if (number == SIGTERM || number == SIGINT) return true;
    if (number == SIGHUP) notice.reloading();
    tell_of_log(ie::reopen_log());
    if (number == SIGHUP) notice.ready();
    return false;
}

// The usual soft limit of 1,024 is less than the connections that the settings allow.
void allow_descriptors(rlim_t wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int failed(const ie::error& failure) {
    ie::logger("hook").error(ie::event::stopped, ie::kv("what", failure.what));
    std::fprintf(stderr, "ie-exim-hook: %s\n", failure.what.c_str());
    return 1;
}

int serve(const ie::configuration& settings, int signals) {
    allow_descriptors(2 * rlim_t{settings.hook.connections_max} + other_descriptors);
    const auto notice = ie::service_notice::of_environment();
    ie::hook_server server(settings, {}, notice);
    server.watch_signals(signals, [signals, &notice] { return on_signal(signals, notice); });
    if (const auto opened = server.open(); !opened) return failed(opened.failure());
    ie::logger("hook").info(ie::event::started, ie::kv("version", std::string_view(IE_VERSION)),
                            ie::kv("judge_socket", settings.hook.judge_socket),
                            ie::kv("lmtp_socket", settings.hook.lmtp_socket));
    if (const auto ended = server.run(); !ended) return failed(ended.failure());
    ie::logger("hook").info(ie::event::stopped);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Stands between Exim and ie-engine: verdicts for Exim, held mail for the engine.");
    std::string config(ie::settings_path_default);
    app.add_option("--config", config, "the configuration file")->capture_default_str();
    app.set_version_flag("--version", "ie-exim-hook " IE_VERSION);
    CLI11_PARSE(app, argc, argv);

    umask(S_IWGRP | S_IRWXO);  // the log is nobody else's business
    const auto settings = ie::load_settings(config);
    if (!settings) {
        std::fprintf(stderr, "ie-exim-hook: %s\n", settings.failure().what.c_str());
        return 1;
    }
    const auto signals = open_signals();
    signal(SIGPIPE, SIG_IGN);  // of a log that is a FIFO, or of standard error
    const auto logging = ie::open_log(settings->log.dir + "/hook.log", settings->log.level);
    if (!logging) tell_of_log(logging);
    const int status = serve(*settings, signals.get());
    ie::close_log();
    return status;
}
