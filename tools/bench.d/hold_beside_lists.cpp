// How late a mail is held while ten processes read lists, 16 in flight each, of a thousand mails to
// a thousand recipients; compared with the same beside ten processes that only use the processor.
// Each hold through the gateway, one at a time. Prints a JSON line for each figure.
//   hold_beside_lists [SECONDS A ROUND, 5] [ROUNDS, 5]
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "config/random.hpp"
#include "gateway/client/client.hpp"
#include "gateway/zmq/gateway.hpp"
#include "tools/bench.d/figures.hpp"
#include "tools/bench.d/filled_quarantine.hpp"
#include "tools/bench.d/load_generator.hpp"

namespace ie {
namespace {

constexpr size_t readers = 10;
constexpr size_t lists_in_flight = 16;  // of each
constexpr size_t listed_mails = 1'000;
constexpr size_t recipients = 1'000;  // of each of these
constexpr size_t held_bytes = 8'000;

using steady = std::chrono::steady_clock;

steady::time_point in(int64_t ms) {
    return steady::now() + std::chrono::milliseconds(ms);
}

// --- What the processes beside do ---

int read_lists(const std::string& endpoint, int64_t ms) {
    list_mails request;
    request.limit = list_mails::limit_max;
    wire_head head;
    head.name = list_mails::name;
    head.version = list_mails::version;
    head.request_id = 1;
    head.deadline_ms = 60'000;
    const auto result =
        run_load({endpoint, 1, lists_in_flight, ms, {encode(head), encode(request)}});
    return result.refused == 0 && result.answers > 0 ? 0 : 1;
}

int spin(int64_t ms) {
    for (const auto end = in(ms); steady::now() < end;) {
    }
    return 0;
}

class processes_beside {
  public:
    explicit processes_beside(std::vector<std::string> arguments) {
        std::vector<char*> argv;
        std::string own_name = "hold_beside_lists";
        argv.push_back(own_name.data());
        for (auto& each : arguments) argv.push_back(each.data());
        argv.push_back(nullptr);
        for (auto& pid : pids_) {
            ensure(posix_spawn(&pid, "/proc/self/exe", nullptr, nullptr, argv.data(), environ) == 0,
                   "posix_spawn");
        }
    }
    ~processes_beside() {
        for (const pid_t pid : pids_) {
            int status = 0;
            ensure(waitpid(pid, &status, 0) == pid && status == 0, "a process beside failed");
        }
    }
    processes_beside(const processes_beside&) = delete;
    processes_beside& operator=(const processes_beside&) = delete;

  private:
    std::array<pid_t, readers> pids_{};
};

// --- What is measured ---

class quarantine_behind_a_door {
  public:
    explicit quarantine_behind_a_door(const std::string& folder) : system_(config_) {
        settings_.engine.endpoint = "ipc://" + folder + "/engine.sock";
        settings_.hook.user = "root";
        accounts_.set(*account_directory::parse("alice.test: alice\n"));
        mail_policy roomy;
        roomy.default_space.limit_bytes = uint64_t{1} << 40;
        policy_.set(roomy);
        quarantine_options options;
        options.data_dir = folder;
        options.clock = &time_;
        options.policy = &policy_;
        options.retention_days = 0;
        quarantine_ = value_of(make_quarantine(system_, options));
        door_ = value_of(gateway::start(system_, settings_, accounts_));
        gateway_handles handles;
        handles.quarantine = quarantine_;
        door_->attach(handles);
    }
    ~quarantine_behind_a_door() {
        door_->stop();
        caf::anon_send_exit(quarantine_, caf::exit_reason::user_shutdown);
        quarantine_ = nullptr;
        system_.await_all_actors_done();
    }
    quarantine_behind_a_door(const quarantine_behind_a_door&) = delete;
    quarantine_behind_a_door& operator=(const quarantine_behind_a_door&) = delete;

    const std::string& endpoint() const { return settings_.engine.endpoint; }

  private:
    configuration settings_;
    system_clock time_;
    snapshot<account_directory> accounts_;
    snapshot<mail_policy> policy_;
    actor_config config_;
    caf::actor_system system_;
    quarantine_actor quarantine_;
    std::unique_ptr<gateway> door_;
};

// Their times in order.
std::vector<double> hold_times_ms(const std::string& endpoint, int64_t round_ms) {
    client asker({endpoint, 60'000, {}, {}});
    random_source ids;
    std::vector<double> times_ms;
    for (const auto end = in(round_ms); steady::now() < end;) {
        hold_mail hold;
        hold.ticket.id = mail_id{ids.uuid()};
        hold.ticket.owner.account = account_name{"alice"};
        hold.ticket.sender = "alice@alice.test";
        hold.ticket.reasons = {hold_reason::spam};
        hold.ticket.received_at_ms = 1;  // older than what is listed
        hold.recipients = {"bob@far.test"};
        const auto begun = steady::now();
        value_of(asker.ask<mail_held>(hold, mail_bytes(std::string(held_bytes, 'x'))));
        times_ms.push_back(
            std::chrono::duration<double, std::milli>(steady::now() - begun).count());
    }
    std::sort(times_ms.begin(), times_ms.end());
    return times_ms;
}

void measure(figures& out, const std::string& name, const std::string& endpoint, int64_t ms) {
    const auto times_ms = hold_times_ms(endpoint, ms);
    out.add(name + "_p50", times_ms[times_ms.size() / 2]);
    out.add(name + "_p99", times_ms[times_ms.size() * 99 / 100]);
    out.add(name + "_max", times_ms.back());
}

void run(const std::string& folder, const bench_arguments& given) {
    figures out("hold_beside_lists");
    filled_quarantine(folder).add(listed_mails, recipients);
    const quarantine_behind_a_door engine(folder);
    const std::string ms = std::to_string(given.round_ms);
    for (int i = 0; i < given.rounds; ++i) {
        measure(out, "alone", engine.endpoint(), given.round_ms);
        {
            const processes_beside spinning({"--spin", ms});
            measure(out, "beside_spinning", engine.endpoint(), given.round_ms);
        }
        const processes_beside reading({"--read", engine.endpoint(), ms});
        measure(out, "beside_lists", engine.endpoint(), given.round_ms);
    }
    for (const std::string name : {"alone", "beside_spinning", "beside_lists"}) {
        for (const std::string part : {"_p50", "_p99", "_max"}) {
            out.print(name + part, "ms", "beside_spinning" + part);
        }
    }
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (argc == 4 && arguments[0] == "--read") {
        return ie::read_lists(arguments[1], std::atoll(argv[3]));
    }
    if (argc == 3 && arguments[0] == "--spin") return ie::spin(std::atoll(argv[2]));
    std::string folder = (std::filesystem::temp_directory_path() / "ie-bench-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) return 2;
    if (!ie::open_log(folder + "/log", ie::log_level::info)) return 1;
    ie::run(folder, ie::read_arguments(argc, argv));
    std::filesystem::remove_all(folder);
    return 0;
}
