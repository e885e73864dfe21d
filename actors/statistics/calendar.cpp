#include "actors/statistics/calendar.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace ie {

int64_t calendar_day(int64_t at_s) {
    using namespace std::chrono;
    const time_t at = at_s;
    tm parts{};
    ::localtime_r(&at, &parts);
    const year_month_day date{year(parts.tm_year + 1900),
                              month(static_cast<unsigned>(parts.tm_mon + 1)),
                              day(static_cast<unsigned>(parts.tm_mday))};
    return sys_days(date).time_since_epoch().count();
}

std::string date_text(int64_t day) {
    using namespace std::chrono;
    const year_month_day date{sys_days(days(day))};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

}  // namespace ie
