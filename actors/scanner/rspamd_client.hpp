// Asks Rspamd over HTTP: libcurl's multi interface on one thread of its own, over a bounded number
// of connections that are kept. The mail's bytes are posted from where they lie. Owns the thread;
// what waits when it goes is answered as absent.
#pragma once

#include <memory>

#include "actors/scanner/spam_checker.hpp"
#include "config/configuration.hpp"

namespace ie {

inline constexpr size_t rspamd_queue_max = 4'096;  // requests that wait for a connection

// Rspamd hangs up on more than its max_message, 50 MB where it isn't set: it is told that much.
inline constexpr size_t rspamd_mail_bytes_max = 50 << 20;

std::shared_ptr<spam_checker> make_rspamd_client(const configuration::rspamd_part& settings);

}  // namespace ie
