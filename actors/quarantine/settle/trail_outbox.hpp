// Tells settings what belongs into the audit trail. An action is committed together with what it
// tells of, and forgotten once settings has it: none is lost, and none stands there twice. Private
// to this folder.
#pragma once

#include "actors/quarantine/quarantine_context.hpp"

namespace ie {

class trail_outbox {
  public:
    static constexpr uint32_t actions_at_once_max = 1'000;

    explicit trail_outbox(quarantine_context& context) : context_(context) {}

    // What is committed and not told yet; does nothing while an answer is waited for.
    void tell();

  private:
    quarantine_context& context_;
    bool waiting_ = false;
};

}  // namespace ie
