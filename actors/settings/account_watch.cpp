#include "actors/settings/account_watch.hpp"

namespace ie {

void account_watch::load() {
    // The stamps are taken first: a change while reading is seen by the next look.
    loaded_ = account_file_stamps(files_);
    auto directory = read_account_directory(files_);
    if (!directory) {
        const std::string& why = directory.failure().what;
        if (why != last_error_) logger_.error(event::settings_rejected, kv("what", why));
        last_error_ = why;
        const error_code code = directory.failure().code;
        unreadable_ = code == error_code::not_found || code == error_code::unavailable;
        return;
    }
    last_error_.clear();
    unreadable_ = false;
    logger_.info(event::settings_loaded, kv("provider", files_.provider),
                 kv("file", files_.domain_map), kv("domain_count", directory->domain_count()),
                 kv("account_count", directory->account_count()));
    directory_.set(std::move(*directory));
}

void account_watch::poll() {
    if (unreadable_ || account_file_stamps(files_) != loaded_) load();
}

}  // namespace ie
