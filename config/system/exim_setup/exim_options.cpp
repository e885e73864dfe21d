#include "config/system/exim_setup/exim_options.hpp"

#include <algorithm>

#include "config/system/exim_setup/exim_fragments.hpp"

namespace ie::exim {
namespace {

struct shared_option {
    const char* option;
    const char* macro;
    const char* chained;  // what it is set to where his value is kept; empty: by the fragment
    const char* alone;    // what it is set to otherwise
};
constexpr shared_option shared_options[] = {
    {"acl_smtp_data", "IE_OWN_SMTP_DATA", "acl_ie_data", "acl_ie_judge"},
    {"acl_not_smtp", "IE_OWN_NOT_SMTP", "acl_ie_not_smtp", "acl_ie_judge"},
    {"trusted_users", "IE_OWN_TRUSTED_USERS", "", "_imunifyemail"},
    {"received_header_text", "IE_OWN_RECEIVED_TEXT", "", ""},
};

error conflict(const std::string& place, const std::string& what) {
    return fail(error_code::conflict, place + ": " + what);
}

// A value in quotes as Exim reads it. Fails where it has an escape other than \\, \" and \n.
std::optional<std::string> unquoted(std::string_view value) {
    if (!value.starts_with('"')) return std::string(value);
    if (value.size() < 2 || !value.ends_with('"')) return std::nullopt;
    value = value.substr(1, value.size() - 2);
    std::string text;
    for (size_t at = 0; at < value.size(); ++at) {
        if (value[at] == '"') return std::nullopt;
        if (value[at] == '\\') {
            if (++at == value.size()) return std::nullopt;
            if (std::string_view("\\\"nt").find(value[at]) == std::string_view::npos)
                return std::nullopt;
            if (value[at] == 'n' || value[at] == 't')
                text += '\\';  // the expansion knows these, too
        }
        text += value[at];
    }
    return text;
}

// What a value is, where it is a macro's name.
std::string looked_up(const std::string& value, const std::vector<config_line>& lines) {
    for (const auto& line : lines) {
        const auto defined = assignment_of(line);
        if (defined && is_macro_name(defined->name) && value == defined->name)
            return defined->value;
    }
    return value;
}

outcome<nothing> check_value(const std::string& place, const own_option& own,
                             const std::vector<config_line>& lines) {
    if (own.option == "trusted_users" && looked_up(own.value, lines).starts_with('<')) {
        return conflict(place,
                        "trusted_users has a separator of its own, with which Exim takes only the "
                        "first of them; write the users' names with colons between them");
    }
    if (own.option == "trusted_users" && own.value.find('$') != own.value.npos) {
        return conflict(place,
                        "trusted_users is an expansion, to which no user can be added; write the "
                        "users' names");
    }
    if (own.option.starts_with("acl_") && own.value.find_first_of("\"\\") != own.value.npos) {
        return conflict(place, own.option +
                                   " has quotes or backslashes in it, so that no other ACL can "
                                   "call it; put it into an ACL of its own and name that here");
    }
    return nothing{};
}

std::string setting(const own_option& own) {
    if (own.option == "trusted_users") {
        return "trusted_users = " + own.macro + " : " + std::string(engine_user) + "\n";
    }
    for (const auto& shared : shared_options) {
        if (own.option == shared.option && *shared.chained != '\0') {
            return own.option + " = " + shared.chained + "\n";
        }
    }
    return "";
}

}  // namespace

outcome<std::vector<own_option>> find_own_options(const std::vector<config_file>& files) {
    std::vector<own_option> found;
    const auto lines = logical_lines(files);
    for (const auto& line : lines) {
        const auto set = assignment_of(line);
        if (line.section != "main" || !set) continue;
        const auto* shared = std::ranges::find(shared_options, set->name, &shared_option::option);
        if (shared == std::end(shared_options)) continue;
        const std::string place = place_of(files, line);
        const auto value = unquoted(set->value);
        if (!value) {
            return conflict(place, set->name +
                                       " is in quotes with an escape that can't be kept; write "
                                       "it without quotes");
        }
        own_option own{set->name, shared->macro, line, *value};
        if (auto checked = check_value(place, own, lines); !checked) return checked.failure();
        found.push_back(std::move(own));
    }
    return found;
}

std::string replacing(const own_option& own, std::string_view line_as_it_is) {
    std::string text;
    for (const auto line : physical_lines(line_as_it_is)) text += kept_line(line);
    const bool is_empty = own.value.empty() && own.option != "received_header_text";
    if (!is_empty) text += own.macro + " = " + own.value + "\n" + setting(own);
    return marked(own.option, text);
}

std::optional<std::string> overriding(const std::vector<config_file>& files,
                                      const own_option& own) {
    if (!is_macro_name(own.value) || own.option == "received_header_text") return std::nullopt;
    const auto lines = logical_lines({files[own.line.file]});
    for (size_t at = 1; at < lines.size(); ++at) {
        const auto defined = assignment_of(lines[at]);
        if (!defined || defined->name != own.value) continue;
        if (lines[at - 1].text != ".ifndef " + own.value) return std::nullopt;
        std::string text = ".ifndef " + own.value + "\n" + own.value + " = " + defined->value +
                           "\n.endif\n" + own.macro + " = " + own.value + "\n";
        const std::string set = setting(own);
        return text + own.value + " =" + set.substr(set.find('='));
    }
    return std::nullopt;
}

std::string setting_the_rest() {
    std::string text;
    for (const auto& shared : shared_options) {
        if (*shared.alone == '\0') continue;
        text += std::string(".ifndef ") + shared.macro + "\n" + shared.option + " = " +
                shared.alone + "\n.endif\n";
    }
    return text;
}

std::string chaining_acls() {
    std::string text;
    for (const auto& shared : shared_options) {
        if (!std::string_view(shared.chained).starts_with("acl_")) continue;
        text += std::string(".ifdef ") + shared.macro + "\n" + shared.chained +
                ":\n  accept\n    acl = acl_ie_release\n  accept\n    endpass\n    acl = \"" +
                shared.macro + "\"\n    acl = acl_ie_judge\n.endif\n";
    }
    return text;
}

}  // namespace ie::exim
