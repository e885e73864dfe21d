#include "gateway/engine/engine_program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <caf/scoped_actor.hpp>
#include <cerrno>
#include <filesystem>
#include <iostream>

#include "config/system/service_notice.hpp"
#include "gateway/doors/open_files.hpp"
#include "gateway/engine/engine_parts.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

struct arguments {
    std::string config{settings_path_default};
    bool allow_clock_advance = false;
    fault_point fault;
};

int give_up(const error& failure) {
    std::cerr << "ie-engine: " << printable(failure.what) << "\n";
    return 1;
}

// One engine a folder: the lock lives as long as the process.
outcome<nothing> lock_data_dir(const std::string& data_dir) {
    std::error_code failure;
    if (std::filesystem::create_directories(data_dir, failure)) {
        std::filesystem::permissions(data_dir, std::filesystem::perms::owner_all, failure);
    }
    const std::string path = data_dir + "/engine.lock";
    const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return fail(error_code::storage_failed, path + ": " + errno_text(errno));
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        return fail(error_code::conflict, path +
                                              ": another engine works on this folder; stop it, "
                                              "or set engine.data_dir to another one");
    }
    return nothing{};
}

sigset_t handled_signals() {
    sigset_t out;
    sigemptyset(&out);
    for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&out, each);
    return out;
}

// Where the log is, if it isn't where it should be, is the first that an operator must know.
void tell_of_log(const outcome<nothing>& opened) {
    const logger log("engine");
    if (opened) return log.info(event::log_reopened);
    log.error(event::log_failed, kv("what", opened.failure().what));
}

// Until TERM or INT.
void serve_signals(const supervisor_actor& supervisor, const service_notice& notice) {
    const sigset_t signals = handled_signals();
    for (int caught = 0; sigwait(&signals, &caught) == 0;) {
        if (caught == SIGTERM || caught == SIGINT) return;
        if (caught == SIGHUP) notice.reloading();
        tell_of_log(reopen_log());
        if (caught == SIGHUP) caf::anon_send(supervisor, reload_atom_v);
    }
}

int run(const configuration& settings, const arguments& given, const service_notice& notice) {
    system_clock time;
    snapshot<account_directory> accounts;
    snapshot<mail_policy> policy;
    gateway_handles running;
    actor_config config;
    caf::actor_system system(config);

    auto door = gateway::start(system, settings, accounts);
    if (!door) return give_up(door.failure());
    engine_gateway supervised_door(**door, running);
    std::atomic<bool> gave_up = false;

    supervisor_options options;
    options.parts = engine_parts({system, settings, time, accounts, policy, running, given.fault});
    options.door = &supervised_door;
    options.time = &time;
    options.movable_time = given.allow_clock_advance ? &time : nullptr;
    options.drain_timeout_ms = settings.engine.drain_timeout_ms;
    options.on_give_up = [&gave_up](const std::string& why) {
        give_up(fail(error_code::internal, why));
        gave_up = true;
        kill(getpid(), SIGTERM);
    };
    std::atomic<bool> stuck = false;
    options.on_stuck = [&stuck] { stuck = true; };
    options.on_ready = [&notice] { notice.ready(); };
    options.watchdog_ms = notice.watchdog_ms();
    options.on_alive = [&notice] { notice.alive(); };
    const auto supervisor = make_supervisor(system, options);
    running.supervisor = supervisor;
    caf::anon_send(supervisor, begin_atom_v);

    serve_signals(supervisor, notice);
    notice.stopping();
    caf::anon_send(supervisor, stop_atom_v);
    caf::scoped_actor(system)->wait_for(supervisor);
    (*door)->stop();
    if (stuck) _exit(1);  // a thread that waits for a disk can't be waited for; nothing is lost
    running = {};
    return gave_up ? 1 : 0;
}

int start(const arguments& given) {
    umask(S_IWGRP | S_IRWXO);  // databases and logs are nobody else's business
    const auto settings = load_settings(given.config);
    if (!settings) return give_up(settings.failure());
    const auto logging = open_log(settings->log.dir + "/engine.log", settings->log.level);
    if (!logging) tell_of_log(logging);
    if (const auto locked = lock_data_dir(settings->engine.data_dir); !locked) {
        return give_up(locked.failure());
    }
    if (const auto raised = raise_open_files_limit(); !raised) return give_up(raised.failure());
    // Before any thread is started, so that all of them inherit it.
    const sigset_t signals = handled_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_IGN);
    const int code = run(*settings, given, service_notice::of_environment());
    close_log();
    return code;
}

}  // namespace

int run_engine(int argc, char** argv, fault_point fault) {
    CLI::App app("Imunify Email's engine: judges, holds and releases mail", "ie-engine");
    arguments given;
    given.fault = std::move(fault);
    app.add_option("--config", given.config, "the settings file")->capture_default_str();
    app.add_flag("--allow-clock-advance", given.allow_clock_advance,
                 "let root move the engine's clock forward: for labs only");
    app.set_version_flag("--version", IE_VERSION);
    CLI11_PARSE(app, argc, argv);
    return start(given);
}

}  // namespace ie
