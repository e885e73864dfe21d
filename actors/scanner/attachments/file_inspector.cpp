#include "actors/scanner/attachments/file_inspector.hpp"

#include <algorithm>

#include "actors/scanner/attachments/archives/old_archive_names.hpp"
#include "actors/scanner/attachments/containers/inline_files.hpp"
#include "actors/scanner/attachments/containers/invite_files.hpp"
#include "actors/scanner/attachments/containers/outlook_message.hpp"
#include "actors/scanner/attachments/containers/signed_content.hpp"
#include "actors/scanner/attachments/containers/tnef.hpp"
#include "actors/scanner/attachments/containers/web_link.hpp"

namespace ie {
namespace {

constexpr std::string_view by_name = "program by name";
constexpr std::string_view by_type = "program by type";
constexpr size_t files_in_one_max = 1'000;  // in a text or a winmail.dat
constexpr uint64_t names_max = 250'000;     // in all archives of a mail
constexpr size_t read_again_max = 8;        // times all of a mail
constexpr std::string_view too_many_files = "too many files";

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
        "zip", "7z", "rar", "tar", "gz",  "tgz", "bz2", "tbz2", "xz",  "txz", "zst",  "lz",
        "lz4", "z",  "iso", "img", "cab", "lzh", "lha", "xar",  "arj", "ace", "zipx", "lzma"};
    return std::find(std::begin(extensions), std::end(extensions), extension) !=
           std::end(extensions);
}

// What is read whole, and nothing is told where it holds no files.
bool may_hold_files(std::string_view extension) {
    return extension == "msg" || extension == "p7m" || extension == "ics" || extension == "vcs";
}

bool is_mail_name(std::string_view extension) {
    return extension == "eml" || extension == "mht" || extension == "mhtml" || extension == "nws";
}

bool has_files_in_it(content_kind kind) {
    return kind == content_kind::archive || kind == content_kind::compressed ||
           kind == content_kind::named_only || kind == content_kind::compound ||
           kind == content_kind::tnef;
}

bool is_calendar(std::string_view type, std::string_view extension) {
    return type == "text/calendar" || extension == "ics" || extension == "vcs";
}

bool is_signed(std::string_view type, std::string_view extension) {
    return type == "application/pkcs7-mime" || type == "application/x-pkcs7-mime" ||
           extension == "p7m";
}

// "a.exe.gz" → "a.exe"; empty where a tar must be in it.
std::string_view unpacked_name(std::string_view name) {
    const std::string extension = extension_of(name);
    if (extension.empty() || extension.starts_with('t')) return {};
    return name.substr(0, name.rfind('.'));
}

}  // namespace

file_inspector::file_inspector(const attachment_rules& rules, const look_bounds& bounds,
                               size_t mail_bytes)
    : rules_(rules),
      bounds_(bounds),
      read_again_bytes_left_(read_again_max * (mail_bytes + 1'024)) {
    budget_.names = names_max;
    budget_.is_late = [this] { return bounds_.is_spent() || bounds_.is_late(); };
}

// The small ones first. One that takes too long by itself is judged by its names; it must not keep
// others from being looked into.
attachments_found file_inspector::take() {
    reads_contents_ = true;
    std::stable_sort(waiting_.begin(), waiting_.end(), [](const auto& left, const auto& right) {
        return left.file.bytes.size() < right.file.bytes.size();
    });
    for (; !waiting_.empty() && !is_full(); waiting_.pop_front()) {
        budget_.unpacked_bytes = rules_.unpacked_bytes_max;
        budget_.entries = rules_.entries_max;
        read_contents(waiting_.front());
        if (waiting_.size() == 1 || !bounds_.is_spent()) continue;
        too_many(waiting_[1].path, "takes too long to look into");
        break;
    }
    return findings_.take();
}

void file_inspector::inspect_again(std::string_view mail, const std::string& path, uint32_t depth) {
    if (mail.size() > read_again_bytes_left_) return too_many(path, "too many readings");
    read_again_bytes_left_ -= mail.size();
    inspect_mail(mail, path, depth);
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
    const bool is_invite = kind == content_kind::other && is_calendar(file.type, extension);
    const bool is_cms = kind == content_kind::other && is_signed(file.type, extension);
    if (!has_files_in_it(kind) && !is_mail && !is_invite && !is_cms) {
        if (is_container_name(extension)) note(path, "can't be read: judged by its name");
        return;
    }
    if (depth >= rules_.depth_max) return note(path, too_deep);
    if (is_cms) return inspect_mail(signed_content(file.bytes), path, depth + 1);
    if (is_invite) return open_invite(file.bytes, path, depth + 1);
    if (is_mail && kind == content_kind::other) return inspect_mail(file.bytes, path, depth + 1);
    if (kind == content_kind::tnef) return open_tnef(file.bytes, path, depth + 1);
    if (kind == content_kind::compound) return open_outlook(file.bytes, path, depth + 1);
    if (kind == content_kind::named_only) return open_old_archive(file.bytes, path);
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
    waiting_archive archive{file, path, kind, depth};
    archive.gap = list_archive(file.bytes, kind, budget_, visitor_for(path, depth));
    if (archive.gap == archive_gap::too_many_names) return too_many(path, gap_text(archive.gap));
    if (reads_contents_) return read_contents(archive);  // of another one's
    if (!archive.file.owner) {
        const auto copy = std::make_shared<const std::string>(file.bytes);
        archive.file.bytes = *copy;
        archive.file.owner = copy;
    }
    waiting_.push_back(std::move(archive));
}

archive_visitor file_inspector::visitor_for(const std::string& path, uint32_t depth) {
    archive_visitor visitor;
    visitor.on_name = [this, path](std::string_view name) {
        judge_names({path, {std::string(name)}, {}, {}});
    };
    visitor.wanted = [this](std::string_view name, std::string_view head) -> uint64_t {
        if (has_files_in_it(kind_of(head))) return rules_.unpacked_bytes_max;
        const std::string extension = extension_of(name);
        const bool whole =
            is_container_name(extension) || is_mail_name(extension) || may_hold_files(extension);
        return whole ? rules_.unpacked_bytes_max : 0;
    };
    visitor.on_file = [this, path, depth](std::string_view name, std::string_view bytes) {
        inspect({path, {std::string(name)}, {}, bytes}, depth);
    };
    return visitor;
}

void file_inspector::read_contents(const waiting_archive& archive) {
    const archive_gap gap = read_archive(archive.file.bytes, archive.kind, budget_,
                                         visitor_for(archive.path, archive.depth));
    if (gap == archive_gap::too_many_names) return too_many(archive.path, gap_text(gap));
    const archive_gap first = archive.gap == archive_gap::none ? gap : archive.gap;
    if (first != archive_gap::none) note(archive.path, gap_text(first));
}

void file_inspector::open_tnef(std::string_view bytes, const std::string& path, uint32_t depth) {
    auto files = tnef_files(bytes, files_in_one_max + 1);
    if (files.size() > files_in_one_max) too_many(path, too_many_files);
    for (auto& each : files) {
        inspect({path, std::move(each.names), {}, each.bytes}, depth);
    }
}

void file_inspector::open_outlook(std::string_view bytes, const std::string& path, uint32_t depth) {
    auto files = outlook_files(bytes, files_in_one_max + 1);
    if (files.size() > files_in_one_max) too_many(path, too_many_files);
    for (auto& each : files) inspect({path, std::move(each.names), {}, each.bytes}, depth);
}

void file_inspector::open_invite(std::string_view text, const std::string& path, uint32_t depth) {
    auto files = invite_files(text, files_in_one_max + 1);
    if (files.size() > files_in_one_max) too_many(path, too_many_files);
    for (auto& each : files) inspect({path, {std::move(each.name)}, {}, each.bytes}, depth);
}

void file_inspector::open_old_archive(std::string_view bytes, const std::string& path) {
    auto names = is_arj(bytes) ? arj_names(bytes, archive_names_max + 1)
                               : ace_names(bytes, archive_names_max + 1);
    if (names.size() > archive_names_max) too_many(path, gap_text(archive_gap::too_many_names));
    for (const auto name : names) judge_names({path, {std::string(name)}, {}, {}});
    note(path, "can't be read: judged by its names");
}

void file_inspector::inspect_text(std::string_view text, const std::string& path, uint32_t depth) {
    if (!may_have_inline_files(text)) return;
    auto files = inline_files(text, files_in_one_max + 1);
    if (files.size() > files_in_one_max) too_many(path, too_many_files);
    for (auto& each : files) {
        inspect({path, {std::move(each.name)}, {}, each.bytes}, depth);
    }
}

}  // namespace ie
