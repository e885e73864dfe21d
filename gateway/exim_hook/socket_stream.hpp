// A connected socket that is never waited for: reads what is there, writes what fits and keeps the
// rest.
#pragma once

#include <string>
#include <string_view>

#include "config/system/file_handle.hpp"

namespace ie {

class socket_stream {
  public:
    explicit socket_stream(file_handle connection) : connection_(std::move(connection)) {}

    enum class reading : uint8_t { some, nothing, ended, broken };
    // `taken` is a part of `buffer`.
    reading read(std::string& buffer, std::string_view& taken);

    // False where the client is gone.
    bool write(std::string_view bytes);
    bool flush();

    int get() const { return connection_.get(); }
    size_t unwritten_bytes() const { return unwritten_.size() - written_; }

  private:
    file_handle connection_;
    std::string unwritten_;
    size_t written_ = 0;  // of unwritten_
};

}  // namespace ie
