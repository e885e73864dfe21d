// What both layouts share of enabling and disabling.
#pragma once

#include "config/system/exim_setup/exim_fragments.hpp"
#include "config/system/exim_setup/file_set.hpp"
#include "config/system/exim_setup/setup.hpp"
#include "config/system/file_handle.hpp"

namespace ie::exim {

// Only one ie-config at a time changes this folder: until the handle goes. Fails: conflict,
// storage_failed.
outcome<file_handle> lock_folder(const std::string& folder);

// Fails: not_found, storage_failed.
outcome<fragments> load_fragments(const std::string& folder);

// Fails: not_found (there is no user of the engine).
outcome<server_values> values_of(const configuration& settings);

// A file that is written more than once counts as one change.
std::vector<file_change> by_file(const std::vector<file_change>& steps);

setup_report::change report_of(const file_change& change);

// Keeps what each file is without the filter, as it was. Fails: storage_failed.
outcome<nothing> back_up(const std::string& folder, const std::vector<file_change>& changes);

// With the mode, owner and time that the file had, where it is again what it was.
stored_file as_backed_up(const std::string& folder, const std::string& path, stored_file file);

// Forgets those of files that the filter isn't in: nothing came of it.
void take_back_backups(const std::string& folder, const std::vector<file_change>& changes);

// The filter is out: forgets the backups. Those that differ from the files as they are now stay,
// and are named.
void forget_backups(const std::string& folder, setup_report& report);

// From before the first file changes until Exim has been told there is a mark in this folder: what
// a killed call has left undone the next one does. Fails: storage_failed.
outcome<nothing> begin_change(const std::string& folder);
bool is_changing(const std::string& folder);
// Takes the mark away, and the folder where nothing else is in it.
void end_change(const std::string& folder);

}  // namespace ie::exim
