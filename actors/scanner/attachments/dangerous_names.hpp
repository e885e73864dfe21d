// Which names of files Windows would run. Pure. A name is read as generously as the most generous
// of mail clients and Windows itself would: without marks that can't be seen, in any case and
// width, without a path, a stream's name, or dots and spaces at its end.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ie {

// The last extension, in lower case, without its dot; empty: none. "A.PDF .eXe. " → "exe".
std::string extension_of(std::string_view name);

class dangerous_names {
  public:
    // Extensions in lower case, without their dots.
    explicit dangerous_names(const std::vector<std::string>& extensions);

    bool has(std::string_view extension) const;

    // By its extension, or by a class id in its place, which Windows hides and obeys.
    bool match(std::string_view name) const;

  private:
    std::unordered_set<std::string> extensions_;
};

}  // namespace ie
