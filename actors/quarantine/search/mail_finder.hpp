// Finds held mail for who asks: which there are by the catalog, what they are by the database.
// Until the catalog is loaded, or when it can't be, the database alone answers, slower. Private to
// this folder.
#pragma once

#include "actors/quarantine/index/mail_index.hpp"
#include "actors/quarantine/search/mail_catalog.hpp"

namespace ie {

class mail_finder {
  public:
    static constexpr uint32_t rows_a_step = 2'000;

    // The catalog's files go into that folder.
    explicit mail_finder(std::string folder) : folder_(std::move(folder)) {}

    // Loads a part of what the database has. Fails: storage_failed.
    outcome<nothing> load(mail_index& index);
    bool is_loaded() const { return loaded_; }

    // After a commit.
    void learn(const std::vector<index_change>& changes);

    struct page {
        uint64_t count = 0;  // that match, on whatever page
        std::vector<mail_row> rows;
    };
    // Newest first. Fails: bad_request (the filter), storage_failed.
    outcome<page> find(mail_index& index, const mail_query& query, uint32_t limit, uint32_t offset);

  private:
    outcome<page> find_by_catalog(mail_index& index, const mail_query& query, uint32_t limit,
                                  uint32_t offset);
    void learn(const set_release& change);
    void learn(const add_recipients& change);
    template <class Other>
    void learn(const Other&) {}
    void forget();

    std::string folder_;
    std::optional<mail_catalog> catalog_;
    bool loaded_ = false;
};

}  // namespace ie
