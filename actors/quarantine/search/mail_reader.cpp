#include "actors/quarantine/search/mail_reader.hpp"

#include "actors/quarantine/mail_scope.hpp"
#include "actors/quarantine/search/mail_search.hpp"
#include "actors/quarantine/search/space_list.hpp"
#include "actors/quarantine/search/store_check.hpp"
#include "actors/reading/mail_headers.hpp"
#include "actors/reading/mail_text.hpp"
#include "config/log.hpp"
#include "messages/steady_clock.hpp"

namespace ie {
namespace {

constexpr uint64_t page_bytes_max = 16 << 20;  // of recipients and texts in one list

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

mail_details details_of(mail_row row, std::string_view mail, std::string_view header_block) {
    return {row.id,
            row.size_bytes,
            row.ticket.owner.account,
            row.ticket.sender,
            std::move(row.recipients),
            row.ticket.received_at_ms / 1000,
            std::move(row.subject),
            row.ticket.reasons,
            std::move(row.script_header),
            read_headers(header_block, charset_of_raw_headers(mail)),
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

// Of one request.
class reading {
  public:
    using pointer = mail_reader::stateful_pointer<mail_reader_state>;

    reading(pointer self, const request_context& from)
        : self_(self), parts_(*self->state.parts), from_(from) {}
    // A damaged database can't be mended in use: the quarantine ends too, and the next open() sets
    // it aside.
    ~reading() {
        if (!parts_.index.is_damaged()) return;
        log_.error(event::index_damaged, kv("what", "found by who reads it"));
        self_->quit(to_caf(fail(error_code::storage_failed, "quarantine.db is damaged")));
    }
    reading(const reading&) = delete;
    reading& operator=(const reading&) = delete;

    caf::result<mail_list> list(const list_mails& request) {
        const auto scope = begin(request.filter.account);
        if (!scope) return to_caf(scope.failure());
        if (request.limit == 0 || request.limit > list_mails::limit_max) {
            return to_caf(fail(error_code::bad_request,
                               "limit must be from 1 to " + std::to_string(list_mails::limit_max)));
        }
        auto page = mail_search(parts_.index)
                        .page({scope->account, request.filter, false}, request.limit,
                              request.offset, page_bytes_max);
        if (!page) return to_caf(failed(page.failure()));
        mail_list list;
        list.max_count = page->count;
        for (auto& row : page->rows) list.items.push_back(summary_of(std::move(row)));
        return list;
    }

    caf::result<mail_details, mail_bytes> show(const show_mail& request) {
        const auto scope = begin(request.account);
        if (!scope) return to_caf(scope.failure());
        const auto shown = find(*scope, request.id);
        if (!shown) return to_caf(shown.failure());
        const auto stored = parts_.store.read(shown->id);
        auto row = held_mails(parts_.index).find(shown->id);
        if (!row) return to_caf(failed(row.failure()));
        // It may have been settled meanwhile; a file that is gone then isn't missing.
        if (!*row || !is_shown((*row)->release.state)) {
            return to_caf(fail(error_code::not_found, "no such mail: " + shown->id.value));
        }
        if (!stored) {
            return to_caf(failed(fail(error_code::storage_failed,
                                      "mail " + shown->id.value + ": " + stored.failure().what)));
        }
        const mail_split split = split_mail(stored->mail.view());
        return {details_of(std::move(**row), stored->mail.view(), split.header_block),
                bytes_for(request.view, stored->mail, split)};
    }

    caf::result<account_list> accounts(const list_accounts& request) {
        const auto scope = begin(request.account);
        if (!scope) return to_caf(scope.failure());
        auto list = list_spaces(account_ledger(parts_.index), *parts_.policy->get(),
                                parts_.clock->now_ms(), *scope, request);
        if (!list) return to_caf(failed(list.failure()));
        return std::move(*list);
    }

    template <class Request>
    caf::result<mails_settled> choose(const Request& request) {
        const auto scope = begin(request.filter.account);
        if (!scope) return to_caf(scope.failure());
        auto found = mail_search(parts_.index)
                         .choose({scope->account, request.filter, true}, Request::ids_max);
        if (!found) return to_caf(failed(found.failure()));
        if (found->ids.empty()) return mails_settled{};
        const uint64_t remaining = found->count - found->ids.size();
        Request chosen = request;
        chosen.ids = std::move(found->ids);
        return self_->delegate(self_->state.quarantine, begin_atom_v, std::move(chosen), from_,
                               remaining);
    }

    caf::result<store_checked> check(const check_store& request) {
        if (const auto waited = still_waits(); !waited) return to_caf(waited.failure());
        auto checked = store_check(parts_.index, parts_.store).sound(request.position);
        if (!checked) return to_caf(failed(checked.failure()));
        if (checked->position != request.position) return std::move(*checked);
        return self_->delegate(self_->state.quarantine, begin_atom_v, request, from_);
    }

    void read_lesson(const mail_lesson& lesson) {
        auto stored = parts_.store.read(lesson.id);
        if (!stored) failed(stored.failure());
        self_->send(self_->state.quarantine, report_atom_v, lesson,
                    stored ? std::move(stored->mail) : mail_bytes{});
    }

    void checkpoint() {
        if (const auto done = parts_.index.checkpoint(); !done) failed(done.failure());
    }

  private:
    outcome<nothing> still_waits() const {
        if (from_.deadline_at_ms > steady_now_ms()) return nothing{};
        return fail(error_code::deadline_exceeded, "the request waited beyond its deadline");
    }

    outcome<mail_scope> begin(const account_name& account) const {
        if (const auto waited = still_waits(); !waited) return waited.failure();
        return scope_of(from_.who, account);
    }

    outcome<mail_row> find(const mail_scope& scope, const mail_id& id) {
        auto shown = find_shown(held_mails(parts_.index), scope, id);
        if (!shown.refused.empty() && parts_.settings) {
            self_->send(parts_.settings,
                        request_refused{from_.who, std::string(show_mail::name), shown.refused});
        }
        if (!shown.row) return failed(shown.row.failure());
        return std::move(shown.row);
    }

    // What an operator must see; nobody's mistake.
    error failed(const error& failure) {
        if (failure.code != error_code::storage_failed) return failure;
        return parts_.troubles->failed(failure);
    }

    pointer self_;
    mail_reader_parts& parts_;
    request_context from_;
    logger log_{"quarantine"};
};

}  // namespace

mail_reader::behavior_type read_mails(mail_reader::stateful_pointer<mail_reader_state> self,
                                      std::shared_ptr<mail_reader_parts> parts,
                                      reader_client quarantine) {
    self->state.parts = std::move(parts);
    self->state.quarantine = std::move(quarantine);
    return {
        [self](const list_mails& request, const request_context& from) {
            return reading(self, from).list(request);
        },
        [self](const show_mail& request, const request_context& from) {
            return reading(self, from).show(request);
        },
        [self](const list_accounts& request, const request_context& from) {
            return reading(self, from).accounts(request);
        },
        [self](const release_mails& request, const request_context& from) {
            return reading(self, from).choose(request);
        },
        [self](const remove_mails& request, const request_context& from) {
            return reading(self, from).choose(request);
        },
        [self](const check_store& request, const request_context& from) {
            return reading(self, from).check(request);
        },
        [self](const mail_lesson& lesson) { reading(self, {}).read_lesson(lesson); },
        [self](flush_atom) { reading(self, {}).checkpoint(); },
    };
}

}  // namespace ie
