// Tells settings what belongs into the audit trail. An action is committed together with what it
// tells of, and forgotten once settings has it: none is lost, and none stands there twice. That
// goes by numbers, which begin again where a copy of quarantine.db was put back, as for a version
// before: settings, which keeps its own, would take what is new for known. So it is asked first
// what it knows; where that is more than this database has ever told, this is another life of it.
// Private to this folder.
#pragma once

#include "actors/quarantine/index/action_outbox.hpp"
#include "actors/quarantine/index/index_changes.hpp"
#include "actors/quarantine/quarantine_internal.hpp"
#include "actors/quarantine/trouble.hpp"

namespace ie {

class trail_outbox {
  public:
    static constexpr uint32_t actions_at_once_max = 1'000;

    // `settings` keeps the audit trail; none: nobody is told. What else it is given outlives it.
    trail_outbox(quarantine_internal::pointer self, quarantine_database& database,
                 settings_actor settings, trouble& troubles)
        : self_(self), actions_(database), settings_(std::move(settings)), trouble_(troubles) {}

    // What is committed and not told yet; does nothing while an answer is waited for.
    void tell();

  private:
    void ask();
    outcome<nothing> compare(uint64_t known);

    quarantine_internal::pointer self_;
    action_outbox actions_;
    settings_actor settings_;
    trouble& trouble_;
    bool waiting_ = false;
    bool compared_ = false;  // with what settings knows, since the database was opened
};

// For the trail: what a caller did with a mail, or with an account's mail.
add_action action_on(const caller& who, int64_t now_ms, std::string_view action, std::string object,
                     std::string_view before, std::string_view after, std::string result = "done");

}  // namespace ie
