// Every message that travels between processes, for what must treat them all alike: docs/wire.md's
// test, the golden encodings and the fuzz targets.
#pragma once

#include "messages/quarantine.hpp"
#include "messages/release.hpp"
#include "messages/service.hpp"

namespace ie {

template <class... Ts>
struct type_list {};

using wire_messages =
    type_list<judge_mail, mail_verdict, hold_mail, mail_held, confirm_release, release_confirmed,
              list_mails, mail_list, show_mail, mail_details, release_mails, remove_mails,
              mails_settled, get_status, engine_status, advance_clock, clock_advanced, error>;

}  // namespace ie
