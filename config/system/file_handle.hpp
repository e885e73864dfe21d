// An open file descriptor, closed at the end.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace ie {

class file_handle {
  public:
    file_handle() = default;
    explicit file_handle(int fd) : fd_(fd) {}
    file_handle(const std::string& path, int flags)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    file_handle(file_handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    file_handle& operator=(file_handle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~file_handle() { close(); }

    explicit operator bool() const { return fd_ >= 0; }
    int get() const { return fd_; }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    int fd_ = -1;
};

}  // namespace ie
