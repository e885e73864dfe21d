#include "actors/quarantine/quarantine_actor.hpp"

#include "actors/owed_answer.hpp"
#include "actors/quarantine/quarantine_internal.hpp"
#include "actors/quarantine/search/mail_reader.hpp"
#include "actors/quarantine/search/store_check.hpp"
#include "actors/quarantine/settle/release_desk.hpp"
#include "actors/quarantine/settle/removal_desk.hpp"
#include "actors/quarantine/settle/space_keeper.hpp"
#include "actors/quarantine/store/hold_store.hpp"

namespace ie {

namespace {

// What is opened before there is an actor.
struct opened_quarantine {
    quarantine_options options;
    std::shared_ptr<trouble> troubles;
    std::unique_ptr<quarantine_database> database;  // the store refers to it
    hold_store store;
    std::shared_ptr<mail_reader_parts> for_reader;
};

// They refer to each other, and stay where they are.
struct quarantine_parts {
    quarantine_parts(quarantine_internal::pointer me, opened_quarantine opened)
        : self(me),
          options(std::move(opened.options)),
          troubles(std::move(opened.troubles)),
          database(std::move(opened.database)),
          store(std::move(opened.store)) {
        begin_reader(std::move(opened.for_reader));
        store.begin({[this] { self->send(self, commit_atom_v); },
                     [this](const account_name& account) { space.look_at(account); }});
        // Not before: it ends with one of its own.
        database->leave_checkpoints(
            [this] { self->send<caf::message_priority::high>(reader, flush_atom_v); });
        releases.begin();
        self->send(self, poll_atom_v);
        on_report();
    }

    quarantine_internal::pointer self;
    quarantine_options options;
    std::shared_ptr<trouble> troubles;
    std::unique_ptr<quarantine_database> database;
    hold_store store;
    mail_reader reader;
    trail_outbox trail{self, *database, options.settings, *troubles};
    space_keeper space{*database,
                       store.files(),
                       {options.clock, options.policy, options.retention_days},
                       *troubles,
                       [this] { self->send(self, evict_atom_v); }};
    mail_chooser chooser{self, *database, *options.clock, options.settings, *troubles};
    departures departing{self, store.files(), options.learner,
                         [this](const mail_lesson& lesson) { self->send(reader, lesson); },
                         *troubles};
    release_desk releases{self,
                          *database,
                          store.files(),
                          chooser,
                          departing,
                          trail,
                          {options.clock, options.policy, options.courier,
                           options.deliveries_in_flight_max, options.delivery_timeout_ms},
                          *troubles};
    removal_desk removals{
        *database, chooser, departing, trail, {options.clock, options.policy, options.is_account},
        *troubles};

    void begin_reader(std::shared_ptr<mail_reader_parts> parts) {
        const auto me = caf::actor_cast<reader_client>(self);
        const auto thread = options.detached ? thread_use::own : thread_use::shared;
        reader = spawn_on(self->system(), thread, read_mails, std::move(parts), me);
        self->link_to(reader);
    }

    caf::result<mail_held> on_hold_mail(const hold_mail& request, const request_context& from,
                                        const mail_bytes& mail) {
        const owed_answer<mail_held> answer(self);
        store.accept(request, from, mail, answer);
        return answer;
    }

    // What only reads: the reader answers whoever asked.
    template <class... Reply, class Request>
    caf::result<Reply...> by_reader(const Request& request, const request_context& from) {
        if (const auto ready = store.ready(); !ready) return to_caf(ready.failure());
        return self->delegate(reader, request, from);
    }

    // The reader ends first, and its end is the quarantine's: whoever waits for that knows that
    // nothing of it is left, in a disk's hands neither.
    void on_exit(const caf::exit_msg& told) {
        if (told.source == reader.address()) return self->quit(told.reason);
        self->monitor(reader);  // told to end by this it unlinks itself
        self->send_exit(reader, told.reason);
    }

    // Asks `work` once the database knows all that there is, and rows say all of a mail: recipients
    // that wait to join it come first.
    template <class Reply, class Work>
    caf::result<Reply> when_ready(Work&& work) {
        if (const auto ready = store.ready(); !ready) return to_caf(ready.failure());
        store.finish_holds();
        return work();
    }

    template <class... More>
    caf::result<mails_settled> on_release_mails(const release_mails& request,
                                                const request_context& from, More... more) {
        return when_ready<mails_settled>(
            [&] { return releases.on_release_mails(request, from, more...); });
    }
    template <class... More>
    caf::result<mails_settled> on_remove_mails(const remove_mails& request,
                                               const request_context& from, More... more) {
        return when_ready<mails_settled>(
            [&] { return removals.on_remove_mails(request, from, more...); });
    }

    caf::result<store_checked> on_check_store(const check_store& request,
                                              const request_context& from) {
        if (from.who.role != caller_role::root) {
            return to_caf(fail(error_code::not_permitted, "only root may check the store"));
        }
        return by_reader<store_checked>(request, from);
    }
    caf::result<store_checked> on_check_part(const check_store& request) {
        return when_ready<store_checked>([&] {
            return to_result(store_check(*database, store.mails(), [this](const mail_id& id) {
                                 return store.is_carried(id);
                             }).part(request.position));
        });
    }

    // A copy may ask for a mail that the database doesn't know yet.
    caf::result<release_confirmed> on_confirm_release(const confirm_release& request) {
        const auto taken = store.take_in(request.id);
        if (!taken) return to_caf(troubles->failed(taken.failure()));
        store.finish_holds();
        return releases.on_confirm_release(request);
    }

    void on_report() {
        trail.tell();
        store.tend();
        if (store.ready()) space.look_at_all();
        self->delayed_send(self, std::chrono::milliseconds(options.poll_interval_ms),
                           report_atom_v);
    }

    void on_sweep() {
        if (store.sweep()) self->send(self, poll_atom_v);
    }

    actor_status on_get_status() const {
        actor_status status;
        status.actor = "quarantine";
        status.queue = store.holds_waiting() + releases.size() + space.size();
        status.last_error = troubles->last();
        if (const auto total = account_ledger(*database).total()) {
            status.detail = "held=" + std::to_string(total->mails) +
                            " used_bytes=" + std::to_string(total->bytes);
        }
        if (const auto well = store.health(); !well) {
            status.state = actor_state::degraded;
            status.detail = well.failure().what;
        }
        return status;
    }

    // A damaged database can't be mended in use: the supervisor starts the actor anew, and the next
    // open() sets it aside.
    void leave_if_damaged() const {
        if (!database->is_damaged()) return;
        logger("quarantine").error(event::index_damaged, kv("what", troubles->last()));
        self->quit(to_caf(fail(error_code::storage_failed, "quarantine.db is damaged")));
    }
};

struct quarantine_state {
    static inline const char* name = "quarantine";
    std::unique_ptr<quarantine_parts> parts;
};

quarantine_internal::behavior_type quarantine(
    quarantine_internal::stateful_pointer<quarantine_state> self,
    const std::shared_ptr<opened_quarantine>& opened) {
    self->state.parts = std::make_unique<quarantine_parts>(self, std::move(*opened));
    quarantine_parts* at = self->state.parts.get();
    self->set_exit_handler([at](caf::exit_msg& told) { at->on_exit(told); });
    self->set_down_handler([at](caf::down_msg& reader) { at->self->quit(reader.reason); });
    return {
        [at](const hold_mail& request, const request_context& from, const mail_bytes& mail) {
            return at->on_hold_mail(request, from, mail);
        },
        [at](const list_mails& request, const request_context& from) {
            return at->by_reader<mail_list>(request, from);
        },
        [at](const show_mail& request, const request_context& from) {
            return at->by_reader<mail_details, mail_bytes>(request, from);
        },
        [at](const release_mails& request, const request_context& from) {
            if (request.ids.empty()) return at->by_reader<mails_settled>(request, from);
            return at->on_release_mails(request, from);
        },
        [at](const remove_mails& request, const request_context& from) {
            if (request.ids.empty()) return at->by_reader<mails_settled>(request, from);
            return at->on_remove_mails(request, from);
        },
        [at](const list_accounts& request, const request_context& from) {
            return at->by_reader<account_list>(request, from);
        },
        [at](const purge_account& request, const request_context& from) {
            return at->when_ready<account_purged>(
                [&] { return at->removals.on_purge_account(request, from); });
        },
        [at](const check_store& request, const request_context& from) {
            return at->on_check_store(request, from);
        },
        [at](const confirm_release& request, const request_context&) {
            return at->on_confirm_release(request);
        },
        [at](get_status) { return at->on_get_status(); },
        [at](commit_atom) { at->store.finish_holds(); },
        [at](poll_atom) { at->on_sweep(); },
        [at](evict_atom) { at->space.evict([at] { at->store.finish_holds(); }); },
        [at](report_atom) {
            at->on_report();
            at->leave_if_damaged();
        },
        [at](stop_atom, uint64_t request) { at->releases.on_deadline(request); },
        [at](flush_atom) { at->releases.retry(); },
        [at](begin_atom, const release_mails& found, const request_context& from, uint64_t more) {
            return at->on_release_mails(found, from, more);
        },
        [at](begin_atom, const remove_mails& found, const request_context& from, uint64_t more) {
            return at->on_remove_mails(found, from, more);
        },
        [at](begin_atom, const check_store& request, const request_context&) {
            return at->on_check_part(request);
        },
        [at](report_atom, const mail_lesson& lesson, const mail_bytes& mail) {
            at->departing.on_read(lesson, mail);
        },
    };
}

}  // namespace

outcome<quarantine_actor> make_quarantine(caf::actor_system& system,
                                          const quarantine_options& options) {
    ensure(options.clock != nullptr && options.policy != nullptr, "quarantine: options incomplete");
    const auto troubles = std::make_shared<trouble>();
    const std::string path = options.data_dir + "/quarantine.db";
    auto database = quarantine_database::open(path, options.fault);
    if (!database) return database.failure();
    auto owned = std::make_unique<quarantine_database>(std::move(*database));
    auto store = hold_store::open(
        {options.data_dir, options.clock, options.policy, options.account_of, options.fault},
        *owned, *troubles);
    if (!store) return store.failure();
    auto to_read = quarantine_database::open_to_read(path, options.fault);
    if (!to_read) return to_read.failure();
    auto for_reader = std::make_shared<mail_reader_parts>(
        mail_reader_parts{std::move(*to_read), store->mails(), options.clock, options.policy,
                          options.settings, troubles});
    const auto opened = std::make_shared<opened_quarantine>(opened_quarantine{
        options, troubles, std::move(owned), std::move(*store), std::move(for_reader)});
    const auto thread = options.detached ? thread_use::own : thread_use::shared;
    return quarantine_actor{spawn_on(system, thread, quarantine, opened)};
}

}  // namespace ie
