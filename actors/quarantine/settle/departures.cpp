#include "actors/quarantine/settle/departures.hpp"

namespace ie {

void departures::let_go(const mail_id& id) const {
    const auto removed = files_.remove(id);
    if (!removed) trouble_.failed(removed.failure());
}

void departures::teach(const mail_row& row, const caller& who, bool spam) const {
    if (!learner_) return let_go(row.id);
    read_(mail_lesson{row.id, row.ticket.owner.account, spam, who});
}

void departures::on_read(const mail_lesson& lesson, const mail_bytes& mail) const {
    if (!mail.view().empty()) self_->send(learner_, lesson, mail);
    let_go(lesson.id);
}

}  // namespace ie
