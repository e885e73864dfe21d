// How a journal's file is read: its records in order, through a window, so that a file of any size
// takes a bounded room. How a record looks is its owner's, the layout:
//
//     // The record at the front of `window`. Nothing where there is no whole, unaltered one. What
//     // it needs beyond the window it reads itself; `error`: the errno of that, where it fails.
//     std::optional<Record> take(std::string_view window, uint64_t offset, int& error);
//     // Bytes from one record to the next, of one that was taken.
//     uint64_t size_of(const Record&) const;
//     size_t record_bytes_max() const;  // that `take` may need of the window
//     size_t window_bytes() const;      // read at once
//     size_t alignment() const;         // records begin at multiples of it
//
// A torn tail is what a power cut leaves behind the last record; it ends the reading. Where the
// disk can't give a part of the file, or (`behind_damage`) something altered stands before records,
// what stands behind that is looked for.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "actors/journal/segment_file.hpp"

namespace ie {

struct scanned_journal {
    uint64_t end = 0;  // behind the last record
    uint64_t records = 0;
    uint64_t altered_bytes = 0;      // between records, or behind the last one
    bool is_altered_inside = false;  // before a record
    int error = 0;                   // an errno: the disk couldn't give all of it
};

enum class behind_damage : uint8_t { ends, goes_on };

template <class Layout, class Visit>
scanned_journal scan_journal(const segment_file& file, uint64_t file_bytes, Layout& layout,
                             behind_damage rule, Visit&& visit) {
    const size_t needed = layout.record_bytes_max();
    scanned_journal out;
    std::string window;
    uint64_t at = 0, window_at = 0;
    uint64_t altered = 0;  // since the last record
    bool is_lost = false;  // what stands here is looked for
    while (at < file_bytes) {
        const bool is_inside = at >= window_at && at - window_at <= window.size();
        const size_t left = is_inside ? window.size() - (at - window_at) : 0;
        const uint64_t there = file_bytes - at;
        if (left < std::min<uint64_t>(needed, there)) {
            const size_t size = std::min<uint64_t>(std::max(needed, layout.window_bytes()), there);
            window.resize(size);
            window_at = at;
            int code = file.read(window.data(), size, at);
            if (code != 0) {
                // Piece by piece, so that one that can't be had costs no more than itself.
                constexpr size_t sector = 512;
                out.error = code;
                const size_t piece = std::min<uint64_t>(sector - at % sector, there);
                window.resize(std::min<uint64_t>(needed, there));
                code = file.read(window.data(), window.size(), at);
                if (code != 0) {
                    window.clear();
                    at += piece;
                    altered += piece;
                    is_lost = true;
                    continue;
                }
            }
        }
        int error = 0;
        const auto record = layout.take(std::string_view(window).substr(at - window_at), at, error);
        if (error != 0) {
            out.error = error;
            is_lost = true;
        }
        if (record) {
            out.is_altered_inside = out.is_altered_inside || altered > 0;
            out.altered_bytes += std::exchange(altered, 0);
            is_lost = false;
            ++out.records;
            at += layout.size_of(*record);
            out.end = at;
            visit(*record);
        } else if (is_lost || rule == behind_damage::goes_on) {
            const size_t step = layout.alignment() - at % layout.alignment();
            at += step;
            altered += step;
        } else {
            break;
        }
    }
    out.altered_bytes += altered;
    return out;
}

}  // namespace ie
