// The catalog beside one that looks at every mail, and beside quarantine.db, driven by the same
// random steps: each answer must be the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "actors/quarantine/index/mail_index.hpp"
#include "actors/quarantine/search/mail_catalog.hpp"
#include "messages/text.hpp"
#include "tests/support/temporary_folder.hpp"

namespace ie {
namespace {

constexpr int64_t start_ms = 1'700'000'000'000;

bool contains(const std::string& text, const std::string& part) {
    return to_lower(text).find(to_lower(part)) != std::string::npos;
}

bool matches(const mail_row& row, const mail_query& query) {
    const mail_filter& filter = query.filter;
    const hold_ticket& ticket = row.ticket;
    const auto has_reason = [&](hold_reason each) {
        return enum_names(each)[static_cast<size_t>(each)] == filter.reason;
    };
    const auto is_recipient = [&](const auto& each) { return contains(each, filter.recipient); };
    return is_shown(row.release.state) &&
           (!query.held_only || row.release.state == mail_state::held) &&
           (query.account.empty() ||
            equal_ignoring_case(query.account.value, ticket.owner.account.value)) &&
           (filter.since_s == 0 || ticket.received_at_ms >= filter.since_s * 1000) &&
           (filter.until_s == 0 || ticket.received_at_ms < filter.until_s * 1000) &&
           (filter.reason.empty() || std::ranges::any_of(ticket.reasons, has_reason)) &&
           contains(ticket.sender, filter.sender) && contains(row.subject, filter.subject) &&
           (contains(ticket.owner.script, filter.script) ||
            contains(row.script_header.raw, filter.script)) &&
           (filter.recipient.empty() || std::ranges::any_of(row.recipients, is_recipient));
}

class naive_catalog {
  public:
    std::map<int64_t, mail_row> mails;

    std::vector<int64_t> find(const mail_query& query) const {
        std::vector<std::pair<int64_t, int64_t>> found;
        for (const auto& [number, row] : mails) {
            if (matches(row, query)) found.emplace_back(row.ticket.received_at_ms, number);
        }
        std::sort(found.rbegin(), found.rend());
        std::vector<int64_t> numbers;
        for (const auto& each : found) numbers.push_back(each.second);
        return numbers;
    }
};

// Texts of few letters, so that filters match.
class random_mails {
  public:
    // SQLite's LIKE ends a text at a NUL and knows only UTF-8.
    random_mails(unsigned seed, bool any_bytes) : random_(seed), any_bytes_(any_bytes) {}

    size_t below(size_t end) { return random_() % end; }

    std::string text(size_t letters_max) {
        static const std::vector<std::string> letters{"a", "B", "b", "A", "%", "_", "!",
                                                      "ä", "Ä", "@", ".", "€", "\\"};
        static const std::vector<std::string> bytes{std::string(1, '\0'), "\xff", "\xc3"};
        std::string out;
        for (size_t i = below(letters_max + 1); i > 0; --i) {
            out += any_bytes_ && below(10) == 0 ? bytes[below(bytes.size())]
                                                : letters[below(letters.size())];
        }
        return out;
    }
    std::vector<std::string> texts(size_t count_max) {
        std::vector<std::string> out(below(count_max + 1));
        for (auto& each : out) each = text(8);
        return out;
    }

    mail_row row(int64_t number) {
        mail_row row;
        row.number = number;
        char id[40];
        std::snprintf(id, sizeof id, "%08x-d547-4b29-b8f0-f5331821c930",
                      static_cast<unsigned>(number));
        row.id = row.ticket.id = mail_id{id};
        row.ticket.owner.account = account_name{account()};
        row.ticket.owner.script = text(4);
        row.script_header.raw = text(4);
        row.ticket.sender = text(5);
        row.subject = text(below(50) == 0 ? 4'000 : 12);
        row.recipients = texts(3);
        for (size_t i = 0; i < enum_names(hold_reason{}).size(); ++i) {
            if (below(2) == 0) row.ticket.reasons.push_back(static_cast<hold_reason>(i));
        }
        const auto jitter_ms = static_cast<int64_t>(below(below(20) == 0 ? 100'000 : 3'000));
        row.ticket.received_at_ms = start_ms + number * 500 - jitter_ms;
        return row;
    }

    mail_query query(int64_t last_number) {
        mail_query query;
        mail_filter& filter = query.filter;
        const auto at_s = [&] {
            return start_ms / 1000 +
                   static_cast<int64_t>(below(static_cast<size_t>(last_number) / 2 + 2));
        };
        if (below(4) == 0) query.account = account_name{account()};
        query.held_only = below(4) == 0;
        if (below(5) == 0) filter.since_s = at_s();
        if (below(5) == 0) filter.until_s = at_s();
        if (below(4) == 0) filter.reason = enum_names(hold_reason{})[below(3)];
        if (below(4) == 0) filter.sender = text(2);
        if (below(4) == 0) filter.recipient = text(3);
        if (below(4) == 0) filter.subject = text(4);
        if (below(4) == 0) filter.script = text(2);
        return query;
    }

  private:
    std::string account() {
        static const std::vector<std::string> names{"alice", "Alice", "bob", "carol", "none"};
        return names[below(names.size())];
    }

    std::mt19937 random_;
    bool any_bytes_;
};

// The steps' effect on all that are compared; `index` may be none.
class compared {
  public:
    compared(unsigned seed, mail_index* index) : make_(seed, index == nullptr), index_(index) {}

    void run(int steps, size_t changes_a_step) {
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            for (size_t n = make_.below(changes_a_step); n > 0; --n) change();
            compare(make_.query(last_));
        }
    }

  private:
    void change() {
        const size_t kind = make_.below(10);
        if (kind < 4 || naive_.mails.empty()) return add();
        const auto number = static_cast<int64_t>(1 + make_.below(static_cast<size_t>(last_)));
        if (kind < 5) return add_recipients_to(number);
        set_state(number);
    }

    void add() {
        const auto row = make_.row(++last_);
        naive_.mails[last_] = row;
        ASSERT_TRUE(catalog_.add(row));
        if (index_ == nullptr) return;
        ASSERT_TRUE(index_->commit({add_mail{row}}));
    }

    void add_recipients_to(int64_t number) {
        const auto recipients = make_.texts(3);
        auto& all = naive_.mails[number].recipients;
        all.insert(all.end(), recipients.begin(), recipients.end());
        ASSERT_TRUE(catalog_.add_recipients(number, recipients));
        if (index_ == nullptr) return;
        ASSERT_TRUE(index_->commit({add_recipients{number, recipients, 0}}));
    }

    void set_state(int64_t number) {
        mail_state& state = naive_.mails[number].release.state;
        if (!is_shown(state)) return;
        state = static_cast<mail_state>(make_.below(4));
        catalog_.set_state(number, state);
        if (index_ == nullptr) return;
        ASSERT_TRUE(index_->commit({set_release{number, {state, {}, {}}, start_ms}}));
    }

    void compare(const mail_query& query) {
        const auto all = naive_.find(query);
        const auto limit = static_cast<uint32_t>(make_.below(40));
        const auto offset = static_cast<uint32_t>(make_.below(all.size() + 3));
        const auto page = catalog_.find(query, limit, offset);
        ASSERT_TRUE(page);
        EXPECT_EQ(page->count, all.size());
        const auto begin = all.begin() + std::min<ptrdiff_t>(offset, std::ssize(all));
        const auto end = begin + std::min<ptrdiff_t>(limit, all.end() - begin);
        EXPECT_EQ(page->numbers, std::vector<int64_t>(begin, end));
        if (index_ != nullptr) compare_with_index(query, *page, limit, offset);
    }

    void compare_with_index(const mail_query& query, const mail_catalog::page& page, uint32_t limit,
                            uint32_t offset) {
        EXPECT_EQ(page.count, *index_->count(query));
        const auto rows = index_->select(query, limit, offset);
        ASSERT_EQ(rows->size(), page.numbers.size());
        for (size_t i = 0; i < rows->size(); ++i) EXPECT_EQ((*rows)[i].number, page.numbers[i]);
    }

    const testing::temporary_folder folder_;
    random_mails make_;
    naive_catalog naive_;
    mail_catalog catalog_ = std::move(*mail_catalog::open(folder_.path()));
    mail_index* index_;
    int64_t last_ = 0;
};

TEST(MailCatalogProperty, AnswersAsOneThatLooksAtEveryMail) {
    for (unsigned seed = 1; seed <= 5; ++seed) compared(seed, nullptr).run(300, 20);
}

TEST(MailCatalogProperty, AnswersTheSameWhenItHasSweptOutManyTimes) {
    compared(6, nullptr).run(60, 4'000);
}

TEST(MailCatalogProperty, AnswersAsTheDatabaseDoes) {
    const testing::temporary_folder folder;
    auto index = mail_index::open(folder.path("quarantine.db"));
    ASSERT_TRUE(index);
    compared(7, &*index).run(300, 8);
}

}  // namespace
}  // namespace ie
