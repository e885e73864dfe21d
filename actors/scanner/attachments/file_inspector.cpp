#include "actors/scanner/attachments/file_inspector.hpp"

#include <algorithm>

#include "actors/scanner/attachments/inline_files.hpp"
#include "actors/scanner/attachments/tnef.hpp"
#include "actors/scanner/attachments/web_link.hpp"

namespace ie {
namespace {

constexpr std::string_view by_name = "program by name";
constexpr std::string_view by_type = "program by type";
constexpr size_t files_in_one_max = 1'000;  // in a text or a winmail.dat

// Media types that mail clients save with an extension where the file has none.
struct media_type {
    std::string_view type, extension;
};
constexpr media_type media_types[] = {
    {"application/x-msdownload", "exe"},
    {"application/x-msdos-program", "exe"},
    {"application/x-dosexec", "exe"},
    {"application/x-exe", "exe"},
    {"application/exe", "exe"},
    {"application/x-winexe", "exe"},
    {"application/vnd.microsoft.portable-executable", "exe"},
    {"application/x-msi", "msi"},
    {"application/x-ms-shortcut", "lnk"},
    {"application/hta", "hta"},
    {"application/bat", "bat"},
    {"application/x-bat", "bat"},
    {"application/x-powershell", "ps1"},
    {"application/java-archive", "jar"},
    {"application/vnd.ms-htmlhelp", "chm"},
    {"text/vbscript", "vbs"},
};

// What is read whole for the files in it, and told of where it can't be read.
bool is_container_name(std::string_view extension) {
    constexpr std::string_view extensions[] = {
        "zip", "7z", "rar", "tar", "gz",  "tgz", "bz2", "tbz2", "xz",  "txz", "zst", "lz",
        "lz4", "z",  "iso", "img", "cab", "lzh", "lha", "xar",  "arj", "ace", "zipx"};
    return std::find(std::begin(extensions), std::end(extensions), extension) !=
           std::end(extensions);
}

bool is_mail_name(std::string_view extension) {
    return extension == "eml" || extension == "mht" || extension == "mhtml" || extension == "nws";
}

bool has_files_in_it(content_kind kind) {
    return kind == content_kind::archive || kind == content_kind::compressed ||
           kind == content_kind::tnef;
}

// "a.exe.gz" → "a.exe"; empty where a tar must be in it.
std::string_view unpacked_name(std::string_view name) {
    const std::string extension = extension_of(name);
    if (extension.empty() || extension.starts_with('t')) return {};
    return name.substr(0, name.rfind('.'));
}

}  // namespace

file_inspector::file_inspector(const attachment_rules& rules, std::function<bool()> is_late)
    : rules_(rules) {
    budget_.unpacked_bytes = rules.unpacked_bytes_max;
    budget_.entries = rules.entries_max;
    budget_.is_late = std::move(is_late);
}

// Whether a name said what the file is.
bool file_inspector::judge_names(const mail_file& file) {
    bool has_extension = false;
    for (const auto& name : file.names) {
        has_extension = has_extension || !extension_of(name).empty();
        if (!rules_.names.match(name)) continue;
        if (extension_of(name) == "url" && is_web_link(file.bytes)) continue;
        findings_.danger(path_below(file.path, name), by_name);
        return true;
    }
    return has_extension;
}

void file_inspector::judge_type(const mail_file& file) {
    for (const auto& each : media_types) {
        if (file.type != each.type || !rules_.names.has(each.extension)) continue;
        findings_.danger(path_below(file.path, file.names.empty() ? file.type : file.names.front()),
                         by_type);
    }
}

void file_inspector::inspect(const mail_file& file, uint32_t depth) {
    if (!judge_names(file)) judge_type(file);
    const std::string path =
        path_below(file.path, file.names.empty() ? file.type : file.names.front());
    const std::string extension = file.names.empty() ? "" : extension_of(file.names.front());
    const content_kind kind = kind_of(file.bytes);
    if (rules_.names.has(extension_for(kind))) findings_.danger(path, danger_text(kind));
    const bool is_mail = is_mail_name(extension) || file.type.starts_with("message/");
    if (!has_files_in_it(kind) && !is_mail) {
        if (is_container_name(extension)) note(path, "can't be read: judged by its name");
        return;
    }
    if (depth >= rules_.depth_max) return note(path, too_deep);
    if (is_mail && kind == content_kind::other) return inspect_mail(file.bytes, path, depth + 1);
    if (kind == content_kind::tnef) return open_tnef(file.bytes, path, depth + 1);
    open_archive(file, path, kind, depth + 1);
}

void file_inspector::open_archive(const mail_file& file, const std::string& path, content_kind kind,
                                  uint32_t depth) {
    if (kind == content_kind::compressed) {
        for (const auto& name : file.names) {
            if (!rules_.names.match(unpacked_name(name))) continue;
            findings_.danger(path, by_name);
            break;
        }
    }
    archive_visitor visitor;
    visitor.on_name = [&](std::string_view name) {
        judge_names({path, {std::string(name)}, {}, {}});
    };
    visitor.wanted = [&](std::string_view name, std::string_view head) -> uint64_t {
        if (has_files_in_it(kind_of(head))) return rules_.unpacked_bytes_max;
        const std::string extension = extension_of(name);
        const bool whole = is_container_name(extension) || is_mail_name(extension);
        return whole ? rules_.unpacked_bytes_max : 0;
    };
    visitor.on_file = [&](std::string_view name, std::string_view bytes) {
        inspect({path, {std::string(name)}, {}, bytes}, depth);
    };
    const archive_gap gap = walk_archive(file.bytes, kind, budget_, visitor);
    if (gap != archive_gap::none) note(path, gap_text(gap));
}

void file_inspector::open_tnef(std::string_view bytes, const std::string& path, uint32_t depth) {
    for (auto& each : tnef_files(bytes, files_in_one_max)) {
        inspect({path, std::move(each.names), {}, each.bytes}, depth);
    }
}

void file_inspector::inspect_text(std::string_view text, const std::string& path, uint32_t depth) {
    if (!may_have_inline_files(text)) return;
    for (auto& each : inline_files(text, files_in_one_max)) {
        inspect({path, {std::move(each.name)}, {}, each.bytes}, depth);
    }
}

}  // namespace ie
