#include "actors/quarantine/search/store_check.hpp"

#include <unordered_set>

#include "actors/quarantine/index/account_ledger.hpp"
#include "messages/steady_clock.hpp"
#include "messages/text.hpp"

namespace ie {
namespace {

constexpr std::string_view make_anew =
    "; stop ie-engine, move quarantine.db away and start it: it is made anew "
    "from the message "
    "files";

void tell(store_checked& out, std::string what) {
    if (out.problems.size() < store_checked::problems_max) out.problems.push_back(std::move(what));
}

std::string prefix_of(uint32_t part) {
    constexpr std::string_view digits = "0123456789abcdef";
    return mail_store::folder_prefix(part / 16) + digits[part % 16];
}

// Whether the database says of a mail what its file says.
bool agree(const mail_row& row, const stored_record& record) {
    return equal_ignoring_case(row.ticket.owner.account.value, record.ticket.owner.account.value) &&
           row.ticket.id == record.ticket.id && row.ticket.sender == record.ticket.sender &&
           row.ticket.received_at_ms == record.ticket.received_at_ms &&
           row.size_bytes == record.size_bytes &&
           std::unordered_set<std::string>(row.recipients.begin(), row.recipients.end()) ==
               std::unordered_set<std::string>(record.recipients.begin(), record.recipients.end());
}

}  // namespace

outcome<store_checked> store_check::sound(uint32_t position) {
    const int64_t until_ms = steady_now_ms() + work_ms_max;
    store_checked out;
    out.position = position;
    do {
        auto next = part(out.position);
        if (!next || !next->problems.empty()) {
            if (out.position != position) return out;
            if (!next) return next;
            next->position = position;
            next->problems.clear();
            return next;
        }
        next->mails += out.mails;
        out = std::move(*next);
    } while (out.position < end && steady_now_ms() < until_ms);
    return out;
}

outcome<store_checked> store_check::part(uint32_t position) {
    if (position >= end) return fail(error_code::bad_request, "there is no such position");
    store_checked out;
    out.end = end;
    out.position = position + 1;
    const auto done = position == 0 ? check_database(out) : check_mails(position - 1, out);
    if (!done) return done.failure();
    return out;
}

outcome<nothing> store_check::check_database(store_checked& out) {
    auto problems = database_.check();
    if (!problems) return problems.failure();
    const auto sums = account_ledger(database_).check();
    if (!sums) return sums.failure();
    problems->insert(problems->end(), sums->begin(), sums->end());
    for (const auto& each : *problems) tell(out, ("quarantine.db: " + each).append(make_anew));
    return nothing{};
}

outcome<nothing> store_check::check_mails(uint32_t part, store_checked& out) {
    const std::string prefix = prefix_of(part);
    const auto names = store_.names_in(part / 16);
    if (!names) return names.failure();
    const auto rows = held_mails(database_).ids_in(prefix);
    if (!rows) return rows.failure();
    std::unordered_set<std::string_view> known;
    for (const auto& row : *rows) {
        known.insert(row.id.value);
        if (is_shown(row.state)) check_mail(row, out);
    }
    for (const auto& id : names->mails) {
        if (!id.value.starts_with(prefix) || known.contains(id.value)) continue;
        tell(out,
             "mail " + id.value + " isn't in quarantine.db; restart ie-engine, which takes it in");
    }
    return nothing{};
}

void store_check::check_mail(const known_mail& known, store_checked& out) {
    ++out.mails;
    const std::string what = "mail " + known.id.value;
    if (is_carried_(known.id)) {
        return tell(out, what + " can't be written back from the journal yet; see engine.log");
    }
    const auto stored = store_.read(known.id);
    if (!stored) {
        return tell(out, what + ": " + stored.failure().what +
                             "; restore the file from a backup, or 'ie-cli emails "
                             "remove --ids " +
                             known.id.value + "'");
    }
    const auto bytes = store_.file_bytes(known.id);
    if (bytes && *bytes != known.file_bytes) {
        tell(out, (what + ": its file has " + std::to_string(*bytes) +
                   " bytes, quarantine.db says " + std::to_string(known.file_bytes))
                      .append(make_anew));
    }
    const auto row = held_mails(database_).find(known.id);
    if (!row) return tell(out, what + ": " + row.failure().what);
    if (*row && !agree(**row, stored->record)) {
        tell(out, (what + ": quarantine.db says otherwise than its file").append(make_anew));
    }
}

}  // namespace ie
