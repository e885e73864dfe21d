#include "config/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <mutex>

#include "config/log_file.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

// Lines as text, into the log's file. Thread-safe.
class line_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit line_sink(log_file file) : file_(std::move(file)) {}

    outcome<nothing> open() {
        const std::lock_guard lock(mutex_);
        return file_.open(steady_now_ms());
    }
    std::string trouble() {
        const std::lock_guard lock(mutex_);
        (void)file_.recover(steady_now_ms());
        return file_.trouble();
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t lines;
        if (file_.recover(steady_now_ms())) add(lines, message, "info", event::log_reopened, {});
        if (file_.lost() > 0) {
            add(lines, message, "warn", event::log_lines_lost,
                " count=" + std::to_string(file_.lost()));
        }
        formatter_->format(message, lines);
        (void)file_.append({lines.data(), lines.size()});
    }
    void flush_() override {}

    // A line about the log itself, at the time of `message`.
    void add(spdlog::memory_buf_t& lines, const spdlog::details::log_msg& message,
             std::string_view level, event_name event, const std::string& keys) {
        const std::string text = std::string(level) + " log " + std::string(event.text) + keys;
        auto own = message;
        own.payload = spdlog::string_view_t(text.data(), text.size());
        formatter_->format(own, lines);
    }

    log_file file_;
};

std::shared_ptr<line_sink> lines_to;  // set before any thread is started

spdlog::level::level_enum spdlog_level(log_level level) {
    switch (level) {
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warn:
            return spdlog::level::warn;
        case log_level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

// Our words for the levels are shorter than spdlog's, so they are part of the text.
void install(log_file file, log_level level) {
    lines_to = std::make_shared<line_sink>(std::move(file));
    auto made = std::make_shared<spdlog::logger>("ie", lines_to);
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    made->set_level(spdlog_level(level));
    spdlog::set_default_logger(std::move(made));
}

}  // namespace

outcome<nothing> open_log(const std::string& path, log_level level) {
    install(path.empty() ? log_file() : log_file(path), level);
    return reopen_log();
}

outcome<nothing> reopen_log() {
    return lines_to ? lines_to->open() : nothing{};
}

std::string log_trouble() {
    return lines_to ? lines_to->trouble() : std::string{};
}

void close_log() {
    install({}, log_level::info);
}

void set_log_level(log_level level) {
    spdlog::set_level(spdlog_level(level));
}

bool log_enabled(log_level level) {
    return spdlog::default_logger_raw()->should_log(spdlog_level(level));
}

void logger::write_line(log_level level, std::string_view actor, event_name event,
                        const std::string& keys) {
    spdlog::default_logger_raw()->log(spdlog_level(level), "{} {} {}{}", name_of(level), actor,
                                      event.text, keys);
}

void ensure(bool condition, std::string_view what) {
    if (condition) return;
    logger("bug").error({"assertion_failed"}, kv("what", what));
    std::abort();
}

}  // namespace ie
