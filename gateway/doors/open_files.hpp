// How many files a process may open: each client takes one.
#pragma once

#include "messages/error.hpp"

namespace ie {

// Lifts the soft limit to the hard one. Call once at start. Fails: internal.
outcome<nothing> raise_open_files_limit();

}  // namespace ie
