// What a look into a mail's attachments has found. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/scan.hpp"

namespace ie {

// Gathers findings: each told once, dangers before notes, all within mail_verdict's bounds.
class finding_list {
  public:
    void danger(std::string_view path, std::string_view what);
    void note(std::string_view path, std::string_view what);  // of what couldn't be looked into
    bool is_full() const;  // of dangers: nothing more can be told
    attachments_found take();

  private:
    std::vector<std::string> dangers_;
    std::vector<std::string> notes_;
};

// "invoice.zip" and "a/b.exe" → "invoice.zip/a/b.exe", of any length shortened in the middle.
std::string path_below(std::string_view path, std::string_view name);

}  // namespace ie
