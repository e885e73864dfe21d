// The addresses of the actors that run at present: whom the gateway's routes lead to, and from whom
// the engine's parts take those that they need.
#pragma once

#include "actors/intake/intake_actor.hpp"
#include "actors/quarantine/quarantine_actor.hpp"
#include "actors/settings/settings_actor.hpp"
#include "actors/statistics/statistics_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"

namespace ie {

// A null one doesn't run; what it would serve is answered `unavailable`.
struct gateway_handles {
    rate_limiter_actor rate_limiter;
    statistics_actor statistics;
    settings_actor settings;
    courier_actor courier;
    quarantine_actor quarantine;
    attachment_desk attachments;
    scanner_actor scanner;
    intake_actor intake;
    supervisor_actor supervisor;
};

}  // namespace ie
