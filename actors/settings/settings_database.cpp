#include "actors/settings/settings_database.hpp"

#include <filesystem>

namespace ie {

std::optional<admin_decisions> settings_database::mend(const admin_decisions* in_force) {
    std::optional<admin_decisions> out;
    if (store_ && !store_->is_damaged()) return out;
    if (in_force != nullptr && time_.steady_ms() < open_at_ms_) return out;
    rewrites_ = rewrites_ || store_ != nullptr;
    store_.reset();
    auto opened = open(rewrites_ ? in_force : nullptr);
    if (opened) {
        stand_in_.clear();
        last_error_.clear();
        if (!std::exchange(rewrites_, false)) out = std::move(*opened);
        return out;
    }
    store_.reset();
    open_at_ms_ = time_.steady_ms() + retry_ms;
    if (in_force == nullptr) stand_in(out);
    if (stand_in_.empty()) stand_in_ = "what was";
    report_error(opened.failure());
    return out;
}

// `in_force`: it is to be written; null: what the file says counts.
outcome<admin_decisions> settings_database::open(const admin_decisions* in_force) {
    std::error_code unknown;
    put_back_.clear();
    // (A log without its database is open_database's business: it mustn't become the copy's.)
    const bool is_gone = !std::filesystem::exists(path_, unknown) && !unknown &&
                         !std::filesystem::exists(path_ + "-wal", unknown);
    if (is_gone) put_back();
    auto store = settings_tables::open(path_, {}, [this] { put_back(); });
    if (!store) return store.failure();
    store_ = std::move(*store);
    auto content = store_->read();
    if (!content) return content;
    if (in_force != nullptr) {
        if (const auto kept = store_->replace(*in_force); !kept) return kept.failure();
    }
    const std::string& aside = store_->set_aside();
    if (aside.empty() && put_back_.empty()) return content;
    open_at_ms_ = time_.steady_ms() + set_aside_ms;
    const std::string copy = put_back_.empty() ? defaults : "the copy of " + put_back_;
    const std::string now = in_force != nullptr ? "what was, its trail from " + copy : copy;
    const std::string what = aside.empty() ? path_ + ": is gone" : store_->damage();
    set_aside_ = (aside.empty() ? path_ + " was gone" : "what was damaged is " + aside) +
                 "; in force is " + now;
    logger_.error(event::data_damaged, kv("what", what), kv("set_aside", aside),
                  kv("in_force", now));
    return content;
}

void settings_database::put_back() {
    const auto put = put_back_settings(path_);
    if (!put) return report_error(put.failure());
    if (*put) put_back_ = (*put)->date;
}

void settings_database::stand_in(std::optional<admin_decisions>& out) {
    auto copied = read_settings_copy(path_);
    stand_in_ = copied ? "the copy of " + copied->copy.date : defaults;
    out = copied ? std::move(copied->content) : admin_decisions{};
}

error settings_database::refusal() const {
    return fail(error_code::storage_failed, last_error_ + "; until that is mended " + stand_in_ +
                                                " is in force and can't be changed");
}

outcome<nothing> settings_database::commit(const decision_change& change) {
    if (!store_) return refusal();
    auto done = store_->commit(change);
    if (done) {
        last_error_.clear();
    } else {
        report_error(done.failure());
    }
    return done;
}

outcome<audit_list> settings_database::find(const list_audit& query) {
    if (!store_) return refusal();
    auto found = store_->find(query);
    if (!found && store_->is_damaged()) report_error(found.failure());
    return found;
}

std::function<outcome<nothing>()> settings_database::take_copy() {
    if (!store_ || store_->is_damaged() || time_.steady_ms() < copy_at_ms_) return {};
    const std::string today = copy_date(time_.now_s());
    for (const auto& each : settings_copies(path_)) {
        if (each.date == today) return {};
    }
    copy_at_ms_ = time_.steady_ms() + copy_retry_ms;
    return [path = path_, today] { return make_settings_copy(path, today); };
}

void settings_database::copied(const outcome<nothing>& done) {
    const std::string why = done ? std::string{} : done.failure().what;
    if (!why.empty() && why != copy_error_) {
        logger_.error(event::storage_failed, kv("what", why));
    }
    if (why.empty()) copy_at_ms_ = 0;
    copy_error_ = why;
}

std::string settings_database::detail() const {
    std::string out = set_aside_;
    const auto add = [&out](const std::string& text) {
        out += (out.empty() || text.empty() ? "" : "; ") + text;
    };
    if (!stand_in_.empty()) add("in force is " + stand_in_);
    if (!copy_error_.empty()) add("no copy could be made: " + copy_error_);
    return out;
}

void settings_database::report_error(const error& failure) {
    const std::string& why = failure.what;
    if (why != last_error_) {
        logger_.error(event::storage_failed, kv("what", why), kv("in_force", stand_in_));
    }
    last_error_ = why;
}

}  // namespace ie
