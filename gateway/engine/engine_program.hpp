// The daemon: reads the settings, opens the door, starts the actors, and waits for signals. TERM
// and INT drain and stop, HUP reads the domain maps again and reopens the log, USR1 reopens the
// log.
#pragma once

#include "actors/journal/fault_point.hpp"

namespace ie {

// Returns the process's exit code. `fault` is asked before each of the quarantine's steps on disk.
int run_engine(int argc, char** argv, fault_point fault = {});

}  // namespace ie
