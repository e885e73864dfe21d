#include "config/system/exim_setup/held_mail.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "config/system/exim_setup/exim_process.hpp"
#include "config/system/run_program.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

constexpr int delivery_ms_max = 60'000;
constexpr size_t ids_told_max = 10;

// "-aclm NAME SIZE", the value in the lines after it.
struct variable {
    std::string_view name;
    size_t size = 0;
};

// A value that came from outside has one more hyphen, and since Exim 4.97 what it is quoted for:
// "--(mysql)aclm NAME SIZE".
std::string_view without_taint(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of('-'), line.size()));
    if (line.starts_with('(')) line.remove_prefix(std::min(line.find(')'), line.size() - 1) + 1);
    return line;
}

std::optional<variable> variable_of(std::string_view line) {
    line = without_taint(line);
    const size_t space = line.find(' ');
    const size_t last = line.rfind(' ');
    if (!line.starts_with("acl") || space == last) return std::nullopt;
    variable found{line.substr(space + 1, last - space - 1), 0};
    const auto read =
        std::from_chars(line.data() + last + 1, line.data() + line.size(), found.size);
    return read.ec == std::errc() ? std::optional(found) : std::nullopt;
}

std::string count_of(const std::vector<queued_mail>& mails) {
    return std::to_string(mails.size()) + (mails.size() == 1 ? " held mail" : " held mails");
}

std::string ids_of(const std::vector<queued_mail>& mails) {
    std::string text;
    for (size_t at = 0; at < std::min(mails.size(), ids_told_max); ++at) {
        text += (at == 0 ? "" : ", ") + mails[at].id;
    }
    return mails.size() > ids_told_max ? text + ", …" : text;
}

// What became of its deliveries so far says a mail's own log ("message_logs", on unless somebody
// has switched it off). Without one nothing is known.
bool was_tried_at_home(const fs::path& log) {
    std::ifstream in(log);
    if (!in) return false;
    for (std::string line; std::getline(in, line);) {
        if (line.find(" R=ie_quarantine ") != line.npos) return false;
    }
    return in.eof();
}

error refusal(const std::string& exim, const std::vector<queued_mail>& left) {
    return fail(error_code::conflict,
                count_of(left) + " in Exim's queue can't be handed to the quarantine now (" +
                    ids_of(left) + "; " + exim +
                    " -Mvh ID shows one); start ie-exim-hook and ie-engine and try again, or use "
                    "--force, which leaves them frozen in the queue");
}

}  // namespace

queued_mail read_spool_header(std::istream& in) {
    queued_mail mail;
    std::string action;
    std::string ticket;
    bool is_released = false;
    std::string line;
    // The id's line, and those of user, sender and time.
    for (int at = 0; at < 4; ++at) std::getline(in, line);
    while (std::getline(in, line) && line.starts_with('-')) {
        if (line.starts_with("-frozen ")) mail.is_frozen = true;
        const auto found = variable_of(line);
        if (!found) continue;
        constexpr size_t value_bytes_max = 1 << 20;
        std::string value(std::min(found->size, value_bytes_max), '\0');
        in.read(value.data(), static_cast<std::streamsize>(value.size()));
        in.ignore();  // the line's end
        if (found->name == "_ie") action = value;
        if (found->name == "_ie_ticket") ticket = value;
        if (found->name == "_ie_release") is_released = true;
    }
    mail.is_junk = action == "junk" && !is_released;
    const bool may_be_forwarded = mail.is_junk && !ticket.empty() && ticket != "-";
    mail.is_held = action == "hold" || may_be_forwarded || is_released;
    return mail;
}

outcome<std::vector<queued_mail>> held_in_queue(const std::string& exim) {
    const auto spool = exim_setting(exim, "spool_directory");
    if (!spool) return spool.failure();
    std::vector<queued_mail> mails;
    std::error_code code;
    fs::recursive_directory_iterator entry(*spool + "/input", code);
    for (; !code && entry != fs::recursive_directory_iterator(); entry.increment(code)) {
        const std::string name = entry->path().filename();
        if (!name.ends_with("-H")) continue;
        std::ifstream in(entry->path());
        queued_mail mail = read_spool_header(in);
        mail.id = name.substr(0, name.size() - 2);
        if (!mail.is_held) continue;
        const auto folder = entry->path().parent_path().lexically_relative(*spool + "/input");
        mail.is_at_home =
            mail.is_junk && was_tried_at_home(fs::path(*spool) / "msglog" / folder / mail.id);
        mails.push_back(std::move(mail));
    }
    if (code && code != std::errc::no_such_file_or_directory) {
        return fail(error_code::storage_failed, *spool + "/input: " + code.message());
    }
    std::ranges::sort(mails, {}, &queued_mail::id);
    return mails;
}

held_mail::~held_mail() {
    if (is_out_) return;
    for (const auto& id : frozen_) (void)run_program({{exim_, "-Mt", id}, ""});
}

void held_mail::foretell(setup_report& report) const {
    const auto mails = held_in_queue(exim_);
    if (!mails) report.notes.push_back("Exim's queue can't be looked at: " + mails.failure().what);
    if (!mails || mails->empty()) return;
    report.notes.push_back(count_of(*mails) +
                           " in Exim's queue would be handed to the quarantine first (" +
                           ids_of(*mails) + ")");
}

// Gives what is still there.
outcome<std::vector<queued_mail>> held_mail::hand_over(std::vector<queued_mail> mails) const {
    if (mails.empty()) return mails;
    options_.tell("handing " + count_of(mails) + " from Exim's queue to the quarantine");
    for (const auto& each : mails) {
        (void)run_program({{exim_, "-M", each.id}, "", delivery_ms_max});
    }
    return held_in_queue(exim_);
}

outcome<nothing> held_mail::settle() {
    const auto can_hold = has_router(exim_, "ie_quarantine");
    if (!can_hold) return can_hold.failure();
    if (*can_hold) {
        auto left = held_in_queue(exim_);
        if (left) left = hand_over(std::move(*left));
        if (!left) return left.failure();
        // The quarantine can't help spam that no mailbox here takes.
        std::erase_if(*left, [](const queued_mail& each) { return each.is_at_home; });
        if (!left->empty() && !options_.force) return refusal(exim_, *left);
    }
    const auto frozen = freeze_all();
    return frozen ? outcome<nothing>(nothing{}) : frozen.failure();
}

// Gives all that is frozen. One that is just being delivered is locked for a while.
outcome<std::vector<queued_mail>> held_mail::freeze_all() {
    constexpr int tries_max = 20;
    constexpr auto pause = std::chrono::milliseconds(250);
    for (int attempt = 0;; ++attempt) {
        const auto mails = held_in_queue(exim_);
        if (!mails) return mails;
        const auto loose = std::ranges::find(*mails, false, &queued_mail::is_frozen);
        if (loose == mails->end()) return mails;
        if (attempt == tries_max) {
            return fail(error_code::conflict, "the held mail " + loose->id +
                                                  " can't be frozen while Exim tries to deliver "
                                                  "it; run it again");
        }
        if (attempt > 0) std::this_thread::sleep_for(pause);
        for (const auto& each : *mails) {
            if (each.is_frozen) continue;
            const auto done = run_program({{exim_, "-Mf", each.id}, ""});
            if (done && done->status == 0) frozen_.push_back(each.id);
        }
    }
}

void held_mail::stay_frozen(setup_report& report) {
    is_out_ = true;
    const auto mails = freeze_all();
    if (!mails) report.notes.push_back("look into Exim's queue: " + mails.failure().what);
    if (!mails || mails->empty()) return;
    report.notes.push_back(count_of(*mails) + (mails->size() == 1 ? " stays" : " stay") +
                           " frozen in Exim's queue (" + ids_of(*mails) + "); look at each (" +
                           exim_ +
                           " -Mvh ID) and let it go (-Mt ID) or remove it (-Mrm ID) before Exim's "
                           "timeout_frozen_after, on Debian 7 days, returns it to its sender");
}

}  // namespace ie::exim
