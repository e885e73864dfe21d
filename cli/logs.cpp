#include <poll.h>

#include <algorithm>
#include <iterator>

#include "cli/log_files.hpp"
#include "cli/service.hpp"

namespace ie::cli {
namespace {

struct log_flags {
    log_filter filter;
    uint32_t lines = 100;
    bool follow = false;
};

constexpr uint32_t lines_max = 100'000;
constexpr int look_every_ms = 200;
constexpr std::string_view remedy =
    "see [log] dir in the settings file (IE_CONFIG), and run it as root";

using lines = std::vector<log_line>;

void append(lines& all, std::deque<log_line>&& more) {
    std::move(more.begin(), more.end(), std::back_inserter(all));
}

void sort_by_time(lines& all) {
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& l, const auto& r) { return l.time < r.time; });
}

std::string text_of(const log_line& line) {
    std::string text = line.time + " " + line.level + " " + line.actor + " " + line.event;
    if (!line.keys.empty()) text += " " + line.keys;
    std::string out;
    for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        out += printable(std::string_view(text).substr(at, end - at)) + "\n";
        at = end + 1;
    }
    return out;
}

json json_of_line(const log_line& line) {
    return {{"time", valid_utf8(line.time)},
            {"level", line.level},
            {"actor", valid_utf8(line.actor)},
            {"event", valid_utf8(line.event)},
            {"keys", valid_utf8(line.keys)}};
}

// While it follows there is no end to close a list: then each line is a document of its own.
void print_lines(const session& self, const lines& all, bool follow) {
    std::string out;
    json list = json::array();
    for (const auto& line : all) {
        if (!self.json) {
            out += text_of(line);
        } else if (follow) {
            out += json_of_line(line).dump(-1, ' ', true) + "\n";
        } else {
            list.push_back(json_of_line(line));
        }
    }
    print(self.json && !follow ? json_text(json{{"items", list}}) : out);
}

// Until a signal ends it.
void follow(const session& self, const std::string& folder, const log_filter& filter,
            std::vector<log_reader>& readers) {
    while (true) {
        ::poll(nullptr, 0, look_every_ms);
        const auto paths = log_paths(folder);
        for (const auto& path : paths ? *paths : std::vector<std::string>{}) {
            const bool known =
                std::any_of(readers.begin(), readers.end(),
                            [&](const log_reader& each) { return each.path() == path; });
            if (!known) readers.emplace_back(path, filter);
        }
        lines all;
        for (auto& reader : readers) append(all, reader.news());
        sort_by_time(all);
        if (!all.empty()) print_lines(self, all, true);
    }
}

exit_code run_logs(const session& self, const log_flags& flags) {
    const auto settings = load_settings(self.config_path);
    const bool bad = !settings && settings.failure().code == error_code::bad_request;
    if (bad) return report(self, settings.failure());
    const std::string folder = settings ? settings->log.dir : configuration{}.log.dir;
    const auto paths = log_paths(folder);
    if (!paths) return report(self, paths.failure(), remedy);
    std::vector<log_reader> readers;
    lines all;
    for (const auto& path : *paths) {
        auto last = readers.emplace_back(path, flags.filter).last(flags.lines);
        if (!last) return report(self, last.failure(), remedy);
        append(all, std::move(*last));
    }
    sort_by_time(all);
    if (all.size() > flags.lines) {
        all.erase(all.begin(), all.end() - static_cast<ptrdiff_t>(flags.lines));
    }
    print_lines(self, all, flags.follow);
    if (flags.follow) follow(self, folder, flags.filter, readers);
    return exit_code::done;
}

}  // namespace

void add_logs(CLI::App& program, session& self) {
    auto flags = std::make_shared<log_flags>();
    auto* logs = add_command(program, "logs", "print what engine and hook have logged");
    add_json(*logs, self);
    logs->add_flag("-f,--follow", flags->follow, "go on with what is logged from now on")
        ->group(flags_group);
    add_value(*logs, "-n,--lines", flags->lines, "int", "How many of the last lines to print",
              [](std::string_view text) {
                  return parse_number(text, {0, lines_max});
              })
        ->default_str("100")
        ->group(flags_group);
    add_text(*logs, "--actor", flags->filter.actor, "string", "lines of this actor only");
    add_value(*logs, "--level", flags->filter.least, "debug|info|warn|error",
              "lines of this level and above", parse_name<log_level>)
        ->default_str("debug")
        ->group(flags_group);
    on_run(logs, self, [&self, flags] { return run_logs(self, *flags); });
}

}  // namespace ie::cli
