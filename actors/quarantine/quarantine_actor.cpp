#include "actors/quarantine/quarantine_actor.hpp"

#include "actors/owed_answer.hpp"
#include "actors/quarantine/settle/release_desk.hpp"
#include "actors/quarantine/store/hold_queue.hpp"
#include "actors/quarantine/store/hold_recovery.hpp"
#include "actors/quarantine/store/store_check.hpp"

namespace ie {

namespace {

// The context must not move: the parts refer to it.
struct quarantine_parts {
    quarantine_parts(const quarantine_options& options, mail_store store, hold_journal journal,
                     quarantine_database index, quarantine_database to_read)
        : context{nullptr,          options, std::move(store),     std::move(journal),
                  std::move(index), {},      logger("quarantine"), {}},
          for_reader(std::make_shared<mail_reader_parts>(
              mail_reader_parts{std::move(to_read), context.store, options.clock, options.policy,
                                options.settings})) {}

    quarantine_context context;
    std::shared_ptr<mail_reader_parts> for_reader;
    trail_outbox trail{context};
    space_keeper space{context};
    store_sweep sweep{context};
    store_check check{context};
    hold_recovery recovery{context, sweep};
    hold_queue holds{context, space, sweep};
    release_desk releases{context, trail};

    void begin() {
        begin_reader();
        sweep.begin();
        recovery.run();
        // Not before: it ends with one of its own.
        context.index.leave_checkpoints([this] {
            context.self->send<caf::message_priority::high>(context.reader, flush_atom_v);
        });
        releases.begin();
        context.self->send(context.self, poll_atom_v);
        on_report();
    }

    void begin_reader() {
        const auto me = caf::actor_cast<chosen_mail_actor>(context.self);
        auto parts = std::exchange(for_reader, nullptr);
        const auto thread = context.options.detached ? thread_use::own : thread_use::shared;
        context.reader = spawn_on(context.self->system(), thread, read_mails, std::move(parts), me);
        context.self->link_to(context.reader);
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

    // What only reads: the reader answers whoever asked.
    template <class... Reply, class Request>
    caf::result<Reply...> by_reader(const Request& request, const request_context& from) {
        if (const auto ready = sweep.ready(); !ready) return to_caf(ready.failure());
        return context.self->delegate(context.reader, request, from);
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
        const auto taken = sweep.take_in(request.id);
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
        context.self->delayed_send(context.self,
                                   std::chrono::milliseconds(context.options.poll_interval_ms),
                                   report_atom_v);
    }

    // Holds on their way are finished first: their files have no row yet.
    void on_sweep() {
        holds.commit();
        sweep.step();
        if (!sweep.is_done()) context.self->send(context.self, poll_atom_v);
    }

    actor_status on_get_status() {
        const auto total = account_ledger(context.index).total();
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
            return at->by_reader<mail_list>(request, from);
        },
        [at](const show_mail& request, const request_context& from) {
            return at->by_reader<mail_details, mail_bytes>(request, from);
        },
        [at](const release_mails& request, const request_context& from) {
            if (request.ids.empty()) return at->by_reader<mails_settled>(request, from);
            return at->when_ready<mails_settled>(
                [&](release_desk& desk) { return desk.on_release_mails(request, from); });
        },
        [at](const remove_mails& request, const request_context& from) {
            if (request.ids.empty()) return at->by_reader<mails_settled>(request, from);
            return at->when_ready<mails_settled>(
                [&](release_desk& desk) { return desk.on_remove_mails(request, from); });
        },
        [at](const list_accounts& request, const request_context& from) {
            return at->by_reader<account_list>(request, from);
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
        [at](begin_atom, const release_mails& found, const request_context& from, uint64_t more) {
            return at->when_ready<mails_settled>(
                [&](release_desk& desk) { return desk.on_release_mails(found, from, more); });
        },
        [at](begin_atom, const remove_mails& found, const request_context& from, uint64_t more) {
            return at->when_ready<mails_settled>(
                [&](release_desk& desk) { return desk.on_remove_mails(found, from, more); });
        },
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
    auto index = quarantine_database::open(options.data_dir + "/quarantine.db", options.fault);
    if (!index) return index.failure();
    auto to_read =
        quarantine_database::open_to_read(options.data_dir + "/quarantine.db", options.fault);
    if (!to_read) return to_read.failure();
    const auto parts = std::make_shared<quarantine_parts>(
        options, std::move(*store), std::move(*journal), std::move(*index), std::move(*to_read));
    const auto thread = options.detached ? thread_use::own : thread_use::shared;
    return quarantine_actor{spawn_on(system, thread, quarantine, parts)};
}

}  // namespace ie
