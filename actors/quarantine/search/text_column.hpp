// One text of each row, to be searched for a part of it without regard to ASCII case. The texts lie
// in a file without a name, which the kernel may keep in memory or not; only their sizes are in
// ours, 4 bytes a text. Owns the file, which is gone with the process. After a failed call the
// column is as before it.
#pragma once

#include "actors/quarantine/search/row_set.hpp"
#include "actors/quarantine/search/text_search.hpp"
#include "config/system/file_handle.hpp"
#include "messages/error.hpp"

namespace ie {

class text_column {
  public:
    // Fails: storage_failed, as all here do.
    static outcome<text_column> open(const std::string& folder);

    size_t size() const { return lengths_.size(); }

    void expect(size_t texts) { lengths_.reserve(texts); }

    // Before each text: what was gathered is written where it is enough for that.
    outcome<nothing> make_room();
    // A text has any number of parts; what is searched for stands in one of them.
    void add_part(std::string_view part);
    void end_text();

    // Takes out of `texts` those that don't contain the pattern, which isn't empty and has at most
    // pattern_bytes_max. A large column is searched by two threads.
    outcome<nothing> keep_containing(std::string_view pattern, row_set& texts) const;
    static constexpr size_t pattern_bytes_max = 1'000;
    static constexpr uint64_t shared_bytes_min = 4 << 20;  // the two begin to be worth it

    // A column of these texts alone, in their order.
    outcome<text_column> copy_of(const row_set& texts) const;

  private:
    struct byte_range {
        uint64_t begin = 0;
        uint64_t end = 0;
    };
    struct group_range {
        size_t begin = 0;  // of 64 texts each
        size_t end = 0;
    };
    struct text_place {
        size_t number = 0;
        uint64_t begin = 0;  // of its bytes
    };
    class block;

    text_column(std::string folder, file_handle file)
        : folder_(std::move(folder)), file_(std::move(file)) {}
    uint64_t bytes() const { return written_bytes_ + tail_.size(); }
    uint64_t start_of_group(size_t group) const;
    outcome<nothing> read(uint64_t from, size_t size, char* to) const;
    outcome<nothing> mark_groups(std::string_view pattern, group_range groups, const row_set& texts,
                                 row_set& found) const;
    outcome<nothing> mark_matches(std::string_view pattern, size_t first_text, byte_range where,
                                  block& buffer, row_set& found) const;
    text_place mark_texts(byte_range where, text_place text, const match_places& places,
                          row_set& found) const;
    error failed(const char* what) const;

    std::string folder_;
    file_handle file_;
    uint64_t written_bytes_ = 0;
    std::string tail_;                    // not yet written
    std::vector<uint32_t> lengths_;       // of each text with the ends of its parts, bytes
    std::vector<uint64_t> group_starts_;  // where each 64th text begins
    uint32_t open_bytes_ = 0;             // of the text that isn't ended yet
};

}  // namespace ie
