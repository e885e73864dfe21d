#include "actors/settings/settings_actor.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "config/log.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr int64_t map_bytes_max = 64 << 20;

// What tells one version of a file from another without reading it.
struct file_stamp {
    uint64_t inode = 0;
    int64_t size = -1;
    int64_t modified_ns = 0;

    bool operator==(const file_stamp&) const = default;
};

outcome<file_stamp> stamp_of(const std::string& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) {
        return fail(error_code::not_found, path + ": " + errno_text(errno));
    }
    if (!S_ISREG(found.st_mode) || found.st_size > map_bytes_max) {
        return fail(error_code::too_large,
                    path + ": not a file of at most " + std::to_string(map_bytes_max) + " bytes");
    }
    constexpr int64_t second_ns = 1'000'000'000;
    return file_stamp{found.st_ino, found.st_size,
                      found.st_mtim.tv_sec * second_ns + found.st_mtim.tv_nsec};
}

outcome<account_directory> read_directory(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return fail(error_code::not_found, path + ": " + errno_text(errno));
    std::ostringstream text;
    text << in.rdbuf();
    auto parsed = account_directory::parse(text.str());
    if (!parsed) return fail(parsed.failure().code, path + ": " + parsed.failure().what);
    return parsed;
}

class settings_state {
  public:
    using pointer = settings_actor::stateful_pointer<settings_state>;

    explicit settings_state(pointer self) : self_(self) {}

    settings_actor::behavior_type start(const settings_options& options) {
        options_ = options;
        load();
        schedule_poll();
        return {
            [this](poll_atom) {
                poll();
                schedule_poll();
            },
            [this](reload_atom) { load(); },
            [this](const get_status&) { return on_get_status(); },
        };
    }

    static constexpr const char* name = "settings";

  private:
    void poll() {
        if (options_.domain_map.empty()) return;
        const auto stamp = stamp_of(options_.domain_map);
        if (stamp && *stamp == loaded_) return;
        load();
    }

    void load() {
        if (options_.domain_map.empty()) return;
        // The stamp is taken first: a change while reading is seen by the next look.
        const auto stamp = stamp_of(options_.domain_map);
        if (!stamp) return reject(stamp.failure().what);
        auto directory = read_directory(options_.domain_map);
        loaded_ = *stamp;
        if (!directory) return reject(directory.failure().what);
        last_error_.clear();
        domain_count_ = directory->domain_count();
        logger_.info(event::settings_loaded, kv("file", options_.domain_map),
                     kv("domain_count", domain_count_));
        options_.accounts->set(std::move(*directory));
    }

    void reject(const std::string& why) {
        if (why != last_error_) logger_.error(event::settings_rejected, kv("what", why));
        last_error_ = why;
    }

    actor_status on_get_status() {
        actor_status out;
        out.actor = name;
        out.state = last_error_.empty() ? actor_state::running : actor_state::degraded;
        out.last_error = last_error_;
        out.detail = options_.domain_map.empty()
                         ? "no domain map"
                         : std::to_string(domain_count_) + " domains from " + options_.domain_map;
        return out;
    }

    void schedule_poll() {
        self_->delayed_send(self_, std::chrono::milliseconds(options_.poll_interval_ms),
                            poll_atom_v);
    }

    pointer self_;
    logger logger_{name};
    settings_options options_;
    file_stamp loaded_;
    size_t domain_count_ = 0;
    std::string last_error_;
};

settings_actor::behavior_type behavior(settings_state::pointer self,
                                       const settings_options& options) {
    return self->state.start(options);
}

}  // namespace

settings_actor make_settings(caf::actor_system& system, thread_use use,
                             const settings_options& options) {
    return spawn_on(system, use, behavior, options);
}

}  // namespace ie
