// The rules of an engine that nobody has configured, and mails with attachments to judge by them.
#pragma once

#include "actors/scanner/attachments/attachment_scan.hpp"
#include "config/windows_programs.hpp"

namespace ie::testing {

inline attachment_rules default_attachment_rules() {
    return {dangerous_names(windows_programs())};
}

inline attachments_found scan_in_peace(std::string_view mail,
                                       const attachment_rules& rules = default_attachment_rules()) {
    return scan_attachments(mail, rules, {[] { return false; }, [] { return false; }});
}

}  // namespace ie::testing
