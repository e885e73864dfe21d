// The file by which Exim knows that incoming mail is filtered (config/system/exim/ie_acl): while it
// isn't, a mail costs Exim one look for it, and nobody is asked.
#pragma once

#include "messages/error.hpp"

namespace ie {

// Makes the file or takes it away; it is empty. Nothing to do where `path` is empty. Fails:
// storage_failed.
outcome<nothing> set_incoming_switch(const std::string& path, bool on);

// As it was told last.
bool incoming_switch(const std::string& path);

}  // namespace ie
