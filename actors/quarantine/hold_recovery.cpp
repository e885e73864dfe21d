#include "actors/quarantine/hold_recovery.hpp"

namespace ie {
namespace {

// The newest that is whole; what isn't was never acknowledged.
std::optional<stored_mail> newest_of(const hold_journal& journal,
                                     const hold_journal::unsettled_mail& mail) {
    for (const auto& place : mail.files) {
        const auto bytes = journal.read(place);
        auto stored = bytes ? decode_stored_mail(*bytes) : bytes.failure();
        if (stored && stored->record.id == mail.id) return std::move(*stored);
    }
    return std::nullopt;
}

bool is_stored(const mail_store& store, const stored_record& record) {
    const auto there = store.read(record.id);
    return there && there->record == record;
}

}  // namespace

outcome<nothing> recover_holds(quarantine_context& context, bool rewrite) {
    const auto unsettled = context.journal.unsettled();
    if (!unsettled) return unsettled.failure();
    size_t written = 0;
    for (const auto& mail : *unsettled) {
        const auto row = context.index.find(mail.id);
        if (!row) return row.failure();
        if (*row && !is_shown((*row)->release.state)) continue;
        const auto newest = newest_of(context.journal, mail);
        if (!newest || (!rewrite && is_stored(context.store, newest->record))) continue;
        const auto stored = context.store.put(newest->record, newest->mail.view());
        if (!stored) return stored;
        ++written;
    }
    if (written > 0) context.log.warn(event::holds_recovered, kv("mails", written));
    return context.journal.settle();
}

}  // namespace ie
