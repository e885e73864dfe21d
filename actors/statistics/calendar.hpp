// Days of the server's own calendar, as people who read a table by day mean them. Reads the
// system's time zone.
#pragma once

#include <cstdint>
#include <string>

namespace ie {

// The day on which that moment (Unix time) lies, counted from 1970-01-01.
int64_t calendar_day(int64_t at_s);

// 2026-11-26
std::string date_text(int64_t day);

}  // namespace ie
