// A folder for one test, gone at its end.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace ie {

class temporary_folder {
  public:
    temporary_folder() : path_(testing::TempDir() + "ie_test_XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace ie
