#include "actors/rate_limiter/sliding_window.hpp"

#include <utility>

namespace ie {
namespace {

uint32_t short_time(int64_t ms) {
    return static_cast<uint32_t>(ms);
}

// The whole time again, of a run that isn't older than 32 bits can say.
int64_t whole_time(uint32_t ms, int64_t now_ms) {
    return now_ms - static_cast<int64_t>(short_time(now_ms) - ms);
}

// Whether a run that was last added to at that time is the one of `now_ms`. (A division costs as
// much as all else; most runs are too old for one.)
bool is_of_now(const window_rule& rule, int64_t last_ms, int64_t now_ms) {
    const int64_t age_ms = now_ms - last_ms;
    return age_ms < rule.grain_ms && age_ms <= now_ms % rule.grain_ms;
}

}  // namespace

uint32_t run_pool::take() {
    if (free_ == none) {
        blocks_.push_back({});
        return static_cast<uint32_t>(blocks_.size() - 1);
    }
    const uint32_t at = free_;
    free_ = blocks_[at].newer;
    blocks_[at] = {};
    return at;
}

void run_pool::give_back(uint32_t at) {
    blocks_[at].newer = free_;
    free_ = at;
}

void run_pool::clear() {
    blocks_.clear();
    free_ = none;
}

const sent_run& sliding_window::oldest(run_pool& pool) const {
    return oldest_block_ != run_pool::none ? pool[oldest_block_].runs[begin_] : inner_[0];
}

void sliding_window::drop_oldest(run_pool& pool) {
    if (oldest_block_ == run_pool::none) {
        inner_[0] = inner_[1];
        --inner_runs_;
        return;
    }
    ++begin_;
    const bool is_last = oldest_block_ == newest_block_;
    if (begin_ < (is_last ? end_ : run_pool::block_runs)) return;
    const uint32_t next = pool[oldest_block_].newer;
    pool.give_back(oldest_block_);
    begin_ = 0;
    oldest_block_ = is_last ? run_pool::none : next;
    if (is_last) {
        newest_block_ = run_pool::none;
    } else {
        pool[next].older = run_pool::none;
    }
}

sent_counts sliding_window::count(const window_rule& rule, int64_t now_ms, run_pool& pool) {
    while (inner_runs_ > 0 && now_ms - whole_time(oldest_ms_, now_ms) >= rule.span_ms) {
        const sent_run& run = oldest(pool);
        messages_ -= run.messages;
        recipients_ -= run.recipients;
        drop_oldest(pool);
        oldest_ms_ = oldest(pool).last_ms;
    }
    return {messages_, recipients_};
}

void sliding_window::move_to_pool(const sent_run& run, run_pool& pool) {
    if (newest_block_ == run_pool::none || end_ == run_pool::block_runs) {
        const uint32_t fresh = pool.take();
        pool[fresh].older = newest_block_;
        if (newest_block_ == run_pool::none) {
            oldest_block_ = fresh;
            begin_ = 0;
        } else {
            pool[newest_block_].newer = fresh;
        }
        newest_block_ = fresh;
        end_ = 0;
    }
    pool[newest_block_].runs[end_++] = run;
}

void sliding_window::add(const window_rule& rule, int64_t now_ms, uint32_t recipients,
                         run_pool& pool) {
    messages_ += 1;
    recipients_ += recipients;
    if (inner_runs_ > 0) {
        sent_run& newest = inner_[inner_runs_ - 1U];
        if (is_of_now(rule, whole_time(newest.last_ms, now_ms), now_ms)) {
            newest = {short_time(now_ms), newest.messages + 1, newest.recipients + recipients};
            if (inner_runs_ == 1 && oldest_block_ == run_pool::none) oldest_ms_ = newest.last_ms;
            return;
        }
    }
    if (inner_runs_ == inner_.size()) {
        move_to_pool(inner_[0], pool);
        inner_[0] = inner_[1];
        --inner_runs_;
    }
    if (inner_runs_ == 0) oldest_ms_ = short_time(now_ms);
    inner_[inner_runs_++] = {short_time(now_ms), 1, recipients};
}

// From the newest backwards: what is taken back was mostly sent a moment ago.
sent_run* sliding_window::find(const window_rule& rule, int64_t sent_ms, int64_t now_ms,
                               run_pool& pool) {
    const int64_t begin_ms = sent_ms - sent_ms % rule.grain_ms;
    const auto fits = [&](const sent_run& run) {
        const int64_t last_ms = whole_time(run.last_ms, now_ms);
        return last_ms >= begin_ms && last_ms < begin_ms + rule.grain_ms;
    };
    for (size_t i = inner_runs_; i-- > 0;) {
        if (fits(inner_[i])) return &inner_[i];
    }
    uint8_t end = end_;
    for (uint32_t at = newest_block_; at != run_pool::none; at = pool[at].older) {
        const uint8_t begin = at == oldest_block_ ? begin_ : uint8_t{0};
        for (uint8_t i = end; i-- > begin;) {
            sent_run& run = pool[at].runs[i];
            if (fits(run)) return &run;
            if (whole_time(run.last_ms, now_ms) < sent_ms) return nullptr;
        }
        end = run_pool::block_runs;
    }
    return nullptr;
}

void sliding_window::take_back(const window_rule& rule, int64_t sent_ms, uint32_t recipients,
                               int64_t now_ms, run_pool& pool) {
    count(rule, now_ms, pool);
    sent_run* run = find(rule, sent_ms, now_ms, pool);
    if (run == nullptr || run->messages == 0 || run->recipients < recipients) return;
    run->messages -= 1;
    run->recipients -= recipients;
    messages_ -= 1;
    recipients_ -= recipients;
}

void sliding_window::clear(run_pool& pool) {
    while (oldest_block_ != run_pool::none) {
        const uint32_t next =
            oldest_block_ == newest_block_ ? run_pool::none : pool[oldest_block_].newer;
        pool.give_back(oldest_block_);
        oldest_block_ = next;
    }
    *this = {};
}

}  // namespace ie
