#include "config/system/exim_setup/trial.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "config/system/exim_setup/trial_checks.hpp"
#include "config/system/exim_setup/trial_hook.hpp"
#include "config/system/exim_setup/trial_mounts.hpp"
#include "config/system/run_program.hpp"
#include "messages/json.hpp"

namespace ie::exim {
namespace {

outcome<std::string> generated_text(const std::string& path) {
    if (path.empty()) return std::string();
    if (auto done = generate(); !done) return done.failure();
    const auto file = read_file(path);
    if (!file) return file.failure();
    return *file ? (*file)->text : std::string();
}

// What is in the files but not in effect yet will be when they are read anew.
void note_pending(const trial_plan& plan, trial_result& result) {
    const auto before = read_file(plan.generated);
    const auto now = generated_text(plan.generated);
    if (plan.generated.empty() || !before || !now || !*before || (*before)->text == *now) return;
    result.notes.push_back(plan.generated +
                           " was older than what it is made of; changes that waited "
                           "there take effect now, too");
}

outcome<trial_result> tried(const trial_plan& plan) {
    trial_result result;
    if (auto done = isolate(plan); !done) return done.failure();
    note_pending(plan, result);
    for (const auto& [path, without] : plan.without) {
        if (auto done = lay(plan, path, without); !done) return done.failure();
    }
    auto text = generated_text(plan.generated);
    auto read = text ? check_readable(plan) : text.failure();
    if (!read) {
        return fail(error_code::conflict,
                    "Exim's configuration is wrong already without the filter; mend that first: " +
                        read.failure().what);
    }
    result.generated = *text;
    if (plan.with.empty()) return result;

    const auto took = try_submissions(plan);
    if (!took) return took.failure();
    for (const auto& [path, with] : plan.with) {
        if (auto done = lay(plan, path, with); !done) return done.failure();
    }
    text = generated_text(plan.generated);
    if (!text) return text.failure();
    result.generated = *text;
    if (auto done = check_filter(plan, *took, result.notes); !done) return done.failure();
    return result;
}

json to_json(const outcome<trial_result>& result) {
    if (!result) return json{{"code", result.failure().code}, {"what", result.failure().what}};
    return json{{"generated", result->generated}, {"notes", result->notes}};
}

outcome<trial_result> from_json(const std::string& text) {
    const json said = json::parse(text, nullptr, false);
    if (!said.is_object()) return fail(error_code::unavailable, "the trial broke off");
    if (said.contains("what")) {
        return error{said["code"].get<error_code>(), said["what"].get<std::string>()};
    }
    return trial_result{said["generated"].get<std::string>(),
                        said["notes"].get<std::vector<std::string>>()};
}

// Ends with its parent, and keeps nothing of it open: above all not its lock.
[[noreturn]] void child(const trial_plan& plan, pid_t parent, int output) {
    end_with(parent);
    output = ::dup2(output, STDERR_FILENO + 1);
    ::close_range(STDERR_FILENO + 2, ~0U, 0);
    const std::string text =
        to_json(tried(plan)).dump(-1, ' ', false, json::error_handler_t::replace);
    std::string_view left = text;
    while (!left.empty()) {
        const ssize_t size = ::write(output, left.data(), left.size());
        if (size <= 0) break;
        left.remove_prefix(static_cast<size_t>(size));
    }
    ::_exit(0);
}

}  // namespace

outcome<trial_result> try_configuration(const trial_plan& plan) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail(error_code::unavailable, "no pipe for the trial");
    const pid_t self = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) return fail(error_code::unavailable, "no process for the trial");
    if (process == 0) child(plan, self, ends[1]);
    ::close(ends[1]);
    std::string text;
    char block[4096];
    for (ssize_t size = 0; (size = ::read(ends[0], block, sizeof block)) != 0;) {
        if (size < 0 && errno != EINTR) break;
        if (size > 0) text.append(block, static_cast<size_t>(size));
    }
    ::close(ends[0]);
    while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
    }
    return from_json(text);
}

outcome<nothing> generate() {
    constexpr const char* script =
        "test -r /etc/default/exim4 && . /etc/default/exim4; exec update-exim4.conf $UPEX4OPTS";
    const auto before = read_file(debian_generated);
    const auto done = output_of_program({{"/bin/sh", "-c", script}, ""});
    if (!done) {
        // It leaves what it had written, and has taken the old file's mode away.
        ::unlink((std::string(debian_generated) + ".tmp").c_str());
        if (before && *before) ::chmod(debian_generated, (*before)->attributes.mode);
        return fail(error_code::conflict, "update-exim4.conf: " + done.failure().what);
    }
    return nothing{};
}

}  // namespace ie::exim
