// What judge_mail with a mail of 8 KB costs on its way through the gateway, compared with a raw
// ROUTER that echoes the same frames, in the same run. Prints a JSON line for each figure.
//   bench_verdict [SECONDS A ROUND, 2] [ROUNDS, 5]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "gateway/zmq/gateway.hpp"
#include "tools/bench.d/load_generator.hpp"

namespace ie {
namespace {

constexpr size_t mail_bytes_size = 8 << 10;
constexpr uint32_t deadline_ms = 60'000;

judge_mail typical_mail() {
    judge_mail mail;
    mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    mail.protocol = "esmtpa";
    mail.originator_uid = 102;
    mail.authenticated_id = "alice@alice.test";
    mail.client_address = "192.0.2.7";
    mail.client_port = 56'330;
    mail.helo = "laptop.alice.test";
    mail.sender = "alice@alice.test";
    mail.recipients = {"bob@far.test"};
    return mail;
}

std::vector<std::string> typical_frames() {
    wire_head head;
    head.name = judge_mail::name;
    head.version = judge_mail::version;
    head.request_id = 1;
    head.deadline_ms = deadline_ms;
    return {encode(head), encode(typical_mail()), std::string(mail_bytes_size, 'x')};
}

// Answers at once.
intake_actor::behavior_type instant_intake(intake_actor::pointer, const mail_verdict& verdict) {
    return {
        [verdict](const judge_mail&, const request_context&, const mail_bytes&) { return verdict; },
        [](get_status) { return actor_status{}; }};
}

mail_verdict typical_verdict() {
    mail_verdict verdict;
    verdict.ticket.id = mail_id{"5f0f5a2e-7f5f-4f0e-9d0b-3f1f3c1c2b1a"};
    verdict.ticket.sender = "alice@alice.test";
    verdict.ticket.authenticated_id = "alice@alice.test";
    verdict.ticket.client_address = "192.0.2.7";
    return verdict;
}

class figures {
  public:
    void add(const std::string& name, double value) { values_[name].push_back(value); }

    double median(const std::string& name) {
        auto& values = values_[name];
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    }

    void print(const std::string& name, const char* unit, const std::string& compared_with) {
        std::printf(R"({"bench":"verdict","figure":"%s","value":%.1f,"unit":"%s","ratio":%.3f})"
                    "\n",
                    name.c_str(), median(name), unit, median(name) / median(compared_with));
    }

  private:
    std::map<std::string, std::vector<double>> values_;
};

void measure(figures& out, const std::string& name, const std::string& endpoint, int64_t round_ms) {
    load many{endpoint, 16, 16, round_ms, typical_frames()};
    const load_result together = run_load(many);
    many.clients = many.in_flight = 1;
    const load_result alone = run_load(many);
    ensure(together.refused + alone.refused == 0, "a request was refused");
    out.add(name, together.answers_a_second);
    out.add(name + "_alone_p50", alone.p50_us);
    out.add(name + "_alone_p99", alone.p99_us);
}

int run(int64_t round_ms, int rounds) {
    std::string shape = (std::filesystem::temp_directory_path() / "ie-bench-XXXXXX").string();
    const std::filesystem::path folder = mkdtemp(shape.data());
    settings_file settings;
    settings.engine.endpoint = "ipc://" + (folder / "engine.sock").string();
    settings.hook.user = "root";
    const std::string echo_endpoint = "ipc://" + (folder / "echo.sock").string();
    figures out;
    {
        actor_config configuration;
        caf::actor_system system(configuration);
        const snapshot<account_directory> accounts;
        auto door = gateway::start(system, settings, accounts);
        ensure(static_cast<bool>(door), "the gateway didn't start");
        const intake_actor intake = system.spawn(instant_intake, typical_verdict());
        (*door)->attach({intake, {}, {}});
        const echo_server echo(echo_endpoint);
        for (int i = 0; i < rounds; ++i) {
            measure(out, "echo", echo_endpoint, round_ms);
            measure(out, "gateway", settings.engine.endpoint, round_ms);
        }
        (*door)->stop();
        caf::anon_send_exit(intake, caf::exit_reason::user_shutdown);
    }
    std::filesystem::remove_all(folder);
    for (const std::string& name : {std::string("echo"), std::string("gateway")}) {
        out.print(name, "1/s", "echo");
        out.print(name + "_alone_p50", "us", "echo_alone_p50");
        out.print(name + "_alone_p99", "us", "echo_alone_p99");
    }
    return 0;
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 2;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    return ie::run(std::max(1, seconds) * 1'000, std::max(1, rounds));
}
