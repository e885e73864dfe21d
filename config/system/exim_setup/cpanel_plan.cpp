#include "config/system/exim_setup/cpanel_plan.hpp"

#include <algorithm>

#include "config/system/exim_setup/exim_options.hpp"
#include "messages/text.hpp"

namespace ie::exim {
namespace {

error conflict(std::string what) {
    return fail(error_code::conflict, std::move(what));
}

bool is_section(std::string_view line) {
    line = trimmed(line);
    return line.size() > 2 && line.front() == '@' && line.back() == '@';
}

// exim.conf.local's lines with the sections' names left out, so that @CONFIG@ is read as the main
// section.
std::vector<config_file> main_section(const std::string& local) {
    std::string text;
    bool inside = false;
    for (const auto line : physical_lines(local)) {
        if (is_section(line)) inside = trimmed(line) == "@CONFIG@";
        text += inside && !is_section(line) ? std::string(line) : "\n";
    }
    return {{cpanel_local, text}};
}

// Adds at the beginning of a section; makes the section where it isn't there.
void put_into_section(std::vector<text_edit>& edits, const std::string& local,
                      const std::string& section, const std::string& text) {
    const auto lines = physical_lines(local);
    const auto found =
        std::ranges::find_if(lines, [&](auto line) { return trimmed(line) == section; });
    const std::string part = marked(section.substr(1, section.size() - 2), text);
    if (found != lines.end()) {
        edits.push_back({static_cast<size_t>(found - lines.begin()) + 2, 0, part});
    } else {
        edits.push_back({lines.size() + 1, 0, marked("section", section + "\n") + part});
    }
}

// One line each, without comments: cPanel takes the section apart.
std::string one_line_each(const std::string& text) {
    std::string all;
    for (const auto& line : logical_lines({{"", text}})) all += line.text + "\n";
    return all;
}

// The value of an option in exim.conf, as it is without us; empty where it isn't set.
std::string built_value(const std::string& built, const std::string& option) {
    for (const auto& line : logical_lines({{cpanel_built, built}})) {
        const auto set = assignment_of(line);
        if (line.section != "main" || !set || set->name != option) continue;
        const std::string ours = " : " + std::string(engine_user);
        if (set->value == engine_user) return "";
        return set->value.ends_with(ours) ? set->value.substr(0, set->value.size() - ours.size())
                                          : set->value;
    }
    return "";
}

// Hosts that may relay have several lists, by cPanel's version.
std::string relay_hosts(const std::string& built) {
    constexpr const char* known[] = {"relay_from_hosts", "relay_hosts", "loopback",
                                     "recent_authed_mail_ips", "trustedmailhosts"};
    std::string list;
    for (const auto& line : logical_lines({{cpanel_built, built}})) {
        const auto set = assignment_of(line);
        for (const char* each : known) {
            if (!set || set->name != std::string("hostlist ") + each) continue;
            list += (list.empty() ? "+" : " : +") + std::string(each);
        }
    }
    return list;
}

error replaces_cpanels_acl(const std::vector<config_file>& files, const own_option& own) {
    const bool is_data = own.option == "acl_smtp_data";
    return conflict(place_of(files, own.line) + ": " + own.option + " = " + own.value +
                    " takes the place of cPanel's ACL, from which the filter is called; take this "
                    "line out and put what your ACL does into " +
                    (is_data ? cpanel_data_acl : cpanel_local_acl));
}

// His own options of @CONFIG@ are taken over where they stand, and cPanel's default is added to.
outcome<std::string> options_text(std::vector<text_edit>& edits, const std::string& local,
                                  const std::string& built) {
    const auto files = main_section(local);
    const auto found = find_own_options(files);
    if (!found) return found.failure();
    const std::string was = built_value(built, "trusted_users");
    std::string trusted =
        "trusted_users = " + (was.empty() ? "" : was + " : ") + std::string(engine_user) + "\n";
    std::string received;
    const auto lines = physical_lines(local);
    for (const auto& own : *found) {
        if (own.option.starts_with("acl_")) return replaces_cpanels_acl(files, own);
        std::string kept;
        for (size_t at = 0; at < own.line.count; ++at) {
            kept += kept_line(lines[own.line.first - 1 + at]);
        }
        std::string set;
        if (own.option == "trusted_users") {
            trusted.clear();
            set = "trusted_users = " + own.value + " : " + std::string(engine_user) + "\n";
        } else {
            received = "IE_OWN_RECEIVED_TEXT = " + own.value + "\n";
        }
        edits.push_back({own.line.first, own.line.count, marked(own.option, kept + set)});
    }
    return trusted + received;
}

outcome<std::string> local_with_filter(const std::string& local, const std::string& built,
                                       const fragments& parts, const server_values& values) {
    if (!local.empty() && !local.ends_with('\n')) {
        return conflict(std::string(cpanel_local) +
                        ": the file doesn't end with a newline; add one");
    }
    std::vector<text_edit> edits;
    const auto options = options_text(edits, local, built);
    if (!options) return options.failure();
    const bool own_received = options->find("IE_OWN_RECEIVED_TEXT") != options->npos;
    auto macros = filled_in(parts.macros, values, own_received);
    if (!macros) return macros.failure();
    put_into_section(edits, local, "@CONFIG@", one_line_each(*options + *macros));
    put_into_section(edits, local, "@BEGINACL@", parts.acl.text);
    put_into_section(edits, local, "@PREROUTERS@", parts.routers.text);
    if (!parts.junk_routers.text.empty()) {
        put_into_section(edits, local, "@PREVIRTUALUSER@", parts.junk_routers.text);
    }
    put_into_section(edits, local, "@TRANSPORTSTART@", parts.transports.text);
    return edited(local, std::move(edits));
}

// NAME=1, whatever it was.
std::string switched_on(const std::string& options, const std::string& name) {
    std::vector<text_edit> edits;
    size_t number = 0;
    bool is_on = false;
    for (const auto line : physical_lines(options)) {
        ++number;
        if (!trimmed(line).starts_with(name + "=")) continue;
        is_on = is_on || trimmed(line) == name + "=1";
        if (trimmed(line) == name + "=1") continue;
        edits.push_back({number, 1, marked(name, kept_line(line) + name + "=1\n")});
        is_on = true;
    }
    if (!is_on) edits.push_back({number + 1, 0, marked(name, name + "=1\n")});
    return edited(options, std::move(edits));
}

// Released mail goes out as it came: cPanel's own checks don't see it.
std::string with_call(const std::string& acl) {
    const std::string call =
        marked("judge", "accept acl = acl_ie_release\nrequire acl = acl_ie_judge\n");
    return edited(acl, {{1, 0, call}});
}

}  // namespace

outcome<file_texts> cpanel_with_filter(const file_texts& originals, const std::string& built,
                                       const fragments& parts, const server_values& values) {
    // exim.conf may hold the filter already; what clashes with it is in his sections.
    if (auto checked = check_names({{cpanel_local, originals.at(cpanel_local)}}, parts); !checked) {
        return checked.failure();
    }
    server_values here = values;
    here.relay_hosts = relay_hosts(built);
    if (here.mailbox.empty()) here.mailbox = "IE_PANEL_MAILBOX";
    if (here.relay_hosts.empty()) {
        return conflict(std::string(cpanel_built) +
                        " has no list of hosts that may relay that is known; "
                        "define 'hostlist relay_from_hosts = …' in @CONFIG@ of " +
                        cpanel_local);
    }
    const std::string& options = originals.at(cpanel_options);
    if (!options.empty() && !options.ends_with('\n')) {
        return conflict(std::string(cpanel_options) +
                        ": the file doesn't end with a newline; add one");
    }
    auto local = local_with_filter(originals.at(cpanel_local), built, parts, here);
    if (!local) return local.failure();
    return file_texts{
        {cpanel_local, std::move(*local)},
        {cpanel_options, switched_on(switched_on(options, "acl_custom_begin_check_message_pre"),
                                     "acl_custom_begin_not_smtp")},
        {cpanel_data_acl, with_call(originals.at(cpanel_data_acl))},
        {cpanel_local_acl, with_call(originals.at(cpanel_local_acl))}};
}

outcome<nothing> check_built(const std::string& built, const fragments& parts) {
    const owned_names ours = names_in(parts);
    std::string first_router;
    size_t calls = 0;
    bool has_transport = false;
    for (const auto& line : logical_lines({{cpanel_built, built}})) {
        const std::string label = label_of(line);
        if (line.section == "routers" && first_router.empty()) first_router = label;
        if (line.section == "transports" && label == ours.transports.front()) has_transport = true;
        const auto set = assignment_of(line);
        if (set && set->name == "require acl" && set->value == "acl_ie_judge") ++calls;
    }
    if (first_router != ours.routers.front()) {
        return conflict(std::string(cpanel_built) + ": the first router is " + first_router +
                        ", not " + ours.routers.front() + "; see which section of " + cpanel_local +
                        " comes before "
                        "@PREROUTERS@");
    }
    if (calls < 2 || !has_transport) {
        return conflict(std::string(cpanel_built) +
                        " lacks parts of the filter: buildeximconf didn't take the ACL includes or "
                        "@TRANSPORTSTART@");
    }
    return nothing{};
}

}  // namespace ie::exim
