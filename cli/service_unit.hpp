// The services of ours, as systemd knows them.
#pragma once

#include <string>
#include <vector>

#include "messages/error.hpp"

namespace ie::cli {

// What to do about a part that doesn't answer, by its unit ("ie-engine.service"). Asks systemd
// where one runs.
std::string unit_advice(const std::string& unit);

// By what `systemctl show -p LoadState,ActiveState,NRestarts,UnitFileState` printed of it. Pure.
std::string unit_advice(const std::string& unit, const std::string& shown);

// That systemd starts it in, beside its user's own; none where no systemd runs.
std::vector<std::string> groups_of_unit(const std::string& unit);

// Engine, hook and release socket, now and with each start of the machine; or none of them.
// Fails: unavailable (no systemd runs here, or it can't).
outcome<nothing> start_services();
outcome<nothing> stop_services();

}  // namespace ie::cli
