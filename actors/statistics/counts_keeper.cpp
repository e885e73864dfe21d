#include "actors/statistics/counts_keeper.hpp"

#include "actors/statistics/calendar.hpp"

namespace ie {
namespace {

constexpr int64_t upkeep_interval_s = 60;  // of a store to which nothing new is written
constexpr int64_t forget_interval_s = 86'400;

struct opened_counts {
    std::unique_ptr<statistics_store> store;
    object_names objects;
};

// A disk may err once.
outcome<object_names> read_twice(statistics_store& store, const object_bounds& bounds) {
    auto objects = store.read_objects(bounds);
    if (objects || store.is_damaged()) return objects;
    return store.read_objects(bounds);
}

// With its objects, so that damage of theirs is found in time.
outcome<opened_counts> open_counts(const counts_options& options) {
    auto store = statistics_store::open(options.path, options.keep);
    if (!store) return store.failure();
    auto objects = read_twice(**store, options.bounds);
    if (objects) return opened_counts{std::move(*store), std::move(*objects)};
    if (!(*store)->is_damaged()) return objects.failure();
    store->reset();  // the next open() sets it aside
    store = statistics_store::open(options.path, options.keep);
    if (!store) return store.failure();
    objects = (*store)->read_objects(options.bounds);
    if (!objects) return objects.failure();
    return opened_counts{std::move(*store), std::move(*objects)};
}

}  // namespace

counts_keeper::counts_keeper(counts_options options)
    : options_(std::move(options)), objects_(std::make_shared<object_names>(options_.bounds)) {
    last_forgotten_s_ = options_.clock->now_s();
    open();
}

counts_keeper::~counts_keeper() {
    if (store_) write(options_.clock->now_s());
}

void counts_keeper::count(const mails_judged& news) {
    for (const mail_judged& each : news.mails) pending_.count(each, *objects_);
    for (const incoming_judged& each : news.incoming) {
        count_incoming(incoming_, each, calendar_day(each.at_ms / 1'000));
    }
}

void counts_keeper::flush() {
    mend();
    const int64_t now_s = options_.clock->now_s();
    if (store_ && write(now_s)) forget_idle(now_s);
    report_damage();
}

void counts_keeper::mend() {
    if (store_ && !store_->is_damaged()) return;
    if (options_.clock->steady_ms() < open_at_ms_) return;
    store_.reset();
    open();
}

void counts_keeper::open() {
    auto opened = open_counts(options_);
    if (!opened) {
        open_at_ms_ = options_.clock->steady_ms() + retry_ms;
        return report_error(opened.failure());
    }
    store_ = std::move(opened->store);
    last_error_.clear();
    take_over(std::move(opened->objects));
    if (store_->set_aside().empty()) return;
    open_at_ms_ = options_.clock->steady_ms() + set_aside_ms;
    set_aside_ = store_->set_aside();
    logger_.error(event::data_damaged, kv("what", store_->damage()), kv("set_aside", set_aside_));
}

// What was counted meanwhile, or isn't in a file that was begun anew, gets the file's numbers.
void counts_keeper::take_over(object_names found) {
    pending_.renumber(found.add_all(*objects_));
    objects_ = std::make_shared<object_names>(std::move(found));
}

template <class T, class Work>
outcome<T> counts_keeper::from_store(Work&& work) {
    if (!store_) return fail(error_code::storage_failed, last_error_);
    auto read = work();
    if (!read) report_error(read.failure());
    return read;
}

outcome<decision_counts> counts_keeper::decisions() {
    flush();
    return from_store<decision_counts>([this] { return store_->counts(); });
}

outcome<std::map<int64_t, incoming_sums>> counts_keeper::incoming_of(const std::string& account,
                                                                     int64_t from_day) {
    using sums = std::map<int64_t, incoming_sums>;
    auto out = from_store<sums>([&] { return store_->read_incoming(account, from_day); });
    if (!out) return out;
    const auto first = incoming_.lower_bound({account, from_day});
    for (auto news = first; news != incoming_.end() && news->first.first == account; ++news) {
        (*out)[news->first.second].add(news->second);
    }
    return out;
}

outcome<sums_by_object> counts_keeper::sums_of(const time_cover& cover) {
    sums_by_object sums(objects_->size() + 1);
    const auto read = from_store<nothing>(
        [&] { return store_->read(cover, [&](const block_row& leaf) { add_leaf(sums, leaf); }); });
    if (!read) return read.failure();
    report_damage();
    for (const pending_row& row : pending_.rows()) {
        if (row.at_s >= cover.from_s && row.at_s < cover.until_s) add_leaf(sums, row.leaf);
    }
    sum_up(*objects_, sums);
    return sums;
}

outcome<last_hold> counts_keeper::last_hold_of(uint32_t account) {
    auto stored = from_store<last_hold>([&] { return store_->read_last_hold(account); });
    if (!stored) return stored;
    const auto news = pending_.last_holds().find(account);
    const bool newer =
        news != pending_.last_holds().end() && news->second.held_at_s >= stored->held_at_s;
    return newer ? news->second : stored;
}

// False where there was nothing to do, or it couldn't be done.
bool counts_keeper::write(int64_t now_s) {
    const int64_t upkeep_s = period_start(now_s, upkeep_interval_s);
    const bool is_empty = pending_.empty() && incoming_.empty();
    if (is_empty && upkeep_s == last_upkeep_s_) return false;
    report_loss();
    if (const auto written = store_->write(pending_, *objects_, now_s, incoming_); !written) {
        report_error(written.failure());
        return false;
    }
    last_upkeep_s_ = upkeep_s;
    pending_.clear();
    incoming_.clear();
    last_error_.clear();
    return true;
}

// Once a day where they are a crowd.
void counts_keeper::forget_idle(int64_t now_s) {
    const bool is_due = std::abs(now_s - last_forgotten_s_) >= forget_interval_s;
    if (!is_due || !objects_->crowded()) return;
    last_forgotten_s_ = now_s;
    auto kept = store_->forget_idle(*objects_);
    if (!kept) return report_error(kept.failure());
    objects_ = std::make_shared<object_names>(std::move(*kept));
}

void counts_keeper::describe(actor_status& status) const {
    status.state = last_error_.empty() ? actor_state::running : actor_state::degraded;
    status.last_error = last_error_;
    status.queue = pending_.mails();
    std::string& detail = status.detail;
    detail = std::to_string(objects_->size()) + " sender objects";
    if (pending_.exact_to_s() > 1) {
        detail += ", unwritten counts exact to " + std::to_string(pending_.exact_to_s()) + " s";
    }
    if (pending_.lost() > 0) {
        detail += ", " + std::to_string(pending_.lost()) + " mails not counted for senders";
    }
    if (pending_.unnamed() > 0) {
        detail += ", " + std::to_string(pending_.unnamed()) +
                  " mails counted without their address: too many objects";
    }
    if (damaged_ > 0) detail += ", " + std::to_string(damaged_) + " damaged blocks met";
    if (!set_aside_.empty()) detail += ", begun anew: what was damaged is " + set_aside_;
}

void counts_keeper::report_error(const error& failure) {
    if (failure.what != last_error_) logger_.error(event::storage_failed, kv("what", failure.what));
    last_error_ = failure.what;
}

void counts_keeper::report_loss() {
    if (pending_.lost() == lost_) return;
    logger_.error(event::storage_failed, kv("what", "no room for counts that can't be written"),
                  kv("mails_lost", pending_.lost() - lost_));
    lost_ = pending_.lost();
}

// Once: a block that can't be read is met again and again.
void counts_keeper::report_damage() {
    if (!store_) return;
    if (damaged_ == 0 && store_->damaged_blocks() > 0) {
        logger_.error(event::storage_failed,
                      kv("what", options_.path + ": a block of counts is damaged, "
                                                 "its end is left out"));
    }
    damaged_ = store_->damaged_blocks();
}

}  // namespace ie
