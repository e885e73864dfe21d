// What judge_mail with a mail of 8 KB costs on its way through gateway, intake and scanner, the
// Rspamd client replaced by one that answers at once, compared with a raw ROUTER that echoes the
// same frames, in the same run. Prints a JSON line for each figure.
//   verdict_bench [SECONDS A ROUND, 2] [ROUNDS, 5]
#include "config/log.hpp"
#include "tools/bench.d/verdict_path.hpp"

namespace ie {
namespace {

void measure(figures& out, const std::string& name, const std::string& endpoint, int64_t round_ms) {
    load many{endpoint, 16, 16, round_ms, typical_request_frames()};
    const load_result together = run_load(many);
    many.clients = many.in_flight = 1;
    const load_result alone = run_load(many);
    ensure(together.refused + alone.refused == 0, "a request was refused");
    out.add(name, together.answers_a_second);
    out.add(name + "_alone_p50", alone.p50_us);
    out.add(name + "_alone_p99", alone.p99_us);
}

int run(const bench_arguments& given) {
    figures out("verdict");
    {
        const verdict_path engine(make_instant_checker());
        const std::string echo_endpoint = engine.socket("echo.sock");
        const echo_server echo(echo_endpoint);
        for (int i = 0; i < given.rounds; ++i) {
            measure(out, "echo", echo_endpoint, given.round_ms);
            measure(out, "engine", engine.endpoint(), given.round_ms);
        }
    }
    for (const std::string& name : {std::string("echo"), std::string("engine")}) {
        out.print(name, "1/s", "echo");
        out.print(name + "_alone_p50", "us", "echo_alone_p50");
        out.print(name + "_alone_p99", "us", "echo_alone_p99");
    }
    return 0;
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    return ie::run(ie::read_arguments(argc, argv));
}
