#include "actors/quarantine/store/hold_recovery.hpp"

namespace ie {
namespace {

// Of a mail's files in the journal.
struct journaled_file {
    stored_record record;
    std::optional<mail_bytes> mail;  // none: its bytes are in a file that is durable
};

outcome<journaled_file> read_file(const hold_journal& journal, const hold_journal::place& place) {
    const auto bytes = journal.read(place);
    if (!bytes) return bytes.failure();
    if (!place.has_mail) {
        auto record = decode_stored_head(bytes->view());
        if (!record) return record.failure();
        return journaled_file{std::move(*record), std::nullopt};
    }
    auto stored = decode_stored_mail(*bytes);
    if (!stored) return stored.failure();
    return journaled_file{std::move(stored->record), std::move(stored->mail)};
}

bool is_stored(const mail_store& store, const stored_record& record) {
    const auto there = store.read(record.id);
    return there && there->record == record;
}

outcome<nothing> write(const mail_store& store, const journaled_file& file) {
    if (file.mail) return store.put(file.record, file.mail->view());
    const auto staged = store.find_staged(file.record);
    return staged ? store.publish(*staged) : staged.failure();
}

// The newest that is whole; what isn't was never acknowledged. True where something was written.
outcome<bool> recover(quarantine_context& context, const hold_journal::unsettled_mail& mail,
                      bool rewrite) {
    for (const auto& place : mail.files) {
        const auto file = read_file(context.journal, place);
        if (!file || file->record.id != mail.id) continue;
        if (!(rewrite && file->mail) && is_stored(context.store, file->record)) return false;
        const auto written = write(context.store, *file);
        if (written) return true;
        if (file->mail) return written.failure();
    }
    return false;
}

}  // namespace

outcome<nothing> recover_holds(quarantine_context& context, bool rewrite) {
    const auto unsettled = context.journal.unsettled();
    if (!unsettled) return unsettled.failure();
    size_t count = 0;
    for (const auto& mail : *unsettled) {
        const auto row = context.index.find(mail.id);
        if (!row) return row.failure();
        if (*row && !is_shown((*row)->release.state)) continue;
        const auto recovered = recover(context, mail, rewrite);
        if (!recovered) return recovered.failure();
        count += *recovered ? 1 : 0;
    }
    if (count > 0) context.log.warn(event::holds_recovered, kv("mails", count));
    return context.journal.settle();
}

}  // namespace ie
