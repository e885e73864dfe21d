// Clients that keep a ROUTER busy: each a DEALER with so many requests in flight, all in one
// thread. What is measured is the other side: the same load is put on whatever is compared.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ie {

struct load {
    std::string endpoint;
    size_t clients = 16;
    size_t in_flight = 16;  // of each client
    int64_t duration_ms = 2'000;
    std::vector<std::string> frames;  // of a request, without the delimiter
};

struct load_result {
    uint64_t answers = 0;
    double answers_a_second = 0;
    double p50_us = 0;  // from sending a request to reading its answer
    double p99_us = 0;
    uint64_t refused = 0;  // answers that are an error
};

load_result run_load(const load& what);

// A thread with a ROUTER that sends back each message as it came.
class echo_server {
  public:
    explicit echo_server(const std::string& endpoint);
    ~echo_server();
    echo_server(const echo_server&) = delete;
    echo_server& operator=(const echo_server&) = delete;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace ie
