// The time, as an argument that tests and labs can move. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "config/boot_time.hpp"
#include "messages/steady_clock.hpp"

namespace ie {

class clock {
  public:
    virtual ~clock() = default;
    virtual int64_t now_ms() const = 0;  // Unix time
    int64_t now_s() const { return now_ms() / 1000; }

    // For spans of time: goes on evenly when somebody sets the calendar's time, from a beginning
    // that means nothing.
    virtual int64_t steady_ms() const = 0;

    // For spans of time from one process to the next; not known by every clock.
    virtual boot_time booted() const { return {}; }
};

// The system's clock, which an engine in a lab may move forward.
class system_clock : public clock {
  public:
    int64_t now_ms() const override {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return std::chrono::duration_cast<std::chrono::milliseconds>(now).count() + offset_ms_;
    }
    int64_t steady_ms() const override { return steady_now_ms() + offset_ms_; }
    boot_time booted() const override {
        boot_time now = boot_time_now();
        now.ms += offset_ms_;
        return now;
    }
    void advance_ms(int64_t step) { offset_ms_ += step; }

  private:
    std::atomic<int64_t> offset_ms_ = 0;
};

// Stands still until it is told otherwise.
class manual_clock : public clock {
  public:
    explicit manual_clock(int64_t now_ms) : now_ms_(now_ms) {}
    int64_t now_ms() const override { return now_ms_; }
    int64_t steady_ms() const override { return steady_ms_; }
    boot_time booted() const override {
        boot_time now;
        now.id.fill(boot_);
        now.ms = steady_ms_;
        return now;
    }
    void advance_ms(int64_t step) {
        now_ms_ += step;
        steady_ms_ += step;
    }
    void set_boot(uint8_t number) { boot_ = number; }  // 0: not known
    // As an administrator does who sets the time.
    void set_back_ms(int64_t step) { now_ms_ -= step; }

  private:
    std::atomic<int64_t> now_ms_;
    std::atomic<int64_t> steady_ms_ = 1'000'000;
    std::atomic<uint8_t> boot_ = 0;
};

}  // namespace ie
