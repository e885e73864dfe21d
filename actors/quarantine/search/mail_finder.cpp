#include "actors/quarantine/search/mail_finder.hpp"

namespace ie {

outcome<nothing> mail_finder::load(mail_index& index) {
    if (!catalog_) {
        const auto total = index.total();
        if (!total) return total.failure();
        auto made = mail_catalog::open(folder_, total->mails);
        if (!made) return made.failure();
        catalog_.emplace(std::move(*made));
    }
    const auto rows = index.rows_after(catalog_->last_number(), rows_a_step);
    if (!rows) return rows.failure();
    for (const auto& row : *rows) {
        if (const auto added = catalog_->add(row); !added) {
            forget();
            return added.failure();
        }
    }
    loaded_ = rows->size() < rows_a_step;
    return nothing{};
}

// It is made anew by the next steps.
void mail_finder::forget() {
    catalog_.reset();
    loaded_ = false;
}

// New mails are loaded a moment later, or when somebody asks: a commit doesn't know their numbers.
void mail_finder::learn(const std::vector<index_change>& changes) {
    for (const auto& each : changes) {
        if (!catalog_) return;
        std::visit([this](const auto& change) { learn(change); }, each);
    }
}

void mail_finder::learn(const set_release& change) {
    catalog_->set_state(change.number, change.after.state);
}

void mail_finder::learn(const add_recipients& change) {
    if (!catalog_->add_recipients(change.number, change.recipients)) forget();
}

outcome<mail_finder::page> mail_finder::find(mail_index& index, const mail_query& query,
                                             uint32_t limit, uint32_t offset) {
    if (loaded_) {
        auto found = find_by_catalog(index, query, limit, offset);
        if (found || found.failure().code == error_code::bad_request) return found;
        forget();
    }
    const auto count = index.count(query);
    if (!count) return count.failure();
    auto rows = index.select(query, limit, offset);
    if (!rows) return rows.failure();
    return page{*count, std::move(*rows)};
}

outcome<mail_finder::page> mail_finder::find_by_catalog(mail_index& index, const mail_query& query,
                                                        uint32_t limit, uint32_t offset) {
    do {
        if (const auto loaded = load(index); !loaded) return loaded.failure();
    } while (!loaded_);
    const auto found = catalog_->find(query, limit, offset);
    if (!found) return found.failure();
    auto rows = index.rows_of(found->numbers);
    if (!rows) return rows.failure();
    return page{found->count, std::move(*rows)};
}

}  // namespace ie
