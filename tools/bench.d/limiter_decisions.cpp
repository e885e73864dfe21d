// "May this mail go out now?", asked by 16 connections with one question in flight each: of us,
// through the gateway, where each mail is checked against four limits, counted for four objects
// and written to the journal; of an Rspamd with two rate limits; and of an Exim with one. The same
// mail of 1 KB, or its sender; the three take turns, round after round. Prints a JSON line for
// each figure: answers a second, and what part of a processor the rivals' client has used.
//   limiter_decisions RSPAMD_URL SMTP_PORT [SECONDS A ROUND, 2] [ROUNDS, 5]
#include <sys/resource.h>

#include <cstdio>

#include "actors/object_keys.hpp"
#include "config/log.hpp"
#include "messages/steady_clock.hpp"
#include "tools/bench.d/bare_curl_loop.hpp"
#include "tools/bench.d/bare_smtp_loop.hpp"
#include "tools/bench.d/verdict_path.hpp"

namespace ie {
namespace {

constexpr uint32_t connections = 16;
constexpr size_t mail_size_bytes = 1 << 10;
constexpr uint32_t never_reached = 1'000'000'000;

struct rivals {
    std::string rspamd_url;
    uint16_t smtp_port = 0;
};

// From PHP, so that there is a script among its objects. Every system has a user `daemon`: 1.
judge_mail scripted_mail() {
    judge_mail mail;
    mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    mail.protocol = "local";
    mail.originator_uid = 1;
    mail.sender = "shop@daemon.test";
    mail.recipients = {"bob@far.test"};
    return mail;
}

std::string scripted_bytes() {
    return mail_bytes_of_size(
        "X-PHP-Originating-Script: 1:contact.php\n"
        "From: shop@daemon.test\nTo: bob@far.test\nSubject: hello\nMessage-ID: <1@daemon.test>\n",
        mail_size_bytes);
}

std::vector<object_key> scripted_objects() {
    return {account_key("daemon"), domain_key("daemon", "daemon.test"),
            sender_key("daemon", "daemon.test", "shop@daemon.test"),
            script_key("daemon", "contact.php")};
}

mail_policy limits_on_all() {
    mail_policy policy;
    policy.default_limits.fill(never_reached);
    policy.reasons_on.set(hold_reason::spam, false);  // as Rspamd's other modules are
    return policy;
}

double cpu_ms_used() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto ms = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(used.ru_utime) + ms(used.ru_stime);
}

template <class Load>
void measure_rival(figures& out, const std::string& name, const Load& run) {
    const double cpu_before_ms = cpu_ms_used();
    const int64_t begun_ms = steady_now_ms();
    out.add(name, run());
    const auto took_ms = static_cast<double>(steady_now_ms() - begun_ms);
    out.add(name + "_client_cpu", (cpu_ms_used() - cpu_before_ms) / took_ms * 100);
}

void print_all(const figures& out) {
    for (const auto* name : {"rspamd_decisions", "exim_decisions"}) {
        const std::string rival = name;
        out.print(rival, "1/s");
        out.print(rival + "_client_cpu", "% of a core");
        out.print("decisions", "1/s", rival);
    }
}

int run(const rivals& ask, const bench_arguments& given) {
    const judge_mail mail = scripted_mail();
    const std::string bytes = scripted_bytes();
    const bare_load rspamd{ask.rspamd_url,
                           bytes,
                           {"From: " + mail.sender, "Rcpt: " + mail.recipients[0], "User: daemon",
                            "Ip: 192.0.2.7", "Content-Type: message/rfc822", "Expect:", "Accept:"},
                           connections,
                           given.round_ms};
    const smtp_load exim{ask.smtp_port, mail.sender, connections, given.round_ms};
    figures out("limiter");
    {
        verdict_path engine(make_instant_checker(), limits_on_all());
        const load ours{engine.endpoint(), connections, 1, given.round_ms,
                        request_frames(mail, bytes)};
        uint64_t answers = 0;
        for (int round = 0; round < given.rounds; ++round) {
            const load_result result = run_load(ours);
            ensure(result.refused == 0, "a request was refused");
            answers += result.answers;
            out.add("decisions", result.answers_a_second);
            measure_rival(out, "rspamd_decisions", [&] { return run_bare_curl_loop(rspamd); });
            measure_rival(out, "exim_decisions", [&] { return run_bare_smtp_loop(exim); });
        }
        for (const auto& counted : engine.usage(scripted_objects()).items) {
            ensure(counted.messages == answers, "an object has not all that was answered");
        }
    }
    print_all(out);
    return 0;
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("limiter_decisions RSPAMD_URL SMTP_PORT [SECONDS A ROUND] [ROUNDS]\n", stderr);
        return 2;
    }
    const ie::rivals ask{argv[1], static_cast<uint16_t>(std::atoi(argv[2]))};
    return ie::run(ask, ie::read_arguments(argc - 2, argv + 2));
}
