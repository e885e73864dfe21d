// A folder of the test's own that every user may enter, gone with everything in it at its end; and
// what is in a file.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace ie::testing {

class temporary_folder {
  public:
    temporary_folder() {
        path_ = (std::filesystem::temp_directory_path() / "ie-test-XXXXXX").string();
        EXPECT_NE(::mkdtemp(path_.data()), nullptr) << path_;
        // Some tests call as another user, whom mkdtemp's mode would keep out.
        std::filesystem::permissions(path_, std::filesystem::perms{0755});
    }
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    const std::string& path() const { return path_; }
    std::string path(const std::string& name) const { return path_ + "/" + name; }

    // Writes a file of that name, to the byte, and returns its path.
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

  private:
    std::string path_;
};

// Empty where there is no such file.
inline std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace ie::testing
