#include "config/system/exim_setup/debian_plan.hpp"

#include <algorithm>
#include <filesystem>

#include "config/system/exim_setup/exim_options.hpp"
#include "messages/text.hpp"

namespace ie::exim {
namespace {

// Debian's files, beside which ours stand; each of ours sorts right behind or before its neighbour.
constexpr const char* options_file = "02_exim4-config_options";
constexpr const char* header_file = "00_exim4-config_header";
constexpr const char* local_user_file = "900_exim4-config_local_user";

error conflict(std::string what) {
    return fail(error_code::conflict, std::move(what));
}

// Collects what is to be changed.
class drawing {
  public:
    explicit drawing(const exim_configuration& found) : found_(found) {}

    void change(size_t file, text_edit edit) { edits_[file].push_back(std::move(edit)); }
    void add_file(const std::string& name, const std::string& text) {
        made_[found_.drop_in_folder + "/" + name] += text;
    }

    outcome<file_texts> finished() const {
        file_texts all = made_;
        for (const auto& [file, edits] : edits_) {
            const auto& [path, text, included] = found_.files[file];
            if (!text.ends_with('\n')) {
                return conflict(path + ": the file doesn't end with a newline; add one");
            }
            all[path] = edited(text, edits);
        }
        return all;
    }

  private:
    const exim_configuration& found_;
    std::map<size_t, std::vector<text_edit>> edits_;
    file_texts made_;
};

std::string base_name(const exim_configuration& found, const config_line& line) {
    std::string name = std::filesystem::path(found.files[line.file].path).filename();
    if (name.ends_with(".rul")) name.resize(name.size() - 4);
    return name;
}

const config_line* beginning(const std::vector<config_line>& lines, const std::string& section) {
    const auto is_it = [&](const config_line& line) {
        return begins_section(line) && line.section == section;
    };
    const auto found = std::ranges::find_if(lines, is_it);
    return found == lines.end() ? nullptr : &*found;
}

struct section_part {
    const char* section;
    const char* folder;  // in conf.d
    std::string text;
};

// At the beginning of its section. Fails: conflict (there is no such section).
outcome<nothing> put_first(drawing& to, const exim_configuration& found,
                           const std::vector<config_line>& lines, const section_part& part) {
    const auto* begin = beginning(lines, part.section);
    if (begin == nullptr) {
        return conflict(found.files.back().path + ": there is no line 'begin " + part.section +
                        "'; add one");
    }
    const std::string text = marked(part.section, part.text);
    if (!found.drop_in_folder.empty() && base_name(found, *begin) == header_file) {
        to.add_file(std::string(part.folder) + "/00_exim4-config_imunifyemail", text);
    } else {
        to.change(begin->file, {begin->first + begin->count, 0, text});
    }
    return nothing{};
}

// The label of the router that delivers to the mailboxes of local users.
const config_line* mailbox_label(const std::vector<config_line>& lines, const std::string& wanted) {
    const config_line* label = nullptr;
    const config_line* accepting = nullptr;
    bool accepts = false;
    bool checks_user = false;
    for (const auto& line : lines) {
        if (line.section != "routers" || begins_section(line)) continue;
        const std::string name = label_of(line);
        if (!name.empty()) {
            if (name == wanted) return &line;
            if (wanted.empty() && (name == "local_user" || name == "localuser")) return &line;
            label = &line;
            accepts = checks_user = false;
        }
        const auto set = assignment_of(line);
        accepts = accepts || (set && set->name == "driver" && set->value == "accept");
        checks_user = checks_user || line.text == "check_local_user";
        if (accepts && checks_user && accepting == nullptr) accepting = label;
    }
    return wanted.empty() ? accepting : nullptr;
}

outcome<nothing> put_junk_routers(drawing& to, const exim_configuration& found,
                                  const std::vector<config_line>& lines, const fragments& parts,
                                  const std::string& wanted) {
    if (parts.junk_routers.text.empty()) return nothing{};
    const auto* label = mailbox_label(lines, wanted);
    if (label == nullptr) {
        return conflict(
            found.files.back().path + ": there is no router " +
            (wanted.empty() ? "local_user" : wanted) +
            ", before which spam for mailboxes here is to be sorted out; name the one that "
            "delivers to them as hook.mailbox_router in the settings file");
    }
    const std::string text = marked("junk", parts.junk_routers.text);
    if (!found.drop_in_folder.empty() && base_name(found, *label) == local_user_file) {
        to.add_file("router/899_exim4-config_imunifyemail", text);
    } else {
        to.change(label->file, {label->first, 0, text});
    }
    return nothing{};
}

// His options: overridden from beside Debian's own file, or taken over where they stand.
void put_options(drawing& to, const exim_configuration& found,
                 const std::vector<own_option>& options) {
    for (const auto& own : options) {
        const bool is_debians =
            !found.drop_in_folder.empty() && base_name(found, own.line) == options_file;
        const auto override_text = is_debians ? overriding(found.files, own) : std::nullopt;
        if (override_text) {
            to.add_file("main/02_exim4-config_imunifyemail", marked(own.option, *override_text));
            continue;
        }
        const auto lines = physical_lines(found.files[own.line.file].text);
        std::string as_it_is;
        for (size_t at = 0; at < own.line.count; ++at) as_it_is += lines[own.line.first - 1 + at];
        to.change(own.line.file, {own.line.first, own.line.count, replacing(own, as_it_is)});
    }
}

outcome<nothing> put_main(drawing& to, const exim_configuration& found,
                          const std::vector<config_line>& lines, const std::string& macros) {
    const std::string text = marked("main", macros + setting_the_rest());
    if (!found.drop_in_folder.empty()) {
        to.add_file("main/zz_exim4-config_imunifyemail", text);
        return nothing{};
    }
    const auto begin = std::ranges::find_if(lines, begins_section);
    if (begin == lines.end()) {
        return conflict(found.files.back().path + ": there is no line 'begin acl'; add one");
    }
    to.change(begin->file, {begin->first, 0, text});
    return nothing{};
}

}  // namespace

outcome<file_texts> with_filter(const exim_configuration& found, const fragments& parts,
                                const server_values& values, const std::string& mailbox_router) {
    if (auto checked = check_clashes(found.files, parts); !checked) return checked.failure();
    const auto options = find_own_options(found.files);
    if (!options) return options.failure();
    const bool own_received = std::ranges::any_of(
        *options, [](const auto& own) { return own.option == "received_header_text"; });
    const auto macros = filled_in(parts.macros, values, own_received);
    if (!macros) return macros.failure();

    const auto lines = logical_lines(found.files);
    drawing to(found);
    const section_part sections[] = {
        {"transports", "transport", parts.transports.text},
        {"routers", "router", parts.routers.text},
        {"acl", "acl", parts.acl.text + "\n" + chaining_acls()},
    };
    for (const auto& each : sections) {
        if (auto put = put_first(to, found, lines, each); !put) return put.failure();
    }
    auto put = put_junk_routers(to, found, lines, parts, mailbox_router);
    if (!put) return put.failure();
    put_options(to, found, *options);
    put = put_main(to, found, lines, *macros);
    if (!put) return put.failure();
    return to.finished();
}

bool is_split(std::string_view update_exim4_conf) {
    bool split = false;
    for (const auto line : physical_lines(update_exim4_conf)) {
        constexpr std::string_view name = "dc_use_split_config=";
        const auto text = trimmed(line);
        if (!text.starts_with(name)) continue;
        std::string value = to_lower(text.substr(name.size()));
        std::erase_if(value, [](char c) { return c == '\'' || c == '"'; });
        split = value == "true";
    }
    return split;
}

}  // namespace ie::exim
