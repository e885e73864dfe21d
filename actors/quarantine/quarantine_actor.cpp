#include "actors/quarantine/quarantine_actor.hpp"

#include "actors/quarantine/mail_headers.hpp"
#include "actors/quarantine/mail_text.hpp"
#include "actors/quarantine/settle/release_desk.hpp"
#include "actors/quarantine/settle/space_list.hpp"
#include "actors/quarantine/store/hold_queue.hpp"
#include "actors/quarantine/store/hold_recovery.hpp"
#include "actors/quarantine/store/store_check.hpp"
#include "messages/text.hpp"

namespace ie {

namespace {

constexpr size_t page_bytes_max = 16 << 20;  // of recipients and texts in one list

size_t bytes_of(const mail_row& row) {
    size_t bytes = row.subject.size() + row.script_header.raw.size() + row.ticket.sender.size();
    for (const auto& each : row.recipients) bytes += each.size() + 2;
    return bytes;
}

mail_summary summary_of(mail_row row) {
    return {row.id,
            row.size_bytes,
            row.ticket.owner.account,
            std::move(row.recipients),
            std::move(row.subject),
            std::move(row.script_header),
            row.ticket.sender,
            row.ticket.received_at_ms / 1000,
            row.ticket.reasons};
}

mail_details details_of(mail_row row, std::string_view header_block) {
    return {row.id,
            row.size_bytes,
            row.ticket.owner.account,
            row.ticket.sender,
            std::move(row.recipients),
            row.ticket.received_at_ms / 1000,
            std::move(row.subject),
            row.ticket.reasons,
            std::move(row.script_header),
            read_headers(header_block),
            row.ticket.score,
            row.ticket.judged_by,
            std::move(row.release.error),
            std::move(row.ticket.limits),
            std::move(row.ticket.attachment_findings)};
}

mail_bytes bytes_for(mail_view view, const mail_bytes& mail, const mail_split& split) {
    switch (view) {
        case mail_view::body:
            return mail.part(split.body_offset);
        case mail_view::raw:
            return mail;
        case mail_view::text:
            return mail_bytes(mail_text(mail.view()));
    }
    return {};
}

// The context must not move: the parts refer to it.
struct quarantine_parts {
    quarantine_parts(const quarantine_options& options, mail_store store, hold_journal journal,
                     mail_index index)
        : context{nullptr,
                  options,
                  std::move(store),
                  std::move(journal),
                  std::move(index),
                  mail_finder(options.data_dir),
                  logger("quarantine"),
                  {}} {}

    quarantine_context context;
    trail_outbox trail{context};
    space_keeper space{context};
    store_sweep sweep{context};
    store_check check{context};
    hold_recovery recovery{context, sweep};
    hold_queue holds{context, space, sweep};
    release_desk releases{context, trail};

    void begin() {
        sweep.begin();
        recovery.run();
        releases.begin();
        context.self->send(context.self, poll_atom_v);
        on_report();
    }

    // A checkpoint that has just failed is seen to at once.
    void tend_journal() {
        const auto tended = context.journal.tend(steady_now_ms());
        if (!tended) context.failed(tended.failure());
        if (context.journal.is_settled() && context.journal.carried_count() == 0) return;
        holds.commit();  // files under way have temporary names, too
        tended ? recovery.run_if_due() : recovery.run();
    }

    // What is under way is finished first: a staged file may be its own.
    void remove_leftovers() {
        if (!sweep.has_leftovers() || !context.journal.is_settled()) return;
        holds.commit();
        sweep.remove_leftovers();
    }

    caf::result<mail_list> on_list_mails(const list_mails& request, const request_context& from) {
        if (const auto ready = sweep.ready(); !ready) return to_caf(ready.failure());
        const auto scope = scope_of(from.who, request.filter.account);
        if (!scope) return to_caf(scope.failure());
        if (request.limit == 0 || request.limit > list_mails::limit_max) {
            return to_caf(fail(error_code::bad_request,
                               "limit must be from 1 to " + std::to_string(list_mails::limit_max)));
        }
        auto found = context.finder.find(context.index, {scope->account, request.filter, false},
                                         request.limit, request.offset);
        if (!found) return to_caf(found.failure());
        mail_list list;
        list.max_count = found->count;
        size_t bytes = 0;
        for (auto& row : found->rows) {
            bytes += bytes_of(row);
            if (bytes > page_bytes_max && !list.items.empty()) break;
            list.items.push_back(summary_of(std::move(row)));
        }
        return list;
    }

    caf::result<mail_details, mail_bytes> on_show_mail(const show_mail& request,
                                                       const request_context& from) {
        if (const auto ready = sweep.ready(); !ready) return to_caf(ready.failure());
        const auto scope = scope_of(from.who, request.account);
        if (!scope) return to_caf(scope.failure());
        auto row = find_shown(context, *scope, request.id, from.who, show_mail::name);
        if (!row) return to_caf(row.failure());
        const auto stored = context.store.read(row->id);
        if (!stored) {
            return to_caf(
                context.failed(fail(error_code::storage_failed,
                                    "mail " + row->id.value + ": " + stored.failure().what)));
        }
        const mail_split split = split_mail(stored->mail.view());
        return {details_of(std::move(*row), split.header_block),
                bytes_for(request.view, stored->mail, split)};
    }

    caf::result<account_list> on_list_accounts(const list_accounts& request,
                                               const request_context& from) {
        if (const auto ready = sweep.ready(); !ready) return to_caf(ready.failure());
        const auto scope = scope_of(from.who, request.account);
        if (!scope) return to_caf(scope.failure());
        return to_result(list_spaces(context, *scope, request));
    }

    caf::result<store_checked> on_check_store(const check_store& request,
                                              const request_context& from) {
        if (from.who.role != caller_role::root) {
            return to_caf(fail(error_code::not_permitted, "only root may check the store"));
        }
        if (const auto ready = sweep.ready(); !ready) return to_caf(ready.failure());
        return to_result(settled().check.step(request.position));
    }

    // Asks `work` once the database knows all that there is.
    template <class Reply, class Work>
    caf::result<Reply> when_ready(Work&& work) {
        if (const auto ready = sweep.ready(); !ready) return to_caf(ready.failure());
        return work(settled().releases);
    }

    // A copy may ask for a mail that the database doesn't know yet.
    caf::result<release_confirmed> on_confirm_release(const confirm_release& request) {
        const auto taken = sweep.take_in(mail_id{to_lower(request.id.value)});
        if (!taken) return to_caf(context.failed(taken.failure()));
        return settled().releases.on_confirm_release(request);
    }

    // What follows counts on rows that say all of a mail: recipients that wait to join it come
    // first.
    quarantine_parts& settled() {
        holds.commit();
        return *this;
    }

    void on_commit() {
        holds.commit();
        if (sweep.is_done()) sweep.forget_settled();
    }

    void on_report() {
        trail.tell();
        tend_journal();
        remove_leftovers();
        if (!sweep.rebuilding()) space.look_at_all();
        if (sweep.is_done()) context.self->send(context.self, poll_atom_v);  // to load what is new
        context.self->delayed_send(context.self,
                                   std::chrono::milliseconds(context.options.poll_interval_ms),
                                   report_atom_v);
    }

    // Holds on their way are finished first: their files have no row yet.
    void on_sweep() {
        holds.commit();
        const bool goes_on = sweep.is_done() ? load_catalog() : true;
        sweep.step();
        if (goes_on) context.self->send(context.self, poll_atom_v);
    }

    // True where there is more to load. What can't be loaded is tried again later.
    bool load_catalog() {
        const auto loaded = context.finder.load(context.index);
        if (!loaded) context.failed(loaded.failure());
        return loaded && !context.finder.is_loaded();
    }

    actor_status on_get_status() {
        const auto total = context.index.total();
        actor_status status;
        status.actor = "quarantine";
        status.queue = holds.size() + releases.size() + space.size();
        status.last_error = context.last_error;
        if (total) {
            status.detail = "held=" + std::to_string(total->mails) +
                            " used_bytes=" + std::to_string(total->bytes);
        }
        auto well = sweep.ready();
        if (well) well = context.journal.ready();
        if (well && context.journal.carried_count() > 0) {
            well = fail(error_code::storage_failed,
                        std::to_string(context.journal.carried_count()) +
                            " held mails can't be written back from the journal");
        }
        if (!well) {
            status.state = actor_state::degraded;
            status.detail = well.failure().what;
        }
        return status;
    }

    // A damaged database can't be mended in use: the supervisor starts the actor anew, and the next
    // open() sets it aside.
    void leave_if_damaged() {
        if (!context.index.is_damaged()) return;
        context.log.error(event::index_damaged, kv("what", context.last_error));
        context.self->quit(to_caf(fail(error_code::storage_failed, "quarantine.db is damaged")));
    }
};

struct quarantine_state {
    static inline const char* name = "quarantine";
    std::shared_ptr<quarantine_parts> parts;
};

quarantine_internal::behavior_type quarantine(
    quarantine_internal::stateful_pointer<quarantine_state> self,
    const std::shared_ptr<quarantine_parts>& parts) {
    self->state.parts = parts;
    quarantine_parts* at = parts.get();
    at->context.self = self;
    at->begin();
    return {
        [at](const hold_mail& request, const request_context& from, const mail_bytes& mail) {
            return at->holds.on_hold_mail(request, from, mail);
        },
        [at](const list_mails& request, const request_context& from) {
            return at->on_list_mails(request, from);
        },
        [at](const show_mail& request, const request_context& from) {
            return at->on_show_mail(request, from);
        },
        [at](const release_mails& request, const request_context& from) {
            return at->when_ready<mails_settled>(
                [&](release_desk& desk) { return desk.on_release_mails(request, from); });
        },
        [at](const remove_mails& request, const request_context& from) {
            return at->when_ready<mails_settled>(
                [&](release_desk& desk) { return desk.on_remove_mails(request, from); });
        },
        [at](const list_accounts& request, const request_context& from) {
            return at->on_list_accounts(request, from);
        },
        [at](const purge_account& request, const request_context& from) {
            return at->when_ready<account_purged>(
                [&](release_desk& desk) { return desk.on_purge_account(request, from); });
        },
        [at](const check_store& request, const request_context& from) {
            return at->on_check_store(request, from);
        },
        [at](const confirm_release& request, const request_context&) {
            return at->on_confirm_release(request);
        },
        [at](get_status) { return at->on_get_status(); },
        [at](commit_atom) { at->on_commit(); },
        [at](poll_atom) { at->on_sweep(); },
        [at](evict_atom) { at->space.evict([at] { at->holds.commit(); }); },
        [at](report_atom) {
            at->on_report();
            at->leave_if_damaged();
        },
        [at](stop_atom, uint64_t request) { at->releases.on_deadline(request); },
        [at](flush_atom) { at->releases.retry(); },
    };
}

}  // namespace

outcome<quarantine_actor> make_quarantine(caf::actor_system& system,
                                          const quarantine_options& options) {
    ensure(options.clock != nullptr && options.policy != nullptr, "quarantine: options incomplete");
    auto store = mail_store::open(options.data_dir + "/quarantine", options.fault);
    if (!store) return store.failure();
    auto journal =
        hold_journal::open(options.data_dir + "/quarantine-journal",
                           {options.data_dir, options.data_dir + "/quarantine"}, options.fault);
    if (!journal) return journal.failure();
    auto index = mail_index::open(options.data_dir + "/quarantine.db", options.fault);
    if (!index) return index.failure();
    const auto parts = std::make_shared<quarantine_parts>(options, std::move(*store),
                                                          std::move(*journal), std::move(*index));
    quarantine_internal actor = options.detached ? system.spawn<caf::detached>(quarantine, parts)
                                                 : system.spawn(quarantine, parts);
    return quarantine_actor{actor};
}

}  // namespace ie
