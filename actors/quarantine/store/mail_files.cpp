#include "actors/quarantine/store/mail_files.hpp"

#include "actors/quarantine/store/hold_journal.hpp"
#include "actors/quarantine/store/mail_store.hpp"

namespace ie {

outcome<stored_mail> mail_files::open(const mail_id& id) const {
    return store_.read(id);
}

outcome<nothing> mail_files::remove(const mail_id& id) const {
    journal_.forget(id);
    return store_.remove(id);
}

}  // namespace ie
