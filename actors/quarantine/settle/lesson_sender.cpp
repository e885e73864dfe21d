#include "actors/quarantine/settle/lesson_sender.hpp"

namespace ie {

void lesson_sender::teach(const mail_row& row, const caller& who, bool spam) const {
    if (!learner_) return;
    auto stored = files_.open(row.id);
    if (!stored) return (void)trouble_.failed(stored.failure());
    self_->send(learner_, mail_lesson{row.id, row.ticket.owner.account, spam, who},
                std::move(stored->mail));
}

}  // namespace ie
