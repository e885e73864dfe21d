#include "actors/quarantine/store/mail_store.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "actors/journal/file_io.hpp"
#include "config/system/whole_file.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view temporary_end = ".new";
constexpr size_t file_bytes_max = size_t{1} << 30;
constexpr size_t begun_bytes_min = 64 << 10;  // the disk is given less in one piece later

error storage_error(const std::string& what, const std::string& path, int code) {
    return fail(error_code::storage_failed, what + " " + path + ": " + errno_text(code));
}

// Adds it to those that were `made` where it wasn't there.
bool make_folder(const std::string& path, std::vector<std::string>& made) {
    const bool done = ::mkdir(path.c_str(), 0700) == 0;
    if (done) made.push_back(path);
    return done || errno == EEXIST;
}

}  // namespace

outcome<mail_store> mail_store::open(const std::string& folder, fault_point fault) {
    mail_store store(folder, std::move(fault));
    std::vector<std::string> made;
    if (!make_folder(folder, made)) return storage_error("can't make folder", folder, errno);
    for (size_t i = 0; i < folder_count; ++i) {
        const std::string path = folder + "/" + folder_prefix(i);
        if (!make_folder(path, made)) return storage_error("can't make folder", path, errno);
    }
    if (made.empty()) return store;
    const auto synced = store.sync_folder(folder);
    if (synced) return store;
    // The next open() makes them anew: a second sync says nothing of these.
    for (auto each = made.rbegin(); each != made.rend(); ++each) (void)::rmdir(each->c_str());
    return synced.failure();
}

outcome<staged_mail> mail_store::stage(const stored_record& record, std::string_view mail) const {
    auto head = encode_stored_head(record);
    if (!head) return head.failure();
    const uint64_t file_bytes = head->size() + mail.size();
    const std::string path = staged_path_of(record.id);
    staged_mail staged{record.id, file_handle(path, O_WRONLY | O_CREAT | O_TRUNC), std::move(*head),
                       file_bytes};
    if (write(staged.file, path, staged.head, mail)) return staged;
    const int code = errno;
    discard(staged);
    return storage_error("can't write", path, code);
}

// Sets errno.
bool mail_store::write(const file_handle& file, const std::string& path, std::string_view head,
                       std::string_view mail) const {
    if (!file || fault_.fails("write", path)) return false;
    if (!write_all_at(file.get(), {part_of(head), part_of(mail)}, 0)) return false;
    // A hint: the disk has something to do while the next mail is written.
    if (mail.size() > begun_bytes_min) ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
    return true;
}

outcome<nothing> mail_store::sync_file(const staged_mail& staged) const {
    const std::string path = staged_path_of(staged.id);
    if (!fault_.fails("fsync_file", path) && ::fdatasync(staged.file.get()) == 0) return nothing{};
    return storage_error("can't fsync", path, errno);
}

outcome<nothing> mail_store::sync_folder(const staged_mail& staged) const {
    return sync_folder(folder_of(staged.id));
}

outcome<nothing> mail_store::publish(const staged_mail& staged) const {
    return rename(staged_path_of(staged.id), path_of(staged.id));
}

outcome<nothing> mail_store::rename(const std::string& from, const std::string& to) const {
    if (!fault_.fails("rename", to) && ::rename(from.c_str(), to.c_str()) == 0) return nothing{};
    return storage_error("can't rename to", to, errno);
}

void mail_store::discard(const staged_mail& staged) const {
    ::unlink(staged_path_of(staged.id).c_str());
}

outcome<nothing> mail_store::put(const stored_record& record, std::string_view mail) const {
    const auto staged = stage(record, mail);
    if (!staged) return staged.failure();
    const auto published = publish(*staged);
    if (!published) discard(*staged);
    return published;
}

outcome<stored_mail> mail_store::read(const mail_id& id) const {
    const std::string path = path_of(id);
    const auto bytes = read_bytes(path);
    if (!bytes) return bytes.failure();
    auto stored = decode_stored_mail(*bytes);
    if (!stored) return fail(error_code::storage_failed, path + ": " + stored.failure().what);
    if (stored->record.id != id) {
        return fail(error_code::storage_failed,
                    path + ": altered: it is the file of mail " + stored->record.id.value);
    }
    return stored;
}

outcome<mail_bytes> mail_store::read_bytes(const std::string& path) const {
    const file_handle file(path, O_RDONLY);
    if (!file && errno == ENOENT) return fail(error_code::not_found, "no file " + path);
    if (!file) return storage_error("can't open", path, errno);
    if (fault_.fails("read", path)) return storage_error("can't read", path, errno);
    auto bytes = read_all(file.get(), path, file_bytes_max);
    if (!bytes) return fail(error_code::storage_failed, "can't read " + bytes.failure().what);
    return mail_bytes(std::move(*bytes));
}

// Nothing where it is not that mail's, or altered. Fails: not_found, storage_failed (unreadable).
outcome<std::optional<stored_record>> mail_store::record_in(const std::string& path,
                                                            const mail_id& id) const {
    const auto bytes = read_bytes(path);
    if (!bytes) return bytes.failure();
    auto stored = decode_stored_mail(*bytes);
    if (!stored || stored->record.id != id) return std::optional<stored_record>{};
    return std::optional<stored_record>{std::move(stored->record)};
}

outcome<file_state> mail_store::look(const mail_id& id, const stored_record* record) const {
    bool is_there = false;
    for (const auto state : {file_state::named, file_state::staged}) {
        const auto found =
            record_in(state == file_state::named ? path_of(id) : staged_path_of(id), id);
        if (!found && found.failure().code == error_code::not_found) continue;
        if (!found) return found.failure();
        if (*found && (record == nullptr || **found == *record)) return state;
        is_there = is_there || state == file_state::named;
    }
    return is_there ? file_state::altered : file_state::absent;
}

// Under the temporary name meanwhile: so its folder, too, is written anew.
outcome<nothing> mail_store::write_again(const mail_id& id, bool is_staged) const {
    const std::string path = path_of(id);
    const std::string staged = staged_path_of(id);
    const std::string& from = is_staged ? staged : path;
    const auto bytes = read_bytes(from);
    if (!bytes) return bytes.failure();
    if (!write(file_handle(from, O_WRONLY), from, {}, bytes->view())) {
        return storage_error("can't write", from, errno);
    }
    if (!is_staged) {
        if (const auto renamed = rename(path, staged); !renamed) return renamed;
    }
    return rename(staged, path);
}

outcome<uint64_t> mail_store::file_bytes(const mail_id& id) const {
    struct stat about {};
    const std::string path = path_of(id);
    if (::stat(path.c_str(), &about) == 0) return static_cast<uint64_t>(about.st_size);
    if (errno == ENOENT) return fail(error_code::not_found, "no file " + path);
    return storage_error("can't look at", path, errno);
}

outcome<nothing> mail_store::remove(const mail_id& id) const {
    return remove_path(path_of(id));
}

outcome<nothing> mail_store::remove_staged(const mail_id& id) const {
    return remove_path(staged_path_of(id));
}

outcome<nothing> mail_store::remove_path(const std::string& path) const {
    if (!fault_.fails("unlink", path) && (::unlink(path.c_str()) == 0 || errno == ENOENT))
        return nothing{};
    return storage_error("can't remove", path, errno);
}

outcome<mail_store::names> mail_store::names_in(size_t folder) const {
    const std::string path = folder_ + "/" + folder_prefix(folder);
    names found;
    std::error_code failed;
    for (fs::directory_iterator entry(path, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::string name = entry->path().filename().string();
        const bool is_staged = name.ends_with(temporary_end);
        if (is_staged) name.resize(name.size() - temporary_end.size());
        if (is_uuid(name)) (is_staged ? found.staged : found.mails).emplace_back(name);
    }
    if (failed) return storage_error("can't list", path, failed.value());
    return found;
}

std::string mail_store::folder_prefix(size_t folder) {
    constexpr std::string_view digits = "0123456789abcdef";
    return {digits[folder / 16], digits[folder % 16]};
}

std::string mail_store::folder_of(const mail_id& id) const {
    return folder_ + "/" + id.value.substr(0, 2);
}

std::string mail_store::path_of(const mail_id& id) const {
    return folder_of(id) + "/" + id.value;
}

std::string mail_store::staged_path_of(const mail_id& id) const {
    return path_of(id).append(temporary_end);
}

outcome<nothing> mail_store::sync_folder(const std::string& path) const {
    const file_handle file(path, O_RDONLY | O_DIRECTORY);
    if (!fault_.fails("fsync_folder", path) && file && ::fsync(file.get()) == 0) return nothing{};
    return storage_error("can't fsync folder", path, errno);
}

}  // namespace ie
