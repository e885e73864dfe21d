// A folder for one test, gone afterwards.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace ie::testing {

class temporary_folder {
  public:
    temporary_folder() {
        std::string shape = (std::filesystem::temp_directory_path() / "ie-test-XXXXXX").string();
        path_ = mkdtemp(shape.data());
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string path() const { return path_.string(); }
    std::string file(const std::string& name) const { return (path_ / name).string(); }

  private:
    std::filesystem::path path_;
};

}  // namespace ie::testing
