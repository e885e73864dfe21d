// Offers an engine so many mails of such a size at once, by 50 clients, and prints as JSON how many
// were answered with a verdict, how many with `busy`, and how many otherwise.
//   offer_mails ENDPOINT MAILS BYTES
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "gateway/client/engine_link.hpp"
#include "messages/verdict.hpp"

namespace ie {
namespace {

constexpr size_t client_count = 50;
constexpr uint32_t deadline_ms = 120'000;
constexpr long poll_ms_max = 1'000;

struct answer_counts {
    uint64_t verdicts = 0;
    uint64_t busy = 0;
    uint64_t other = 0;
};

void count(const outcome<parcel>& reply, answer_counts& out) {
    const auto verdict =
        reply ? open_parcel<mail_verdict>(*reply) : outcome<mail_verdict>(reply.failure());
    if (verdict) {
        ++out.verdicts;
    } else if (verdict.failure().code == error_code::busy) {
        ++out.busy;
    } else {
        ++out.other;
        std::fprintf(stderr, "%s\n", verdict.failure().what.c_str());
    }
}

class offerer {
  public:
    explicit offerer(const std::string& endpoint) {
        for (size_t i = 0; i < client_count; ++i) {
            links_.push_back(std::make_unique<engine_link>(link_options{endpoint, {}, {}}));
        }
        while (!std::all_of(links_.begin(), links_.end(),
                            [](auto& each) { return each->present(); })) {
            turn();
        }
    }

    answer_counts offer(size_t mails, const mail_bytes& bytes) {
        judge_mail question;
        question.queue_id = queue_id{"1nFEym-0005TO-Qs"};
        question.sender = "alice@alice.test";
        question.recipients = {"bob@far.test"};
        for (size_t i = 0; i < mails; ++i) {
            const auto sent = links_[i % links_.size()]->send(question, deadline_ms, bytes);
            if (!sent) count(sent.failure(), counts_);
        }
        while (counts_.verdicts + counts_.busy + counts_.other < mails) turn();
        return counts_;
    }

  private:
    void turn() {
        std::vector<zmq_pollitem_t> items;
        for (const auto& each : links_) each->add_poll_items(items);
        zmq_poll(items.data(), static_cast<int>(items.size()), poll_ms_max);
        for (const auto& each : links_) {
            for (const auto& answer : each->receive()) count(answer.reply, counts_);
        }
    }

    std::vector<std::unique_ptr<engine_link>> links_;
    answer_counts counts_;
};

}  // namespace
}  // namespace ie

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: offer_mails ENDPOINT MAILS BYTES\n");
        return 2;
    }
    const auto mails = static_cast<size_t>(std::atoll(argv[2]));
    const ie::mail_bytes bytes(std::string(static_cast<size_t>(std::atoll(argv[3])), 'x'));
    const auto got = ie::offerer(argv[1]).offer(mails, bytes);
    std::printf("{\"verdicts\": %lu, \"busy\": %lu, \"other\": %lu}\n",
                static_cast<unsigned long>(got.verdicts), static_cast<unsigned long>(got.busy),
                static_cast<unsigned long>(got.other));
    return 0;
}
