// Mails held durably a second: by the quarantine, with so many requests in flight, each answered
// after fsync and commit; and by a bare loop of write, fsync, rename and fsync of the folder, with
// as many threads. Both in one folder, in turn. Prints a JSON line for each figure.
//   durable_holds FOLDER [SECONDS A ROUND, 2] [ROUNDS, 5] [END OF THE FIGURES' NAMES]
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "actors/quarantine/quarantine_actor.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"
#include "config/random.hpp"
#include "tools/bench.d/figures.hpp"

namespace ie {
namespace {

constexpr size_t in_flight = 8;
constexpr size_t folder_count = 256;

using steady = std::chrono::steady_clock;

struct round_time {
    steady::time_point begun = steady::now();
    int64_t length_ms;

    explicit round_time(int64_t ms) : length_ms(ms) {}
    bool over() const { return steady::now() - begun >= std::chrono::milliseconds(length_ms); }
    double a_second(size_t count) const {
        return static_cast<double>(count) /
               std::chrono::duration<double>(steady::now() - begun).count();
    }
};

std::string bytes_of_size(size_t size) {
    std::string mail = "Subject: held\n\n";
    mail.resize(size, 'x');
    return mail;
}

void sync(const std::string& path, int flags) {
    const int fd = open(path.c_str(), flags | O_CLOEXEC);
    ensure(fd >= 0 && fsync(fd) == 0, "fsync failed");
    close(fd);
}

void write_durably(const std::string& folder, const std::string& name, const std::string& bytes) {
    const std::string path = folder + "/" + name;
    const int fd = open((path + ".new").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ensure(fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
           "write failed");
    ensure(fsync(fd) == 0 && close(fd) == 0, "fsync failed");
    ensure(rename((path + ".new").c_str(), path.c_str()) == 0, "rename failed");
    sync(folder, O_RDONLY | O_DIRECTORY);
}

double bare_loop(const std::string& folder, const std::string& bytes, int64_t round_ms) {
    for (size_t i = 0; i < folder_count; ++i) {
        std::filesystem::create_directories(folder + "/" + std::to_string(i));
    }
    std::atomic<size_t> next = 0;
    const round_time time(round_ms);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < in_flight; ++i) {
        threads.emplace_back([&] {
            while (!time.over()) {
                const size_t number = next++;
                write_durably(folder + "/" + std::to_string(number % folder_count),
                              std::to_string(number), bytes);
            }
        });
    }
    for (auto& each : threads) each.join();
    return time.a_second(next);
}

hold_mail next_hold(random_source& ids) {
    hold_mail hold;
    hold.ticket.id = mail_id{ids.uuid()};
    hold.ticket.owner.account = account_name{"alice"};
    hold.ticket.sender = "alice@alice.test";
    hold.ticket.reasons = {hold_reason::spam};
    hold.ticket.received_at_ms = system_clock{}.now_ms();
    hold.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    hold.recipients = {"bob@far.test"};
    return hold;
}

struct asker_state {
    random_source ids;
    size_t held = 0;
};

// Keeps `in_flight` requests open until the time is over, then tells `done` how many were held.
void ask(caf::stateful_actor<asker_state>* self, const quarantine_actor& quarantine,
         const mail_bytes& mail, const round_time& time, const caf::actor& done) {
    if (time.over()) return self->send(done, self->state.held);
    self->request(quarantine, caf::infinite, next_hold(self->state.ids),
                  request_context{{}, steady_now_ms() + 60'000}, mail)
        .then([=](const mail_held&) {
            ++self->state.held;
            ask(self, quarantine, mail, time, done);
        });
}

double quarantine_holds(const std::string& folder, const std::string& bytes, int64_t round_ms) {
    actor_config config;
    caf::actor_system system(config);
    const system_clock clock;
    snapshot<mail_policy> policy;
    mail_policy roomy;
    roomy.default_space.limit_bytes = uint64_t{1} << 40;
    policy.set(roomy);
    quarantine_options options;
    options.data_dir = folder;
    options.clock = &clock;
    options.policy = &policy;
    auto quarantine = make_quarantine(system, options);
    ensure(static_cast<bool>(quarantine), "no quarantine");
    const mail_bytes mail{std::string(bytes)};
    caf::scoped_actor self(system);
    const round_time time(round_ms);
    size_t held = 0;
    for (size_t i = 0; i < in_flight; ++i) {
        system.spawn([=, done = caf::actor(self)](caf::stateful_actor<asker_state>* asker) {
            ask(asker, *quarantine, mail, time, done);
        });
    }
    for (size_t i = 0; i < in_flight; ++i) self->receive([&](size_t count) { held += count; });
    const double rate = time.a_second(held);
    self->send_exit(*quarantine, caf::exit_reason::user_shutdown);
    self->wait_for(*quarantine);
    return rate;
}

void run(const std::string& folder, const bench_arguments& given, const std::string& end) {
    figures out("quarantine");
    const std::vector<std::pair<std::string, size_t>> sizes{{"8kb" + end, 8'000},
                                                            {"200kb" + end, 200'000}};
    for (int i = 0; i < given.rounds; ++i) {
        for (const auto& [name, size] : sizes) {
            const std::string bytes = bytes_of_size(size);
            const std::string mine = folder + "/" + name + std::to_string(i);
            std::filesystem::create_directories(mine + "/ours");
            out.add("bare_loop_" + name, bare_loop(mine + "/bare", bytes, given.round_ms));
            out.add("holds_" + name, quarantine_holds(mine + "/ours", bytes, given.round_ms));
        }
    }
    for (const auto& each : sizes) {
        out.print("bare_loop_" + each.first, "1/s");
        out.print("holds_" + each.first, "1/s", "bare_loop_" + each.first);
    }
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    const std::string folder = argv[1];
    if (!ie::open_log(folder + "/log", ie::log_level::info)) return 1;
    ie::run(folder, ie::read_arguments(argc - 1, argv + 1), argc > 4 ? argv[4] : "");
    return 0;
}
