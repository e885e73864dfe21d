#include "actors/scanner/attachments/archives/archive_walk.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <clocale>

#include <algorithm>
#include <memory>

#include "actors/scanner/attachments/archives/rar5_headers.hpp"
#include "actors/scanner/attachments/archives/zip_names.hpp"

namespace ie {
namespace {

// libarchive turns the names of entries into those of the thread's locale.
class utf8_locale {
  public:
    utf8_locale() : made_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (made_ != nullptr) before_ = uselocale(made_);
    }
    ~utf8_locale() {
        if (made_ == nullptr) return;
        uselocale(before_);
        freelocale(made_);
    }
    utf8_locale(const utf8_locale&) = delete;
    utf8_locale& operator=(const utf8_locale&) = delete;

  private:
    locale_t made_;
    locale_t before_ = nullptr;
};

struct archive_free {
    void operator()(archive* each) const { archive_read_free(each); }
};

// An archive in memory. It is handed over in small pieces, and none when the time is up: a call
// into libarchive can't last long then, however much comes out of how little.
class archive_reader {
  public:
    archive_reader(std::string_view bytes, content_kind kind, const scan_budget& budget)
        : bytes_(bytes), budget_(budget), archive_(archive_read_new()) {
        archive* const to = archive_.get();
        if (to == nullptr) return;
        kind == content_kind::compressed ? take_compressed(to) : take_archives(to);
        archive_read_set_read_callback(to, [](archive* a, void* self, const void** out) {
            return static_cast<archive_reader*>(self)->read(a, out);
        });
        archive_read_set_skip_callback(to, [](archive*, void* self, la_int64_t size) {
            return static_cast<archive_reader*>(self)->skip(size);
        });
        archive_read_set_seek_callback(to, [](archive*, void* self, la_int64_t offset, int from) {
            return static_cast<archive_reader*>(self)->seek(offset, from);
        });
        archive_read_set_callback_data(to, this);
        is_open_ = archive_read_open1(to) == ARCHIVE_OK;
    }
    archive_reader(const archive_reader&) = delete;
    archive_reader& operator=(const archive_reader&) = delete;

    bool is_open() const { return is_open_; }
    archive* get() const { return archive_.get(); }

  private:
    static void take_archives(archive* to) {
        archive_read_support_filter_none(to);
        archive_read_support_format_zip(to);
        archive_read_support_format_7zip(to);
        archive_read_support_format_rar(to);
        archive_read_support_format_rar5(to);
        archive_read_support_format_tar(to);
        archive_read_support_format_iso9660(to);
        archive_read_support_format_cab(to);
        archive_read_support_format_lha(to);
        archive_read_support_format_xar(to);
        archive_read_support_format_cpio(to);
    }
    static void take_compressed(archive* to) {
        archive_read_support_filter_gzip(to);
        archive_read_support_filter_bzip2(to);
        archive_read_support_filter_xz(to);
        archive_read_support_filter_lzma(to);
        archive_read_support_filter_zstd(to);
        archive_read_support_filter_lzip(to);
        archive_read_support_filter_lz4(to);
        archive_read_support_filter_compress(to);
        archive_read_support_format_tar(to);
        archive_read_support_format_cpio(to);
        archive_read_support_format_raw(to);
    }

    la_ssize_t read(archive* from, const void** out) {
        constexpr size_t piece_bytes = 4'096;
        if (budget_.is_late()) {
            archive_set_error(from, ETIMEDOUT, "no time left");
            return ARCHIVE_FATAL;
        }
        const auto piece = bytes_.substr(at_, piece_bytes);
        at_ += piece.size();
        *out = piece.data();
        return static_cast<la_ssize_t>(piece.size());
    }
    la_int64_t skip(la_int64_t size) {
        const size_t step =
            std::min(static_cast<size_t>(std::max<la_int64_t>(size, 0)), bytes_.size() - at_);
        at_ += step;
        return static_cast<la_int64_t>(step);
    }
    la_int64_t seek(la_int64_t offset, int from) {
        const auto size = static_cast<la_int64_t>(bytes_.size());
        const auto base = from == SEEK_CUR   ? static_cast<la_int64_t>(at_)
                          : from == SEEK_END ? size
                                             : 0;
        // (No sum of the two: an offset may be any number.)
        if (offset < -base || offset > size - base) return ARCHIVE_FATAL;
        at_ = static_cast<size_t>(base + offset);
        return base + offset;
    }

    std::string_view bytes_;
    size_t at_ = 0;
    const scan_budget& budget_;
    bool is_open_ = false;
    std::unique_ptr<archive, archive_free> archive_;  // last: its end still reads
};

std::string name_of_entry(archive_entry* entry) {
    if (const char* name = archive_entry_pathname_utf8(entry)) return name;
    const char* name = archive_entry_pathname(entry);
    return name != nullptr ? name : "";
}

class walker {
  public:
    walker(std::string_view bytes, content_kind kind, scan_budget& budget,
           const archive_visitor& visitor)
        : bytes_(bytes), kind_(kind), budget_(budget), visitor_(visitor) {}

    archive_gap names() {
        if (is_encrypted_rar5(bytes_)) stop(archive_gap::encrypted);
        if (kind_ == content_kind::compressed) return gap_;
        each_entry(false);
        tell(rar5_names(bytes_, archive_names_max + 1));
        tell(zip_names(bytes_, archive_names_max + 1));
        return gap_;
    }

    archive_gap contents() {
        each_entry(true);
        return gap_;
    }

  private:
    void each_entry(bool with_contents) {
        const archive_reader reader(bytes_, kind_, budget_);
        if (!reader.is_open()) return stop(archive_gap::damaged);
        const bool tells_names = !with_contents || kind_ == content_kind::compressed;
        for (;;) {
            if (budget_.is_late()) return stop(archive_gap::too_late);
            archive_entry* entry = nullptr;
            const int result = archive_read_next_header(reader.get(), &entry);
            if (result == ARCHIVE_EOF) return note_encrypted(reader);
            if (result == ARCHIVE_FATAL) {
                note_encrypted(reader);
                return stop(archive_gap::damaged);
            }
            if (tells_names && !count_name()) return;
            if (result == ARCHIVE_FAILED) continue;
            if (tells_names) tell(entry);
            if (!with_contents) continue;
            if (may_look()) {
                look(reader.get(), entry);
            } else if (!tells_names) {
                return;
            }
        }
    }

    // False where there are too many of them.
    bool count_name() {
        if (budget_.names == 0 || ++names_ > archive_names_max) {
            gap_ = archive_gap::too_many_names;
            return false;
        }
        --budget_.names;
        return true;
    }

    void tell(archive_entry* entry) {
        const bool is_folder = archive_entry_filetype(entry) == AE_IFDIR;
        if (!is_folder || archive_entry_size(entry) > 0) visitor_.on_name(name_of_entry(entry));
        if (archive_entry_is_data_encrypted(entry) != 0) stop(archive_gap::encrypted);
    }

    // (They were counted before.)
    void tell(const std::vector<std::string_view>& names) {
        if (names.size() > archive_names_max) gap_ = archive_gap::too_many_names;
        for (const auto name : names) visitor_.on_name(name);
    }

    bool may_look() {
        if (budget_.unpacked_bytes == 0) stop(archive_gap::too_large);
        if (budget_.entries == 0) stop(archive_gap::too_many);
        return budget_.unpacked_bytes > 0 && budget_.entries > 0;
    }

    void look(archive* from, archive_entry* entry) {
        --budget_.entries;
        if (archive_entry_is_data_encrypted(entry) != 0) return stop(archive_gap::encrypted);
        if (archive_entry_filetype(entry) == AE_IFDIR) return;
        const std::string name = name_of_entry(entry);
        std::string content;
        read_to(from, entry_head_bytes, content);
        read_to(from, visitor_.wanted(name, content), content);
        visitor_.on_file(name, content);
    }

    void read_to(archive* from, uint64_t wanted, std::string& content) {
        while (content.size() < wanted) {
            const void* data = nullptr;
            size_t size = 0;
            la_int64_t offset = 0;
            if (budget_.is_late()) return stop(archive_gap::too_late);
            const int result = archive_read_data_block(from, &data, &size, &offset);
            if (result == ARCHIVE_EOF) return;
            if (result < ARCHIVE_WARN) return stop(archive_gap::damaged);
            const uint64_t taken = std::min<uint64_t>(size, budget_.unpacked_bytes);
            budget_.unpacked_bytes -= taken;
            content.append(static_cast<const char*>(data), taken);
            if (taken < size) return stop(archive_gap::too_large);
        }
    }

    void note_encrypted(const archive_reader& reader) {
        if (archive_read_has_encrypted_entries(reader.get()) > 0) stop(archive_gap::encrypted);
    }

    // The first reason is the one told.
    void stop(archive_gap why) {
        if (gap_ == archive_gap::none) gap_ = budget_.is_late() ? archive_gap::too_late : why;
    }

    std::string_view bytes_;
    content_kind kind_;
    scan_budget& budget_;
    const archive_visitor& visitor_;
    uint64_t names_ = 0;
    archive_gap gap_ = archive_gap::none;
};

}  // namespace

std::string_view gap_text(archive_gap gap) {
    switch (gap) {
        case archive_gap::none:
            return {};
        case archive_gap::encrypted:
            return "encrypted: judged by its names";
        case archive_gap::damaged:
            return "damaged: judged by what can be seen";
        case archive_gap::too_many:
            return "many entries: judged by the names of all and the first contents";
        case archive_gap::too_large:
            return "too large: judged by what was seen";
        case archive_gap::too_late:
            return "no time left: judged by what was seen";
        case archive_gap::too_many_names:
            return "too many entries";
    }
    return {};
}

archive_gap list_archive(std::string_view bytes, content_kind kind, scan_budget& budget,
                         const archive_visitor& visitor) {
    const utf8_locale locale;
    return walker(bytes, kind, budget, visitor).names();
}

archive_gap read_archive(std::string_view bytes, content_kind kind, scan_budget& budget,
                         const archive_visitor& visitor) {
    const utf8_locale locale;
    return walker(bytes, kind, budget, visitor).contents();
}

}  // namespace ie
