#include "cli/am.hpp"

namespace ie::cli {

void add_am(CLI::App& program, session& self) {
    auto* am = add_group(
        program, "am", "interaction with the Activity Monitor, same API as in ActivityMonitor UI");
    am->footer(
        "This subcommand interacts with the Activity Monitor to return statistics, get/set "
        "settings for\n"
        "the sender objects.\n"
        "Activity Monitor operates by the sender objects. Sender object is an object on behalf of "
        "which\n"
        "client sends email. It could be one of: \"account\", \"domain\", \"script\" or "
        "\"sender_email\"");
    add_am_limit(*am, self);
    add_am_server_settings(*am, self);
    add_am_stats(*am, self);
}

}  // namespace ie::cli
