// Tells settings what belongs into the audit trail. An action is committed together with what it
// tells of, and forgotten once settings has it: none is lost, and none stands there twice. That
// goes by numbers, which begin again where a copy of quarantine.db was put back, as for a version
// before: settings, which keeps its own, would take what is new for known. So it is asked first
// what it knows; where that is more than this database has ever told, this is another life of it.
// Private to this folder.
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
    void ask();
    outcome<nothing> compare(uint64_t known);

    quarantine_context& context_;
    bool waiting_ = false;
    bool compared_ = false;  // with what settings knows, since the database was opened
};

}  // namespace ie
