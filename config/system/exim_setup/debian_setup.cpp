#include "config/system/exim_setup/debian_setup.hpp"

#include <filesystem>

#include "config/system/exim_setup/exim_process.hpp"
#include "config/system/exim_setup/held_mail.hpp"
#include "config/system/exim_setup/setup_parts.hpp"
#include "config/system/exim_setup/trial.hpp"
#include "config/system/exim_setup/writing_order.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

// What is to become of the configuration, and how to try it.
struct undertaking {
    debian_files found;
    std::vector<file_change> steps;    // in the order of writing
    std::vector<file_change> changes;  // what they come to, one for each file
    trial_plan trial;
};

// Steps from what is there to what is wanted.
class drafting {
  public:
    explicit drafting(const debian_files& found) : found_(found) {
        for (const auto& each : found.files) now_[each.first] = each.second;
    }

    // Unset: the file goes.
    void add(const std::string& path, const std::optional<std::string>& text) {
        auto& now = now_[path];
        if (now && text && now->text == *text) return;
        file_change change{path, now, std::nullopt};
        if (text) {
            stored_file file{*text, now ? now->attributes : file_attributes{}};
            file.attributes.modified.reset();
            change.wanted = as_backed_up(backup_folder, path, std::move(file));
        }
        now = change.wanted;
        steps.push_back(std::move(change));
    }

    void put_in(const file_texts& wanted) {
        for (const auto& step : steps_in(wanted)) {
            const auto file = found_.files.find(step.path);
            const bool is_in = file != found_.files.end() && has_marks(file->second.text);
            // Its parts are there: it goes from one whole to the other.
            if (!is_in || step.text == wanted.at(step.path)) add(step.path, step.text);
        }
    }

    // Wherever nothing is wanted.
    void take_out(const file_texts& wanted) {
        file_texts going;
        for (const auto& [path, file] : found_.files) {
            if (!wanted.contains(path) && has_marks(file.text)) going[path] = file.text;
        }
        for (const auto& step : steps_out(going)) {
            const bool is_gone = step.text.empty() && found_.is_ours(step.path);
            add(step.path, is_gone ? std::nullopt : std::optional(step.text));
        }
    }

    std::vector<file_change> steps;

  private:
    const debian_files& found_;
    std::map<std::string, std::optional<stored_file>> now_;
};

outcome<undertaking> undertake(const configuration& settings, const setup_options& options,
                               bool with) {
    auto found = read_debian_files();
    if (!found) return found.failure();
    undertaking work{std::move(*found), {}, {}, {}};
    work.trial.exim = settings.courier.exim;
    work.trial.generated = work.found.without.generated;
    for (const auto& [path, text] : work.found.originals) {
        work.trial.without[path] = work.found.is_ours(path) ? std::nullopt : std::optional(text);
    }
    work.trial.judge_socket = settings.hook.judge_socket;
    work.trial.lmtp_socket = settings.hook.lmtp_socket;
    work.trial.folder = state_folder;
    if (with) {
        const auto parts = load_fragments(options.fragments);
        if (!parts) return parts.failure();
        const auto values = values_of(settings);
        if (!values) return values.failure();
        auto wanted =
            with_filter(work.found.without, *parts, *values, settings.hook.mailbox_router);
        if (!wanted) return wanted.failure();
        work.trial.with = std::move(*wanted);
        work.trial.expressions = expressions(*parts, settings.incoming.mailbox);
        work.trial.release_uid = values->release_uid;
    }
    drafting draft(work.found);
    draft.put_in(work.trial.with);
    draft.take_out(work.trial.with);
    work.steps = std::move(draft.steps);
    work.changes = by_file(work.steps);
    return work;
}

// True where Exim's generated file isn't what its sources make.
bool is_generated_old(const undertaking& work, const std::string& text) {
    if (work.found.without.generated.empty()) return false;
    const auto now = read_file(work.found.without.generated);
    return !now || !*now || (*now)->text != text;
}

outcome<nothing> try_it(const undertaking& work, const setup_options& options, setup_report& report,
                        bool& generated_is_old) {
    options.tell(
        "trying the new configuration aside: Exim reads it, expands it, takes test messages");
    std::error_code code;
    const bool was_there = fs::exists(state_folder, code);
    fs::create_directories(state_folder, code);
    const auto tried = try_configuration(work.trial);
    if (!was_there) fs::remove(state_folder, code);
    if (!tried) return tried.failure();
    report.notes.insert(report.notes.end(), tried->notes.begin(), tried->notes.end());
    generated_is_old = is_generated_old(work, tried->generated);
    return nothing{};
}

outcome<nothing> replace_files(const undertaking& work, const setup_options& options) {
    if (!work.trial.with.empty()) {
        if (auto done = back_up(backup_folder, work.changes); !done) return done;
    }
    file_set files(work.steps);
    if (auto done = files.prepare(); !done) return done;
    options.tell("putting " + std::to_string(work.changes.size()) + " files in place");
    if (auto done = files.replace(); !done) return done;
    if (!work.found.without.generated.empty()) {
        options.tell("running update-exim4.conf");
        if (auto done = generate(); !done) return done;
    }
    files.keep();
    return nothing{};
}

// All or nothing, the backups included.
outcome<nothing> put_in_place(const undertaking& work, const setup_options& options) {
    std::error_code code;
    const bool had_backups = fs::exists(backup_folder, code);
    const bool was_changing = is_changing(state_folder);
    auto done = begin_change(state_folder);
    if (done) done = replace_files(work, options);
    if (done) return done;
    if (!had_backups) fs::remove_all(backup_folder, code);
    take_back_backups(backup_folder, work.changes);
    if (!was_changing) end_change(state_folder);
    return done;
}

// True if no daemon goes on with the old configuration.
bool reload(const configuration& settings, const setup_options& options, setup_report& report) {
    const auto reloaded = reload_daemons(settings.courier.exim);
    if (!reloaded) {
        report.notes.push_back("Exim's daemon couldn't be reloaded: " + reloaded.failure().what +
                               "; reload it by hand");
    } else if (*reloaded == 0) {
        report.notes.push_back("no Exim daemon runs; it will find the change when it is started");
    } else {
        options.tell("Exim's daemon reads its configuration anew");
    }
    return static_cast<bool>(reloaded);
}

// `held`: where the filter is taken out.
outcome<setup_report> carry_out(const configuration& settings, const setup_options& options,
                                const undertaking& work, held_mail* held) {
    setup_report report;
    for (const auto& each : work.changes) report.changes.push_back(report_of(each));
    bool generated_is_old = false;
    if (auto done = try_it(work, options, report, generated_is_old); !done) return done.failure();
    if (options.dry_run) {
        if (held != nullptr) held->foretell(report);
        return report;
    }
    for (const auto& folder : folders_of(work.found)) remove_leftovers(folder);
    const bool is_done = work.changes.empty() && !generated_is_old && !is_changing(state_folder);
    if (is_done) {
        if (held != nullptr) forget_backups(backup_folder, report);
        end_change(state_folder);
        return report;
    }
    if (held != nullptr) {
        if (auto done = held->settle(); !done) return done.failure();
    }
    if (auto done = put_in_place(work, options); !done) return done.failure();
    if (work.changes.empty() && generated_is_old)
        report.notes.push_back(work.found.without.generated + " was made anew");
    const bool is_told = reload(settings, options, report);
    if (held != nullptr) {
        held->stay_frozen(report);
        forget_backups(backup_folder, report);
    }
    if (is_told) end_change(state_folder);
    return report;
}

// Any part of the filter, or of a call that was killed.
bool has_anything(const debian_files& found) {
    if (found.has_filter() || is_changing(state_folder)) return true;
    const auto generated = read_file(debian_generated);
    return generated && *generated && (*generated)->text.find("acl_ie_judge") != std::string::npos;
}

// Nothing of ours is marked; an administrator may have put the fragments in by hand.
outcome<filter_finding> without_marks(const configuration& settings) {
    const auto macros = output_of_program({{settings.courier.exim, "-bP", "macros"}, ""});
    if (!macros) return macros.failure();
    if (macros->find("IE_HOOK_SOCKET=") == macros->npos) return filter_finding{};
    return filter_finding{filter_state::enabled, "put in by hand"};
}

}  // namespace

outcome<setup_report> enable_debian(const configuration& settings, const setup_options& options) {
    const auto lock = lock_folder(debian_folder);
    if (!lock) return lock.failure();
    const auto work = undertake(settings, options, true);
    if (!work) return work.failure();
    return carry_out(settings, options, *work, nullptr);
}

outcome<setup_report> disable_debian(const configuration& settings, const setup_options& options) {
    std::error_code code;
    if (!fs::exists(debian_folder, code)) return setup_report{};
    const auto lock = lock_folder(debian_folder);
    if (!lock) return lock.failure();
    // A server that never had the filter needs no Exim that works.
    const auto found = read_debian_files();
    if (!found && found.failure().code == error_code::not_found) return setup_report{};
    if (found && !has_anything(*found)) {
        setup_report report;
        if (!options.dry_run) forget_backups(backup_folder, report);
        if (!options.dry_run) end_change(state_folder);
        return report;
    }
    const auto work = undertake(settings, options, false);
    if (!work) return work.failure();
    held_mail held(settings.courier.exim, options);
    return carry_out(settings, options, *work, &held);
}

outcome<filter_finding> find_in_debian(const configuration& settings,
                                       const setup_options& options) {
    const auto found = read_debian_files();
    if (found && !found->has_filter()) return without_marks(settings);
    const auto work = undertake(settings, options, true);
    if (!work) return work.failure();
    if (!work->changes.empty()) {
        const auto& first = work->changes.front();
        return filter_finding{
            filter_state::altered,
            first.path + (first.now ? " differs from what belongs there" : " is missing")};
    }
    const auto acl = exim_setting(settings.courier.exim, "acl_smtp_data");
    if (!acl) return acl.failure();
    if (acl->starts_with("acl_ie_")) return filter_finding{filter_state::enabled, ""};
    return filter_finding{filter_state::altered, "it is in the files, but not in what Exim reads"};
}

}  // namespace ie::exim
