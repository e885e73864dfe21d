#include "actors/quarantine/search/mail_catalog.hpp"

#include <algorithm>

namespace ie {
namespace {

// Mails that may wait to be put in their place by age: most come in order.
constexpr size_t unordered_max = 4'096;
constexpr size_t swept_rows_min = 4'096;

void add_parts(text_column& column, const std::vector<std::string>& parts) {
    for (const auto& part : parts) column.add_part(part);
    column.end_text();
}

// Those of 64 rows whose origin is wanted.
uint64_t with_origin(uint64_t rows, const uint32_t* origins, const row_set& wanted) {
    uint64_t kept = 0;
    for (; rows != 0; rows &= rows - 1) {
        const int row = std::countr_zero(rows);
        kept |= uint64_t{wanted.contains(origins[row])} << row;
    }
    return kept;
}

// Room for some that are to come.
size_t with_reserve(size_t mails) {
    return mails + mails / 4;
}

// Of entries of which those of `rows` stay.
template <class T>
std::vector<T> kept(const std::vector<T>& entries, const row_set& rows) {
    std::vector<T> out;
    out.reserve(with_reserve(rows.count()));
    for (size_t i = 0; i < entries.size(); ++i) {
        if (rows.contains(i)) out.push_back(entries[i]);
    }
    return out;
}

row_set kept(const row_set& entries, const row_set& rows) {
    row_set out;
    for (size_t i = 0; i < entries.size(); ++i) {
        if (rows.contains(i)) out.push_back(entries.contains(i));
    }
    return out;
}

// The new number of each that stays.
std::vector<uint32_t> renumbered(const row_set& stays) {
    std::vector<uint32_t> numbers(stays.size());
    uint32_t next = 0;
    for (size_t i = 0; i < stays.size(); ++i) {
        numbers[i] = next;
        next += stays.contains(i) ? 1 : 0;
    }
    return numbers;
}

}  // namespace

outcome<mail_catalog> mail_catalog::open(const std::string& folder, size_t mails_expected) {
    auto origins = origin_table::open(folder);
    if (!origins) return origins.failure();
    auto subjects = text_column::open(folder);
    if (!subjects) return subjects.failure();
    auto recipients = text_column::open(folder);
    if (!recipients) return recipients.failure();
    auto later = text_column::open(folder);
    if (!later) return later.failure();
    mail_catalog catalog(std::move(*origins),
                         {std::move(*subjects), std::move(*recipients), std::move(*later)});
    catalog.expect(with_reserve(mails_expected));
    return catalog;
}

void mail_catalog::expect(size_t mails) {
    numbers_.reserve(mails);
    received_at_ms_.reserve(mails);
    row_origins_.reserve(mails);
    order_.reserve(mails);
    subjects_.expect(mails);
    recipients_.expect(mails);
}

mail_catalog::mail_catalog(origin_table origins, std::array<text_column, 3> texts)
    : subjects_(std::move(texts[0])),
      recipients_(std::move(texts[1])),
      later_recipients_(std::move(texts[2])),
      origins_(std::move(origins)) {}

// --- What is held ---

outcome<nothing> mail_catalog::add(const mail_row& row) {
    if (row.number <= last_number_ || !is_shown(row.release.state)) return nothing{};
    if (const auto room = make_room(); !room) return room;
    const auto origin = origins_.number_of(row);
    if (!origin) return origin.failure();
    add_row(row, *origin);
    if (order_.size() - ordered_ >= unordered_max) put_in_order();
    return nothing{};
}

outcome<nothing> mail_catalog::make_room() {
    const size_t forgotten = numbers_.size() - shown_count_;
    if (forgotten >= swept_rows_min && forgotten * 4 > numbers_.size()) {
        if (const auto swept = sweep(); !swept) return swept;
    }
    if (const auto room = subjects_.make_room(); !room) return room;
    return recipients_.make_room();
}

void mail_catalog::add_row(const mail_row& row, uint32_t origin) {
    const auto number = static_cast<uint32_t>(numbers_.size());
    numbers_.push_back(row.number);
    received_at_ms_.push_back(row.ticket.received_at_ms);
    row_origins_.push_back(origin);
    shown_.push_back(true);
    held_.push_back(row.release.state == mail_state::held);
    for (auto& rows : with_reason_) rows.push_back(false);
    for (const auto each : row.ticket.reasons) {
        with_reason_[static_cast<size_t>(each)].set(number, true);
    }
    add_parts(subjects_, {row.subject});
    add_parts(recipients_, row.recipients);
    order_.push_back(number);
    ++shown_count_;
    last_number_ = row.number;
}

std::optional<size_t> mail_catalog::shown_row(int64_t number) const {
    const auto found = std::lower_bound(numbers_.begin(), numbers_.end(), number);
    if (found == numbers_.end() || *found != number) return std::nullopt;
    const auto row = static_cast<size_t>(found - numbers_.begin());
    if (!shown_.contains(row)) return std::nullopt;
    return row;
}

outcome<nothing> mail_catalog::add_recipients(int64_t number,
                                              const std::vector<std::string>& recipients) {
    const auto row = shown_row(number);
    if (!row || recipients.empty()) return nothing{};
    if (const auto room = later_recipients_.make_room(); !room) return room;
    add_parts(later_recipients_, recipients);
    later_rows_.push_back(static_cast<uint32_t>(*row));
    return nothing{};
}

void mail_catalog::set_state(int64_t number, mail_state state) {
    const auto row = shown_row(number);
    if (!row) return;
    held_.set(*row, state == mail_state::held);
    if (is_shown(state)) return;
    shown_.set(*row, false);
    --shown_count_;
}

// --- What is asked ---

outcome<mail_catalog::page> mail_catalog::find(const mail_query& query, uint32_t limit,
                                               uint32_t offset) {
    const auto bounds = check(query.filter);
    if (!bounds) return bounds.failure();
    put_in_order();
    const age_range ages = ages_within(*bounds);
    const auto rows = matching(query, *bounds, ages);
    if (!rows) return rows.failure();
    return page_of(*rows, ages, limit, offset);
}

// By number where two were received at once, as rows are.
bool mail_catalog::is_older(uint32_t left, uint32_t right) const {
    if (received_at_ms_[left] != received_at_ms_[right]) {
        return received_at_ms_[left] < received_at_ms_[right];
    }
    return left < right;
}

// Merges what came since the last time; usually nothing of the rest is touched.
void mail_catalog::put_in_order() {
    const auto older = [this](uint32_t left, uint32_t right) { return is_older(left, right); };
    const auto middle = order_.begin() + static_cast<ptrdiff_t>(ordered_);
    ordered_ = order_.size();
    if (middle == order_.end()) return;
    std::sort(middle, order_.end(), older);
    const auto moved = std::upper_bound(order_.begin(), middle, *middle, older);
    std::inplace_merge(moved, middle, order_.end(), older);
}

mail_catalog::age_range mail_catalog::ages_within(const filter_bounds& bounds) const {
    const auto place_of = [this](int64_t at_ms) {
        const auto first = std::lower_bound(
            order_.begin(), order_.end(), at_ms,
            [this](uint32_t row, int64_t at) { return received_at_ms_[row] < at; });
        return static_cast<size_t>(first - order_.begin());
    };
    age_range ages{0, order_.size()};
    if (bounds.since_ms) ages.oldest = place_of(*bounds.since_ms);
    if (bounds.until_ms) ages.end = std::max(ages.oldest, place_of(*bounds.until_ms));
    return ages;
}

row_set mail_catalog::rows_within(age_range ages) const {
    row_set rows(numbers_.size(), false);
    for (size_t i = ages.oldest; i < ages.end; ++i) rows.set(order_[i], true);
    return rows;
}

// What is cheap to look at first: texts are then read of what is left.
outcome<row_set> mail_catalog::matching(const mail_query& query, const filter_bounds& bounds,
                                        age_range ages) const {
    const mail_filter& filter = query.filter;
    row_set rows = query.held_only ? held_ : shown_;
    if (ages.end - ages.oldest < order_.size()) rows &= rows_within(ages);
    if (bounds.reason) rows &= with_reason_[static_cast<size_t>(*bounds.reason)];
    if (origin_table::asks_for_origin(query)) {
        if (const auto done = keep_origins(query, rows); !done) return done.failure();
    }
    if (!filter.subject.empty()) {
        const auto done = subjects_.keep_containing(filter.subject, rows);
        if (!done) return done.failure();
    }
    if (!filter.recipient.empty()) {
        if (const auto done = keep_recipients(filter.recipient, rows); !done) {
            return done.failure();
        }
    }
    return rows;
}

outcome<nothing> mail_catalog::keep_origins(const mail_query& query, row_set& rows) const {
    const auto wanted = origins_.matching(query);
    if (!wanted) return wanted.failure();
    const uint32_t* origins = row_origins_.data();
    for (auto& word : rows.words()) {
        word = with_origin(word, origins, *wanted);
        origins += row_set::word_rows;
    }
    return nothing{};
}

outcome<nothing> mail_catalog::keep_recipients(const std::string& pattern, row_set& rows) const {
    row_set later(later_rows_.size(), false);
    for (size_t i = 0; i < later_rows_.size(); ++i) later.set(i, rows.contains(later_rows_[i]));
    if (const auto done = later_recipients_.keep_containing(pattern, later); !done) return done;
    if (const auto done = recipients_.keep_containing(pattern, rows); !done) return done;
    for (size_t i = 0; i < later_rows_.size(); ++i) {
        if (later.contains(i)) rows.set(later_rows_[i], true);
    }
    return nothing{};
}

// `rows` lie within `ages`.
mail_catalog::page mail_catalog::page_of(const row_set& rows, age_range ages, uint32_t limit,
                                         uint32_t offset) const {
    page out{rows.count(), {}};
    if (offset >= out.count) return out;
    const size_t wanted = std::min<size_t>(limit, out.count - offset);
    size_t place = ages.end;
    // Counted without a branch: which rows match can't be guessed.
    for (size_t skipped = 0; skipped < offset;) {
        skipped += static_cast<size_t>(rows.contains(order_[--place]));
    }
    while (out.numbers.size() < wanted) {
        const uint32_t row = order_[--place];
        if (rows.contains(row)) out.numbers.push_back(numbers_[row]);
    }
    return out;
}

// --- Sweeping out what is forgotten ---

outcome<nothing> mail_catalog::sweep() {
    put_in_order();
    row_set used_origins(origins_.size(), false);
    row_set later(later_rows_.size(), false);
    for (size_t i = 0; i < numbers_.size(); ++i) {
        if (shown_.contains(i)) used_origins.set(row_origins_[i], true);
    }
    for (size_t i = 0; i < later_rows_.size(); ++i) {
        later.set(i, shown_.contains(later_rows_[i]));
    }
    auto origins = origins_.copy_of(used_origins);
    if (!origins) return origins.failure();
    auto subjects = subjects_.copy_of(shown_);
    if (!subjects) return subjects.failure();
    auto recipients = recipients_.copy_of(shown_);
    if (!recipients) return recipients.failure();
    auto later_recipients = later_recipients_.copy_of(later);
    if (!later_recipients) return later_recipients.failure();
    origins_ = std::move(*origins);
    subjects_ = std::move(*subjects);
    recipients_ = std::move(*recipients);
    later_recipients_ = std::move(*later_recipients);
    sweep_rows(later, renumbered(used_origins));
    return nothing{};
}

void mail_catalog::sweep_rows(const row_set& later, const std::vector<uint32_t>& new_origins) {
    const auto new_rows = renumbered(shown_);
    std::erase_if(order_, [this](uint32_t row) { return !shown_.contains(row); });
    for (auto& row : order_) row = new_rows[row];
    ordered_ = order_.size();
    later_rows_ = kept(later_rows_, later);
    for (auto& row : later_rows_) row = new_rows[row];
    numbers_ = kept(numbers_, shown_);
    received_at_ms_ = kept(received_at_ms_, shown_);
    row_origins_ = kept(row_origins_, shown_);
    for (auto& origin : row_origins_) origin = new_origins[origin];
    held_ = kept(held_, shown_);
    for (auto& rows : with_reason_) rows = kept(rows, shown_);
    shown_ = row_set(shown_count_, true);
}

}  // namespace ie
