#include "actors/scanner/attachment_desk.hpp"

#include <algorithm>
#include <thread>
#include <unordered_map>

#include "actors/owed_answer.hpp"
#include "actors/scanner/look_queue.hpp"

namespace ie {
namespace {

struct waiting_look {
    owed_answer<attachments_found> answer;
    look_into_mail request;
    mail_bytes bytes;
};

struct desk_state {
    explicit desk_state(attachment_desk::pointer self_) : self(self_) {}

    void open(attachment_desk_options given) {
        options = std::move(given);
        const size_t workers = options.workers.size();
        queue = look_queue({options.waiting_max, std::max<size_t>(workers, 2) - 1});
        for (size_t i = 0; i < workers; ++i) {
            self->link_to(options.workers[i]);
            idle.push_back(i);
        }
    }

    caf::result<attachments_found> on_look(const look_into_mail& request, const mail_bytes& bytes) {
        const owed_answer<attachments_found> answer(self);
        const uint64_t number = ++last_number;
        waiting.emplace(number, waiting_look{answer, request, bytes});
        if (const auto beyond = queue.put(request.account, number)) look_at_names(*beyond);
        begin_looks();
        return answer;
    }

    void begin_looks() {
        while (!idle.empty()) {
            const auto next = queue.begin_next();
            if (!next) return;
            const size_t worker = idle.back();
            idle.pop_back();
            auto work = std::move(waiting.extract(*next).mapped());
            ++running;
            ask(worker, work,
                [this, worker, owner = work.request.account, begun_ms = options.steady_now_ms()] {
                    longest_ms = std::max(longest_ms, options.steady_now_ms() - begun_ms);
                    --running;
                    idle.push_back(worker);
                    queue.end(owner);
                    begin_looks();
                });
        }
    }

    // It takes no worker's time but what its parts take.
    void look_at_names(uint64_t number) {
        auto work = std::move(waiting.extract(number).mapped());
        work.request.deadline_at_ms = options.steady_now_ms();
        ask(number % options.workers.size(), work, [] {});
    }

    template <class AtEnd>
    void ask(size_t worker, const waiting_look& work, AtEnd at_end) {
        self->request(options.workers[worker], caf::infinite, work.request, work.bytes)
            .then(
                [this, answer = work.answer, at_end](attachments_found& found) {
                    ++looks;
                    dangerous += found.is_dangerous ? 1 : 0;
                    answer.deliver(std::move(found));
                    at_end();
                },
                // The worker's end ends the desk.
                [answer = work.answer](const caf::error& why) { answer.deliver(why); });
    }

    actor_status on_get_status() const {
        actor_status status;
        status.actor = name;
        status.queue = queue.waiting() + running;
        status.detail = std::to_string(looks) + " mails looked into, " + std::to_string(dangerous) +
                        " dangerous, the longest in " + std::to_string(longest_ms) + " ms";
        return status;
    }

    attachment_desk::pointer self;
    attachment_desk_options options;
    look_queue queue{{}};
    std::unordered_map<uint64_t, waiting_look> waiting;
    std::vector<size_t> idle;  // workers
    size_t running = 0;        // mails
    uint64_t last_number = 0;
    uint64_t looks = 0;
    uint64_t dangerous = 0;
    int64_t longest_ms = 0;

    static constexpr const char* name = "attachments";
};

attachment_desk::behavior_type desk(attachment_desk::stateful_pointer<desk_state> self,
                                    attachment_desk_options options) {
    auto& state = self->state;
    state.open(std::move(options));
    return {
        [&state](const look_into_mail& request, const mail_bytes& bytes) {
            return state.on_look(request, bytes);
        },
        [&state](get_status) { return state.on_get_status(); },
    };
}

}  // namespace

attachment_desk make_attachment_desk(caf::actor_system& system, attachment_desk_options options) {
    ensure(!options.workers.empty(), "attachments: no workers");
    return spawn_on(system, thread_use::shared, desk, std::move(options));
}

// Two even on one core: a look into an archive must not keep the others' mail waiting.
attachment_desk make_attachment_desk(caf::actor_system& system, thread_use workers_threads,
                                     const attachment_options& options) {
    constexpr unsigned workers_min = 2, workers_max = 4;
    const unsigned cores = std::thread::hardware_concurrency();
    attachment_desk_options desk_options;
    desk_options.steady_now_ms = options.steady_now_ms;
    for (unsigned i = 0; i < std::clamp(cores, workers_min, workers_max); ++i) {
        desk_options.workers.push_back(make_attachment_worker(system, workers_threads, options));
    }
    return make_attachment_desk(system, std::move(desk_options));
}

}  // namespace ie
