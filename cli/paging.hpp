// A list that is longer than one answer of the engine's, fetched page by page.
#pragma once

#include <algorithm>
#include <unordered_set>

#include "cli/session.hpp"

namespace ie::cli {

// Takes items out of a page that an earlier page of the same list had: what comes in between two
// requests moves the rest by one.
template <class Reply, class Item, class Id>
auto each_id_once(std::vector<Item> Reply::*items, Id Item::*id) {
    return [items, id, seen = std::unordered_set<Id>{}](Reply& page) mutable {
        std::erase_if(page.*items, [&](const Item& each) { return !seen.insert(each.*id).second; });
    };
}

// Up to `wanted` items from `request.offset` on. What else the reply says is the last page's.
// `drop_known` is called with each page.
template <message Reply, message Request, class Item, class DropKnown>
outcome<Reply> fetch_pages(client& engine, Request request, uint32_t wanted,
                           std::vector<Item> Reply::*items, DropKnown drop_known) {
    std::vector<Item> all;
    progress told;
    while (true) {
        const auto missing = wanted - static_cast<uint32_t>(all.size());
        request.limit = std::min(missing, Request::limit_max);
        auto page = engine.ask<Reply>(request);
        if (!page) return page.failure();
        const auto taken = static_cast<uint32_t>(((*page).*items).size());
        request.offset += taken;
        drop_known(*page);
        auto& fresh = (*page).*items;
        std::move(fresh.begin(), fresh.end(), std::back_inserter(all));
        if (taken == 0 || request.offset >= page->max_count || all.size() >= wanted) {
            fresh = std::move(all);
            return page;
        }
        told.show(std::to_string(all.size()) + " of " + std::to_string(page->max_count));
    }
}

}  // namespace ie::cli
