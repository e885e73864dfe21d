// Exim's configuration as text (Exim's specification, chapter 6): logical lines, sections,
// settings, and the parts of ours in it. Pure; knows nothing of what the filter needs.
//
// What is ours stands between two marks, each a comment of its own line. A line of the
// administrator's that ours takes the place of is kept between them as a comment, so that a file
// says by itself what it was before: taking the parts out needs no other record, and works however
// much else was edited.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace ie::exim {

struct config_file {
    std::string path;
    std::string text;
    bool included = false;  // read where a line `.include PATH` of another one says so

    bool operator==(const config_file&) const = default;
};

// Without comments, continuations joined, no spaces at either end; never empty.
struct config_line {
    size_t file = 0;   // index into the files
    size_t first = 0;  // physical line, from 1
    size_t count = 0;  // of physical lines
    std::string text;
    std::string section;  // "main", "acl", "routers", …; of a `begin` line the one that it begins
    std::string include;  // the path that is included here, where it is known; else empty
};

// As Exim reads the files one after the other, those that are included in their places. A path that
// is included is known where it is plain, or made of macros that are defined before it.
std::vector<config_line> logical_lines(const std::vector<config_file>& files);

// "/etc/exim4/exim4.conf:12"
std::string place_of(const std::vector<config_file>& files, const config_line& line);

// `name = value`: an option (its `hide` left out), a macro's definition, an ACL's condition.
struct assignment {
    std::string name;
    std::string value;
};
std::optional<assignment> assignment_of(const config_line& line);

// The name of the ACL, router or transport that begins here; empty for any other line.
std::string label_of(const config_line& line);

bool begins_section(const config_line& line);
bool is_macro_name(std::string_view name);

// The text between marks, which it ends with a line end.
std::string marked(std::string_view name, std::string_view text);

// A line that ours takes the place of, as it stands between marks.
std::string kept_line(std::string_view line);

bool has_marks(std::string_view text);

// The names of the parts between marks.
std::vector<std::string> marked_parts(std::string_view text);

// The file's text as it is without us, or without those parts of ours whose names are chosen.
// Fails: conflict (a mark without its counterpart).
outcome<std::string> without_marked(
    const config_file& file,
    const std::function<bool(std::string_view name)>& chosen = [](auto) { return true; });

// What stands between marks: '+' what is ours, '-' what it takes the place of; one line each.
std::string marked_lines(std::string_view text);

// Puts `text` in the place of `count` physical lines from `first` on; 0: before that line.
struct text_edit {
    size_t first = 1;
    size_t count = 0;
    std::string text;
};
// Edits don't overlap; those at one place keep their order.
std::string edited(std::string_view text, std::vector<text_edit> edits);

std::vector<std::string_view> physical_lines(std::string_view text);

}  // namespace ie::exim
