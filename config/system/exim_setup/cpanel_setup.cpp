#include "config/system/exim_setup/cpanel_setup.hpp"

#include <algorithm>
#include <filesystem>

#include "config/system/exim_setup/cpanel_plan.hpp"
#include "config/system/exim_setup/exim_process.hpp"
#include "config/system/exim_setup/held_mail.hpp"
#include "config/system/exim_setup/setup_parts.hpp"
#include "config/system/run_program.hpp"

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

// What uses others comes after those.
constexpr const char* sources[] = {cpanel_local, cpanel_data_acl, cpanel_local_acl, cpanel_options};

struct cpanel_files {
    std::map<std::string, std::optional<stored_file>> files;  // by path without the root
    file_texts originals;
    std::string built;
};

outcome<cpanel_files> read_cpanel_files(const std::string& root) {
    cpanel_files found;
    for (const char* path : sources) {
        auto file = read_file(root + path);
        if (!file) return file.failure();
        auto original = without_marked({path, *file ? (*file)->text : ""});
        if (!original) return original.failure();
        found.originals[path] = std::move(*original);
        found.files[path] = std::move(*file);
    }
    const auto built = read_file(root + cpanel_built);
    if (!built) return built.failure();
    if (*built) found.built = (*built)->text;
    return found;
}

bool has_filter(const cpanel_files& found) {
    return std::ranges::any_of(
        found.files, [](const auto& each) { return each.second && has_marks(each.second->text); });
}

std::vector<file_change> changes_to(const std::string& root, const cpanel_files& found,
                                    const file_texts& wanted) {
    std::vector<file_change> changes;
    for (const char* path : sources) {
        const auto& now = found.files.at(path);
        const std::string& text = wanted.at(path);
        if ((now ? now->text : "") == text) continue;
        file_change change{root + path, now, std::nullopt};
        // cPanel makes its ACL includes empty: one of ours alone goes, one that was there stays.
        const auto kept = read_file(root + backup_folder + root + path);
        if (!text.empty() || (kept && *kept)) {
            stored_file file{text, now ? now->attributes : file_attributes{}};
            file.attributes.modified.reset();
            change.wanted = as_backed_up(root + backup_folder, root + path, std::move(file));
        }
        changes.push_back(std::move(change));
    }
    return changes;
}

outcome<nothing> run_script(const setup_options& options, const std::vector<std::string>& words) {
    std::vector<std::string> call = words;
    call.front() = options.root + "/scripts/" + call.front();
    options.tell("running " + command_text({call, ""}));
    constexpr int script_ms_max = 300'000;
    const auto done = output_of_program({call, "", script_ms_max});
    if (!done) return fail(error_code::conflict, done.failure().what);
    return nothing{};
}

// One call of enabling or disabling.
struct undertaking {
    const configuration& settings;
    const setup_options& options;
    cpanel_files found;
    std::vector<file_change> changes;
    const fragments* parts = nullptr;  // the filter's; none where it is taken out
    held_mail* held = nullptr;         // where it is taken out

    std::string state() const { return options.root + state_folder; }
    std::string backups() const { return options.root + backup_folder; }
};

// Is exim.conf as the sources have the filter? Fails: conflict.
outcome<nothing> check_filter(const undertaking& work, const std::string& built) {
    if (work.parts != nullptr) return check_built(built, *work.parts);
    const auto has_call = [](const std::string& text) {
        return text.find("acl_ie_judge") != text.npos;
    };
    // One that somebody has put in by hand stays.
    const bool by_hand = std::ranges::any_of(
        work.found.originals, [&](const auto& each) { return has_call(each.second); });
    if (by_hand || !has_call(built)) return nothing{};
    return fail(error_code::conflict, std::string(cpanel_built) + " still has the filter");
}

// Exim reads what was built. Nobody is asked by it: the socket is none.
outcome<nothing> check_expressions(const undertaking& work) {
    if (work.parts == nullptr) return nothing{};
    work.options.tell("Exim expands the filter's expressions");
    for (const auto& each : expressions(*work.parts, work.settings.incoming.mailbox)) {
        auto done = check_expression(work.settings.courier.exim, each,
                                     {"IE_HOOK_SOCKET=/dev/null", no_folder_maker});
        if (!done) return done;
    }
    return nothing{};
}

// Fails: conflict; `has_built` tells whether exim.conf was made anew by then.
outcome<nothing> build(const undertaking& work, bool& has_built) {
    auto done = run_script(work.options, {"buildeximconf", "--acl_dry_run"});
    if (!done) return done;
    has_built = true;
    done = run_script(work.options, {"buildeximconf"});
    if (!done) return done;
    const auto built = read_file(work.options.root + cpanel_built);
    if (!built) return built.failure();
    done = check_filter(work, *built ? (*built)->text : "");
    return done ? check_expressions(work) : done;
}

outcome<nothing> put_in_place(const undertaking& work, bool& has_built) {
    auto done = begin_change(work.state());
    if (done && work.parts != nullptr) done = back_up(work.backups(), work.changes);
    if (!done) return done;
    file_set files(work.changes);
    done = files.prepare();
    if (done) done = files.replace();
    if (done) done = build(work, has_built);
    if (done) files.keep();
    return done;
}

// The sources are as they were; exim.conf has to follow them.
error taken_back(const undertaking& work, bool has_built, bool was_changing, error why) {
    take_back_backups(work.backups(), work.changes);
    outcome<nothing> done = nothing{};
    if (has_built) done = run_script(work.options, {"buildeximconf"});
    if (done && !was_changing) end_change(work.state());
    if (done) return why;
    return fail(error_code::internal,
                why.what +
                    "; the sources are as they were, but exim.conf couldn't be made of them: " +
                    done.failure().what + "; run /scripts/buildeximconf");
}

bool restart(const undertaking& work, setup_report& report) {
    const auto done = run_script(work.options, {"restartsrv_exim"});
    if (!done) report.notes.push_back("Exim couldn't be restarted: " + done.failure().what);
    return static_cast<bool>(done);
}

outcome<setup_report> carry_out(const undertaking& work) {
    setup_report report;
    for (const auto& each : work.changes) report.changes.push_back(report_of(each));
    const bool is_old = !check_filter(work, work.found.built);
    if (work.options.dry_run) {
        if (work.held != nullptr && has_filter(work.found)) work.held->foretell(report);
        return report;
    }
    if (work.changes.empty() && !is_old && !is_changing(work.state())) {
        if (work.held != nullptr) forget_backups(work.backups(), report);
        end_change(work.state());
        return report;
    }
    if (work.held != nullptr) {
        if (auto done = work.held->settle(); !done) return done.failure();
    }
    const bool was_changing = is_changing(work.state());
    bool has_built = false;
    if (auto done = put_in_place(work, has_built); !done) {
        return taken_back(work, has_built, was_changing, done.failure());
    }
    if (work.changes.empty()) report.notes.push_back(std::string(cpanel_built) + " was made anew");
    const bool is_told = restart(work, report);
    if (work.held != nullptr) {
        work.held->stay_frozen(report);
        forget_backups(work.backups(), report);
    }
    if (is_told) end_change(work.state());
    return report;
}

struct filter_parts {
    fragments parts;
    file_texts wanted;
};

outcome<filter_parts> wanted_with_filter(const configuration& settings,
                                         const setup_options& options, const cpanel_files& found) {
    const auto parts = load_fragments(options.fragments);
    if (!parts) return parts.failure();
    const auto values = values_of(settings);
    if (!values) return values.failure();
    auto wanted = cpanel_with_filter(found.originals, found.built, *parts, *values);
    if (!wanted) return wanted.failure();
    return filter_parts{*parts, std::move(*wanted)};
}

void remove_all_leftovers(const std::string& root) {
    for (const char* path : sources) {
        remove_leftovers(fs::path(root + path).parent_path());
        remove_leftovers(fs::path(real_path(root + path)).parent_path());
    }
}

}  // namespace

outcome<setup_report> enable_cpanel(const configuration& settings, const setup_options& options) {
    const auto lock = lock_folder(options.root + "/usr/local/cpanel");
    if (!lock) return lock.failure();
    if (!options.dry_run) remove_all_leftovers(options.root);
    auto found = read_cpanel_files(options.root);
    if (!found) return found.failure();
    const auto with = wanted_with_filter(settings, options, *found);
    if (!with) return with.failure();
    auto changes = changes_to(options.root, *found, with->wanted);
    return carry_out(
        {settings, options, std::move(*found), std::move(changes), &with->parts, nullptr});
}

outcome<setup_report> disable_cpanel(const configuration& settings, const setup_options& options) {
    const auto lock = lock_folder(options.root + "/usr/local/cpanel");
    if (!lock) return lock.failure();
    if (!options.dry_run) remove_all_leftovers(options.root);
    auto found = read_cpanel_files(options.root);
    if (!found) return found.failure();
    auto changes = changes_to(options.root, *found, found->originals);
    std::ranges::reverse(changes);
    held_mail held(settings.courier.exim, options);
    const undertaking work{settings,           options, std::move(*found),
                           std::move(changes), nullptr, &held};
    return carry_out(work);
}

outcome<filter_finding> find_in_cpanel(const configuration& settings,
                                       const setup_options& options) {
    const auto found = read_cpanel_files(options.root);
    if (!found) return found.failure();
    if (!has_filter(*found)) return filter_finding{};
    const auto with = wanted_with_filter(settings, options, *found);
    if (!with) return with.failure();
    const auto changes = changes_to(options.root, *found, with->wanted);
    if (!changes.empty()) {
        return filter_finding{filter_state::altered,
                              changes.front().path + " differs from what belongs there"};
    }
    if (auto built = check_built(found->built, with->parts); !built) {
        return filter_finding{filter_state::altered, built.failure().what};
    }
    return filter_finding{filter_state::enabled, ""};
}

}  // namespace ie::exim
