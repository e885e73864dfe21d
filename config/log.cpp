#include "config/log.hpp"

#include <spdlog/details/file_helper.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <mutex>

namespace ie {
namespace {

// Appends to a file that logrotate may move away: reopen() starts a new one under the same name.
class file_sink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit file_sink(const std::string& path) { file_.open(path); }

    void reopen() {
        const std::lock_guard lock(mutex_);
        file_.reopen(false);
    }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        file_.write(line);
    }
    void flush_() override { file_.flush(); }

    spdlog::details::file_helper file_;
};

std::shared_ptr<file_sink> log_file;

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
void install(spdlog::sink_ptr sink, log_level level) {
    auto made = std::make_shared<spdlog::logger>("ie", std::move(sink));
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    made->set_level(spdlog_level(level));
    made->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(made));
}

outcome<nothing> failed(const spdlog::spdlog_ex& failure) {
    return fail(error_code::storage_failed, std::string("log file: ") + failure.what());
}

}  // namespace

outcome<nothing> open_log(const std::string& path, log_level level) {
    try {
        if (path.empty()) {
            install(std::make_shared<spdlog::sinks::stderr_sink_mt>(), level);
        } else {
            log_file = std::make_shared<file_sink>(path);
            install(log_file, level);
        }
        return nothing{};
    } catch (const spdlog::spdlog_ex& failure) {
        return failed(failure);
    }
}

outcome<nothing> reopen_log() {
    try {
        if (log_file) log_file->reopen();
        return nothing{};
    } catch (const spdlog::spdlog_ex& failure) {
        return failed(failure);
    }
}

void close_log() {
    spdlog::shutdown();
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
