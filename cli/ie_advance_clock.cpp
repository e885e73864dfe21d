// ie-advance-clock: moves the clock of an engine in a lab, which was started to allow that.
#include "cli/parser.hpp"
#include "messages/service.hpp"

namespace ie::cli {
namespace {

exit_code run_advance(const session& self, uint32_t seconds) {
    auto engine = connect(self);
    if (!engine) return report(self, engine.failure());
    advance_clock request;
    request.seconds = seconds;
    const auto advanced = engine->ask<clock_advanced>(request);
    if (!advanced) {
        return report(self, advanced.failure(),
                      "only root may, of an engine started with --allow-clock-advance");
    }
    print(self.json ? json_text(json_of(*advanced)) : date_text(advanced->now_s) + "\n");
    return exit_code::done;
}

outcome<uint32_t> parse_seconds(std::string_view text) {
    return parse_number(text, {0, static_cast<uint32_t>(advance_clock::seconds_max)});
}

}  // namespace
}  // namespace ie::cli

int main(int argc, char** argv) {
    static_assert(ie::advance_clock::seconds_max <= UINT32_MAX);
    ie::cli::session self;
    self.program = "ie-advance-clock";
    self.config_path = ie::cli::default_config_path();
    uint32_t seconds = 0;
    CLI::App program("move the clock of a lab's engine forward", self.program);
    ie::cli::prepare(program);
    ie::cli::add_global(program, self);
    ie::cli::add_value(program, "seconds", seconds, "SECONDS", "", ie::cli::parse_seconds)
        ->required();
    self.action = [&] { return ie::cli::run_advance(self, seconds); };
    return static_cast<int>(ie::cli::run(program, self, argc, argv));
}
