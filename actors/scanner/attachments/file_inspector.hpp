// One look into one mail: judges each file by its names and content, and goes into those that hold
// others. Pure.
#pragma once

#include <deque>
#include <memory>

#include "actors/scanner/attachments/archives/archive_walk.hpp"
#include "actors/scanner/attachments/attachment_scan.hpp"

namespace ie {

struct mail_file {
    std::string path;                // of what it is in; empty: the mail itself
    std::vector<std::string> names;  // that it may have; the first one is shown
    std::string_view type;           // "text/plain", in lower case; empty: not known
    std::string_view bytes;
    std::shared_ptr<const void> owner{};  // keeps `bytes`; null: they are there for the call only
};

constexpr std::string_view too_deep = "nested too deep: not looked into";

class file_inspector {
  public:
    file_inspector(const attachment_rules& rules, const look_bounds& bounds, size_t mail_bytes);

    // `depth`: how many files it is in.
    void inspect_mail(std::string_view mail, const std::string& path, uint32_t depth);
    // The same bytes as another client reads them.
    void inspect_again(std::string_view mail, const std::string& path, uint32_t depth);
    void inspect(const mail_file& file, uint32_t depth);
    void inspect_text(std::string_view text, const std::string& path, uint32_t depth);
    void note(std::string_view path, std::string_view what) { findings_.note(path, what); }
    // What no honest mail has so many of.
    void too_many(std::string_view path, std::string_view what) { findings_.danger(path, what); }
    bool is_full() const { return findings_.is_full(); }

    // What is in the archives that were found; then all that was found.
    attachments_found take();

  private:
    // One whose names are known and whose contents aren't.
    struct waiting_archive {
        mail_file file;
        std::string path;
        content_kind kind{};
        uint32_t depth = 0;
        archive_gap gap = archive_gap::none;  // in its names
    };

    bool judge_names(const mail_file& file);
    void judge_type(const mail_file& file);
    void open_archive(const mail_file& file, const std::string& path, content_kind kind,
                      uint32_t depth);
    void read_contents(const waiting_archive& archive);
    archive_visitor visitor_for(const std::string& path, uint32_t depth);
    void open_tnef(std::string_view bytes, const std::string& path, uint32_t depth);
    void open_outlook(std::string_view bytes, const std::string& path, uint32_t depth);
    void open_invite(std::string_view text, const std::string& path, uint32_t depth);
    void open_old_archive(std::string_view bytes, const std::string& path);

    const attachment_rules& rules_;
    const look_bounds& bounds_;
    scan_budget budget_;
    size_t read_again_bytes_left_;
    bool reads_contents_ = false;
    std::deque<waiting_archive> waiting_;
    finding_list findings_;
};

}  // namespace ie
