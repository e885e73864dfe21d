// What the journal has that may not be on the disk: written again as message files. Rows that are
// missing then are the sweep's. Private to this folder.
#pragma once

#include "actors/quarantine/quarantine_context.hpp"

namespace ie {

// Empties the journal. `rewrite`: the files' pages can't be trusted, since the disk refused to take
// them. Fails: storage_failed; then the journal keeps what it has, and it can be tried again.
outcome<nothing> recover_holds(quarantine_context& context, bool rewrite);

}  // namespace ie
