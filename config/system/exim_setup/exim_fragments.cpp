#include "config/system/exim_setup/exim_fragments.hpp"

#include <algorithm>

namespace ie::exim {
namespace {

constexpr const char* received_macro = "IE_RECEIVED_TEXT";

error conflict(std::string what) {
    return fail(error_code::conflict, std::move(what));
}

bool is_plain(std::string_view value) {
    return !value.empty() && std::ranges::all_of(value, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/._-").find(c) != std::string_view::npos;
    });
}

// A `$` that nothing follows is a regular expression's.
bool is_expansion(std::string_view value) {
    for (size_t at = value.find('$'); at < value.size() - 1; at = value.find('$', at + 1)) {
        const char next = value[at + 1];
        if (next == '{' || (next >= 'a' && next <= 'z')) return true;
    }
    return false;
}

// The one line of the fragment that defines this macro. Fails: bad_request.
outcome<config_line> definition_of(const config_file& macros, const std::string& name) {
    for (const auto& line : logical_lines({macros})) {
        const auto defined = assignment_of(line);
        if (defined && defined->name == name) return line;
    }
    return fail(error_code::bad_request, macros.path + " doesn't define " + name +
                                             "; install the fragments of this version again");
}

// The fragment's own definition, unless the administrator's text is there.
text_edit guarded(const config_file& macros, const config_line& line) {
    std::string text =
        ".ifdef IE_OWN_RECEIVED_TEXT\nIE_RECEIVED_TEXT = IE_OWN_RECEIVED_TEXT\n.else\n";
    const auto lines = physical_lines(macros.text);
    for (size_t at = 0; at < line.count; ++at) text += lines[line.first - 1 + at];
    return {line.first, line.count, text + ".endif\n"};
}

void add_name(owned_names& names, const config_line& line) {
    const auto defined = assignment_of(line);
    if (defined && is_macro_name(defined->name)) names.macros.push_back(defined->name);
    const std::string label = label_of(line);
    if (label.empty()) return;
    if (line.section == "acl") names.acls.push_back(label);
    if (line.section == "routers") names.routers.push_back(label);
    if (line.section == "transports") names.transports.push_back(label);
}

// The fragments as the sections of one configuration.
std::vector<config_file> as_configuration(const fragments& parts) {
    const auto in_section = [](const char* name, const config_file& part) {
        return config_file{part.path, std::string("begin ") + name + "\n" + part.text};
    };
    return {parts.macros, in_section("acl", parts.acl), in_section("routers", parts.routers),
            in_section("routers", parts.junk_routers), in_section("transports", parts.transports)};
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

outcome<nothing> check_label(const std::string& place, const config_line& line,
                             const owned_names& ours) {
    const std::string label = label_of(line);
    const char* kind = nullptr;
    if (line.section == "acl" && contains(ours.acls, label)) kind = "an ACL";
    if (line.section == "routers" && contains(ours.routers, label)) kind = "a router";
    if (line.section == "transports" && contains(ours.transports, label)) kind = "a transport";
    if (kind == nullptr) return nothing{};
    return conflict(place + ": there is " + kind + " " + label +
                    " already, which is a name of the filter's; take it out or rename it");
}

outcome<nothing> check_macro(const std::string& place, const std::string& name,
                             const owned_names& ours,
                             const std::vector<config_line>& fragment_lines) {
    if (contains(ours.macros, name) || name.starts_with("IE_OWN_")) {
        return conflict(place + ": " + name +
                        " is a macro of the filter's; take this definition out or rename it");
    }
    for (const auto& line : fragment_lines) {
        if (line.text.find(name) == line.text.npos) continue;
        return conflict(place + ": the macro " + name + " would be replaced inside the filter's '" +
                        line.text.substr(0, 60) + "'; rename it");
    }
    return nothing{};
}

outcome<nothing> check_lists(const std::vector<config_file>& files,
                             const std::vector<config_line>& lines) {
    for (const std::string needed : {"domainlist local_domains", "hostlist relay_from_hosts"}) {
        const bool there = std::ranges::any_of(lines, [&](const config_line& line) {
            const auto defined = assignment_of(line);
            return defined && defined->name == needed;
        });
        if (there) continue;
        return conflict(files.back().path + ": there is no '" + needed +
                        " = …', by which the filter knows what is from here; define it in the main "
                        "section");
    }
    return nothing{};
}

}  // namespace

outcome<std::string> filled_in(const config_file& macros, const server_values& values,
                               bool own_received_text) {
    constexpr uint32_t grace_s = 2;  // the hook's own deadline is to come first
    std::vector<std::pair<std::string, std::string>> all = {
        {"IE_HOOK_SOCKET", values.judge_socket},
        {"IE_LMTP_SOCKET", values.lmtp_socket},
        {"IE_RELEASE_UID", std::to_string(values.release_uid)},
        {"IE_HOOK_GONE", values.hook_gone},
        {"IE_INCOMING_SWITCH", values.incoming_switch},
        {"IE_JUNK_FOLDER", values.junk_folder},
        {"IE_JUDGE_TIMEOUT", std::to_string(values.judge_timeout_ms / 1000 + grace_s) + "s"}};
    if (!values.domain_map.empty()) all.emplace_back("IE_DOMAIN_MAP", values.domain_map);
    std::vector<text_edit> edits;
    for (const auto& [name, value] : all) {
        const auto line = definition_of(macros, name);
        if (!line) return line.failure();
        if (!is_plain(value)) {
            return fail(error_code::bad_request,
                        "'" + value + "' can't be " + name +
                            "; set another in the settings file, of letters, "
                            "digits and /._-");
        }
        edits.push_back({line->first, line->count, name + " = " + value + "\n"});
    }
    const std::pair<std::string, std::string> own[] = {{"IE_RELAY_HOSTS", values.relay_hosts},
                                                       {"IE_MAILBOX", values.mailbox}};
    for (const auto& [name, value] : own) {
        if (value.empty()) continue;
        const auto line = definition_of(macros, name);
        if (!line) return line.failure();
        edits.push_back({line->first, line->count, name + " = " + value + "\n"});
    }
    if (own_received_text) {
        const auto line = definition_of(macros, received_macro);
        if (!line) return line.failure();
        edits.push_back(guarded(macros, *line));
    }
    return edited(macros.text, std::move(edits));
}

std::vector<expression> expressions(const fragments& parts, const std::string& mailbox) {
    std::vector<expression> all;
    if (!mailbox.empty()) all.push_back({"the settings file", "incoming.mailbox", mailbox});
    const auto files = as_configuration(parts);
    for (const auto& line : logical_lines(files)) {
        const auto each = assignment_of(line);
        if (!each || !is_expansion(each->value)) continue;
        config_line at = line;
        if (line.file > 0) --at.first;  // the `begin` that as_configuration put there
        all.push_back({place_of(files, at), each->name, each->value});
    }
    return all;
}

owned_names names_in(const fragments& parts) {
    owned_names names;
    for (const auto& line : logical_lines(as_configuration(parts))) add_name(names, line);
    names.acls.insert(names.acls.end(), {"acl_ie_data", "acl_ie_not_smtp"});
    return names;
}

outcome<nothing> check_names(const std::vector<config_file>& files, const fragments& parts) {
    const owned_names ours = names_in(parts);
    const auto fragment_lines = logical_lines(as_configuration(parts));
    const auto lines = logical_lines(files);
    for (const auto& line : lines) {
        const std::string place = place_of(files, line);
        if (auto checked = check_label(place, line, ours); !checked) return checked;
        const auto defined = assignment_of(line);
        if (!defined || !is_macro_name(defined->name)) continue;
        auto checked = check_macro(place, defined->name, ours, fragment_lines);
        if (!checked) return checked;
    }
    return nothing{};
}

outcome<nothing> check_clashes(const std::vector<config_file>& files, const fragments& parts) {
    if (auto checked = check_names(files, parts); !checked) return checked;
    return check_lists(files, logical_lines(files));
}

}  // namespace ie::exim
