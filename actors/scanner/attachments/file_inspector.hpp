// One look into one mail: judges each file by its names and content, and goes into those that hold
// others. Pure.
#pragma once

#include "actors/scanner/attachments/archive_walk.hpp"
#include "actors/scanner/attachments/attachment_scan.hpp"

namespace ie {

struct mail_file {
    std::string path;                // of what it is in; empty: the mail itself
    std::vector<std::string> names;  // that it may have; the first one is shown
    std::string_view type;           // "text/plain", in lower case; empty: not known
    std::string_view bytes;
};

constexpr std::string_view too_deep = "nested too deep: not looked into";

class file_inspector {
  public:
    file_inspector(const attachment_rules& rules, std::function<bool()> is_late);

    // `depth`: how many files it is in.
    void inspect_mail(std::string_view mail, const std::string& path, uint32_t depth);
    void inspect(const mail_file& file, uint32_t depth);
    void inspect_text(std::string_view text, const std::string& path, uint32_t depth);
    void note(std::string_view path, std::string_view what) { findings_.note(path, what); }
    bool is_full() const { return findings_.is_full(); }

    attachments_found take() { return findings_.take(); }

  private:
    bool judge_names(const mail_file& file);
    void judge_type(const mail_file& file);
    void open_archive(const mail_file& file, const std::string& path, content_kind kind,
                      uint32_t depth);
    void open_tnef(std::string_view bytes, const std::string& path, uint32_t depth);

    const attachment_rules& rules_;
    scan_budget budget_;
    finding_list findings_;
};

}  // namespace ie
