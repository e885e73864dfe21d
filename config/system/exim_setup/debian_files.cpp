#include "config/system/exim_setup/debian_files.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

namespace ie::exim {
namespace {

namespace fs = std::filesystem;

constexpr const char* sections[] = {"main",  "acl",     "router", "transport",
                                    "retry", "rewrite", "auth"};
constexpr size_t files_max = 2'000;

// Names of regular files in a folder, in the order of `ls` in the C locale.
std::vector<std::string> names_in_folder(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code code;
    fs::directory_iterator entry(folder, code);
    for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
        if (entry->is_regular_file(code)) names.push_back(entry->path().filename());
    }
    std::ranges::sort(names);
    return names;
}

// update-exim4.conf passes over any other name.
bool is_part_name(const std::string& name) {
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

class reader {
  public:
    // False where the file isn't there.
    outcome<bool> take(const std::string& path) {
        if (found.files.contains(path)) return true;
        auto file = read_file(path);
        if (!file) return file.failure();
        if (!*file) return false;
        auto original = without_marked({path, (*file)->text});
        if (!original) return original.failure();
        found.originals[path] = std::move(*original);
        found.files[path] = std::move(**file);
        return true;
    }

    // A part of what Exim reads.
    outcome<bool> take_part(const std::string& path, bool included = false) {
        auto there = take(path);
        if (!there || !*there || found.is_ours(path)) return there;
        found.without.files.push_back({path, found.originals[path], included});
        return there;
    }

    outcome<bool> take_folder(const std::string& section, bool is_read) {
        const std::string folder = std::string(debian_folder) + "/conf.d/" + section;
        const auto names = names_in_folder(folder);
        const std::set<std::string> all(names.begin(), names.end());
        for (const auto& name : names) {
            if (!is_part_name(name)) continue;
            const bool replaced = all.contains(name + ".rul");
            auto taken = take(folder + "/" + name);
            if (taken && is_read) taken = take_part(folder + "/" + name + (replaced ? ".rul" : ""));
            if (!taken) return taken;
        }
        return true;
    }

    outcome<bool> take_includes() {
        std::set<std::string> asked;
        for (bool more = true; more;) {
            more = false;
            for (const auto& line : logical_lines(found.without.files)) {
                if (line.include.empty() || !asked.insert(line.include).second) continue;
                more = true;
                auto taken = take_part(line.include, true);
                if (!taken || asked.size() > files_max) return taken;
            }
        }
        return true;
    }

    debian_files found;
};

std::string in_folder(const char* name) {
    return std::string(debian_folder) + "/" + name;
}

outcome<bool> read_all(reader& in) {
    const auto by_hand = in.take_part(in_folder("exim4.conf"));
    if (!by_hand) return by_hand;
    const auto how = read_file(in_folder("update-exim4.conf.conf"));
    if (!how) return how.failure();
    const bool split = !*by_hand && *how && is_split((*how)->text);
    for (const char* section : sections) {
        if (auto taken = in.take_folder(section, split); !taken) return taken;
    }
    for (const char* name : {"exim4.conf.localmacros", "exim4.conf.template"}) {
        auto taken = in.take(in_folder(name));
        if (taken && !*by_hand && !split) taken = in.take_part(in_folder(name));
        if (!taken) return taken;
    }
    if (split) in.found.without.drop_in_folder = in_folder("conf.d");
    if (!*by_hand) in.found.without.generated = debian_generated;
    if (!in.found.without.files.empty()) return in.take_includes();
    return fail(error_code::not_found,
                std::string(debian_folder) + " has no Exim configuration; install exim4-config");
}

}  // namespace

bool debian_files::is_ours(const std::string& path) const {
    const auto file = files.find(path);
    return file != files.end() && !file->second.text.empty() && originals.at(path).empty();
}

bool debian_files::has_filter() const {
    return std::ranges::any_of(
        files, [&](const auto& each) { return each.second.text != originals.at(each.first); });
}

outcome<debian_files> read_debian_files() {
    reader in;
    if (auto done = read_all(in); !done) return done.failure();
    return std::move(in.found);
}

std::vector<std::string> folders_of(const debian_files& found) {
    std::set<std::string> folders;
    for (const auto& each : found.files) {
        folders.insert(fs::path(each.first).parent_path());
        folders.insert(fs::path(real_path(each.first)).parent_path());
    }
    for (const char* section : sections) folders.insert(in_folder("conf.d/") + section);
    return {folders.begin(), folders.end()};
}

}  // namespace ie::exim
