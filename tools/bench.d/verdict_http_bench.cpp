// What the engine's HTTP client gets from a server that answers at once, compared with a bare loop
// of libcurl's on the same server in the same run. Prints a JSON line for each figure.
//   verdict_http_bench [SECONDS A ROUND, 2] [ROUNDS, 5]
#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "actors/scanner/rspamd_client.hpp"
#include "config/clock.hpp"
#include "config/log.hpp"
#include "tools/bench.d/bare_curl_loop.hpp"
#include "tools/bench.d/instant_http_server.hpp"

namespace ie {
namespace {

constexpr size_t mail_bytes_size = 8 << 10;
constexpr size_t in_flight_max = 16 * 16;

// Keeps a checker busy with so many requests at a time.
class closed_loop {
  public:
    closed_loop(spam_checker& checker, size_t in_flight) : checker_(checker), free_(in_flight) {}

    // Returns the answers a second.
    double run(const check_request& pattern, int64_t duration_ms) {
        const size_t in_flight = free_;
        const int64_t begun_ms = steady_now_ms();
        while (steady_now_ms() < begun_ms + duration_ms) {
            for (size_t count = take_free(1); count > 0; --count) ask(pattern);
        }
        take_free(in_flight);
        const auto took_ms = static_cast<double>(steady_now_ms() - begun_ms);
        free_ = in_flight;
        return static_cast<double>(answered_) * 1'000.0 / took_ms;
    }

  private:
    size_t take_free(size_t at_least) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return free_ >= at_least; });
        return std::exchange(free_, 0);
    }
    void ask(const check_request& pattern) {
        check_request request = pattern;
        request.deadline_at_ms = steady_now_ms() + 60'000;
        const auto at_once = checker_.check(std::move(request), [this](check_result result) {
            ensure(result.fault == check_fault::none, result.what);
            const std::lock_guard lock(mutex_);
            ++answered_;
            ++free_;
            changed_.notify_one();
        });
        ensure(!at_once, "an answer without a question asked");
    }

    spam_checker& checker_;
    std::mutex mutex_;
    std::condition_variable changed_;
    size_t free_;
    uint64_t answered_ = 0;
};

check_request typical_request() {
    check_request request;
    request.mail.queue_id = queue_id{"1nFEym-0005TO-Qs"};
    request.mail.sender = "alice@alice.test";
    request.mail.recipients = {"bob@far.test"};
    request.mail.client_address = "192.0.2.7";
    request.mail.helo = "laptop.alice.test";
    request.submitter = "alice@alice.test";
    request.bytes = mail_bytes(std::string(mail_bytes_size, 'x'));
    return request;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void print(const char* figure, double value, const char* unit, double ratio) {
    std::printf(R"({"bench":"verdict_http","figure":"%s","value":%.0f,"unit":"%s","ratio":%.3f})"
                "\n",
                figure, value, unit, ratio);
}

int run(int64_t round_ms, int rounds) {
    const instant_http_server server;
    settings_file::rspamd_part settings;
    settings.url = server.url();
    const auto client = make_rspamd_client(settings);
    const check_request request = typical_request();
    std::vector<double> bare;
    std::vector<double> ours;
    std::vector<double> alone;  // one at a time
    for (int i = 0; i < rounds; ++i) {
        bare.push_back(run_bare_curl_loop(
            {server.url(), std::string(mail_bytes_size, 'x'), settings.connections_max, round_ms}));
        ours.push_back(closed_loop(*client, in_flight_max).run(request, round_ms));
        alone.push_back(closed_loop(*client, 1).run(request, round_ms / 2));
    }
    print("bare_loop", median(bare), "1/s", 1.0);
    print("client", median(ours), "1/s", median(ours) / median(bare));
    print("client_one_at_a_time", median(alone), "1/s", median(alone) / median(bare));
    return 0;
}

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    const int seconds = argc > 1 ? std::atoi(argv[1]) : 2;
    const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
    return ie::run(std::max(1, seconds) * 1'000, std::max(1, rounds));
}
