#include "actors/statistics/activity_tree.hpp"

#include <algorithm>

#include "messages/text.hpp"

namespace ie {
namespace {

bool passes(const std::string& filter, std::string_view name) {
    return filter.empty() || equal_ignoring_case(filter, name);
}

// Marks what is shown, leaves first: what is above a leaf may hang on it.
class filter_pass {
  public:
    filter_pass(const object_names& objects, const sums_by_object& sums, const get_activity& query,
                const account_name& seen_account)
        : objects_(objects),
          query_(query),
          seen_account_(seen_account),
          script_part_(to_lower(query.script_filter)),
          below_domain_(!query.sender_filter.empty()),
          below_account_(below_domain_ || !query.domain_filter.empty() || !script_part_.empty()),
          shown_(objects.size() + 1, false),
          has_child_(objects.size() + 1, false) {
        for (uint32_t number = objects.size(); number > 0; --number) {
            if (sums[number].none()) continue;
            const sender_object object = objects[number];
            shown_[number] = passes_filters(number, object);
            if (shown_[number]) has_child_[object.parent] = true;
        }
    }

    bool shown(uint32_t number) const { return shown_[number]; }

  private:
    bool passes_filters(uint32_t number, const sender_object& object) const {
        switch (object.kind) {
            case sender_kind::account:
                return passes(seen_account_.value, object.name) &&
                       passes(query_.account_filter, object.name) &&
                       (!below_account_ || has_child_[number]);
            case sender_kind::domain:
                return script_part_.empty() && passes(query_.domain_filter, object.name) &&
                       (!below_domain_ || has_child_[number]);
            case sender_kind::sender_email:
                return script_part_.empty() && passes(query_.sender_filter, object.name) &&
                       object.parent != 0 &&
                       passes(query_.domain_filter, objects_[object.parent].name);
            case sender_kind::script:
                break;
        }
        return !below_domain_ && query_.domain_filter.empty() &&
               (script_part_.empty() ||
                to_lower(object.name).find(script_part_) != std::string::npos);
    }

    const object_names& objects_;
    const get_activity& query_;
    const account_name& seen_account_;
    std::string script_part_;
    bool below_domain_;   // a domain is shown for an address below it only
    bool below_account_;  // an account is shown for something below it only
    std::vector<bool> shown_;
    std::vector<bool> has_child_;
};

// Who sent most comes first, then of whom most was held, then by name.
class by_activity {
  public:
    by_activity(const object_names& objects, const sums_by_object& sums)
        : objects_(objects), sums_(sums) {}

    bool operator()(uint32_t a, uint32_t b) const {
        if (sums_[a].messages != sums_[b].messages) return sums_[a].messages > sums_[b].messages;
        if (sums_[a].quarantined != sums_[b].quarantined) {
            return sums_[a].quarantined > sums_[b].quarantined;
        }
        return objects_[a].name < objects_[b].name;
    }
    template <class Shown>
    bool operator()(const Shown& a, const Shown& b) const {
        return (*this)(a.number, b.number);
    }

  private:
    const object_names& objects_;
    const sums_by_object& sums_;
};

// Puts what is shown below the page's accounts into them. A parent is met before its children.
void add_children(activity_page& page, const object_names& objects, const filter_pass& filter) {
    std::vector<uint32_t> place(objects.size() + 1, 0);  // in its list, from 1; 0: not on the page
    for (uint32_t i = 0; i < page.accounts.size(); ++i) place[page.accounts[i].number] = i + 1;
    for (uint32_t number = 1; number <= objects.size(); ++number) {
        if (!filter.shown(number)) continue;
        const sender_object object = objects[number];
        if (place[object.parent] == 0 || object.kind == sender_kind::account) continue;
        auto& account = page.accounts[place[objects.account_of(number)] - 1];
        if (object.kind == sender_kind::script) {
            account.scripts.push_back(number);
        } else if (object.kind == sender_kind::domain) {
            account.domains.push_back({number, {}});
            place[number] = static_cast<uint32_t>(account.domains.size());
        } else {
            account.domains[place[object.parent] - 1].sender_emails.push_back(number);
        }
    }
}

void sort_children(activity_page& page, const by_activity& order) {
    for (shown_account& account : page.accounts) {
        std::sort(account.domains.begin(), account.domains.end(), order);
        std::sort(account.scripts.begin(), account.scripts.end(), order);
        for (shown_domain& domain : account.domains) {
            std::sort(domain.sender_emails.begin(), domain.sender_emails.end(), order);
        }
    }
}

}  // namespace

void add_leaf(sums_by_object& sums, const block_row& leaf) {
    if (leaf.object >= sums.size()) return;
    sums[leaf.object].messages += leaf.counts[counter::messages];
    sums[leaf.object].quarantined += leaf.counts[counter::quarantined];
}

void sum_up(const object_names& objects, sums_by_object& sums) {
    for (uint32_t number = objects.size(); number > 0; --number) {
        if (sums[number].none()) continue;
        const sender_object object = objects[number];
        if (object.kind == sender_kind::script) continue;  // its mails are the addresses' too
        sums[object.parent].messages += sums[number].messages;
        sums[object.parent].quarantined += sums[number].quarantined;
    }
}

activity_page select_page(const object_names& objects, const sums_by_object& sums,
                          const get_activity& query, const account_name& seen_account) {
    const filter_pass filter(objects, sums, query, seen_account);
    const by_activity order(objects, sums);
    std::vector<uint32_t> accounts;
    for (uint32_t number = 1; number <= objects.size(); ++number) {
        const bool is_account = objects[number].kind == sender_kind::account;
        if (is_account && filter.shown(number)) accounts.push_back(number);
    }
    std::sort(accounts.begin(), accounts.end(), order);
    activity_page page;
    page.max_count = accounts.size();
    const size_t begin = std::min<size_t>(query.offset, accounts.size());
    const size_t end = begin + std::min<size_t>(query.limit, accounts.size() - begin);
    for (size_t i = begin; i < end; ++i) page.accounts.push_back({accounts[i], {}, {}});
    add_children(page, objects, filter);
    sort_children(page, order);
    return page;
}

}  // namespace ie
