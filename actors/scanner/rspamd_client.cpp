#include "actors/scanner/rspamd_client.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <thread>

#include "actors/scanner/curl_multi.hpp"
#include "actors/scanner/rspamd_transfer.hpp"
#include "config/log.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

// Left to the scanner and the way back, where the caller's deadline comes before our own.
constexpr int64_t answer_reserve_ms = 50;
// Who gives less time than this, or asks about more than that, can't say that Rspamd is slow.
constexpr int64_t patience_ms_min = 500;
constexpr size_t patience_bytes_max = 4 << 20;

constexpr int64_t idle_wait_ms = 60'000;
constexpr int64_t queue_look_ms = 10;  // how exactly a request that waits is given up

check_result fault(check_fault kind, std::string what) {
    return {{}, kind, std::move(what)};
}

int64_t give_up_at(int64_t now_ms, int64_t deadline_at_ms, int64_t timeout_ms) {
    const int64_t left_ms = deadline_at_ms - now_ms;
    return now_ms + std::min(timeout_ms, left_ms - std::min(answer_reserve_ms, left_ms / 4));
}

// What the thread and those who ask share.
class check_queue {
  public:
    // False where there is no room, or where the end has come.
    bool push(pending_check check, bool& was_empty) {
        const std::lock_guard lock(mutex_);
        if (closed_ || waiting_.size() >= rspamd_queue_max) return false;
        was_empty = waiting_.empty();
        waiting_.push_back(std::move(check));
        return true;
    }

    std::optional<pending_check> pop() {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return std::nullopt;
        pending_check next = std::move(waiting_.front());
        waiting_.pop_front();
        return next;
    }

    // Takes out those that nobody waits for any more.
    std::vector<pending_check> pop_late(int64_t now_ms) {
        const auto is_late = [&](const auto& each) { return now_ms >= each.give_up_at_ms; };
        const std::lock_guard lock(mutex_);
        if (std::none_of(waiting_.begin(), waiting_.end(), is_late)) return {};
        const auto first = std::stable_partition(waiting_.begin(), waiting_.end(),
                                                 [&](const auto& each) { return !is_late(each); });
        std::vector<pending_check> late(std::make_move_iterator(first),
                                        std::make_move_iterator(waiting_.end()));
        waiting_.erase(first, waiting_.end());
        return late;
    }

    bool empty() const {
        const std::lock_guard lock(mutex_);
        return waiting_.empty();
    }
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    bool closed() const {
        const std::lock_guard lock(mutex_);
        return closed_;
    }

  private:
    mutable std::mutex mutex_;
    std::deque<pending_check> waiting_;
    bool closed_ = false;
};

// Lives on the client's thread, but for push() and close().
class client_loop {
  public:
    explicit client_loop(const configuration::rspamd_part& settings)
        : timeout_ms_(settings.timeout_ms), multi_(settings.connections_max) {
        for (uint32_t i = 0; i < settings.connections_max; ++i) {
            transfers_.push_back(std::make_unique<rspamd_transfer>(settings));
            idle_.push_back(transfers_.back().get());
        }
    }

    bool push(check_request request, spam_checker::callback done) {
        const int64_t now_ms = steady_now_ms();
        const int64_t until_ms = give_up_at(now_ms, request.deadline_at_ms, timeout_ms_);
        const bool patient = until_ms - now_ms >= std::min(timeout_ms_, patience_ms_min) &&
                             request.bytes.size() <= patience_bytes_max;
        bool was_empty = false;
        if (!queue_.push({std::move(request), std::move(done), now_ms, until_ms, patient},
                         was_empty)) {
            return false;
        }
        if (was_empty) multi_.wake();
        return true;
    }
    void close() {
        queue_.close();
        multi_.wake();
    }

    void run() {
        while (!queue_.closed()) {
            start_waiting();
            multi_.perform();
            finish_ready();
            give_up_late();
            const bool idle = answered_.empty();
            tell();
            multi_.wait(idle ? wait_ms() : 0);
        }
        give_up_all();
        tell();
    }

  private:
    void start_waiting() {
        while (!idle_.empty()) {
            auto next = queue_.pop();
            if (!next) return;
            rspamd_transfer* transfer = idle_.back();
            idle_.pop_back();
            transfer->begin(std::move(*next), steady_now_ms());
            multi_.add(transfer->handle());
        }
    }

    void finish_ready() {
        while (const auto over = multi_.next_finished()) {
            answered_.push_back(release(over->handle)->finish(over->code, steady_now_ms()));
        }
    }

    // All at once: who waits for them is then woken once.
    void tell() {
        for (answered_check& each : answered_) each.done(std::move(each.result));
        answered_.clear();
    }

    rspamd_transfer* release(CURL* handle) {
        void* owner = nullptr;
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, &owner);
        multi_.remove(handle);
        idle_.push_back(static_cast<rspamd_transfer*>(owner));
        return idle_.back();
    }

    void give_up_late() {
        const int64_t now_ms = steady_now_ms();
        if (now_ms < look_again_at_ms_) return;
        look_again_at_ms_ = now_ms + queue_look_ms;
        for (pending_check& check : queue_.pop_late(now_ms)) {
            answered_.push_back({std::move(check.done), too_late(check, now_ms)});
        }
    }

    void give_up_all() {
        for (const auto& transfer : transfers_) {
            if (std::find(idle_.begin(), idle_.end(), transfer.get()) != idle_.end()) continue;
            multi_.remove(transfer->handle());
            answered_.push_back(transfer->abandon(fault(check_fault::absent, "shutting down")));
        }
        while (auto check = queue_.pop()) {
            answered_.push_back(
                {std::move(check->done), fault(check_fault::absent, "shutting down")});
        }
    }

    int wait_ms() const { return static_cast<int>(queue_.empty() ? idle_wait_ms : queue_look_ms); }

    int64_t timeout_ms_;
    curl_multi multi_;  // outlives the transfers
    check_queue queue_;
    std::vector<std::unique_ptr<rspamd_transfer>> transfers_;
    std::vector<rspamd_transfer*> idle_;
    std::vector<answered_check> answered_;
    int64_t look_again_at_ms_ = 0;
};

class rspamd_client : public spam_checker {
  public:
    explicit rspamd_client(const configuration::rspamd_part& settings)
        : loop_(std::make_shared<client_loop>(settings)),
          thread_([loop = loop_] { loop->run(); }) {}

    ~rspamd_client() override {
        loop_->close();
        // A callback may have held the last reference to us.
        if (thread_.get_id() == std::this_thread::get_id()) {
            thread_.detach();
        } else {
            thread_.join();
        }
    }

    std::optional<check_result> check(check_request request, callback done) override {
        if (loop_->push(std::move(request), std::move(done))) return std::nullopt;
        return fault(check_fault::hurried, "too many mails wait for Rspamd");
    }

  private:
    std::shared_ptr<client_loop> loop_;
    std::thread thread_;
};

}  // namespace

std::shared_ptr<spam_checker> make_rspamd_client(const configuration::rspamd_part& settings) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    ensure(ready == CURLE_OK, "curl_global_init failed");
    return std::make_shared<rspamd_client>(settings);
}

}  // namespace ie
