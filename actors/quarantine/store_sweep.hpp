// Compares files and rows after a start, one folder a step. A file without a row is a hold that was
// never acknowledged, and goes; a row without a file is reported, and stays. Where so much is
// without a row that the database must have been lost, nothing goes. Private to this folder.
#pragma once

#include "actors/quarantine/quarantine_context.hpp"

namespace ie {

class store_sweep {
  public:
    static constexpr size_t orphans_max = 1'000;  // more than one crash can leave
    static constexpr int64_t settled_kept_ms = 7LL * 24 * 3600 * 1000;  // longer than Exim retries
    static constexpr uint32_t forgotten_at_once_max = 500;

    explicit store_sweep(quarantine_context& context) : context_(context) {}

    void step();  // call it until is_done()
    bool is_done() const { return next_folder_ == mail_store::folder_count; }

    // Drops what was settled long ago; does something at most once an hour.
    void forget_settled();

  private:
    void sweep_folder(size_t folder);
    void remove_orphans();

    quarantine_context& context_;
    size_t next_folder_ = 0;
    std::vector<mail_id> orphans_;
    int64_t forgotten_at_ms_ = 0;
};

}  // namespace ie
