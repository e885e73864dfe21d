// What the whole way of a verdict gets, with the real Rspamd client, from a server that answers at
// once, compared with a bare loop of libcurl's that makes the same requests of it in the same run.
// Prints a JSON line for each figure.
//   verdict_http_bench [SECONDS A ROUND, 2] [ROUNDS, 5]
#include "actors/scanner/rspamd_client.hpp"
#include "actors/scanner/rspamd_request.hpp"
#include "config/log.hpp"
#include "tools/bench.d/bare_curl_loop.hpp"
#include "tools/bench.d/instant_http_server.hpp"
#include "tools/bench.d/verdict_path.hpp"

namespace ie {
namespace {

// The request that the real client makes of it.
bare_load same_load(const configuration::rspamd_part& rspamd, int64_t duration_ms) {
    const judge_mail mail = typical_mail();
    bare_load out{rspamd.url, typical_mail_bytes(),
                  rspamd_request_headers(mail, mail.authenticated_id, rspamd.settings_id),
                  rspamd.connections_max, duration_ms};
    for (const auto* line : {"Content-Type: message/rfc822", "Expect:", "Accept:"}) {
        out.headers.emplace_back(line);
    }
    return out;
}

int run(const bench_arguments& given) {
    figures out("verdict_http");
    {
        const instant_http_server server;
        configuration::rspamd_part rspamd;
        rspamd.url = server.url();
        const verdict_path engine(make_rspamd_client(rspamd));
        const load many{engine.endpoint(), 16, 16, given.round_ms, typical_request_frames()};
        load one = many;
        one.clients = one.in_flight = 1;
        for (int i = 0; i < given.rounds; ++i) {
            out.add("bare_loop", run_bare_curl_loop(same_load(rspamd, given.round_ms)));
            const load_result together = run_load(many);
            ensure(together.refused == 0, "a request was refused");
            out.add("engine", together.answers_a_second);
            out.add("engine_alone_p50", run_load(one).p50_us);
        }
    }
    out.print("bare_loop", "1/s", "bare_loop");
    out.print("engine", "1/s", "bare_loop");
    out.print("engine_alone_p50", "us", "engine_alone_p50");
    return 0;
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    return ie::run(ie::read_arguments(argc, argv));
}
