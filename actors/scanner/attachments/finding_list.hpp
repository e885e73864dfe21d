// What a look into a mail's attachments has found. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "messages/scan.hpp"

namespace ie {

// Gathers findings: each told once, dangers before notes, all within hold_ticket's bounds.
class finding_list {
  public:
    void danger(std::string_view path, std::string_view what);
    void note(std::string_view path, std::string_view what);  // of what couldn't be looked into
    bool is_full() const;                                     // of dangers: no more are counted
    attachments_found take();

    static constexpr size_t counted_max = 100;  // dangers, and as many notes

  private:
    std::vector<std::string> dangers_;
    std::vector<std::string> notes_;
};

// "invoice.zip" and "a/b.exe" → "invoice.zip/a/b.exe", of any length shortened in the middle.
std::string path_below(std::string_view path, std::string_view name);

}  // namespace ie
