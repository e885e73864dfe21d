// A folder of a Maildir (Maildir++), made and subscribed to, as Dovecot would on an IMAP client's
// behalf. Runs as the mailbox's owner and trusts nothing there: another process of his may change
// all of it at any time, which harms nobody else.
#pragma once

#include "messages/error.hpp"

namespace ie {

// `subscriptions` with the folder in it: as it is where it is there already. Both forms of
// Dovecot's file, with and without "V\t2" at its beginning, are kept. Pure.
std::string with_subscription(std::string_view subscriptions, std::string_view folder);

// Makes MAILDIR/.FOLDER with cur, new and tmp, and adds it to MAILDIR/subscriptions, under the lock
// that Dovecot takes for that. What is there already stays. Fails: bad_request (a folder's name
// with
// '/'), busy (somebody else holds the lock), storage_failed.
outcome<nothing> make_folder(const std::string& maildir, const std::string& folder);

}  // namespace ie
