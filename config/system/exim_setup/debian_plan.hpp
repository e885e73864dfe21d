// What Debian's Exim configuration looks like with the filter in it: a split one (conf.d), one of
// one file (exim4.conf.template), or one written by hand (exim4.conf). Pure.
//
// Into conf.d go files of our own, which dpkg doesn't know and never asks about; a file of the
// administrator's is changed only where it sets an option that the filter has to share. One file
// gets marked parts.
#pragma once

#include <map>

#include "config/system/exim_setup/exim_fragments.hpp"

namespace ie::exim {

// What an Exim configuration consists of, without the filter.
struct exim_configuration {
    std::vector<config_file> files;  // as Exim reads them; paths are real ones
    std::string drop_in_folder;      // of a split one: …/conf.d; else empty
    std::string generated;  // what update-exim4.conf makes of it; empty: Exim reads the files
};

// By path. A file that isn't there is one of ours that has to be made.
using file_texts = std::map<std::string, std::string>;

// `mailbox_router`: the router before which ie_junk_routers belongs; empty: local_user, localuser,
// or the first that accepts local users. Gives the files that differ from what they are without the
// filter. Fails: conflict, bad_request, with file, line and what to
// change.
outcome<file_texts> with_filter(const exim_configuration& found, const fragments& parts,
                                const server_values& values, const std::string& mailbox_router);

// dc_use_split_config of update-exim4.conf.conf, as a shell would read it.
bool is_split(std::string_view update_exim4_conf);

}  // namespace ie::exim
