// In what order the filter's parts come into files and go out of them: after each write Exim can
// read the configuration, and takes mail by it. What is used comes before its user and goes after
// it, so a file with both is written more than once. Pure.
#pragma once

#include "config/system/exim_setup/debian_plan.hpp"

namespace ie::exim {

struct text_step {
    std::string path;
    std::string text;
};

// From the files without the filter to these.
std::vector<text_step> steps_in(const file_texts& with);

// From these to the files without it.
std::vector<text_step> steps_out(const file_texts& with);

}  // namespace ie::exim
